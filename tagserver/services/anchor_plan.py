"""When a backend anchors, and within which means."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from tagcore.checkpoint import Checkpoint
from tagserver.ports.anchors import ON_CHAIN, Anchor, AnchorState

SPENDING_WINDOW = timedelta(days=1)

RENEW_AFTER = timedelta(hours=6)
"""How long an anchor that failed is left alone: each renewal may cost as many attempts again."""

UNDER_WAY = frozenset(set(AnchorState) - {AnchorState.FAILED} - ON_CHAIN)
"""While an anchor is, its backend begins no other: later checkpoints cover earlier ones, and nonces stay in order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What a backend may spend in a day, and the balance below which it raises an alarm; smallest units, 0 for none."""

    spend_ceiling: int = 0
    balance_alarm: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """How often a backend anchors, how long finality may take before that is an alarm, and what each may spend.

    `required` of the backends outside make a checkpoint anchored; the journal never counts.
    """

    interval: timedelta
    finality_alarm: timedelta
    required: int
    limits: Mapping[str, Limits] = field(default_factory=dict)


def is_due(
    plan: Plan,
    last: Anchor | None,
    newest: Checkpoint | None,
    unsettled: tuple[Anchor, ...],
    now: datetime,
    *,
    now_due: bool,
) -> bool:
    """Whether an anchor is to be begun: there is something new, the interval is over, nothing is in the way.

    Of a log that has not grown, the same checkpoint is begun anew when its anchor failed.
    """
    if newest is None or newest.size == 0:
        return False
    if last is not None and newest.size <= last.size:
        return last.state is AnchorState.FAILED and (now_due or now - last.changed_at >= RENEW_AFTER)
    if any(anchor.state in UNDER_WAY for anchor in unsettled):
        return False
    return now_due or last is None or now - last.created_at >= plan.interval


def conflict(last: Anchor | None, newest: Checkpoint | None) -> str | None:
    """What is wrong when the log is not the one that was anchored: two roots at one size, or entries gone."""
    if last is None or newest is None:
        return None
    if newest.size > last.size or (newest.size == last.size and newest.root == last.root):
        return None
    return f"anchored {last.root.hex()} at {last.size}, the log now says {newest.root.hex()} at {newest.size}"
