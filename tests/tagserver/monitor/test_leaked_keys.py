"""How a producer finds that its key leaked, and that a key ended."""

from dataclasses import replace

from tagcore.cosignature import WitnessPolicy
from tagcore.entries import KeyChange
from tagserver.monitor import Alarm, Finding
from tagserver.monitor.alarms import Grade
from tests.tagcore.logs import WITNESS_KEYS
from tests.tagserver.monitor.cast import (
    GOOD,
    NOW,
    SECOND,
    THIEF,
    Served,
    batch,
    expecting,
    key,
    trust,
)
from tests.vectors.cast import EIGHT


def found(findings: tuple[Finding, ...]) -> list[tuple[Alarm, int | None]]:
    return [(finding.alarm, finding.index) for finding in findings]


def test_batches_that_were_ordered_are_no_finding(place: Served) -> None:
    place.log.append([batch(1), batch(2, slot=2, signer=SECOND)])
    assert place.monitor(expected=expecting(1, 2)).look(NOW).findings == ()


def test_finds_a_batch_that_nobody_ordered_signed_with_the_producers_own_key(place: Served) -> None:
    place.log.append([batch(1), batch(2), batch(3)])
    look = place.monitor(expected=expecting(1, 3)).look(NOW)
    assert found(look.findings) == [(Alarm.BATCH_UNEXPECTED, 1)]
    assert "somebody may have the key in slot 1" in look.findings[0].problem
    assert look.exit_status == Grade.KEY_MISUSED


def test_an_unexpected_batch_is_reported_until_it_is_expected(place: Served) -> None:
    place.log.append([batch(1), batch(2)])
    place.monitor(expected=expecting(1)).look(NOW)
    place.log.append([batch(3)])
    again = place.monitor(expected=expecting(1, 3)).look(NOW)
    assert found(again.findings) == [(Alarm.BATCH_UNEXPECTED, 1)]
    assert place.monitor(expected=expecting(1, 2, 3)).look(NOW).findings == ()


def test_an_unexpected_batch_is_still_reported_while_the_log_does_not_answer(place: Served) -> None:
    place.log.append([batch(1), batch(2)])
    place.monitor(expected=expecting(1)).look(NOW)
    (place.log.folder / "checkpoint").unlink()
    look = place.monitor(expected=expecting(1)).look(NOW)
    assert found(look.findings) == [(Alarm.LOG_UNREACHABLE, None), (Alarm.BATCH_UNEXPECTED, 1)]
    assert look.exit_status == Grade.KEY_MISUSED


def test_an_entry_that_a_person_looked_into_is_reported_no_more(place: Served) -> None:
    place.log.append([batch(1), batch(2)])
    monitor = place.monitor(expected=expecting(1))
    monitor.look(NOW)
    monitor.accept([1])
    assert monitor.look(NOW).findings == ()
    assert monitor.look(NOW, whole=True).findings == ()


def test_finds_a_batch_under_the_producers_gtin_that_another_key_signed(place: Served) -> None:
    place.log.append([batch(1, signer=THIEF)])
    assert found(place.monitor().look(NOW).findings) == [(Alarm.ENTRY_UNSIGNED, 0)]


def test_finds_a_batch_by_a_key_that_the_producer_never_had(place: Served) -> None:
    place.log.append([batch(1, slot=9, signer=THIEF)])
    look = place.monitor(expected=expecting()).look(NOW)
    assert found(look.findings) == [(Alarm.ENTRY_UNSIGNED, 0), (Alarm.BATCH_UNEXPECTED, 0)]
    assert "slot 9 is unknown" in look.findings[1].problem


def test_finds_a_batch_signed_after_its_key_was_revoked_in_the_log(place: Served) -> None:
    place.log.append([batch(1), key(KeyChange.REVOKED, GOOD.public_key), batch(2)])
    assert found(place.monitor().look(NOW).findings) == [(Alarm.ENTRY_UNSIGNED, 2)]


def test_remembers_a_revocation_from_one_look_to_the_next(place: Served) -> None:
    place.log.append([batch(1), key(KeyChange.REVOKED, GOOD.public_key)])
    assert place.monitor().look(NOW).findings == ()
    place.log.append([batch(2), batch(3, slot=2, signer=SECOND)])
    assert found(place.monitor().look(NOW).findings) == [(Alarm.ENTRY_UNSIGNED, 2)]


def test_a_batch_before_the_revocation_stays_good_when_the_log_is_read_again(place: Served) -> None:
    place.log.append([batch(1), key(KeyChange.REVOKED, GOOD.public_key)])
    place.monitor(expected=expecting()).look(NOW)
    look = place.monitor(expected=expecting()).look(NOW)
    assert found(look.findings) == [(Alarm.BATCH_UNEXPECTED, 0)]


def test_finds_a_key_of_the_producer_that_the_producer_did_not_make(place: Served) -> None:
    place.log.append([key(KeyChange.ADDED, GOOD.public_key), key(KeyChange.ADDED, THIEF.public_key, slot=3)])
    look = place.monitor(expected=expecting()).look(NOW)
    assert found(look.findings) == [(Alarm.KEY_UNEXPECTED, 1)]
    assert THIEF.public_key.hex() in look.findings[0].problem


def test_finds_a_product_that_nobody_is_trusted_with(place: Served) -> None:
    place.log.append([batch(1, gtin="04012345678901")])
    assert found(place.monitor().look(NOW).findings) == [(Alarm.ENTRY_UNSIGNED, 0)]


def test_finds_an_entry_of_no_known_form(place: Served) -> None:
    place.log.append([batch(1), b'{"entry":"gift","version":1}', batch(7, gtin=EIGHT, signer=THIEF)])
    assert found(place.monitor().look(NOW).findings) == [(Alarm.ENTRY_INVALID, 1)]


def test_finds_that_witnesses_are_missing(place: Served) -> None:
    policy = WitnessPolicy(threshold=2, witnesses=WITNESS_KEYS)
    place.log.append([batch(1)])
    place.cosign(0)
    look = place.monitor(trusting=trust(policy)).look(NOW)
    assert found(look.findings) == [(Alarm.WITNESSES_MISSING, None)]
    assert (look.witnesses, look.exit_status) == ((WITNESS_KEYS[0].name,), Grade.NOT_VOUCHED_FOR)
    place.cosign(2)
    complete = place.monitor(trusting=trust(policy)).look(NOW)
    assert (complete.findings, complete.witnesses) == ((), (WITNESS_KEYS[0].name, WITNESS_KEYS[2].name))


def test_waits_a_moment_for_witnesses(place: Served) -> None:
    policy = WitnessPolicy(threshold=1, witnesses=WITNESS_KEYS)
    place.log.append([batch(1)])
    monitor = replace(place.monitor(trusting=trust(policy)), pause=lambda _: place.cosign(1))
    assert monitor.look(NOW).findings == ()
