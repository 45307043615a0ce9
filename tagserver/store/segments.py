"""Which range event is in force where: the newest one paints over the older ones."""

from __future__ import annotations

from collections.abc import Iterable

from tagcore.states import Standing
from tagserver.ports import RangeState, Segment


def visible_segments(
    first: int, last: int, newest_first: Iterable[RangeState], base: Standing
) -> tuple[Segment, ...]:
    """Indices `first` to `last` (both included) cut into runs with one standing each, in order.

    Stops reading `newest_first` as soon as every index is covered; what no range covers has the `base`
    standing.
    """
    bare = [(first, last)]
    segments: list[Segment] = []
    for event in newest_first:
        still_bare: list[tuple[int, int]] = []
        for start, stop in bare:
            low, high = max(start, event.first), min(stop, event.last)
            if low > high:
                still_bare.append((start, stop))
                continue
            segments.append(Segment(first=low, last=high, standing=event.change.to, seq=event.seq))
            still_bare.extend((a, b) for a, b in ((start, low - 1), (high + 1, stop)) if a <= b)
        bare = still_bare
        if not bare:
            break
    segments.extend(Segment(first=start, last=stop, standing=base, seq=0) for start, stop in bare)
    return tuple(sorted(segments, key=lambda segment: segment.first))
