"""Sentences for people."""

from datetime import UTC, date, datetime, timedelta, timezone

from tagcore.gs1 import parse_expiry
from tagcore.reasons import Code, Level, Reason
from tagserver.web.sentences import day, grouped, minute, sentences, use_by
from tagserver.web.verdict_page import look


def test_dates_are_written_out() -> None:
    assert day(date(2026, 9, 2)) == "2 September 2026"
    late = datetime(2026, 9, 2, 1, tzinfo=timezone(timedelta(hours=8)))
    assert day(late) == "1 September 2026"
    assert minute(datetime(2026, 9, 2, 9, 5, tzinfo=UTC)) == "2 September 2026, 09:05 UTC"
    assert use_by(parse_expiry("280200"), date(2026, 1, 1)) == "29 February 2028"
    assert use_by(None, date(2026, 1, 1)) == "no date"


def test_serials_are_grouped_for_reading() -> None:
    assert grouped("4T7QMZ9C1R5KD") == ("4T7Q", "MZ9C", "1R5KD")
    assert grouped("ABCDEFG") == ("ABCD", "EFG")
    assert grouped("NEVER") == ("NEVER",)
    assert grouped("") == ()


def test_a_reason_is_filled_with_its_detail() -> None:
    reason = Reason(
        code=Code.RECALLED, detail={"date": "2026-11-12", "reason": "it {leaks}", "instructions": "Stop."}
    )
    words = sentences(reason)
    assert words.text == "Recalled on 12 November 2026: it {leaks}"
    assert words.advice == "Stop."


def test_what_is_no_date_stays_as_it_is() -> None:
    assert "since when" in sentences(Reason(code=Code.STOLEN, detail={"date": "since when"})).text


def test_a_reason_for_professionals_alone_still_has_a_title() -> None:
    reason = Reason(code=Code.MARKET_DIVERSION, detail={"country": "DE", "markets": "CN"})
    assert sentences(reason, professional=True).title == "Seen in Germany; intended for China."


def test_no_two_levels_look_the_same() -> None:
    assert len({look(level).symbol for level in Level}) == len(Level)
