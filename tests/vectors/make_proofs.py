"""Makes tests/vectors/proof-v1.json: `python -m tests.vectors.make_proofs`.

As with tags, the committed file is the truth: proofs that were handed out verify for ever. A test asserts that this
script still makes it, byte for byte; another that an independent verifier reads all of it the same way.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from tagcore import merkle
from tagcore.commitment import commitment_of, format_commitment
from tagcore.entries import RecallChange, RecallEntry, RecallReach, format_entry, recall_terms
from tagcore.note import format_note
from tagcore.proof import verify_proof
from tagcore.trust import format_trust
from tests.vectors.cast import NOW, ROOT
from tests.vectors.mislogged import ATTACKS, signed
from tests.vectors.proving import AT, MANIFEST, OLD_LOG, TRUST, Story, tags
from tests.vectors.unproven import unproven

PATH = Path(__file__).with_name("proof-v1.json")

GOOD: Mapping[str, Story] = {
    "anchored earlier": Story(),
    "anchored at the same size": Story(anchored_size=7),
    "anchored later": Story(size=6, anchored_size=7),
    "no anchors": Story(receipts=()),
    "all witnesses": Story(cosigners=(2, 1, 0)),
    "checkpoint of a former key of the log": Story(log_signer=OLD_LOG),
    "first tag of its batch": Story(
        tag=tags()[0], index=0, path=merkle.inclusion_proof(0, 5, Story().batch_reader())
    ),
    "last tag of its batch": Story(
        tag=tags()[4], index=4, path=merkle.inclusion_proof(4, 5, Story().batch_reader())
    ),
}
RECALL = RecallEntry(
    change=RecallChange.ORDERED,
    recall="00c0ffee",
    reach=RecallReach.RECALL,
    gtin=MANIFEST.gtin,
    lot="LOT1",
    serial=None,
    terms=recall_terms("glass in the bottle", "bring it back"),
    at=AT,
)


def _proofs() -> Iterator[dict[str, object]]:
    for name, story in GOOD.items():
        data = story.data()
        proven = verify_proof(data, TRUST, NOW)
        yield {
            "name": name,
            "proof": data.decode(),
            "serial": proven.tag.identity.serial,
            "issuer": proven.issuer,
            "batch": proven.manifest.number,
            "log_index": proven.log_index,
            "size": proven.checkpoint.size,
            "witnesses": [witness.name for witness in proven.witnesses],
            "anchors": [finding.standing.name for finding in proven.anchors],
            "anchoring": proven.anchoring.name,
        }


def _entries() -> Iterator[dict[str, str]]:
    entries = Story().entries()
    for data in (
        entries[4],
        entries[0],
        format_entry(RECALL),
        format_entry(replace(RECALL, lot=None)),
        entries[1],
    ):
        yield {"entry": data.decode(), "leaf_hash": merkle.leaf_hash(data).hex()}


def document() -> Mapping[str, object]:
    """All vectors as one value for JSON."""
    story = Story()
    return {
        "about": "Proofs of version 1: docs/spec/log.md, section 11. Bytes are in hex.",
        "now": NOW.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "root_key": ROOT.public_key.hex(),
        "trust": format_trust(TRUST, ROOT).decode(),
        "entries": list(_entries()),
        "commitment": {
            "checkpoint": format_note(story.note()).decode(),
            "bytes": format_commitment(commitment_of(story.checkpoint(story.size))).hex(),
        },
        "proofs": list(_proofs()),
        "bad_proofs": [
            {"name": name, "step": step.value, "proof": data.decode()} for name, step, data in unproven()
        ],
        "bad_trust": [{"name": name, "trust": signed(change).decode()} for name, change in ATTACKS.items()],
    }


def text() -> str:
    """The file's text."""
    return json.dumps(document(), ensure_ascii=False, indent=1) + "\n"


if __name__ == "__main__":
    PATH.write_text(text(), encoding="utf-8")
