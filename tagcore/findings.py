"""The rules that find something: each reads one part of the evidence and yields the reasons that hold.

docs/spec/verdicts.md, "Rules". Rule 0, missing evidence, and the headline are `tagcore.verdict`'s.
"""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import assert_never

from tagcore.errors import Step
from tagcore.evidence import (
    Cause,
    Evidence,
    Failed,
    NotConsulted,
    NotOurs,
    NoUnit,
    Ours,
    Signature,
    SignatureFinding,
    Typed,
    UnitRecord,
)
from tagcore.gs1 import Expiry
from tagcore.history import History, Signal
from tagcore.reasons import Code, Reason
from tagcore.states import State
from tagcore.tag import Tag

_LONGEST_QUOTE = 200

_SIGNATURE_CODES: Mapping[Signature, Code] = {
    Signature.INVALID: Code.SIGNATURE_INVALID,
    Signature.KEY_UNKNOWN: Code.KEY_UNKNOWN,
    Signature.KEY_REVOKED: Code.KEY_REVOKED,
}
_STATE_CODES: Mapping[State, Code] = {
    State.STOLEN: Code.STOLEN,
    State.DESTROYED: Code.DESTROYED,
    State.LOCKED: Code.BLOCKED,
    State.VOID: Code.VOID,
    State.PRINTED: Code.NOT_ACTIVATED,
}
_RECALL_CODES: Mapping[State, Code] = {State.RECALLED: Code.RECALLED, State.WITHDRAWN: Code.WITHDRAWN}
USE_WORDS: Mapping[State, str] = {
    State.DISPENSED: "dispensed",
    State.SOLD: "sold",
    State.OPENED: "opened",
    State.SAMPLE: "taken as a sample",
    State.EXPORTED: "exported",
}
SIGNAL_WORDS: Mapping[Signal, str] = {
    Signal.IMPOSSIBLE_TRAVEL: "seen at places too far apart for the time between",
    Signal.VIEWER_BURST: "seen by many people within a short time",
}
STEP_WORDS: Mapping[Step, str] = {
    Step.FORMAT: "the form of the proof",
    Step.TAG_SIGNATURE: "the signature of the code",
    Step.BATCH_INCLUSION: "the place of the code in its batch",
    Step.MANIFEST_SIGNATURE: "the producer's signature of the batch",
    Step.LOG_INCLUSION: "the place of the batch in the log",
    Step.CHECKPOINT_SIGNATURE: "the signature of the log",
    Step.WITNESSES: "the witnesses of the log",
    Step.ANCHORS: "the anchors of the log",
    Step.DIGEST: "the digest of the proof",
}
LIST_MARK = ", "
"""Between the words of a detail that names several things: signals, markets."""

UNKNOWN_COUNTRY = "an unknown country"
UNKNOWN_DAY = "an unknown day"
UNKNOWN_ISSUER = "an unknown issuer"
NOTHING = "none"
KEY_ALARM = "The signature is valid: the key may have leaked. Critical."
NO_KEY_ALARM = "No valid signature."
NO_REASON = "no reason is on record."
NO_INSTRUCTIONS = "Do not use it. Take it back where you got it."

DETAIL_WORDS: Mapping[str, frozenset[str]] = {
    "cause": frozenset(Cause),
    "step": frozenset(STEP_WORDS.values()),
    "state": frozenset(USE_WORDS.values()),
    "signals": frozenset(SIGNAL_WORDS.values()),
    "country": frozenset({UNKNOWN_COUNTRY}),
    "date": frozenset({UNKNOWN_DAY}),
    "issuer": frozenset({UNKNOWN_ISSUER}),
    "claimed": frozenset({NOTHING}),
    "recorded": frozenset({NOTHING}),
    "key_alarm": frozenset({KEY_ALARM, NO_KEY_ALARM}),
    "reason": frozenset({NO_REASON}),
    "instructions": frozenset({NO_INSTRUCTIONS}),
}
"""Each of our own words that may stand in a reason's detail, by the detail's name; with the sentences of
`tagcore.reasons` they are all there is to translate. What else stands there is data, or somebody's own words.
"""


