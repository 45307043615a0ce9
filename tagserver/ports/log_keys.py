"""The log's own keys, as its entries tell of them: an entry for each that was added, retired or revoked.

The newest signs checkpoints. A former one signs beside it until it is retired, so that whoever knows only that one
(a verifier with an older trust bundle, a witness) goes on believing the log meanwhile.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from tagcore.checkpoint import Checkpoint, open_checkpoint
from tagcore.entries import EntryKind, KeyChange, KeyEntry, KeyRole, parse_entry
from tagcore.errors import ProofError
from tagcore.keys import KeyStatus
from tagcore.note import ED25519, Note, VerifierKey, parse_note
from tagserver.ports.log import LogBook, LogState, StoredCheckpoint

_STATUS = {KeyChange.RETIRED: KeyStatus.RETIRED, KeyChange.REVOKED: KeyStatus.REVOKED}


@dataclass(frozen=True, slots=True, kw_only=True)
class LogKey:
    """A key of the log. ACTIVE ones sign; RETIRED ones are believed for what they signed; REVOKED ones are not."""

    key: VerifierKey
    status: KeyStatus

    @property
    def is_believed(self) -> bool:
        """Whether verifiers are told of it."""
        return self.status is not KeyStatus.REVOKED


def verifier_key(origin: str, public_key: bytes) -> VerifierKey:
    """A log's key as verifiers know it."""
    return VerifierKey(name=origin, algorithm=ED25519, public_key=public_key)


def log_keys(book: LogBook, state: LogState) -> tuple[LogKey, ...]:
    """All keys that the log has or had, the newest first. A key that was revoked stays so."""
    found: dict[bytes, KeyStatus] = {}
    for row in book.of_kind(EntryKind.KEY):
        entry = parse_entry(row.data)
        if not isinstance(entry, KeyEntry) or (entry.role, entry.name) != (KeyRole.LOG, state.origin):
            continue
        if entry.change is KeyChange.ADDED:
            found.setdefault(entry.public_key, KeyStatus.ACTIVE)
        elif found.get(entry.public_key, KeyStatus.REVOKED) is not KeyStatus.REVOKED:
            found[entry.public_key] = _STATUS[entry.change]
    found.setdefault(state.public_key, KeyStatus.ACTIVE)
    return tuple(
        LogKey(key=verifier_key(state.origin, public_key), status=status)
        for public_key, status in reversed(found.items())
    )


def is_believed(book: LogBook, state: LogState, checkpoint: StoredCheckpoint) -> bool:
    """Whether verifiers believe what signed this checkpoint: a key that is not revoked."""
    signatures = parse_note(checkpoint.note).signatures
    newest = verifier_key(state.origin, state.public_key)
    if any(line.claims(newest) for line in signatures):
        return True
    believed = [one.key for one in log_keys(book, state) if one.is_believed]
    return any(line.claims(key) for line in signatures for key in believed)


def open_with_any(data: bytes, keys: Iterable[VerifierKey]) -> tuple[Checkpoint, Note]:
    """The checkpoint in a note that one of these keys signed. Raises: ProofError, ValueError without a key."""
    problem: ProofError | None = None
    for key in keys:
        try:
            return open_checkpoint(data, key)
        except ProofError as error:
            problem = error
    if problem is None:
        raise ValueError("no key is given")
    raise problem
