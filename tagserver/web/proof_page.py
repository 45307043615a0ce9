"""The page that checks proof files by itself: one HTML file, to be kept and used with no network.

Script, style and the keys that are pinned stand in the page, and its policy allows nothing else: it can neither load
nor send anything, whoever keeps it wherever.
"""

from __future__ import annotations

import json
from base64 import b64encode
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from pathlib import Path

from markupsafe import Markup

from tagserver.web.assets import load_assets, static_folder
from tagserver.web.one_script import one_script

ENTRY = "js/proof/page.js"
STYLES = ("css/site.css", "css/proof.css")
MAX_PINNED_BYTES = 512 * 1024
"""A larger bundle is not put into the page: it is chosen there as a file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Inlined:
    """What stands in the page, and the policy that allows just that."""

    script: Markup
    style: Markup
    policy: str


@cache
def inlined(folder: Path | None = None) -> Inlined:
    """Script and style; made once a process."""
    files = load_assets(folder or static_folder()).files
    modules = {name: asset.body.decode() for name, asset in files.items() if name.endswith(".js")}
    script = one_script(modules, ENTRY)
    style = "".join(files[name].body.decode() for name in STYLES)
    sources = f"script-src {_hash(script)}; style-src {_hash(style)}"
    policy = f"default-src 'none'; {sources}; base-uri 'none'; form-action 'none'"
    return Inlined(script=_verbatim(script), style=_verbatim(style), policy=policy)


def pinned(trust: bytes | None) -> Markup:
    """The bundle and its root key as JSON for the page; without a bundle, or with a very large one, neither."""
    document: dict[str, str | None] = {"trust": None, "root_key": None}
    if trust is not None and len(trust) <= MAX_PINNED_BYTES:
        root_key = json.loads(trust)["signed"]["root_key"]
        document = {"trust": trust.decode("utf-8"), "root_key": root_key}
    return _verbatim(json.dumps(document).replace("<", "\\u003c"))


def _verbatim(text: str) -> Markup:
    """Our own text, which is not to be escaped. Raises: ValueError when it would end the element that it stands in."""
    if "</" in text:
        raise ValueError("a script or a style in a page must not hold the beginning of an end tag")
    return Markup(text)  # noqa: S704 (our own files)


def _hash(text: str) -> str:
    return f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'"
