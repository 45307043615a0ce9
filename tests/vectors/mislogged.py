"""Trust bundles whose logs are not as specified, each signed by its root all the same."""

import json
from collections.abc import Callable
from typing import Any

from tagcore.canonical import canonical_json
from tagcore.trust import SIGNING_CONTEXT, format_trust
from tests.vectors.cast import ROOT
from tests.vectors.proving import TRUST


def signed(change: Callable[[Any], None]) -> bytes:
    """The bundle with something changed in its logs, signed again by its root."""
    document = json.loads(format_trust(TRUST, ROOT))
    change(document["signed"])
    signature = ROOT.sign(SIGNING_CONTEXT + canonical_json(document["signed"]))
    document["signature"]["ed25519"] = signature.hex()
    return canonical_json(document)


ATTACKS: dict[str, Callable[[Any], Any]] = {
    "no list": lambda signed: signed.update(logs={}),
    "an empty list": lambda signed: signed.update(logs=[]),
    "too many": lambda signed: signed.update(logs=signed["logs"] * 33),
    "missing in the second specification": lambda signed: signed.pop("logs"),
    "present in the first specification": lambda signed: signed.update(spec=1),
    "a later specification": lambda signed: signed.update(spec=3),
    "a log twice": lambda signed: signed.update(logs=signed["logs"] * 2),
    "a member more": lambda signed: signed["logs"][0].update(more=1),
    "no log at all": lambda signed: signed.update(logs=["x"]),
    "a key that is none": lambda signed: signed["logs"][0].update(keys=["x"]),
    "keys that are no texts": lambda signed: signed["logs"][0].update(keys=[1]),
    "threshold beyond the witnesses": lambda signed: signed["logs"][0]["witnesses"].update(threshold=4),
    "witness policy with a member more": lambda signed: signed["logs"][0]["witnesses"].update(more=1),
    "anchor policy with a member more": lambda signed: signed["logs"][0]["anchors"].update(more=1),
    "a chain that is none": lambda signed: signed["logs"][0]["anchors"]["chains"][0].update(
        backend="journal"
    ),
    "a chain with a member more": lambda signed: signed["logs"][0]["anchors"]["chains"][0].update(more=1),
    "a short genesis": lambda signed: signed["logs"][0]["anchors"]["chains"][0].update(genesis="00"),
    "authorities not in base 64": lambda signed: signed["logs"][0]["anchors"].update(authorities=["?"]),
    "a short journal key": lambda signed: signed["logs"][0]["anchors"].update(journal="00"),
}
