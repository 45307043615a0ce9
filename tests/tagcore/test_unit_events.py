from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from hashlib import sha256

import pytest

from tagcore.gs1 import parse_gtin
from tagcore.states import Action, State
from tagcore.unit_events import EventFacts, OfRange, OfUnit, event_leaf, format_event

UNIT = OfUnit(gtin=parse_gtin("09506000134352"), serial="4T7QMZ9C1R5KD", batch=3, index=41)
FACTS = EventFacts(
    of=UNIT,
    seq=2,
    action=Action.DISPENSE,
    state=State.DISPENSED,
    previous=State.ACTIVE,
    at=datetime(2026, 3, 1, 12, 30, 15, 123456, tzinfo=UTC),
    party="hospital",
    place="ward 5",
    country="CN",
    note="as agreed",
)
SALT = bytes(range(16))

OTHERS = {
    "of": replace(UNIT, index=42),
    "seq": 3,
    "action": Action.SELL,
    "state": State.SOLD,
    "previous": None,
    "at": FACTS.at + timedelta(microseconds=1),
    "party": "hospital2",
    "place": None,
    "country": None,
    "note": "",
}


def test_an_event_of_a_unit_has_these_bytes() -> None:
    assert format_event(FACTS) == (
        b'{"action":"dispense","at":"2026-03-01T12:30:15.123456Z","batch":3,"country":"CN","event":"unit",'
        b'"gtin":"09506000134352","index":41,"note":"as agreed","party":"hospital","place":"ward 5",'
        b'"previous":"active","seq":2,"serial":"4T7QMZ9C1R5KD","state":"dispensed","version":1}'
    )


def test_an_event_of_a_range_has_these_bytes() -> None:
    facts = replace(FACTS, of=OfRange(batch=3, first=0, last=99), previous=None, place=None, country=None)
    assert format_event(facts) == (
        b'{"action":"dispense","at":"2026-03-01T12:30:15.123456Z","batch":3,"country":null,"event":"range",'
        b'"first":0,"last":99,"note":"as agreed","party":"hospital","place":null,"previous":null,"seq":2,'
        b'"state":"dispensed","version":1}'
    )


def test_the_leaf_is_over_salt_and_bytes() -> None:
    assert event_leaf(FACTS, SALT) == sha256(b"\x00" + SALT + format_event(FACTS)).digest()


@pytest.mark.parametrize("field", OTHERS)
def test_every_field_changes_the_leaf(field: str) -> None:
    changed = replace(FACTS, **{field: OTHERS[field]})  # type: ignore[arg-type] # a field and a value of its kind
    assert event_leaf(changed, SALT) != event_leaf(FACTS, SALT)


def test_the_salt_changes_the_leaf() -> None:
    assert event_leaf(FACTS, bytes(16)) != event_leaf(FACTS, SALT)


def test_another_zone_is_the_same_instant() -> None:
    elsewhere = FACTS.at.astimezone(timezone(timedelta(hours=8)))
    assert event_leaf(replace(FACTS, at=elsewhere), SALT) == event_leaf(FACTS, SALT)


def test_refuses_a_salt_of_another_length() -> None:
    with pytest.raises(ValueError, match="got a salt of 15 bytes, want 16"):
        event_leaf(FACTS, bytes(15))
