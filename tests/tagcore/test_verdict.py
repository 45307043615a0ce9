import string
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tagcore.errors import Step
from tagcore.evidence import (
    Cause,
    Evidence,
    Failed,
    NotConsulted,
    NotOurs,
    NoUnit,
    Ours,
    Pending,
    Proven,
    RecallNotice,
    Signature,
    SignatureFinding,
    Typed,
    UnitRecord,
)
from tagcore.gs1 import parse_expiry, parse_gtin
from tagcore.history import History, Signal
from tagcore.reasons import MEANINGS, Code, Level, Reason
from tagcore.states import State
from tagcore.tag import Profile
from tagcore.verdict import Verdict, decide
from tests.tagcore.strategies import expiries, gtins, lots, moments, serials, tags
from tests.vectors.cast import CASES, NOW

TAG = CASES[0].tag
OURS = Ours(tag=TAG, profile=Profile.COMPACT)
TYPED = Typed(gtin=TAG.identity.gtin, serial=TAG.identity.serial)
VALID = SignatureFinding(outcome=Signature.VALID, issuer="Example Distillery")
RECORD = UnitRecord(lot="LOT1", expiry=parse_expiry("271231"), state=State.ACTIVE, state_since=NOW)
NO_PAST = History(
    total=0,
    other_viewers=0,
    first_at=None,
    first_country=None,
    seen_before_by_viewer=False,
    signals=frozenset(),
)
SEEN = replace(NO_PAST, total=3, other_viewers=2, first_at=NOW - timedelta(days=3), first_country="FR")
GOOD = Evidence(now=NOW, reading=OURS, signature=VALID, record=RECORD, history=NO_PAST, country="CN")


def codes(evidence: Evidence) -> list[str]:
    return [reason.code.value for reason in decide(evidence).reasons]


def with_record(**changes: object) -> Evidence:
    return replace(GOOD, record=replace(RECORD, **changes))  # type: ignore[arg-type]  # fields by name


def with_signature(outcome: Signature) -> Evidence:
    return replace(GOOD, signature=SignatureFinding(outcome=outcome, issuer="X"))


def not_ours(code: Code) -> Evidence:
    assert code in (Code.FOREIGN_CODE, Code.MALFORMED, Code.CANNOT_CHECK)
    return replace(
        GOOD, reading=NotOurs(code=code, text="https://example.net", why="w"), record=NotConsulted()
    )


