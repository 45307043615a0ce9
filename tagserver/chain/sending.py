"""What both kinds of chain do alike: send to every node, confirm by every node, believe none that lags behind."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Protocol, TypeVar

from tagserver.chain.agreement import ask_all, weakest
from tagserver.ports import AnchorCode, AnchorError
from tagserver.ports.anchors import Confirmation, Observation, Sighting, SignedAnchor


class Sender(Protocol):
    """A node of either kind."""

    def send(self, raw: bytes) -> str:
        """The id under which it was taken. Raises AnchorError."""
        ...


Node = TypeVar("Node", bound=Sender)


def send_to_all(
    nodes: Sequence[Node],
    signed: SignedAnchor,
    *,
    backend: str,
    check: Callable[[Node], None],
    find: Callable[[Node], bytes | None],
) -> Observation:
    """One that takes it is enough; that it is known already is no refusal.

    `check` raises for a node of another network; `find` gives the bytes that a node has under the id.
    Raises: AnchorError WRONG_NETWORK, or the last refusal when no node has it.
    """
    refusal: AnchorError | None = None
    taken = False
    for node in nodes:
        try:
            check(node)
            taken |= node.send(signed.raw) == signed.id
        except AnchorError as error:
            if error.code is AnchorCode.WRONG_NETWORK:
                raise
            # Whatever the words: what counts is whether the node has it now.
            taken |= _has(node, signed, find)
            refusal = error
    if not taken:
        raise refusal or AnchorError(AnchorCode.NODE_ANSWER, backend, "sent under another id")
    return Observation(sighting=Sighting.PENDING, id=signed.id)


def confirmed_by_all(
    nodes: Sequence[Node],
    tx_id: str,
    *,
    backend: str,
    look: Callable[[Node], Observation],
    sender: Callable[[Node], str],
) -> Confirmation:
    """What the nodes say of a transaction. `look` is where it is; `sender` checks what it carries and tells of whom.

    Raises: AnchorError NOT_FOUND when it is in no block, or did nothing there; as `look` and `sender`.
    """
    seen = weakest(ask_all(nodes, look, backend=backend), backend=backend)
    if seen.sighting not in {Sighting.INCLUDED, Sighting.FINALIZED} or seen.block is None:
        raise AnchorError(AnchorCode.NOT_FOUND, backend, f"{tx_id} is {seen.sighting}")
    origin = ask_all(nodes, sender, backend=backend)[0]
    is_final = seen.sighting is Sighting.FINALIZED
    return Confirmation(id=tx_id, at=seen.block.at, block=seen.block, is_final=is_final, sender=origin)


def refuse_lagging(newest: datetime, now: datetime, max_lag: timedelta, *, backend: str) -> None:
    """Raises: AnchorError NODE_LAGGING when a node's newest block is older than `max_lag`; 0 allows any age."""
    lag = now - newest
    if max_lag and lag > max_lag:
        problem = f"the newest block that it knows is {lag.total_seconds():,.0f} s old"
        raise AnchorError(AnchorCode.NODE_LAGGING, backend, problem)


def _has(node: Node, signed: SignedAnchor, find: Callable[[Node], bytes | None]) -> bool:
    try:
        return find(node) == signed.raw
    except AnchorError:
        return False
