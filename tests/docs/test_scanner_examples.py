import re
from dataclasses import replace
from pathlib import Path

import cv2
import pytest

from tests.scanner.cast import IDENTITY, NOW, bundle, signed, tag_url
from tests.scanner.drawing import draw_label

DOCUMENT = Path(__file__).parents[2] / "docs" / "scanner.md"
EXAMPLES = re.findall(
    r"^```python\n(.*?)^```$", DOCUMENT.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE
)
PRINTED = (
    "UNCHECKED SIGNATURE_ONLY", "['FOREIGN_CODE']", "IMAGE_FORMAT_UNSUPPORTED", "NOT_OURS Not one",
    "HTTPS://", "HTTPS://",
)  # fmt: skip

NOBODY = "http://127.0.0.1:1"
"""A server that never answers, in place of the one in the examples."""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the examples find beside them: a photograph of a label that never expires, and the bundle to pin."""
    monkeypatch.chdir(tmp_path)
    Path("trust.json").write_bytes(signed(bundle(expires=NOW.replace(year=2100))))
    cv2.imwrite("photograph.jpg", draw_label(tag_url(identity=replace(IDENTITY, expiry=None))))


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize(("example", "printed"), list(zip(EXAMPLES, PRINTED, strict=True)))
def test_every_example_runs_and_says_what_it_should(
    example: str, printed: str, capsys: pytest.CaptureFixture[str]
) -> None:
    code = example.replace("https://id.example.com", NOBODY)
    exec(compile(code, DOCUMENT.name, "exec"), {})  # the project's own document
    assert capsys.readouterr().out.startswith(printed)