CASES_BY_NAME: Mapping[str, tuple[Evidence, list[str]]] = {
    "nothing against it, never seen": (GOOD, ["FIRST_SCAN"]),
    "nothing against it, seen before": (replace(GOOD, history=SEEN), ["SEEN_BEFORE"]),
    # rule 0
    "outage": (
        replace(GOOD, record=NotConsulted(cause=Cause.OUTAGE), history=None),
        ["CANNOT_CHECK"],
    ),
    "stale bundle": (replace(GOOD, trust_problem=Cause.STALE_TRUST), ["CANNOT_CHECK"]),
    "stale bundle that lacks the key": (
        replace(with_signature(Signature.KEY_UNKNOWN), trust_problem=Cause.STALE_TRUST),
        ["CANNOT_CHECK"],
    ),
    "no bundle": (replace(GOOD, signature=None), ["CANNOT_CHECK"]),
    "no history": (replace(GOOD, history=None), ["CANNOT_CHECK"]),
    "later format": (not_ours(Code.CANNOT_CHECK), ["CANNOT_CHECK"]),
    "offline on purpose": (replace(GOOD, record=NotConsulted(), history=None), ["SIGNATURE_ONLY"]),
    "offline on purpose, forged": (
        replace(with_signature(Signature.INVALID), record=NotConsulted(), history=None),
        ["SIGNATURE_INVALID"],
    ),
    "offline on purpose, no bundle": (
        replace(GOOD, record=NotConsulted(), history=None, signature=None),
        ["CANNOT_CHECK"],
    ),
    "offline on purpose, expired": (
        replace(GOOD, record=NotConsulted(), history=None, now=datetime(2028, 1, 1, tzinfo=UTC)),
        ["EXPIRED", "SIGNATURE_ONLY"],
    ),
    "typed": (replace(GOOD, reading=TYPED, signature=None), ["RECORD_ONLY"]),
    "typed, already dispensed": (
        replace(with_record(state=State.DISPENSED), reading=TYPED, signature=None),
        ["USED", "RECORD_ONLY"],
    ),
    "typed, without the record": (
        replace(GOOD, reading=TYPED, signature=None, record=NotConsulted(), history=None),
        ["CANNOT_CHECK"],
    ),
    "outage hides no forgery": (
        replace(with_signature(Signature.INVALID), record=NotConsulted(cause=Cause.OUTAGE), history=None),
        ["SIGNATURE_INVALID", "CANNOT_CHECK"],
    ),
    "stale bundle hides no recall": (
        replace(with_record(state=State.RECALLED), trust_problem=Cause.STALE_TRUST),
        ["RECALLED", "CANNOT_CHECK"],
    ),
    # rule 1
    "foreign": (not_ours(Code.FOREIGN_CODE), ["FOREIGN_CODE"]),
    "malformed": (not_ours(Code.MALFORMED), ["MALFORMED"]),
    # rule 2
    "forged": (with_signature(Signature.INVALID), ["SIGNATURE_INVALID"]),
    "unknown key": (with_signature(Signature.KEY_UNKNOWN), ["KEY_UNKNOWN"]),
    "revoked key": (with_signature(Signature.KEY_REVOKED), ["KEY_REVOKED"]),
    "signed outside the key's window": (with_record(signed_in_window=False), ["KEY_REVOKED"]),
    "signed outside the key's window, no bundle": (
        replace(with_record(signed_in_window=False), signature=None),
        ["KEY_REVOKED", "CANNOT_CHECK"],
    ),
    "forged and outside the window": (
        replace(with_record(signed_in_window=False), signature=with_signature(Signature.INVALID).signature),
        ["SIGNATURE_INVALID"],
    ),
    # rules 3 and 4
    "unknown unit of a known lot": (
        replace(GOOD, record=NoUnit(lot_exists=True), history=None),
        ["UNIT_UNKNOWN"],
    ),
    "unknown unit of an unknown lot": (
        replace(GOOD, record=NoUnit(lot_exists=False), history=None),
        ["UNIT_UNKNOWN", "BATCH_UNKNOWN"],
    ),
    "unknown unit, typed": (
        replace(GOOD, reading=TYPED, signature=None, record=NoUnit(lot_exists=False), history=None),
        ["UNIT_UNKNOWN"],
    ),
    "other lot on record": (with_record(lot="LOT2"), ["BATCH_MISMATCH"]),
    "no lot on record": (with_record(lot=""), ["BATCH_MISMATCH"]),
    "other expiry on record": (with_record(expiry=parse_expiry("280131")), ["EXPIRY_MISMATCH"]),
    "no expiry on record": (with_record(expiry=None), ["EXPIRY_MISMATCH"]),
    "an expiry on record that the tag lacks": (
        replace(GOOD, reading=replace(OURS, tag=CASES[2].tag)),
        ["EXPIRY_MISMATCH"],
    ),
    "typed lot and expiry that are not on record": (
        replace(GOOD, reading=replace(TYPED, lot="X", expiry=parse_expiry("280131")), signature=None),
        ["BATCH_MISMATCH", "EXPIRY_MISMATCH", "RECORD_ONLY"],
    ),
    # rule 5
    "proof that fails": (replace(GOOD, proof=Failed(step=Step.LOG_INCLUSION)), ["PROOF_INVALID"]),
    "proof that fails, recalled": (
        replace(with_record(state=State.RECALLED), proof=Failed(step=Step.WITNESSES)),
        ["PROOF_INVALID", "RECALLED"],
    ),
    "proof that fails, offline": (
        replace(GOOD, record=NotConsulted(), history=None, proof=Failed(step=Step.DIGEST)),
        ["PROOF_INVALID", "SIGNATURE_ONLY"],
    ),
    "proof that is pending": (replace(GOOD, proof=Pending()), ["FIRST_SCAN"]),
    "proof that holds": (replace(GOOD, proof=Proven()), ["FIRST_SCAN"]),
    # rules 6 to 9
    "recalled lot": (
        with_record(recall=RecallNotice(withdrawn=False, on=date(2026, 1, 1), reason="r", instructions="i")),
        ["RECALLED"],
    ),
    "withdrawn lot": (
        with_record(recall=RecallNotice(withdrawn=True, on=date(2026, 1, 1), reason="r", instructions="i")),
        ["WITHDRAWN"],
    ),
    "withdrawn unit": (with_record(state=State.WITHDRAWN), ["WITHDRAWN"]),
    "stolen": (with_record(state=State.STOLEN), ["STOLEN"]),
    "destroyed": (with_record(state=State.DESTROYED), ["DESTROYED"]),
    "locked": (with_record(state=State.LOCKED), ["BLOCKED"]),
    "void": (with_record(state=State.VOID), ["VOID"]),
    "declared expired": (with_record(state=State.EXPIRED), ["EXPIRED"]),
    "stolen and recalled": (
        with_record(
            state=State.STOLEN,
            recall=RecallNotice(withdrawn=False, on=date(2026, 1, 1), reason="r", instructions="i"),
        ),
        ["RECALLED", "STOLEN"],
    ),
    "never released": (with_record(state=State.PRINTED, state_since=None), ["NOT_ACTIVATED"]),
    # rule 11 and use
    "dispensed in another country": (
        with_record(state=State.DISPENSED, state_country="DE"),
        ["DISPENSED_ELSEWHERE"],
    ),
    "dispensed in this country": (with_record(state=State.DISPENSED, state_country="CN"), ["USED"]),
    "sold in an unknown country": (with_record(state=State.SOLD), ["USED"]),
    "opened, scanned in an unknown country": (
        replace(with_record(state=State.OPENED, state_country="DE"), country=None),
        ["USED"],
    ),
    "sample": (with_record(state=State.SAMPLE), ["USED"]),
    "exported": (with_record(state=State.EXPORTED), ["USED"]),
    # rules 12 to 14
    "one signal": (
        replace(GOOD, history=replace(SEEN, signals=frozenset({Signal.VIEWER_BURST}))),
        ["SEEN_ELSEWHERE"],
    ),
    "one signal, from the trade only": (
        replace(GOOD, history=replace(NO_PAST, signals=frozenset({Signal.IMPOSSIBLE_TRAVEL}))),
        ["SEEN_ELSEWHERE"],
    ),
    "two signals": (replace(GOOD, history=replace(SEEN, signals=frozenset(Signal))), ["CLONE_SUSPECT"]),
    "one signal and used": (
        replace(
            with_record(state=State.SOLD),
            history=replace(SEEN, signals=frozenset({Signal.VIEWER_BURST})),
        ),
        ["SEEN_ELSEWHERE", "USED"],
    ),
    "outside its market": (with_record(markets=frozenset({"FR", "DE"})), ["MARKET_DIVERSION", "FIRST_SCAN"]),
    "inside its market": (with_record(markets=frozenset({"CN"})), ["FIRST_SCAN"]),
    "market not told, place not known": (
        replace(with_record(markets=frozenset({"FR"})), country=None),
        ["FIRST_SCAN"],
    ),
}


