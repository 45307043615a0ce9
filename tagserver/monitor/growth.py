"""Whether a log only grew since it was last seen.

Every new entry is read and hashed onto the tree that is remembered; when that gives the root that the log signed,
nothing before was touched and nothing after is other than it was read. When it does not, the tiles tell why.
"""

from __future__ import annotations

from collections.abc import Callable

from tagcore.checkpoint import Checkpoint
from tagcore.errors import ProofError
from tagcore.frontier import Frontier
from tagcore.merkle import consistency_proof, leaf_hash, root_of_tree, verify_consistency
from tagserver.monitor.alarms import Alarm, Finding
from tagserver.monitor.tree import LogFiles, bundles_of, nodes_of

Reader = Callable[[int, bytes], None]
"""Takes an entry: its index and its bytes."""


class GrowthError(Exception):
    """The log did not grow from what was seen; `finding` says how."""

    def __init__(self, finding: Finding) -> None:
        super().__init__(finding.problem)
        self.finding = finding


def read_growth(
    files: LogFiles, start: Frontier, seen: Frontier, checkpoint: Checkpoint, take: Reader
) -> Frontier:
    """The tree of `checkpoint`, with each entry from `start` on given to `take`; `seen` is a prefix of it.

    `start` is `seen`, or the empty tree to read all of it again. Raises: GrowthError, LogUnreachableError.
    """
    try:
        again = _grown(files, start, seen.size, checkpoint.size, take)
        if again.root == seen.root:
            grown = _grown(files, again, checkpoint.size, checkpoint.size, take)
            if grown.root == checkpoint.root:
                return grown
    except ProofError as error:
        raise GrowthError(_explain(files, seen, checkpoint, str(error))) from error
    raise GrowthError(_explain(files, seen, checkpoint, "the entries do not give the signed root"))


def _grown(files: LogFiles, tree: Frontier, stop: int, size: int, take: Reader) -> Frontier:
    """`tree` with the entries up to `stop` - 1 of a log of `size` added."""
    for first, entries in bundles_of(files, tree.size, stop, size):
        for index, data in enumerate(entries, first):
            take(index, data)
        tree = tree.grown(map(leaf_hash, entries))
    return tree


def _explain(files: LogFiles, seen: Frontier, checkpoint: Checkpoint, problem: str) -> Finding:
    """Why the entries do not fit: the log's past was changed, or its files are not those of its tree."""
    read = nodes_of(files, checkpoint.size)
    try:
        if root_of_tree(checkpoint.size, read) != checkpoint.root:
            return Finding(alarm=Alarm.LOG_FILES_WRONG, problem=f"{problem}, and neither do the tiles")
        if seen.size:
            path = consistency_proof(seen.size, checkpoint.size, read)
            verify_consistency(seen.size, seen.root, checkpoint.size, checkpoint.root, path)
    except ProofError as error:
        return Finding(alarm=Alarm.LOG_FORKED, problem=f"what was seen before is not in it: {error}")
    return _first_wrong_entry(files, checkpoint, problem)


def _first_wrong_entry(files: LogFiles, checkpoint: Checkpoint, problem: str) -> Finding:
    read = nodes_of(files, checkpoint.size)
    try:
        for first, entries in bundles_of(files, 0, checkpoint.size, checkpoint.size):
            for index, data in enumerate(entries, first):
                if leaf_hash(data) != read(0, index, index + 1):
                    problem = f"entry {index} is another one than the log signed"
                    return Finding(alarm=Alarm.LOG_FILES_WRONG, problem=problem, index=index)
    except ProofError as error:
        problem = str(error)
    return Finding(alarm=Alarm.LOG_FILES_WRONG, problem=problem)