def findings(evidence: Evidence) -> Iterator[Reason]:
    """Every reason of rules 1 to 14, and USED of rule 15; in no order that matters."""
    reading = evidence.reading
    if isinstance(reading, NotOurs):
        yield from _not_ours(reading)
        return
    if isinstance(reading, Ours):
        yield from _of_signature(evidence, reading.tag)
    yield from _of_record(evidence, reading)
    yield from _of_proof(evidence)
    yield from _of_expiry(evidence, reading)
    yield from _of_history(evidence.history)
    yield from _of_market(evidence)


def failed_proof(step: Step) -> Reason:
    """A proof that does not hold at `step`."""
    return Reason(code=Code.PROOF_INVALID, detail={"step": STEP_WORDS[step]})


def history_detail(history: History) -> dict[str, str]:
    """What the sentences about earlier scans are filled with."""
    return {
        "viewers": str(history.other_viewers),
        "date": _day(history.first_at),
        "country": history.first_country or UNKNOWN_COUNTRY,
        "signals": LIST_MARK.join(sorted(SIGNAL_WORDS[signal] for signal in history.signals)),
    }


def _not_ours(reading: NotOurs) -> Iterator[Reason]:
    """Rule 1. A later format is missing knowledge, not a finding."""
    if reading.code is not Code.CANNOT_CHECK:
        yield Reason(code=reading.code, detail={"leads_to": _quote(reading.text), "why": reading.why})


def _quote(text: str) -> str:
    """The beginning of foreign text, fit to be shown: no control characters, no change of writing direction."""
    start = text[:_LONGEST_QUOTE]
    return "".join(character if character.isprintable() else "\ufffd" for character in start)


def _of_signature(evidence: Evidence, tag: Tag) -> Iterator[Reason]:
    """Rule 2. A key that a stale bundle lacks may be a newer one: that is missing evidence, not a finding."""
    finding, record = evidence.signature, evidence.record
    code = _SIGNATURE_CODES.get(finding.outcome) if finding else None
    if code is Code.KEY_UNKNOWN and evidence.trust_problem is not None:
        code = None
    if code is None and isinstance(record, UnitRecord) and not record.signed_in_window:
        code = Code.KEY_REVOKED
    if code is not None:
        issuer = (finding.issuer if finding else "") or UNKNOWN_ISSUER
        detail = {"issuer": issuer, "slot": str(tag.identity.slot), "gtin": tag.identity.gtin}
        yield Reason(code=code, detail=detail)


def _of_record(evidence: Evidence, reading: Ours | Typed) -> Iterator[Reason]:
    """Rules 3, 4, 6, 7, 9 and 11."""
    match evidence.record:
        case NoUnit() as record:
            yield from _unknown_unit(evidence.signature, reading, record)
        case UnitRecord() as record:
            yield from _mismatches(reading, record)
            yield from _of_recall(record)
            yield from _of_state(record)
            yield from _of_use(record, evidence.country)
        case NotConsulted():
            pass
        case _ as never:
            assert_never(never)


def _unknown_unit(
    finding: SignatureFinding | None, reading: Ours | Typed, record: NoUnit
) -> Iterator[Reason]:
    """Rule 3; and BATCH_UNKNOWN of rule 4."""
    signed = finding is not None and finding.outcome is Signature.VALID
    yield Reason(code=Code.UNIT_UNKNOWN, detail={"key_alarm": KEY_ALARM if signed else NO_KEY_ALARM})
    lot = _claimed(reading).get("lot")
    if lot and not record.lot_exists:
        yield Reason(code=Code.BATCH_UNKNOWN, detail={"claimed": lot})


def _mismatches(reading: Ours | Typed, record: UnitRecord) -> Iterator[Reason]:
    """Rule 4. A tag that names no lot or date claims that there is none; a person may leave them out."""
    claimed = _claimed(reading)
    for field, recorded, code in (
        ("lot", record.lot, Code.BATCH_MISMATCH),
        ("expiry", _text(record.expiry), Code.EXPIRY_MISMATCH),
    ):
        claim = claimed.get(field, recorded)
        if claim != recorded:
            yield Reason(code=code, detail={"claimed": claim or NOTHING, "recorded": recorded or NOTHING})


