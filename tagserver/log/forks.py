"""Whether what was published is the beginning of this log: the check before anything more is signed or written.

A database that was restored from an older backup would give other entries the places that strangers have seen taken.
So would a second database with the same log key. Both are found here, and neither can be put right by going on.
"""

from __future__ import annotations

from tagcore.checkpoint import Checkpoint, open_checkpoint
from tagcore.errors import ProofError
from tagcore.note import ED25519, Note, VerifierKey
from tagserver.ports import LogBook, LogForkedError, LogState


def log_key(state: LogState) -> VerifierKey:
    """The log's key as verifiers know it."""
    return VerifierKey(name=state.origin, algorithm=ED25519, public_key=state.public_key)


def published_checkpoint(state: LogState, published: bytes) -> tuple[Checkpoint, Note]:
    """The checkpoint that was published. Raises LogForkedError when it is not of this log's key."""
    try:
        return open_checkpoint(published, log_key(state))
    except ProofError as error:
        raise LogForkedError(f"the published checkpoint is not this log's: {error}") from error


def check_beginning(book: LogBook, state: LogState, published: bytes | None) -> int:
    """The published size, 0 for none, once it is known to be the beginning of this log. Raises LogForkedError.

    Files that are gone altogether are no fork: they follow from the database and are written again.
    """
    if published is None:
        return 0
    checkpoint, _ = published_checkpoint(state, published)
    if checkpoint.size > state.size:
        raise LogForkedError(
            f"{checkpoint.size} entries are published and this database has {state.size}: "
            "it is older than what was published"
        )
    own = book.checkpoint(checkpoint.size)
    if own is None or own.root != checkpoint.root:
        raise LogForkedError(
            f"another root than this database's was published for the first {checkpoint.size} entries"
        )
    return checkpoint.size


def fork_of(book: LogBook, state: LogState, published: bytes | None) -> str | None:
    """Why the log must not go on, None when it may."""
    try:
        check_beginning(book, state, published)
    except LogForkedError as error:
        return error.problem
    return None
