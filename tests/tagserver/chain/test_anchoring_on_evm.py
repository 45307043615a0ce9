"""Anchoring on a real anvil: the way of a transaction, and everything that may happen to it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta

import pytest

from tagserver.chain.evm_transaction import parse_transaction
from tagserver.keystore.chain_key import OpenedChainKey
from tagserver.ports import AnchorCode, AnchorError, Store
from tagserver.ports.anchors import AnchorState, Health, Sighting
from tagserver.services.anchor_plan import RENEW_AFTER, Limits
from tests.chains import Anvil, running_anvil
from tests.proxy import Proxy, proxied
from tests.tagserver.chain.cast import Clock, Office, address, checkpoint, commitment, evm, new_key


@pytest.fixture
def proxy(anvil: Anvil) -> Iterator[Proxy]:
    with proxied(anvil.port) as found:
        yield found


@pytest.fixture
def office(store: Store, anvil: Anvil, proxy: Proxy, paying_key: OpenedChainKey) -> Office:
    """At anvil, behind a proxy that passes everything on until a test says otherwise."""
    clock = Clock()
    return Office(store=store, backends=(evm(anvil, proxy.url, key=paying_key, clock=clock),), clock=clock)


@pytest.fixture
def manual(anvil: Anvil) -> Iterator[Anvil]:
    """Anvil mines only when told to, for as long as the test takes."""
    anvil.call("evm_setAutomine", False)
    yield anvil
    anvil.call("anvil_mine", "0x1")
    anvil.call("evm_setAutomine", True)


def run_later(office: Office, after: timedelta) -> None:
    """As a worker does it, which anchors what is due."""
    office.clock.ahead += after
    office.anchoring.run(owner="worker")


def methods(proxy: Proxy) -> list[str]:
    return [json.loads(body)["method"] for _, body in proxy.requests]


def sent(proxy: Proxy) -> list[str]:
    bodies = [json.loads(body) for _, body in proxy.requests]
    return [body["params"][0] for body in bodies if body["method"] == "eth_sendRawTransaction"]


def test_a_checkpoint_is_included_then_final_and_confirmed_by_the_chain(office: Office, anvil: Anvil) -> None:
    office.log.grow(7)
    office.run()
    assert office.anchor(7).state is AnchorState.SUBMITTED
    office.run()
    anchor = office.anchor(7)
    assert anchor.state is AnchorState.INCLUDED
    assert anchor.observation is not None
    assert anchor.observation.block is not None
    assert anchor.observation.fee > 0
    confirmation = office.anchoring.confirm(anchor)
    assert (confirmation.block, confirmation.is_final) == (anchor.observation.block, False)
    anvil.call("anvil_mine", "0x8")
    office.run()
    assert office.anchor(7).state is AnchorState.FINALIZED
    assert office.anchoring.confirm(anchor).is_final
    assert office.status.alarm == ""


def test_the_newest_final_anchor_is_listed_beside_the_newest_of_all(office: Office, anvil: Anvil) -> None:
    office.log.grow(21)
    office.run()
    office.run()
    anvil.call("anvil_mine", "0x8")
    office.run()
    office.log.grow(22)
    office.run()
    office.run()
    states = [office.anchor(size).state for size in (21, 22)]
    assert states == [AnchorState.FINALIZED, AnchorState.INCLUDED]
    assert [found.size for found in office.anchoring.listed()] == [22, 21]


def test_the_transaction_carries_the_commitment_and_one_wei_to_oneself(
    office: Office, anvil: Anvil, paying_key: OpenedChainKey
) -> None:
    office.log.grow(8)
    office.run()
    found = anvil.call("eth_getTransactionByHash", office.anchor(8).attempts[0].signed.id)
    assert isinstance(found, dict)
    assert bytes.fromhex(found["input"][2:]) == commitment(8)
    assert (found["from"], found["to"], found["value"]) == (address(paying_key), address(paying_key), "0x1")
    receipt = anvil.call("eth_getTransactionReceipt", found["hash"])
    assert isinstance(receipt, dict)
    assert receipt["gasUsed"] == found["gas"]  # not a unit more was asked for than needed


def test_node_down_anchoring_waits_and_goes_on_when_it_is_back(office: Office, proxy: Proxy) -> None:
    proxy.is_down = True
    office.log.grow(1)
    office.run()
    assert office.status.alarm == AnchorCode.NODE_UNAVAILABLE
    proxy.is_down = False
    office.run()
    assert office.anchor(1).state is AnchorState.SUBMITTED
    assert office.status.alarm == ""


def test_node_down_after_inclusion_the_state_stays_and_the_alarm_says_why(
    office: Office, proxy: Proxy
) -> None:
    office.log.grow(1)
    office.run()
    office.run()
    proxy.is_down = True
    office.run()
    assert office.anchor(1).state is AnchorState.INCLUDED
    assert office.status.alarm == AnchorCode.NODE_UNAVAILABLE


def test_timeout_after_send_the_transaction_is_looked_up_not_signed_again(
    office: Office, proxy: Proxy
) -> None:
    """The node takes the transaction; its answer, and every other, is lost."""
    proxy.loses_answer = lambda _, body: proxy_has_sent(proxy, body)
    office.log.grow(2)
    office.run()
    assert office.anchor(2).state is AnchorState.SIGNED
    assert office.status.alarm == AnchorCode.NODE_UNAVAILABLE
    proxy.loses_answer = lambda _, __: False
    office.run()
    anchor = office.anchor(2)
    assert (anchor.state, len(anchor.attempts)) == (AnchorState.INCLUDED, 1)
    assert len(sent(proxy)) == 1


def proxy_has_sent(proxy: Proxy, body: bytes) -> bool:
    return bool(sent(proxy)) or b"eth_sendRawTransaction" in body


def test_known_tx_a_refusal_of_bytes_that_the_node_has_is_no_refusal(
    office: Office, manual: Anvil, proxy: Proxy
) -> None:
    office.log.grow(3)
    office.run()
    signed = office.anchor(3).attempts[0].signed
    with pytest.raises(AssertionError, match="already"):
        manual.call("eth_sendRawTransaction", f"0x{signed.raw.hex()}")
    assert office.backends[0].submit(signed).sighting is Sighting.PENDING


def test_crash_between_store_and_send_the_stored_bytes_are_sent(office: Office, proxy: Proxy) -> None:
    """As if killed after the attempt was stored: the node never saw it, a new process finds it."""
    proxy.keeps = lambda _, asked: b"eth_sendRawTransaction" in asked
    office.log.grow(4)
    office.run()
    before = office.anchor(4)
    assert (before.state, len(before.attempts)) == (AnchorState.SIGNED, 1)
    proxy.keeps = lambda _, __: False
    office.run("worker-2")
    after = office.anchor(4)
    assert after.attempts[0].signed == before.attempts[0].signed
    assert after.state in {AnchorState.SUBMITTED, AnchorState.INCLUDED}


def test_wrong_network_nothing_is_signed_for_another_genesis(
    store: Store, anvil: Anvil, paying_key: OpenedChainKey
) -> None:
    office = Office(store=store, backends=(evm(anvil, key=paying_key, genesis=f"0x{'1' * 64}"),))
    office.log.grow(1)
    office.run()
    assert office.status.alarm == AnchorCode.WRONG_NETWORK
    with pytest.raises(Exception, match="no anchor"):
        office.anchor(1)


def test_wrong_network_nothing_is_sent_to_a_node_that_was_exchanged(
    office: Office, anvil: Anvil, paying_key: OpenedChainKey, proxy: Proxy
) -> None:
    office.log.grow(1)
    with running_anvil("--chain-id", "4242", "--timestamp", "1700000000") as other:
        other.give(address(paying_key))
        proxy.target = ("127.0.0.1", other.port)
        office.run()
        assert office.status.alarm == AnchorCode.WRONG_NETWORK
        assert sent(proxy) == []
        assert other.call("eth_getTransactionCount", address(paying_key), "latest") == "0x0"


def test_lagging_node_is_not_believed(office: Office, anvil: Anvil, paying_key: OpenedChainKey) -> None:
    clock = Clock()
    strict = evm(anvil, key=paying_key, clock=clock, max_lag=timedelta(minutes=10))
    office.backends = (strict,)
    office.log.grow(1)
    anvil.call("anvil_mine", "0x1")
    office.run()
    office.run()
    assert office.anchor(1).state is AnchorState.INCLUDED
    clock.ahead = timedelta(hours=1)
    office.run()
    assert office.status.alarm == AnchorCode.NODE_LAGGING
    assert office.anchor(1).state is AnchorState.INCLUDED


@pytest.mark.parametrize(
    ("method", "old", "new"),
    [
        ("eth_getTransactionReceipt", b'"transactionHash":"0x', b'"transactionHash":"0y'),
        ("eth_getBlockByNumber", b'"transactions":["0x', b'"transactions":["0y'),
        ("eth_getTransactionByHash", b'"value":"0x1"', b'"value":"0x2"'),
        ("eth_getTransactionByHash", b'"input":"0x6f', b'"input":"0x70'),
    ],
)
def test_lying_node_a_story_that_contradicts_itself_is_refused(
    office: Office, proxy: Proxy, method: str, old: bytes, new: bytes
) -> None:
    office.log.grow(5)
    office.run()
    proxy.change = lambda _, asked, answer: answer.replace(old, new) if method.encode() in asked else answer
    office.run()
    assert office.anchor(5).state is AnchorState.SUBMITTED
    assert office.status.alarm == AnchorCode.NODE_ANSWER


def test_lying_node_one_of_two_cannot_make_a_block_final(
    store: Store, anvil: Anvil, proxy: Proxy, paying_key: OpenedChainKey
) -> None:
    proxy.change = lambda _, asked, answer: (
        proxy.pass_on("POST", "", asked.replace(b"finalized", b"latest"), "application/json")[2]
        if b"finalized" in asked
        else answer
    )
    alone = evm(anvil, proxy.url, key=paying_key)
    both = evm(anvil, anvil.url, proxy.url, key=paying_key)
    office = Office(store=store, backends=(both,))
    office.log.grow(6)
    office.run()
    office.run()
    signed = (office.anchor(6).attempts[0].signed,)
    assert alone.observe(signed).sighting is Sighting.FINALIZED
    assert office.anchor(6).state is AnchorState.INCLUDED


def test_lying_node_two_final_blocks_for_one_transaction_raise_an_alarm(
    store: Store, anvil: Anvil, proxy: Proxy, paying_key: OpenedChainKey
) -> None:
    office = Office(store=store, backends=(evm(anvil, anvil.url, proxy.url, key=paying_key),))
    office.log.grow(6)
    office.run()
    office.run()
    block = office.anchor(6).observation
    assert block is not None
    assert block.block is not None
    honest = block.block.id.encode()
    proxy.change = lambda _, __, answer: answer.replace(honest, honest[:-4] + b"beef")
    anvil.call("anvil_mine", "0x8")
    office.run()
    assert office.status.alarm == AnchorCode.NODES_DISAGREE
    assert office.anchor(6).state is AnchorState.INCLUDED


def test_reorg_an_anchor_whose_block_is_gone_is_submitted_again_and_included_anew(
    store: Store, paying_key: OpenedChainKey
) -> None:
    with running_anvil() as own:
        own.give(address(paying_key))
        own.call("anvil_mine", "0x5")
        office = Office(store=store, backends=(evm(own, key=paying_key),))
        office.log.grow(1)
        office.run()
        office.run()
        before = office.anchor(1)
        assert before.state is AnchorState.INCLUDED
        own.call("evm_setAutomine", False)
        own.call("anvil_reorg", 1, [])  # another block in its place, without the transaction
        office.run()
        assert office.anchor(1).state is AnchorState.SUBMITTED
        assert office.anchor(1).observation is None
        own.call("anvil_mine", "0x1")
        office.run()
        office.run()
        after = office.anchor(1)
        assert after.state is AnchorState.INCLUDED
        assert before.observation is not None
        assert after.observation is not None
        assert after.observation.block != before.observation.block
        assert after.attempts[0].signed == before.attempts[0].signed


def test_dropped_transaction_is_sent_again_as_it_is(office: Office, manual: Anvil) -> None:
    office.log.grow(9)
    office.run()
    signed = office.anchor(9).attempts[0].signed
    manual.call("anvil_dropTransaction", signed.id)
    office.run()
    anchor = office.anchor(9)
    assert (anchor.state, len(anchor.attempts)) == (AnchorState.SUBMITTED, 1)
    assert manual.call("eth_getTransactionByHash", signed.id) is not None


def test_stuck_transaction_is_replaced_with_the_same_nonce_and_both_fees_up(
    office: Office, manual: Anvil
) -> None:
    office.log.grow(10)
    office.run()
    office.clock.ahead = timedelta(minutes=6)
    office.run()
    anchor = office.anchor(10)
    first, second = (parse_transaction(attempt.signed.raw).transaction for attempt in anchor.attempts)
    assert anchor.state is AnchorState.SUBMITTED
    assert second.nonce == first.nonce
    assert second.max_fee >= first.max_fee * 1.1
    assert second.priority_fee >= first.priority_fee * 1.1
    manual.call("anvil_mine", "0x1")
    office.run()
    anchor = office.anchor(10)
    assert anchor.state is AnchorState.INCLUDED
    assert anchor.observation is not None
    assert anchor.observation.id == anchor.attempts[1].signed.id


def test_stuck_transaction_an_older_attempt_that_is_included_after_all_counts(
    office: Office, manual: Anvil, proxy: Proxy
) -> None:
    office.log.grow(11)
    office.run()
    office.clock.ahead = timedelta(minutes=6)
    proxy.keeps = lambda _, asked: b"eth_sendRawTransaction" in asked
    office.run()
    manual.call("anvil_mine", "0x1")
    office.run()
    anchor = office.anchor(11)
    assert anchor.state is AnchorState.INCLUDED
    assert anchor.observation is not None
    assert anchor.observation.id == anchor.attempts[0].signed.id
    assert len(anchor.attempts) == 2


def test_stuck_transaction_whose_nonce_another_took_is_signed_anew(
    office: Office, manual: Anvil, paying_key: OpenedChainKey
) -> None:
    """The key was used elsewhere: none of our transactions of that nonce can ever be included."""
    office.log.grow(12)
    office.run()
    manual.call("anvil_dropTransaction", office.anchor(12).attempts[0].signed.id)
    other = evm(manual, key=paying_key).sign(commitment(99), replacing=(), after=None)
    manual.call("eth_sendRawTransaction", f"0x{other.raw.hex()}")
    manual.call("anvil_mine", "0x8")
    office.run()
    anchor = office.anchor(12)
    assert (anchor.state, len(anchor.attempts)) == (AnchorState.SUBMITTED, 2)
    nonces = [attempt.signed.details["nonce"] for attempt in anchor.attempts]
    assert nonces == [0, 1]


def test_stalled_finality_raises_an_alarm_and_anchoring_goes_on(office: Office) -> None:
    office.log.grow(13)
    office.run()
    office.run()
    office.clock.ahead = timedelta(hours=4)
    office.log.grow(14)
    office.run()
    assert office.status.alarm == AnchorCode.FINALITY_STALLED
    assert office.anchor(13).state is AnchorState.INCLUDED
    assert office.anchor(14).state is AnchorState.SUBMITTED


def test_reverted_receipt_is_no_anchor_and_is_tried_again_when_the_revert_is_final(
    office: Office, anvil: Anvil, paying_key: OpenedChainKey
) -> None:
    """An account with code that refuses payment, as an operator may have made of it (EIP-7702)."""
    anvil.call("anvil_setCode", address(paying_key), "0x60006000fd")
    signed = office.backends[0].sign(commitment(15), replacing=(), after=None)
    raised_gas = parse_transaction(signed.raw).transaction
    assert raised_gas.gas > 21_000
    office.log.grow(15)
    office.run()
    office.run()
    anchor = office.anchor(15)
    assert (anchor.state, len(anchor.attempts)) == (AnchorState.REVERTED, 1)
    anvil.call("anvil_setCode", address(paying_key), "0x")
    office.run()
    assert office.anchor(15).state is AnchorState.REVERTED  # the block may still be replaced
    anvil.call("anvil_mine", "0x8")
    office.run()
    office.run()
    anchor = office.anchor(15)
    assert (anchor.state, len(anchor.attempts)) == (AnchorState.INCLUDED, 2)


def test_after_a_final_revert_one_new_attempt_is_waited_for_not_another_signed(
    office: Office, manual: Anvil, paying_key: OpenedChainKey
) -> None:
    manual.call("anvil_setCode", address(paying_key), "0x60006000fd")
    office.log.grow(19)
    office.run()
    manual.call("anvil_mine", "0x8")
    manual.call("anvil_setCode", address(paying_key), "0x")
    for _ in range(3):
        office.run()
        anchor = office.anchor(19)
        assert (anchor.state, len(anchor.attempts)) == (AnchorState.SUBMITTED, 2)
    manual.call("anvil_mine", "0x1")
    office.run()
    assert (office.anchor(19).state, len(office.anchor(19).attempts)) == (AnchorState.INCLUDED, 2)


def test_an_anchor_that_failed_is_begun_anew_at_the_same_size(
    office: Office, anvil: Anvil, paying_key: OpenedChainKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tagserver.services.anchor_turn.MOST_ATTEMPTS", 1)
    anvil.call("anvil_setCode", address(paying_key), "0x60006000fd")
    office.log.grow(20)
    office.run()
    anvil.call("anvil_mine", "0x8")
    run_later(office, timedelta(minutes=1))
    anchor = office.anchor(20)
    assert (anchor.state, anchor.reason) == (AnchorState.FAILED, "1 attempts came to nothing")
    anvil.call("anvil_setCode", address(paying_key), "0x")
    run_later(office, timedelta(minutes=1))
    assert office.anchor(20).state is AnchorState.FAILED, "left alone for some hours"
    run_later(office, RENEW_AFTER)
    run_later(office, timedelta(minutes=1))
    anchor = office.anchor(20)
    assert (anchor.state, len(anchor.attempts)) == (AnchorState.INCLUDED, 2)
    assert office.anchoring.confirm(anchor).id == anchor.attempts[1].signed.id


def test_spend_ceiling_nothing_is_signed_beyond_it(office: Office) -> None:
    office.log.grow(16)
    office.run()
    office.run()
    spent = office.anchor(16)
    assert spent.observation is not None
    office.limits["evm"] = Limits(spend_ceiling=spent.observation.fee + 1)
    office.log.grow(17)
    office.run()
    assert office.status.alarm == AnchorCode.SPEND_CEILING
    assert (office.anchor(17).state, office.anchor(17).attempts) == (AnchorState.PREPARED, ())
    office.clock.ahead = timedelta(days=1, hours=1)
    office.limits["evm"] = Limits(spend_ceiling=10**18)
    office.run()
    assert office.anchor(17).state is AnchorState.SUBMITTED


def test_balance_alarm_is_raised_before_anchoring_stops(office: Office) -> None:
    office.limits["evm"] = Limits(balance_alarm=10**21)
    office.log.grow(18)
    office.run()
    assert office.status.alarm == AnchorCode.BALANCE_LOW
    assert office.anchor(18).state is AnchorState.SUBMITTED


def test_empty_account_nothing_is_signed(store: Store, anvil: Anvil) -> None:
    office = Office(store=store, backends=(evm(anvil, key=new_key()),))
    office.log.grow(1)
    office.run()
    assert office.status.alarm == AnchorCode.BALANCE_LOW
    assert office.anchor(1).attempts == ()


def test_lost_or_stolen_key_another_takes_over_and_old_anchors_stay_confirmed(
    office: Office, anvil: Anvil, paying_key: OpenedChainKey
) -> None:
    office.log.grow(19)
    office.run()
    office.run()
    other = new_key("chain-2")
    anvil.give(address(other))
    office.backends = (evm(anvil, key=other),)
    office.log.grow(20)
    office.run()
    office.run()
    old, new = office.anchor(19), office.anchor(20)
    assert new.state is AnchorState.INCLUDED
    assert office.anchoring.confirm(new).sender == address(other)
    assert office.anchoring.confirm(old).sender == address(paying_key)


def test_a_thief_with_the_key_can_anchor_another_root_but_not_make_it_ours(
    office: Office, anvil: Anvil, paying_key: OpenedChainKey
) -> None:
    thief = evm(anvil, key=paying_key)
    forged = thief.sign(commitment(999), replacing=(), after=None)
    thief.submit(forged)
    with pytest.raises(AnchorError) as caught:
        office.backends[0].confirm(commitment(21), tx_id=forged.id, evidence=b"")
    assert caught.value.code is AnchorCode.MISMATCH


def test_a_transaction_that_is_nowhere_is_not_confirmed(office: Office) -> None:
    with pytest.raises(AnchorError) as caught:
        office.backends[0].confirm(commitment(1), tx_id=f"0x{'a' * 64}", evidence=b"")
    assert caught.value.code is AnchorCode.NOT_FOUND


def test_a_log_with_another_root_at_an_anchored_size_stops_anchoring(office: Office) -> None:
    office.log.grow(22)
    office.run()
    office.log.grow(22, root=b"\7" * 32)
    office.run()
    assert office.status.alarm == AnchorCode.CONFLICT
    office.log.grow(21)
    office.run()
    assert office.status.alarm == AnchorCode.CONFLICT


def test_health_tells_address_and_balance(office: Office, paying_key: OpenedChainKey) -> None:
    assert office.backends[0].health() == Health(key=address(paying_key), balance=10**20)
    assert checkpoint(1).size == 1
