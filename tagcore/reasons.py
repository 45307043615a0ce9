"""Reason codes: what a verdict can say, how bad it is, and the sentences for people.

docs/spec/verdicts.md, "Reasons". Codes are append-only: once published they keep their meaning. The sentences are
English templates over the reason's detail and serve as message ids for translation.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum, StrEnum
from types import MappingProxyType


class Level(IntEnum):
    """How bad a verdict is; the higher, the worse. The values are published as the scanner's exit status."""

    MATCH = 0
    UNCHECKED = 10
    NOT_OURS = 20
    CAUTION = 30
    SUSPECT = 40
    STOP = 50


class Code(StrEnum):
    """Why."""

    CANNOT_CHECK = "CANNOT_CHECK"
    SIGNATURE_ONLY = "SIGNATURE_ONLY"
    RECORD_ONLY = "RECORD_ONLY"
    FOREIGN_CODE = "FOREIGN_CODE"
    MALFORMED = "MALFORMED"
    SIGNATURE_INVALID = "SIGNATURE_INVALID"
    KEY_UNKNOWN = "KEY_UNKNOWN"
    KEY_REVOKED = "KEY_REVOKED"
    UNIT_UNKNOWN = "UNIT_UNKNOWN"
    BATCH_UNKNOWN = "BATCH_UNKNOWN"
    BATCH_MISMATCH = "BATCH_MISMATCH"
    EXPIRY_MISMATCH = "EXPIRY_MISMATCH"
    PROOF_INVALID = "PROOF_INVALID"
    RECALLED = "RECALLED"
    WITHDRAWN = "WITHDRAWN"
    STOLEN = "STOLEN"
    DESTROYED = "DESTROYED"
    BLOCKED = "BLOCKED"
    VOID = "VOID"
    EXPIRED = "EXPIRED"
    NOT_ACTIVATED = "NOT_ACTIVATED"
    DISPENSED_ELSEWHERE = "DISPENSED_ELSEWHERE"
    CLONE_SUSPECT = "CLONE_SUSPECT"
    SEEN_ELSEWHERE = "SEEN_ELSEWHERE"
    MARKET_DIVERSION = "MARKET_DIVERSION"
    USED = "USED"
    FIRST_SCAN = "FIRST_SCAN"
    SEEN_BEFORE = "SEEN_BEFORE"


@dataclass(frozen=True, slots=True, kw_only=True)
class Meaning:
    """A code's row: its rule's number, its level, and its sentences.

    `title` is the verdict in one line, `text` says why, `advice` what to do now; `professional` is for trained staff.
    An empty `title` is not shown to consumers.
    """

    rule: int
    level: Level
    title: str
    text: str
    advice: str
    professional: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """One finding: its code and the values that its sentences are filled with."""

    code: Code
    detail: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def meaning(self) -> Meaning:
        """The code's row."""
        return MEANINGS[self.code]

    @property
    def level(self) -> Level:
        """How bad it is."""
        return self.meaning.level


_COMPARE = (
    "Check that the seal is whole, and that product, lot and serial on the pack are the ones shown here."
)
_STOP = "Do not use it. Keep the pack and report it to the place where you got it, or to the producer."
_RETRY = "Try again when you are connected. Until then, treat it as not checked."

