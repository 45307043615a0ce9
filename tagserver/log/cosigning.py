"""Offering the newest published checkpoint to the witnesses, and keeping what they sign.

A witness's word alone never stops the log: anybody could then stop it. That a witness has seen another log than this is
told as its problem, loudly, and an operator looks.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import timedelta
from http import HTTPStatus

from tagcore.cosignature import verify_cosignature
from tagcore.errors import NoteError
from tagcore.note import Note, format_signature_line, parse_note, parse_verifier_key
from tagcore.witnessing import SIZE_MEDIA_TYPE, Submission, format_submission, parse_answer, parse_size
from tagserver.log.tree import TileTree
from tagserver.log.witness_client import Answer, Ask, WitnessUnreachableError
from tagserver.ports import Clock, Cosignature, Store, StoredCheckpoint, Witness

RETRY_AFTER = timedelta(seconds=30)
"""A witness that failed is left in peace for so long."""

DISAGREES = "DISAGREES"
"""How the problem of a witness begins that has seen another log under our name than this one."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Outcome:
    """What came of asking: the signature line, or the problem; `size` is what the witness has seen."""

    size: int
    line: str | None = None
    problem: str = ""


class Cosigner:
    """Asks one workspace's witnesses."""

    def __init__(self, *, store: Store, tree: TileTree, ask: Ask, clock: Clock) -> None:
        self._store = store
        self._tree = tree
        self._ask = ask
        self._clock = clock

    def offer(self) -> int:
        """Offer the newest published checkpoint to whoever has not signed it; how many signed it now."""
        now = self._clock()
        with self._store.read() as transaction:
            state = transaction.log.state()
            checkpoint = transaction.log.checkpoint(state.published) if state else None
            if checkpoint is None:
                return 0
            signed = {one.witness for one in transaction.witnesses.cosignatures(checkpoint.size)}
            asked = [
                witness
                for witness in transaction.witnesses.all()
                if witness.name not in signed and (witness.retry_at is None or witness.retry_at <= now)
            ]
        return sum(self._offer(witness, checkpoint) for witness in asked)

    def _offer(self, witness: Witness, checkpoint: StoredCheckpoint) -> int:
        outcome = self._ask_one(witness, checkpoint)
        now = self._clock()
        if outcome.problem:
            told = log.error if outcome.problem.startswith(DISAGREES) else log.warning
            told("witness %s: %s", witness.name, outcome.problem)
        with self._store.write() as transaction:
            transaction.witnesses.note(
                witness.name,
                size=outcome.size,
                retry_at=now + RETRY_AFTER if outcome.problem else None,
                problem=outcome.problem,
            )
            if outcome.line is None:
                return 0
            transaction.witnesses.cosign(
                Cosignature(size=checkpoint.size, witness=witness.name, line=outcome.line, at=now)
            )
        return 1

    def _ask_one(self, witness: Witness, checkpoint: StoredCheckpoint) -> _Outcome:
        """Ask from what the witness is thought to have seen; once more from what it says that it has seen."""
        old = min(witness.size, checkpoint.size)
        for _ in range(2):
            try:
                answer = self._ask(witness.url, self._submission(old, checkpoint))
            except WitnessUnreachableError as error:
                return _Outcome(size=witness.size, problem=f"no answer: {error}")
            seen = _size_told(answer)
            if seen is None:
                return _read_answer(answer, witness, checkpoint, old)
            if checkpoint.size < seen <= self._size():
                return _Outcome(
                    size=checkpoint.size
                )  # another process has offered a newer checkpoint meanwhile
            if seen > checkpoint.size or seen == old:
                return _Outcome(
                    size=min(seen, checkpoint.size),
                    problem=f"{DISAGREES}: it has seen another log of {seen} entries under this name",
                )
            old = seen
        return _Outcome(size=old, problem="it says each time that it has seen another size")

    def _size(self) -> int:
        with self._store.read() as transaction:
            state = transaction.log.state()
            return 0 if state is None else state.size

    def _submission(self, old: int, checkpoint: StoredCheckpoint) -> bytes:
        proof = self._tree.consistency(old, checkpoint.size)
        return format_submission(Submission(old_size=old, proof=proof, checkpoint=checkpoint.note))


def _size_told(answer: Answer) -> int | None:
    if answer.status != HTTPStatus.CONFLICT or answer.media_type != SIZE_MEDIA_TYPE:
        return None
    try:
        return parse_size(answer.body)
    except NoteError:
        return None


def _read_answer(answer: Answer, witness: Witness, checkpoint: StoredCheckpoint, old: int) -> _Outcome:
    match answer.status:
        case HTTPStatus.OK:
            return _signature(answer, witness, checkpoint, old)
        case HTTPStatus.CONFLICT | HTTPStatus.UNPROCESSABLE_ENTITY:
            problem = f"{DISAGREES}: it has seen another log under this name (status {answer.status})"
        case HTTPStatus.NOT_FOUND:
            problem = "it does not know this log: its operator has to add it"
        case HTTPStatus.FORBIDDEN:
            problem = "it knows this log by another key: its operator needs the new one"
        case _:
            problem = f"it answered with status {answer.status}"
    return _Outcome(size=old, problem=problem)


def _signature(answer: Answer, witness: Witness, checkpoint: StoredCheckpoint, old: int) -> _Outcome:
    """The witness's line, verified; lines of other keys are passed over."""
    note: Note = parse_note(checkpoint.note)
    key = parse_verifier_key(witness.vkey)
    try:
        for line in parse_answer(answer.body):
            if line.claims(key):
                verify_cosignature(note, line, key)
                return _Outcome(size=checkpoint.size, line=format_signature_line(line))
    except NoteError as error:
        return _Outcome(size=old, problem=f"its answer is wrong: {error}")
    return _Outcome(size=old, problem="its answer holds no signature of its key")
