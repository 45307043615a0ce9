"""The log's own key is changed: a monitor follows with the next bundle, and believes no key that was ended."""

from dataclasses import replace

from tagcore.checkpoint import Checkpoint, sign_checkpoint
from tagcore.entries import KeyChange, KeyEntry, KeyRole, format_entry
from tagcore.note import VerifierKey, format_note
from tagcore.trust import TrustBundle
from tagserver.monitor import Look
from tests.tagcore.logs import LOG_KEY, ORIGIN
from tests.tagserver.monitor.cast import NOW, Served, batch, trust
from tests.vectors.cast import TestKey
from tests.vectors.proving import LOG, log_key

NEW = TestKey("monitor: the log's next key")
NEW_KEY = log_key(NEW)


def changed(change: KeyChange, key: VerifierKey) -> bytes:
    return format_entry(
        KeyEntry(change=change, role=KeyRole.LOG, name=ORIGIN, slot=None, public_key=key.public_key, at=NOW)
    )


def knowing(*keys: VerifierKey) -> TrustBundle:
    bundle = trust()
    (log,) = bundle.logs
    return replace(bundle, logs=(replace(log, keys=keys),))


def grow(place: Served, *entries: bytes, signers: tuple[TestKey, ...]) -> None:
    """Append, and have the checkpoint signed by these keys."""
    place.log.append(entries)
    checkpoint = Checkpoint(origin=ORIGIN, size=len(place.log.entries), root=place.log.root())
    notes = [sign_checkpoint(checkpoint, signer) for signer in signers]
    note = replace(notes[0], signatures=tuple(line for one in notes for line in one.signatures))
    (place.log.folder / "checkpoint").write_bytes(format_note(note))


def look(place: Served, *keys: VerifierKey) -> Look:
    return place.monitor(trusting=knowing(*keys)).look(NOW)


def found(look: Look) -> list[tuple[str, int | None]]:
    return [(finding.alarm.value, finding.index) for finding in look.findings]


def test_a_monitor_follows_over_a_rotation(place: Served) -> None:
    grow(place, changed(KeyChange.ADDED, LOG_KEY), batch(1), signers=(LOG,))
    assert found(look(place, LOG_KEY)) == []
    grow(place, changed(KeyChange.ADDED, NEW_KEY), signers=(NEW, LOG))
    assert found(look(place, LOG_KEY)) == [("KEY_UNEXPECTED", 2)], "until the bundle names it"
    assert found(look(place, NEW_KEY, LOG_KEY)) == []
    grow(place, changed(KeyChange.RETIRED, LOG_KEY), batch(2), signers=(NEW,))
    after = look(place, NEW_KEY, LOG_KEY)
    assert (found(after), after.size) == ([], 5)


def test_a_key_of_the_log_that_nobody_told_of_is_an_alarm(place: Served) -> None:
    grow(place, changed(KeyChange.ADDED, LOG_KEY), signers=(LOG,))
    grow(place, changed(KeyChange.ADDED, NEW_KEY), signers=(NEW,))
    assert found(look(place, LOG_KEY)) == [("CHECKPOINT_INVALID", None)]


def test_a_key_that_the_log_itself_has_ended_signs_no_more(place: Served) -> None:
    grow(place, changed(KeyChange.ADDED, LOG_KEY), changed(KeyChange.ADDED, NEW_KEY), signers=(NEW, LOG))
    grow(place, changed(KeyChange.REVOKED, LOG_KEY), signers=(NEW, LOG))
    assert found(look(place, NEW_KEY, LOG_KEY)) == []
    grow(place, batch(1), signers=(LOG,))
    after = look(place, NEW_KEY, LOG_KEY)
    assert found(after) == [("CHECKPOINT_INVALID", None)]
    assert "entry 2" in after.findings[0].problem
    assert after.exit_status == 3
