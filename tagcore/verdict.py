"""Evidence in, verdict out: `decide` is pure and total.

docs/spec/verdicts.md. Every rule that holds adds its reason; the headline is the first of them in the table's order.
Rule 0 speaks of missing evidence, so it is asked last and never hides a finding that needs no more evidence
(docs/adr/0004-cannot-check-hides-nothing.md).
"""

from dataclasses import dataclass
from typing import NoReturn

from tagcore.evidence import (
    Cause,
    Evidence,
    NotConsulted,
    NotOurs,
    Ours,
    Signature,
    Typed,
    UnitRecord,
)
from tagcore.findings import findings, history_detail
from tagcore.history import History
from tagcore.reasons import Code, Level, Reason


@dataclass(frozen=True, slots=True)
class Verdict:
    """The reasons that hold, the headline first; never empty."""

    reasons: tuple[Reason, ...]

    @property
    def headline(self) -> Reason:
        """The reason that decides."""
        return self.reasons[0]

    @property
    def level(self) -> Level:
        """How bad it is."""
        return self.headline.level

    def for_consumer(self) -> "Verdict":
        """The verdict without the reasons that only professionals are shown."""
        return Verdict(tuple(reason for reason in self.reasons if reason.meaning.title))

    def __bool__(self) -> NoReturn:
        raise TypeError("a verdict is no yes or no: look at its level")


def decide(evidence: Evidence) -> Verdict:
    """The verdict that the evidence supports, and no more.

    1. Every rule that finds something adds its reason, in the table's order.
    2. What is missing comes first when all else is no worse than unchecked, and last otherwise.
    3. Only when nothing was found and nothing is missing, the unit matches.
    """
    reasons = sorted(findings(evidence), key=lambda reason: reason.meaning.rule)
    missing = _missing(evidence)
    if missing is not None:
        conclusive = any(reason.level > Level.UNCHECKED for reason in reasons)
        reasons.insert(len(reasons) if conclusive else 0, missing)
    elif evidence.history is not None and not any(reason.meaning.title for reason in reasons):
        reasons.append(_match(evidence.history))
    return Verdict(tuple(reasons))


def _missing(evidence: Evidence) -> Reason | None:
    """Rule 0: what could not be asked."""
    cause = _cause(evidence)
    if cause is not None:
        return Reason(code=Code.CANNOT_CHECK, detail={"cause": cause})
    if isinstance(evidence.reading, Typed) and isinstance(evidence.record, UnitRecord):
        return Reason(code=Code.RECORD_ONLY)
    if isinstance(evidence.reading, Ours) and isinstance(evidence.record, NotConsulted):
        return _signature_only(evidence, evidence.reading)
    return None


def _cause(evidence: Evidence) -> Cause | None:
    """Why there can be no full answer, the graver cause first; None when nothing stood in the way."""
    match evidence:
        case Evidence(reading=NotOurs(code=code)):
            return Cause.LATER_FORMAT if code is Code.CANNOT_CHECK else None
        case Evidence(trust_problem=Cause() as cause) | Evidence(record=NotConsulted(cause=Cause() as cause)):
            return cause
        case Evidence(reading=Typed(), record=NotConsulted()):
            return Cause.OUTAGE
        case Evidence(reading=Ours(), signature=None):
            return Cause.NO_TRUST
        case Evidence(record=UnitRecord(), history=None):
            return Cause.NO_HISTORY
        case _:
            return None


def _signature_only(evidence: Evidence, reading: Ours) -> Reason | None:
    """Offline on purpose. A signature that does not hold is a finding of its own."""
    finding = evidence.signature
    if finding is None or finding.outcome is not Signature.VALID:
        return None
    detail = {"issuer": finding.issuer, "slot": str(reading.tag.identity.slot)}
    return Reason(code=Code.SIGNATURE_ONLY, detail=detail)


def _match(history: History) -> Reason:
    """Rule 15: nothing speaks against it."""
    if history.other_viewers == 0:
        return Reason(code=Code.FIRST_SCAN)
    return Reason(code=Code.SEEN_BEFORE, detail=history_detail(history))