@pytest.mark.parametrize("name", CASES_BY_NAME)
def test_decides(name: str) -> None:
    evidence, want = CASES_BY_NAME[name]
    assert codes(evidence) == want


def test_every_code_is_reached() -> None:
    assert {code for _, want in CASES_BY_NAME.values() for code in want} == set(Code)


@pytest.mark.parametrize(("day", "expired"), [(date(2027, 12, 31), False), (date(2028, 1, 1), True)])
def test_a_unit_is_good_until_the_end_of_its_last_day(day: date, expired: bool) -> None:
    moment = datetime(day.year, day.month, day.day, 23, 59, 59, tzinfo=UTC)
    assert (codes(replace(GOOD, now=moment)) == ["EXPIRED"]) is expired


def test_a_valid_signature_on_an_unknown_serial_is_an_alarm() -> None:
    unknown = replace(GOOD, record=NoUnit(lot_exists=True), history=None)
    assert "leaked" in decide(unknown).headline.detail["key_alarm"]
    forged = replace(unknown, signature=SignatureFinding(outcome=Signature.INVALID))
    assert "leaked" not in decide(forged).reasons[1].detail["key_alarm"]


def test_quotes_foreign_text_without_what_could_play_tricks() -> None:
    text = "https://example.net/\x1b[31m\u202e\n" + "x" * 500
    quoted = decide(
        replace(not_ours(Code.FOREIGN_CODE), reading=NotOurs(code=Code.FOREIGN_CODE, text=text, why=""))
    )
    leads_to = quoted.headline.detail["leads_to"]
    assert leads_to.startswith("https://example.net/\ufffd[31m\ufffd\ufffdx")
    assert len(leads_to) == 200


def test_says_unknown_where_nothing_is_known() -> None:
    detail = decide(with_record(state=State.STOLEN, state_since=None)).headline.detail
    assert detail["date"] == "an unknown day"


def test_a_consumer_is_not_shown_diversion() -> None:
    verdict = decide(with_record(markets=frozenset({"FR"})))
    assert verdict.level is Level.CAUTION
    assert verdict.for_consumer() == Verdict((Reason(code=Code.FIRST_SCAN),))
    assert verdict.for_consumer().level is Level.MATCH


def test_a_verdict_is_no_yes_or_no() -> None:
    with pytest.raises(TypeError, match="look at its level"):
        bool(decide(GOOD))


# ---- decide is total

