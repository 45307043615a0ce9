"""The page that checks proofs: one file that allows nothing but what stands in it."""

import re
from base64 import b64encode
from hashlib import sha256

import pytest

from tagserver.web.one_script import one_script
from tagserver.web.proof_page import MAX_PINNED_BYTES, pinned
from tests.tagserver.web.cast import Stage


def test_it_carries_its_script_and_style_and_allows_only_these(stage: Stage) -> None:
    answer = stage.call(None, "GET", "/proof", accept="text/html")
    policy = answer.headers["Content-Security-Policy"]
    for kind, element in (
        ("script-src", r'<script type="module">(.*?)</script>'),
        ("style-src", r"<style>(.*?)</style>"),
    ):
        (text,) = re.findall(element, answer.text, re.DOTALL)
        digest = b64encode(sha256(text.encode()).digest()).decode()
        assert f"{kind} 'sha256-{digest}';" in policy
    assert policy.startswith("default-src 'none'; ")
    assert "connect-src" not in policy
    written = re.search(r'http-equiv="Content-Security-Policy" content="([^"]*)"', answer.text)
    assert written is not None
    assert written[1].replace("&#39;", "'") in policy
    assert not re.search(r'(?:src|href)="(?!/proof")', answer.text)


def test_the_published_bundle_is_pinned_in_it(stage: Stage) -> None:
    assert 'id="pinned">{"trust": null, "root_key": null}<' in stage.call(None, "GET", "/proof").text


def test_text_in_the_bundle_cannot_end_its_element() -> None:
    text = pinned(b'{"signed": {"root_key": "00"}, "name": "</script><script>"}')
    assert "</" not in text
    assert "\\u003c/script>" in text


def test_a_very_large_bundle_is_left_out() -> None:
    assert pinned(b" " * (MAX_PINNED_BYTES + 1)) == '{"trust": null, "root_key": null}'


def test_modules_become_one_script_in_the_order_of_their_imports() -> None:
    modules = {
        "a/one.js": 'import { two } from "../b/two.js";\nimport { three } from "./three.js";\ntwo(three);\n',
        "b/two.js": 'import { three } from "../a/three.js";\nexport function two() {}\n',
        "a/three.js": "const own = 1;\nexport const three = own;\n",
    }
    script = one_script(modules, "a/one.js")
    assert script.count("const three = own;") == 1
    assert script.index("const three") < script.index("function two") < script.index("two(three)")
    assert not re.search(r"^(import|export)\b", script, re.MULTILINE)


@pytest.mark.parametrize(
    "source",
    [
        'import * as x from "./x.js";\n',
        'import "./x.js";\n',
        "export default 1;\n",
        'export { x } from "./x.js";\n',
    ],
)
def test_other_forms_of_import_and_export_are_refused(source: str) -> None:
    with pytest.raises(ValueError, match="one script"):
        one_script({"a.js": source, "x.js": ""}, "a.js")