MEANINGS: Mapping[Code, Meaning] = MappingProxyType(
    {
        Code.CANNOT_CHECK: Meaning(
            rule=0,
            level=Level.UNCHECKED,
            title="Could not be checked",
            text="The check could not be completed: {cause}. This says nothing about the pack, good or bad.",
            advice=_RETRY,
            professional="No result: {cause}. Retry; do not release on this.",
        ),
        Code.SIGNATURE_ONLY: Meaning(
            rule=0,
            level=Level.UNCHECKED,
            title="Signature only, history not checked",
            text="The code carries the signature of {issuer}. Recalls, state and earlier scans were not checked, "
            "and a copied label would pass this check too.",
            advice=_RETRY,
            professional="Signature of {issuer} (key {slot}) holds. State, recalls and history not consulted.",
        ),
        Code.RECORD_ONLY: Meaning(
            rule=0,
            level=Level.UNCHECKED,
            title="Known number, code not checked",
            text="The producer's record has this number. The printed code itself was not read, so its signature "
            "was not checked.",
            advice="Scan the printed code if you can. " + _COMPARE,
            professional="Typed in: the record has this serial; no signature was presented.",
        ),
        Code.FOREIGN_CODE: Meaning(
            rule=1,
            level=Level.NOT_OURS,
            title="Not one of our codes",
            text="This code does not come from a producer that we know. It leads to: {leads_to}",
            advice="A forger prints an address of his own. If the pack claims to be protected here, report it.",
            professional="Foreign code; would lead to {leads_to}",
        ),
        Code.MALFORMED: Meaning(
            rule=1,
            level=Level.NOT_OURS,
            title="Not one of our codes",
            text="The address looks like ours, but what follows is not a tag that we issue.",
            advice="Scan the printed code again. If it stays so, report it.",
            professional="Malformed: {why}. Scanner or configuration error, or an imitation.",
        ),
        Code.SIGNATURE_INVALID: Meaning(
            rule=2,
            level=Level.STOP,
            title="Do not use: the code is forged or damaged",
            text="The signature in this code is not the producer's.",
            advice=_STOP,
            professional="Signature invalid for {issuer}, key {slot}. Block.",
        ),
        Code.KEY_UNKNOWN: Meaning(
            rule=2,
            level=Level.STOP,
            title="Do not use: nobody we know signed this code",
            text="No producer on record signs this product with such a key.",
            advice=_STOP,
            professional="No key in slot {slot} for GTIN {gtin}. Block.",
        ),
        Code.KEY_REVOKED: Meaning(
            rule=2,
            level=Level.STOP,
            title="Do not use: signed with a withdrawn key",
            text="The producer withdrew the key that signed this code, because others may have used it.",
            advice=_STOP,
            professional="Key {slot} of {issuer} is revoked, or did not yet or no longer sign then. Block.",
        ),
        Code.UNIT_UNKNOWN: Meaning(
            rule=3,
            level=Level.STOP,
            title="Do not use: this number was never issued",
            text="The producer's record has no unit with this number.",
            advice=_STOP,
            professional="Serial in no batch (EMVS A3). {key_alarm}",
        ),
        Code.BATCH_UNKNOWN: Meaning(
            rule=4,
            level=Level.STOP,
            title="Do not use: the lot does not exist",
            text="The producer's record has no lot {claimed} of this product.",
            advice=_STOP,
            professional="Lot {claimed} unknown for this GTIN (EMVS A2).",
        ),
        Code.BATCH_MISMATCH: Meaning(
            rule=4,
            level=Level.STOP,
            title="Do not use: the lot is not the one on record",
            text="This unit belongs to another lot than the pack says.",
            advice=_STOP,
            professional="Lot {claimed} claimed, record says {recorded} (EMVS A68).",
        ),
        Code.EXPIRY_MISMATCH: Meaning(
            rule=4,
            level=Level.STOP,
            title="Do not use: the expiry date is not the one on record",
            text="This unit has another expiry date on record than the pack says.",
            advice=_STOP,
            professional="Expiry {claimed} claimed, record says {recorded} (EMVS A52).",
        ),
        Code.PROOF_INVALID: Meaning(
            rule=5,
            level=Level.STOP,
            title="Do not use: it cannot be confirmed",
            text="The proof that the producer published this code does not hold. What is wrong: {step}.",
            advice=_STOP,
            professional="Critical: the proof fails at {step}. The record or the log was altered, or a key leaked.",
        ),
        Code.RECALLED: Meaning(
            rule=6,
            level=Level.STOP,
            title="Do not use: recalled",
            text="Recalled on {date}: {reason}",
            advice="{instructions}",
            professional="Recalled on {date}: {reason}",
        ),
        Code.WITHDRAWN: Meaning(
            rule=6,
            level=Level.STOP,
            title="Do not use: withdrawn from the market",
            text="Withdrawn on {date}: {reason}",
            advice="{instructions}",
            professional="Withdrawn on {date}: {reason}",
        ),
        Code.STOLEN: Meaning(
            rule=7,
            level=Level.STOP,
            title="Do not use: reported stolen",
            text="This unit was reported stolen on {date}. Nobody can say how it was kept since.",
            advice=_STOP,
            professional="Stolen since {date} (EMVS A24).",
        ),
        Code.DESTROYED: Meaning(
            rule=7,
            level=Level.STOP,
            title="Do not use: on record as destroyed",
            text="The unit with this number was destroyed on {date}. What you hold is something else.",
            advice=_STOP,
            professional="Destroyed on {date} (EMVS A24).",
        ),
        Code.BLOCKED: Meaning(
            rule=7,
            level=Level.STOP,
            title="Do not use: blocked",
            text="This unit was blocked on {date} until a question about it is answered.",
            advice=_STOP,
            professional="Locked since {date} (EMVS A24).",
        ),
        Code.VOID: Meaning(
            rule=7,
            level=Level.STOP,
            title="Do not use: the label was declared void",
            text="This label was spoilt or lost before it was used, and declared void on {date}.",
            advice=_STOP,
            professional="Label void since {date} (EMVS A24).",
        ),
        Code.EXPIRED: Meaning(
            rule=8,
            level=Level.STOP,
            title="Expired",
            text="The last day of use was {date}.",
            advice="Do not use it. Take it back, or dispose of it as its kind requires.",
            professional="Expired after {date}.",
        ),
        Code.NOT_ACTIVATED: Meaning(
            rule=9,
            level=Level.SUSPECT,
            title="Suspect: never released by the producer",
            text="This label was printed, but the producer never released a pack with it.",
            advice=_STOP,
            professional="Printed, never commissioned (EMVS A24).",
        ),
        Code.DISPENSED_ELSEWHERE: Meaning(
            rule=11,
            level=Level.SUSPECT,
            title="Suspect: used at another place",
            text="The unit with this number was {state} on {date} in {country}.",
            advice=_STOP,
            professional="Already {state} on {date} in {country} (EMVS A7, A24).",
        ),
        Code.CLONE_SUSPECT: Meaning(
            rule=12,
            level=Level.SUSPECT,
            title="Suspect: there seem to be copies of this label",
            text="Scans of this label do not fit a single pack. It was {signals}.",
            advice=_STOP,
            professional="Independent signals of cloning: {signals}.",
        ),
        Code.SEEN_ELSEWHERE: Meaning(
            rule=13,
            level=Level.CAUTION,
            title="Seen in another place",
            text="This label was {signals}. Other people who scanned it: {viewers} (first: {date}, {country}). "
            "A copied label looks exactly like the original.",
            advice=_COMPARE + " If in doubt, ask where it came from.",
            professional="One signal of cloning: {signals}; {viewers} other viewers since {date}. Review.",
        ),
        Code.MARKET_DIVERSION: Meaning(
            rule=14,
            level=Level.CAUTION,
            title="",
            text="",
            advice="",
            professional="Seen in {country}; intended for {markets}.",
        ),
        Code.USED: Meaning(
            rule=15,
            level=Level.CAUTION,
            title="Already {state}",
            text="The unit with this number was {state} on {date}. If that was not for you, it is another's pack.",
            advice="If you did not expect this, do not use it and ask where you got it.",
            professional="On record as {state} since {date}.",
        ),
        Code.FIRST_SCAN: Meaning(
            rule=15,
            level=Level.MATCH,
            title="Matches the producer's record",
            text="No other customer has scanned this label before. A copy can still be scanned first: "
            "compare the pack.",
            advice=_COMPARE,
            professional="Verified; no other viewer yet.",
        ),
        Code.SEEN_BEFORE: Meaning(
            rule=15,
            level=Level.MATCH,
            title="Matches the producer's record",
            text="It was scanned before, first on {date}. Other people who scanned it: {viewers}. "
            "That is usual in a shop or a ward.",
            advice=_COMPARE,
            professional="Verified; {viewers} other viewers since {date}.",
        ),
    }
)
