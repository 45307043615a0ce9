from __future__ import annotations

from datetime import UTC, datetime

import pytest

from tagserver.chain.agreement import ask_all, weakest
from tagserver.ports import AnchorCode, AnchorError
from tagserver.ports.anchors import Block, Observation, Sighting

AT = datetime(2026, 3, 1, tzinfo=UTC)
ONE = Block(number=1, id="0x1", at=AT)
OTHER = Block(number=1, id="0x2", at=AT)


def seen(sighting: Sighting, block: Block | None = None, *, is_final: bool = False) -> Observation:
    return Observation(sighting=sighting, id="0xa", block=block, is_final=is_final)


def weigh(*observations: Observation) -> Observation:
    return weakest(observations, backend="evm")


def test_the_least_claim_is_believed() -> None:
    assert weigh(seen(Sighting.FINALIZED, ONE), seen(Sighting.INCLUDED, ONE)).sighting is Sighting.INCLUDED
    assert weigh(seen(Sighting.INCLUDED, ONE), seen(Sighting.PENDING)).sighting is Sighting.PENDING
    assert weigh(seen(Sighting.PENDING), seen(Sighting.ABSENT)).sighting is Sighting.ABSENT


def test_two_blocks_for_one_transaction_settle_nothing() -> None:
    assert weigh(seen(Sighting.INCLUDED, ONE), seen(Sighting.INCLUDED, OTHER)) == seen(Sighting.PENDING)


def test_two_final_blocks_for_one_transaction_are_told() -> None:
    with pytest.raises(AnchorError) as caught:
        weigh(seen(Sighting.FINALIZED, ONE, is_final=True), seen(Sighting.FINALIZED, OTHER, is_final=True))
    assert caught.value.code is AnchorCode.NODES_DISAGREE


@pytest.mark.parametrize("sighting", [Sighting.EXPIRED, Sighting.REVERTED])
@pytest.mark.parametrize("other", [Sighting.ABSENT, Sighting.PENDING, Sighting.INCLUDED])
def test_what_makes_us_sign_again_has_to_be_said_by_all(sighting: Sighting, other: Sighting) -> None:
    block = ONE if other is Sighting.INCLUDED else None
    found = weigh(seen(sighting), seen(other, block)).sighting
    assert found in {Sighting.ABSENT, Sighting.PENDING}
    assert weigh(seen(sighting), seen(sighting)).sighting is sighting


def answer(node: str) -> str:
    if node == "down":
        raise AnchorError(AnchorCode.NODE_UNAVAILABLE, "evm", node)
    if node == "liar":
        raise AnchorError(AnchorCode.NODE_ANSWER, "evm", node)
    return node


def test_a_node_that_is_down_is_left_out() -> None:
    assert ask_all(("down", "up"), answer, backend="evm") == ("up",)


def test_all_nodes_down_is_an_outage() -> None:
    with pytest.raises(AnchorError) as caught:
        ask_all(("down", "down"), answer, backend="evm")
    assert caught.value.code is AnchorCode.NODE_UNAVAILABLE


def test_nonsense_of_one_node_is_told_though_others_make_sense() -> None:
    with pytest.raises(AnchorError) as caught:
        ask_all(("up", "liar"), answer, backend="evm")
    assert caught.value.code is AnchorCode.NODE_ANSWER


def test_no_node_is_an_outage() -> None:
    with pytest.raises(AnchorError, match="no node"):
        ask_all((), answer, backend="evm")
