"""An honest log stays quiet; one that was changed in any way does not."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tagcore.checkpoint import Checkpoint
from tagcore.merkle import leaf_hash, root_from_leaf_hashes
from tagserver.monitor import Alarm, Look, StateFileError
from tagserver.monitor.alarms import Grade
from tests.tagcore.logs import ORIGIN
from tests.tagserver.monitor.cast import NOW, THIEF, Served, batch, trust
from tests.vectors.cast import EIGHT


def codes(look: Look) -> list[Alarm]:
    return [finding.alarm for finding in look.findings]


def batches(first: int, stop: int) -> list[bytes]:
    return [batch(number) for number in range(first, stop)]


def test_an_honest_log_that_grows_is_followed_in_silence(place: Served) -> None:
    total = 0
    for count in (1, 3, 251, 1, 2, 300):
        place.log.append(batches(total + 1, total + count + 1))
        look = place.monitor().look(NOW)
        total += count
        assert (look.findings, look.size, look.read, look.exit_status) == ((), total, count, 0)
        assert look.root == place.log.root()


def test_a_log_that_stands_still_is_no_finding(place: Served) -> None:
    place.log.append(batches(1, 4))
    place.monitor().look(NOW)
    look = place.monitor().look(NOW)
    assert (look.findings, look.size, look.read) == ((), 3, 0)


def test_an_empty_log_can_be_followed(place: Served) -> None:
    place.log.append([])
    assert place.monitor().look(NOW).findings == ()
    place.log.append(batches(1, 3))
    assert place.monitor().look(NOW).size == 2


def test_finds_a_log_that_was_rolled_back(place: Served) -> None:
    shorter = place.log.append(batches(1, 3))
    longer = place.log.append(batches(3, 6))
    place.monitor().look(NOW)
    (place.log.folder / "checkpoint").write_bytes(shorter)
    look = place.monitor().look(NOW)
    assert codes(look) == [Alarm.LOG_ROLLED_BACK]
    assert look.findings[0].evidence == (longer.decode(), shorter.decode())
    assert (look.size, look.exit_status) == (5, Grade.LOG_LIES)
    assert len(place.pauses) == 2  # it was asked again before that was said


def test_a_cache_that_lags_behind_for_a_moment_is_no_finding(place: Served) -> None:
    shorter = place.log.append(batches(1, 3))
    longer = place.log.append(batches(3, 6))
    place.monitor().look(NOW)
    (place.log.folder / "checkpoint").write_bytes(shorter)
    pauses = []

    def catch_up(seconds: float) -> None:
        pauses.append(seconds)
        (place.log.folder / "checkpoint").write_bytes(longer)

    assert replace(place.monitor(), pause=catch_up).look(NOW).findings == ()
    assert len(pauses) == 1


def test_finds_two_roots_at_one_size(place: Served) -> None:
    place.log.append(batches(1, 4))
    place.monitor().look(NOW)
    place.begin_again(batches(11, 14))
    look = place.monitor().look(NOW)
    assert codes(look) == [Alarm.LOG_FORKED]
    first, second = look.findings[0].evidence
    assert first != second


@pytest.mark.parametrize("size", [4, 5, 300])
def test_finds_a_fork_that_grew_on(place: Served, size: int) -> None:
    place.log.append(batches(1, 4))
    place.monitor().look(NOW)
    place.begin_again(batches(11, 11 + size))
    look = place.monitor().look(NOW)
    assert codes(look) == [Alarm.LOG_FORKED]
    assert look.size == 3  # what was believed before


def test_a_fork_is_found_again_at_every_look(place: Served) -> None:
    place.log.append(batches(1, 4))
    place.monitor().look(NOW)
    place.begin_again(batches(11, 16))
    assert codes(place.monitor().look(NOW)) == codes(place.monitor().look(NOW)) == [Alarm.LOG_FORKED]


def test_a_log_that_returns_to_the_truth_is_followed_on(place: Served) -> None:
    place.log.append(batches(1, 4))
    place.monitor().look(NOW)
    place.begin_again(batches(11, 16))
    place.monitor().look(NOW)
    place.begin_again(batches(1, 8))
    assert (place.monitor().look(NOW).findings, place.monitor().look(NOW).size) == ((), 7)


def test_finds_an_entry_that_is_not_the_one_that_was_signed(place: Served) -> None:
    place.log.append(batches(1, 6))
    path = "tile/entries/000.p/5"
    place.log.change(path, position=len((place.log.folder / path).read_bytes()) - 5)
    look = place.monitor().look(NOW)
    assert codes(look) == [Alarm.LOG_FILES_WRONG]
    assert look.findings[0].index == 4
    assert look.size is None


def test_finds_a_bundle_that_is_cut_short(place: Served) -> None:
    place.log.append(batches(1, 6))
    path = place.log.folder / "tile/entries/000.p/5"
    path.write_bytes(path.read_bytes()[:-1])
    assert codes(place.monitor().look(NOW)) == [Alarm.LOG_FILES_WRONG]


def test_finds_a_signed_root_that_no_file_leads_to(place: Served) -> None:
    place.log.append(batches(1, 6))
    root = root_from_leaf_hashes(b"".join(map(leaf_hash, batches(21, 26))))
    other = place.log.signed(Checkpoint(origin=ORIGIN, size=5, root=root))
    (place.log.folder / "checkpoint").write_bytes(other)
    assert codes(place.monitor().look(NOW)) == [Alarm.LOG_FILES_WRONG]


def test_an_old_entry_changed_later_is_found_by_reading_the_whole_log(place: Served) -> None:
    place.log.append(batches(1, 300))
    place.monitor().look(NOW)
    path = "tile/entries/000"
    place.log.change(path, position=30)
    assert place.monitor().look(NOW).findings == ()
    look = place.monitor().look(NOW, whole=True)
    assert codes(look) == [Alarm.LOG_FILES_WRONG]
    assert look.findings[0].index == 0


def test_reading_the_whole_log_again_finds_a_fork_too(place: Served) -> None:
    place.log.append(batches(1, 4))
    place.monitor().look(NOW)
    place.begin_again(batches(11, 16))
    assert codes(place.monitor().look(NOW, whole=True)) == [Alarm.LOG_FORKED]


def test_reads_the_full_bundle_when_the_partial_one_was_taken_away(place: Served) -> None:
    shorter = place.log.append(batches(1, 200))
    place.log.append(batches(200, 300))
    (place.log.folder / "tile/entries/000.p/199").unlink()
    (place.log.folder / "checkpoint").write_bytes(shorter)
    look = place.monitor().look(NOW)
    assert (look.findings, look.size) == ((), 199)


@pytest.mark.parametrize("damage", ["signature", "text", "empty"])
def test_finds_a_checkpoint_that_the_log_did_not_sign(place: Served, damage: str) -> None:
    data = place.log.append(batches(1, 4))
    changed = {
        "signature": data[:-6] + b"AAAA=\n",
        "text": data.replace(b"\n3\n", b"\n4\n"),
        "empty": b"",
    }[damage]
    (place.log.folder / "checkpoint").write_bytes(changed)
    assert codes(place.monitor().look(NOW)) == [Alarm.CHECKPOINT_INVALID]


def test_finds_a_log_that_the_trust_bundle_does_not_name(place: Served) -> None:
    place.log.append(batches(1, 4))
    assert codes(place.monitor(trusting=replace(trust(), logs=())).look(NOW)) == [Alarm.CHECKPOINT_INVALID]


def test_a_log_that_does_not_answer_is_a_finding_of_its_own(place: Served) -> None:
    look = place.monitor().look(NOW)
    assert codes(look) == [Alarm.LOG_UNREACHABLE]
    assert look.exit_status == Grade.UNREACHABLE


def test_a_missing_bundle_is_no_change_of_the_log(place: Served) -> None:
    place.log.append(batches(1, 4))
    (place.log.folder / "tile/entries/000.p/3").unlink()
    assert codes(place.monitor().look(NOW)) == [Alarm.LOG_UNREACHABLE]


def test_an_expired_trust_bundle_is_said_so(place: Served) -> None:
    place.log.append(batches(1, 4))
    assert codes(place.monitor().look(NOW + timedelta(days=31))) == [Alarm.TRUST_EXPIRED]


def test_a_damaged_state_file_is_refused(place: Served) -> None:
    place.log.append(batches(1, 4))
    place.monitor().look(NOW)
    state = place.folder / "state"
    state.write_bytes(state.read_bytes().replace(b'"size":3', b'"size":2'))
    with pytest.raises(StateFileError, match="no state of a monitor"):
        place.monitor().look(NOW)


def test_two_monitors_do_not_share_a_state_file(place: Served) -> None:
    place.log.append(batches(1, 4))
    monitor = place.monitor()
    with monitor.state.held(), pytest.raises(StateFileError, match="another monitor"):
        place.monitor().look(NOW)


def test_another_producers_batch_is_none_of_ours(place: Served) -> None:
    place.log.append([batch(1), batch(7, gtin=EIGHT, signer=THIEF)])
    assert place.monitor().look(NOW).findings == ()
