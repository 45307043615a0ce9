"""Whether what was published is the beginning of this log: the check before anything more is signed or written.

A database that was restored from an older backup would give other entries the places that strangers have seen taken.
So would a second database with the same log key. Both are found here, and neither can be put right by going on.
"""

from __future__ import annotations

from collections.abc import Iterable

from tagcore.checkpoint import Checkpoint
from tagcore.errors import ProofError
from tagcore.note import Note, VerifierKey
from tagserver.ports import LogBook, LogForkedError, LogState
from tagserver.ports.log_keys import log_keys, open_with_any


def published_checkpoint(keys: Iterable[VerifierKey], published: bytes) -> tuple[Checkpoint, Note]:
    """The checkpoint that was published. Raises LogForkedError when it is of none of the log's keys."""
    try:
        return open_with_any(published, keys)
    except ProofError as error:
        raise LogForkedError(f"the published checkpoint is not this log's: {error}") from error


def check_beginning(book: LogBook, state: LogState, published: bytes | None) -> int:
    """The published size, 0 for none, once it is known to be the beginning of this log. Raises LogForkedError.

    Files that are gone altogether are no fork: they follow from the database and are written again.
    """
    if published is None:
        return 0
    # Of any key that the log ever had: what is compared below is the root, with this database's own.
    checkpoint, _ = published_checkpoint((one.key for one in log_keys(book, state)), published)
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