def _claimed(reading: Ours | Typed) -> Mapping[str, str]:
    """The lot and the expiry that were read, "" for none; what a person left out is left out."""
    if isinstance(reading, Ours):
        return {"lot": reading.tag.identity.lot, "expiry": _text(reading.tag.identity.expiry)}
    given = {"lot": reading.lot, "expiry": _text(reading.expiry) or None}
    return {field: value for field, value in given.items() if value is not None}


def _of_proof(evidence: Evidence) -> Iterator[Reason]:
    """Rule 5. A proof that is pending is information for the page, and no finding."""
    if isinstance(evidence.proof, Failed):
        yield failed_proof(evidence.proof.step)


def _of_recall(record: UnitRecord) -> Iterator[Reason]:
    """Rule 6: a notice that covers the unit, else the unit's own state."""
    notice = record.recall
    if notice is not None:
        code = Code.WITHDRAWN if notice.withdrawn else Code.RECALLED
        detail = {"date": notice.on.isoformat(), "reason": notice.reason, "instructions": notice.instructions}
        yield Reason(code=code, detail=detail)
    elif state_code := _RECALL_CODES.get(record.state):
        detail = {
            "date": _day(record.state_since),
            "reason": NO_REASON,
            "instructions": NO_INSTRUCTIONS,
        }
        yield Reason(code=state_code, detail=detail)


def _of_state(record: UnitRecord) -> Iterator[Reason]:
    """Rules 7 and 9."""
    if code := _STATE_CODES.get(record.state):
        yield Reason(code=code, detail={"date": _day(record.state_since)})


def _of_use(record: UnitRecord, country: str | None) -> Iterator[Reason]:
    """Rule 11, used at another place, else USED of rule 15. Where a country is not known, it is no other place."""
    word = USE_WORDS.get(record.state)
    if word is None:
        return
    elsewhere = country is not None and record.state_country not in (None, country)
    detail = {
        "state": word,
        "date": _day(record.state_since),
        "country": record.state_country or UNKNOWN_COUNTRY,
    }
    yield Reason(code=Code.DISPENSED_ELSEWHERE if elsewhere else Code.USED, detail=detail)


def _of_expiry(evidence: Evidence, reading: Ours | Typed) -> Iterator[Reason]:
    """Rule 8: the record's date, else the one that was read; or a party declared the unit expired.

    A unit is good until the end of its last day in UTC.
    """
    record, today = evidence.record, evidence.now.astimezone(UTC).date()
    read = reading.tag.identity.expiry if isinstance(reading, Ours) else reading.expiry
    expiry = record.expiry if isinstance(record, UnitRecord) else read
    last = expiry.last_day(today.year) if expiry else None
    if last is not None and today > last:
        yield Reason(code=Code.EXPIRED, detail={"date": last.isoformat()})
    elif isinstance(record, UnitRecord) and record.state is State.EXPIRED:
        yield Reason(code=Code.EXPIRED, detail={"date": _day(record.state_since)})


def _of_history(history: History | None) -> Iterator[Reason]:
    """Rules 12 and 13."""
    if history is not None and history.signals:
        code = Code.CLONE_SUSPECT if len(history.signals) > 1 else Code.SEEN_ELSEWHERE
        yield Reason(code=code, detail=history_detail(history))


def _of_market(evidence: Evidence) -> Iterator[Reason]:
    """Rule 14."""
    record, country = evidence.record, evidence.country
    if isinstance(record, UnitRecord) and record.markets and country and country not in record.markets:
        markets = LIST_MARK.join(sorted(record.markets))
        yield Reason(code=Code.MARKET_DIVERSION, detail={"country": country, "markets": markets})


def _text(expiry: Expiry | None) -> str:
    return "" if expiry is None else str(expiry)


def _day(moment: datetime | None) -> str:
    return moment.astimezone(UTC).date().isoformat() if moment else UNKNOWN_DAY
