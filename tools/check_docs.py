"""Checks that every relative link of the project's Markdown leads to a file, and to a heading in it.

Anchors are made from headings as GitHub makes them. Links to the web are not followed. Run from anywhere:
`python tools/check_docs.py [FOLDER]`; exit status 1 and one line a broken link if there are any.
"""

import re
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote

SKIPPED_FOLDERS = {".git", ".venv", "build", "dist", "node_modules"}

FENCE = re.compile(r"^ {0,3}(```|~~~).*?^ {0,3}\1[`~]*[ \t]*$", re.MULTILINE | re.DOTALL)
CODE_SPAN = re.compile(r"(`+)(?!`).+?(?<!`)\1(?!`)", re.DOTALL)
COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
HEADING = re.compile(r"^ {0,3}#{1,6}[ \t]+(.+?)[ \t]*#*[ \t]*$", re.MULTILINE)
HTML_ANCHOR = re.compile(r"""<[a-z]+[^>]*\b(?:id|name)=["']([^"']+)["']""")
TARGETS = (
    re.compile(r"\]\(\s*<?([^\s<>)]+)>?(?:\s+[\"'(][^)]*)?\)"),  # [text](target "title"), ![alt](target)
    re.compile(r"^ {0,3}\[[^\]^]+\]:\s+<?(\S+?)>?(?:\s|$)", re.MULTILINE),  # [label]: target
    re.compile(r"""<(?:a|img|source)\b[^>]*\b(?:href|src)=["']([^"']+)["']"""),
)
SCHEME = re.compile(r"[a-z][a-z0-9+.-]*:|//", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class BrokenLink:
    """A link in `document`, on `line` (from 1), that leads nowhere, and why."""

    document: Path
    line: int
    target: str
    reason: str

    def __str__(self) -> str:
        return f"{self.document}:{self.line}: {self.target}: {self.reason}"


def _blank(match: re.Match[str]) -> str:
    return re.sub(r"[^\n]", " ", match.group())  # lines keep their numbers


def _without_code(text: str) -> str:
    for pattern in (FENCE, COMMENT, CODE_SPAN):
        text = pattern.sub(_blank, text)
    return text


def _slug(heading: str) -> str:
    text = re.sub(r"!?\[([^\]]*)\]\([^)]*\)", r"\1", heading).replace("`", "")
    return re.sub(r"[^\w\- ]", "", text.strip().lower()).replace(" ", "-")


def anchors(text: str) -> set[str]:
    """Return every anchor of a Markdown document; a repeated heading gets -1, -2, ... as on GitHub."""
    text = COMMENT.sub(_blank, FENCE.sub(_blank, text))
    seen: Counter[str] = Counter()
    found = set(HTML_ANCHOR.findall(text))
    for heading in HEADING.findall(text):
        slug = _slug(heading)
        found.add(f"{slug}-{seen[slug]}" if seen[slug] else slug)
        seen[slug] += 1
    return found


def targets(text: str) -> Iterator[tuple[int, str]]:
    """Yield (line, target) of every link and picture outside code."""
    text = _without_code(text)
    for pattern in TARGETS:
        for match in pattern.finditer(text):
            yield text.count("\n", 0, match.start(1)) + 1, match.group(1)


def _why_broken(root: Path, document: Path, target: str) -> str | None:
    path_text, _, anchor = target.partition("#")
    path = (document.parent / unquote(path_text)).resolve() if path_text else document
    if path_text.startswith("/") or not path.is_relative_to(root):
        return "leads out of the project"
    if not path.exists():
        return "no such file"
    if anchor and path.suffix == ".md" and unquote(anchor) not in anchors(path.read_text()):
        return "no such heading"
    return None


def broken_links(root: Path) -> Iterator[BrokenLink]:
    """Yield the broken links of every Markdown document under `root`."""
    root = root.resolve()
    for document in sorted(root.rglob("*.md")):
        name = document.relative_to(root)
        if SKIPPED_FOLDERS.intersection(name.parts):
            continue
        for line, target in sorted(targets(document.read_text())):
            if SCHEME.match(target):
                continue
            if reason := _why_broken(root, document, target):
                yield BrokenLink(document=name, line=line, target=target, reason=reason)


def main(arguments: list[str]) -> int:
    """Print each broken link under the given folder, by default the project, and return the exit status."""
    root = Path(arguments[0]) if arguments else Path(__file__).parents[1]
    broken = list(broken_links(root))
    for link in broken:
        print(link)
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
