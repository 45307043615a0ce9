"""Receipts of a chain, asked about at a real node: a receipt is a claim until the chain says the same."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from tagcore.errors import ProofError
from tagcore.log_trust import AnchorPolicy, PinnedChain
from tagcore.receipts import Backend, ChainReceipt, Inclusion
from tagserver.ports import AnchorCode, AnchorError
from tagserver.receipt_checks import ReceiptChecks
from tests.chains import Anvil, anvil
from tests.ports import free_port

__all__ = ["anvil"]

COMMITMENT = bytes(89)


def now() -> datetime:
    return datetime.now(UTC)


def receipt(genesis: str) -> ChainReceipt:
    return ChainReceipt(
        backend=Backend.EVM,
        network="anvil",
        genesis=bytes.fromhex(genesis[2:]),
        transaction=b"\x02" * 32,
        to=b"\x03" * 20,
        number=1,
        block=b"\x04" * 32,
        time=datetime(2026, 7, 1, tzinfo=UTC),
        state=Inclusion.FINALIZED,
    )


def policy(of: ChainReceipt) -> AnchorPolicy:
    return AnchorPolicy(
        threshold=1, chains=(PinnedChain(backend=Backend.EVM, network="anvil", genesis=of.genesis),)
    )


def test_without_a_node_it_stays_a_claim() -> None:
    claim = receipt("0x" + "05" * 32)
    assert ReceiptChecks(nodes={}, clock=now)(claim, COMMITMENT, policy(claim)) is None


def test_a_node_that_does_not_answer_says_nothing() -> None:
    claim = receipt("0x" + "05" * 32)
    nodes = {"anvil": f"http://127.0.0.1:{free_port()}"}
    with pytest.raises(AnchorError) as caught:
        ReceiptChecks(nodes=nodes, clock=now)._backend(claim)
    assert caught.value.code is AnchorCode.NODE_UNAVAILABLE
    assert ReceiptChecks(nodes=nodes, clock=now)(claim, COMMITMENT, policy(claim)) is None


def test_a_transaction_that_the_chain_does_not_have_is_refused(anvil: Anvil) -> None:
    claim = receipt(anvil.genesis)
    with pytest.raises(ProofError):
        ReceiptChecks(nodes={"anvil": anvil.url}, clock=now)(claim, COMMITMENT, policy(claim))


def test_a_node_of_another_network_is_the_watchers_own_mistake(anvil: Anvil) -> None:
    claim = replace(receipt(anvil.genesis), genesis=b"\x05" * 32)
    with pytest.raises(AnchorError) as caught:
        ReceiptChecks(nodes={"anvil": anvil.url}, clock=now)(claim, COMMITMENT, policy(claim))
    assert caught.value.code is AnchorCode.WRONG_NETWORK