causes = st.none() | st.sampled_from(Cause)
countries = st.none() | st.sampled_from(["CN", "DE", "FR"])
readings = (
    st.builds(Ours, tag=st.just(TAG) | tags, profile=st.sampled_from(Profile))
    | st.builds(Typed, gtin=gtins, serial=serials, lot=st.none() | lots, expiry=st.none() | expiries)
    | st.builds(
        NotOurs,
        code=st.sampled_from([Code.FOREIGN_CODE, Code.MALFORMED, Code.CANNOT_CHECK]),
        text=st.text(),
        why=st.text(),
    )
)
notices = st.builds(
    RecallNotice, withdrawn=st.booleans(), on=st.dates(), reason=st.text(), instructions=st.text()
)
records = (
    st.builds(NoUnit, lot_exists=st.booleans())
    | st.builds(NotConsulted, cause=causes)
    | st.builds(
        UnitRecord,
        lot=st.just("LOT1") | lots,
        expiry=st.just(RECORD.expiry) | st.none() | expiries,
        state=st.sampled_from(State),
        state_since=st.none() | moments,
        state_country=countries,
        signed_in_window=st.booleans(),
        markets=st.frozensets(st.sampled_from(["CN", "DE"])),
        recall=st.none() | notices,
    )
)
histories = st.none() | st.builds(
    History,
    total=st.integers(0, 99),
    other_viewers=st.integers(0, 99),
    first_at=st.none() | moments,
    first_country=countries,
    seen_before_by_viewer=st.booleans(),
    signals=st.frozensets(st.sampled_from(Signal)),
)
evidences = st.builds(
    Evidence,
    now=moments,
    reading=readings,
    signature=st.none()
    | st.builds(SignatureFinding, outcome=st.sampled_from(Signature), issuer=st.text(max_size=5)),
    record=records,
    trust_problem=causes,
    history=histories,
    country=countries,
    proof=st.none() | st.builds(Pending) | st.builds(Proven) | st.builds(Failed, step=st.sampled_from(Step)),
)


def fill(sentence: str, detail: Mapping[str, str]) -> str:
    return string.Formatter().vformat(sentence, (), detail)


@given(evidences)
@example(GOOD)
def test_any_evidence_has_a_verdict_whose_sentences_can_be_filled(evidence: Evidence) -> None:
    verdict = decide(evidence)
    assert verdict.reasons
    assert verdict.for_consumer().reasons
    for reason in verdict.reasons:
        meaning = MEANINGS[reason.code]
        for sentence in (meaning.title, meaning.text, meaning.advice, meaning.professional):
            fill(sentence, reason.detail)


@pytest.mark.parametrize("name", CASES_BY_NAME)
def test_every_sentence_of_every_code_can_be_filled(name: str) -> None:
    for reason in decide(CASES_BY_NAME[name][0]).reasons:
        for sentence in (
            reason.meaning.title,
            reason.meaning.text,
            reason.meaning.advice,
            reason.meaning.professional,
        ):
            filled = fill(sentence, reason.detail)
            assert "{" not in filled
            assert "  " not in filled


@given(evidences)
def test_the_headline_is_the_first_rule_that_holds_and_never_milder_than_another(evidence: Evidence) -> None:
    verdict = decide(evidence)
    found = [reason.meaning.rule for reason in verdict.reasons if reason.meaning.rule > 0]
    assert all(earlier <= later for earlier, later in pairwise(found))
    if not any(
        reason.code in (Code.CANNOT_CHECK, Code.SIGNATURE_ONLY, Code.RECORD_ONLY)
        for reason in verdict.reasons
    ):
        assert verdict.level is max(reason.level for reason in verdict.reasons)
    if verdict.headline.meaning.rule > 0:
        assert verdict.level is max(reason.level for reason in verdict.reasons)


@given(evidences)
def test_no_match_without_a_valid_signature_a_record_and_a_history(evidence: Evidence) -> None:
    if decide(evidence).for_consumer().level is Level.MATCH:
        assert isinstance(evidence.reading, Ours)
        assert isinstance(evidence.record, UnitRecord)
        assert evidence.signature is not None
        assert evidence.signature.outcome is Signature.VALID
        assert evidence.history is not None
        assert evidence.trust_problem is None


@given(evidences)
def test_nothing_missing_makes_a_verdict_milder(evidence: Evidence) -> None:
    """Taking evidence away never turns a finding of the remaining evidence into a match."""
    without = replace(evidence, record=NotConsulted(cause=Cause.OUTAGE), history=None)
    assert decide(without).level is not Level.MATCH


def test_an_unknown_gtin_type_is_no_concern_of_the_verdict() -> None:
    typed = Typed(gtin=parse_gtin("09506000134352"), serial="X")
    assert codes(replace(GOOD, reading=typed, signature=None)) == ["RECORD_ONLY"]
