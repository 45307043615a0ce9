"""Makes tests/vectors/tag-v1.json: `python -m tests.vectors.make`.

The committed file is the truth and never changes: printed labels cannot be recalled. A test asserts that this
script still makes it, byte for byte; another that an independent verifier reads all of it the same way.
"""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path

from tagcore import merkle
from tagcore.tag import Profile, leaf_bytes, signing_bytes
from tagcore.trust import format_trust
from tests.vectors.attacks import misread, mistrusted
from tests.vectors.cast import BUNDLE, CASES, NOW, ROOT, Case, key_of

PATH = Path(__file__).with_name("tag-v1.json")


def _valid(case: Case) -> dict[str, object]:
    tag = case.tag
    return {
        "name": case.name,
        "gtin": case.gtin,
        "lot": case.lot,
        "serial": case.serial,
        "expiry": case.expiry,
        "slot": case.slot,
        "public_key": key_of(case.issuer, case.slot).public_key.hex(),
        "signing_bytes": signing_bytes(tag.identity).hex(),
        "signature": tag.signature.hex(),
        "leaf_hash": merkle.leaf_hash(leaf_bytes(tag)).hex(),
        "digital_link": case.url(Profile.DIGITAL_LINK),
        "compact": case.url(Profile.COMPACT),
    }


def tree_reader(leaves: bytes) -> merkle.NodeReader:
    """A reader over the leaf hashes of a tree of fewer than 256."""

    def read(level: int, start: int, stop: int) -> bytes:
        assert level == 0
        return leaves[start * 32 : stop * 32]

    return read


def _tree() -> Iterator[dict[str, object]]:
    """The proofs of three of the valid tags in the tree of all of them, in order."""
    hashes = [merkle.leaf_hash(leaf_bytes(case.tag)) for case in CASES]
    read = tree_reader(b"".join(hashes))
    for index in (0, 7, len(CASES) - 1):
        proof = merkle.inclusion_proof(index, len(CASES), read)
        yield {"index": index, "leaf_hash": hashes[index].hex(), "proof": [node.hex() for node in proof]}


def document() -> Mapping[str, object]:
    """All vectors as one value for JSON."""
    trust = format_trust(BUNDLE, ROOT)
    hashes = b"".join(merkle.leaf_hash(leaf_bytes(case.tag)) for case in CASES)
    return {
        "about": "Tags of format 1: docs/spec/tag-format.md, section 14. Bytes are in hex.",
        "now": NOW.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "root_key": ROOT.public_key.hex(),
        "trust": trust.decode(),
        "valid": [_valid(case) for case in CASES],
        "tree": {
            "size": len(CASES),
            "root": merkle.root_from_leaf_hashes(hashes).hex(),
            "proofs": list(_tree()),
        },
        "readings": [
            {"name": name, "text": text, "outcome": outcome, "error": error}
            for name, text, outcome, error in misread()
        ],
        "bad_trust": [{"name": name, "trust": text} for name, text in mistrusted()],
    }


def text() -> str:
    """The file's text."""
    return json.dumps(document(), ensure_ascii=False, indent=1) + "\n"


if __name__ == "__main__":
    PATH.write_text(text(), encoding="utf-8")
