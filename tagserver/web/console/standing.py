"""Where a batch's units stand, run by run, as people count: from 1."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from tagcore.states import State
from tagserver.ports import Segment

SHOWN_RUNS = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """Units `first` to `last`, counted from 1, both included. `share` of the batch in thousandths, at least 1."""

    first: int
    last: int
    state: State
    share: int

    @property
    def count(self) -> int:
        """How many."""
        return self.last - self.first + 1


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchStanding:
    """The runs in order, `left_out` of them not shown, and how many units stand in each state."""

    runs: tuple[Run, ...]
    left_out: int
    totals: tuple[tuple[State, int], ...]

    @property
    def waits(self) -> int:
        """Units that are printed and not active."""
        return dict(self.totals).get(State.PRINTED, 0)


def standing_of(segments: Iterable[Segment], count: int) -> BatchStanding:
    """Neighbouring runs of one state become one. `count` is the batch's."""
    runs: list[Run] = []
    for segment in segments:
        first, state = segment.first + 1, segment.standing.state
        if runs and runs[-1].state is state:
            first = runs.pop().first
        last = segment.last + 1
        runs.append(
            Run(first=first, last=last, state=state, share=max(1, 1000 * (last - first + 1) // count))
        )
    totals: Counter[State] = Counter()
    for run in runs:
        totals[run.state] += run.count
    return BatchStanding(
        runs=tuple(runs[:SHOWN_RUNS]),
        left_out=max(0, len(runs) - SHOWN_RUNS),
        totals=tuple(totals.most_common()),
    )
