"""What several nodes say, weighed: no state is believed that only some of those asked report."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from tagserver.ports import AnchorCode, AnchorError
from tagserver.ports.anchors import Observation, Sighting

_ORDER = (
    Sighting.ABSENT,
    Sighting.PENDING,
    Sighting.REVERTED,
    Sighting.EXPIRED,
    Sighting.INCLUDED,
    Sighting.FINALIZED,
)
"""From the least claim to the largest."""

_UNANIMOUS = frozenset({Sighting.REVERTED, Sighting.EXPIRED})
"""What makes us sign again, which may cost twice: only when all say so."""

Node = TypeVar("Node")
Said = TypeVar("Said")


def sighting_of(*, reverted: bool, is_final: bool) -> Sighting:
    """What a receipt in a block of the chain amounts to."""
    if reverted:
        return Sighting.REVERTED
    return Sighting.FINALIZED if is_final else Sighting.INCLUDED


def ask_all(nodes: Sequence[Node], question: Callable[[Node], Said], *, backend: str) -> tuple[Said, ...]:
    """The answers of the nodes that answer. Any other error than an outage is told at once.

    Raises: AnchorError NODE_UNAVAILABLE when none does.
    """
    answers, outage = [], AnchorError(AnchorCode.NODE_UNAVAILABLE, backend, "no node is configured")
    for node in nodes:
        try:
            answers.append(question(node))
        except AnchorError as error:
            if error.code is not AnchorCode.NODE_UNAVAILABLE:
                raise
            outage = error
    if not answers:
        raise outage
    return tuple(answers)


def weakest(observations: Sequence[Observation], *, backend: str) -> Observation:
    """The one that claims least; nodes that put one transaction into different blocks have not settled it.

    Raises: AnchorError NODES_DISAGREE when two call different blocks final: one of them lies, or is another chain.
    """
    final = [seen for seen in observations if _is_settled(seen)]
    if len({(seen.sighting, seen.id, seen.block) for seen in final}) > 1:
        blocks = ", ".join(sorted({seen.block.id if seen.block else "none" for seen in final}))
        raise AnchorError(AnchorCode.NODES_DISAGREE, backend, f"nodes call different blocks final: {blocks}")
    least = min(observations, key=lambda seen: _ORDER.index(seen.sighting))
    if least.sighting in _UNANIMOUS and len({seen.sighting for seen in observations}) > 1:
        return Observation(sighting=Sighting.ABSENT, id=least.id)
    if least.block is not None and len({(seen.id, seen.block) for seen in observations}) > 1:
        return Observation(sighting=Sighting.PENDING, id=least.id)
    return least


def _is_settled(seen: Observation) -> bool:
    return seen.sighting is Sighting.FINALIZED or (seen.sighting is Sighting.REVERTED and seen.is_final)
