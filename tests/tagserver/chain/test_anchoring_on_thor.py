"""Anchoring on a real `thor solo`: the way of a transaction, and everything that may happen to it.

Solo's finality is made up (360 blocks behind), so what is final there proves nothing but that we ask for it; the test
with three validators shows the real one.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from tagserver.chain.vechain import VeChain
from tagserver.chain.vechain_transaction import (
    Clause,
    LegacyFee,
    Transaction,
    format_transaction,
    intrinsic_gas,
    parse_transaction,
    signing_hash,
)
from tagserver.keystore.chain_key import OpenedChainKey
from tagserver.ports import AnchorCode, AnchorError, KeyId, Store
from tagserver.ports.anchors import AnchorState, Sighting
from tagserver.services.anchor_plan import Limits
from tests.chains import SOLO_KEY, Node, ask, running_solo
from tests.proxy import Proxy, proxied
from tests.tagserver.chain.cast import (
    Clock,
    Office,
    address,
    commitment,
    new_key,
    unique_commitment,
    vechain,
)

RICH = OpenedChainKey(KeyId("solo"), SOLO_KEY)


@pytest.fixture
def proxy(solo: Node) -> Iterator[Proxy]:
    with proxied(solo.port) as found:
        yield found


@pytest.fixture
def office(store: Store, solo: Node, proxy: Proxy) -> Office:
    """At thor, behind a proxy that passes everything on until a test says otherwise."""
    clock = Clock()
    return Office(store=store, backends=(vechain(solo, proxy.url, clock=clock),), clock=clock)


def legacy(node: Node, data: bytes, *, value: int = 1, to: str = "", gas: int = 0) -> str:
    """Send a transaction of the older kind with solo's rich key; its id."""
    best = ask(f"{node.url}/blocks/best")
    assert isinstance(best, dict)
    clauses = (Clause(to=bytes.fromhex((to or address(RICH))[2:]), value=value, data=data),)
    transaction = Transaction(
        chain_tag=int(node.genesis[-2:], 16),
        block_ref=bytes.fromhex(best["id"][2:18]),
        expiration=720,
        clauses=clauses,
        fee=LegacyFee(coefficient=0),
        gas=gas or intrinsic_gas(clauses),
        nonce=int.from_bytes(os.urandom(8), "big"),
    )
    raw = format_transaction(transaction, RICH.sign_digest(signing_hash(transaction)))
    answer = ask(f"{node.url}/transactions", {"raw": f"0x{raw.hex()}"})
    assert isinstance(answer, dict)
    assert answer["id"] == f"0x{parse_transaction(raw).id.hex()}"
    return str(answer["id"])


def mine(node: Node, blocks: int) -> None:
    """On demand, solo makes a block for a transaction."""
    for _ in range(blocks):
        legacy(node, b"")


def sent(proxy: Proxy) -> list[str]:
    return [json.loads(body)["raw"] for path, body in proxy.requests if path == "/transactions"]


def test_a_checkpoint_is_included_and_confirmed_by_the_chain(office: Office) -> None:
    office.log.grow(7)
    office.run()
    office.run()
    anchor = office.anchor(7)
    assert anchor.state is AnchorState.INCLUDED
    assert anchor.observation is not None
    assert anchor.observation.block is not None
    assert anchor.observation.fee > 0
    confirmation = office.anchoring.confirm(anchor)
    assert confirmation.block == anchor.observation.block
    assert (confirmation.is_final, confirmation.sender) == (False, address(RICH))
    assert office.status.alarm == ""


def test_thor_agrees_with_id_type_gas_and_content(office: Office, solo: Node) -> None:
    office.log.grow(8)
    office.run()
    office.run()
    signed = office.anchor(8).attempts[0].signed
    found = ask(f"{solo.url}/transactions/{signed.id}")
    receipt = ask(f"{solo.url}/transactions/{signed.id}/receipt")
    assert isinstance(found, dict)
    assert isinstance(receipt, dict)
    assert (found["type"], found["origin"], found["chainTag"]) == (
        0x51,
        address(RICH),
        int(solo.genesis[-2:], 16),
    )
    assert found["clauses"] == [{"to": address(RICH), "value": "0x1", "data": f"0x{commitment(8).hex()}"}]
    assert receipt["gasUsed"] == found["gas"]  # not a unit more was asked for than needed
    assert int(receipt["paid"], 16) <= signed.fee_limit


def test_a_legacy_transaction_is_taken_too_and_confirmed(solo: Node) -> None:
    data = unique_commitment()
    tx_id = legacy(solo, data)
    assert vechain(solo).confirm(data, tx_id=tx_id, evidence=b"").id == tx_id


def test_node_down_anchoring_waits_and_goes_on_when_it_is_back(office: Office, proxy: Proxy) -> None:
    proxy.is_down = True
    office.log.grow(1)
    office.run()
    assert office.status.alarm == AnchorCode.NODE_UNAVAILABLE
    proxy.is_down = False
    office.run()
    assert office.anchor(1).state is AnchorState.SUBMITTED
    assert office.status.alarm == ""


def test_timeout_after_send_the_transaction_is_looked_up_not_signed_again(
    office: Office, proxy: Proxy
) -> None:
    proxy.loses_answer = lambda path, _: path == "/transactions" or bool(sent(proxy))
    office.log.grow(2)
    office.run()
    assert office.anchor(2).state is AnchorState.SIGNED
    assert office.status.alarm == AnchorCode.NODE_UNAVAILABLE
    proxy.loses_answer = lambda _, __: False
    office.run()
    anchor = office.anchor(2)
    assert (anchor.state, len(anchor.attempts)) == (AnchorState.INCLUDED, 1)
    assert len(sent(proxy)) == 1


def test_known_tx_bytes_that_the_chain_has_already_may_be_sent_again(office: Office, solo: Node) -> None:
    office.log.grow(3)
    office.run()
    signed = office.anchor(3).attempts[0].signed
    assert office.backends[0].submit(signed).sighting is Sighting.PENDING
    assert office.backends[0].observe((signed,)).sighting is Sighting.INCLUDED


def test_crash_between_store_and_send_the_stored_bytes_are_sent(office: Office, proxy: Proxy) -> None:
    proxy.keeps = lambda path, _: path == "/transactions"
    office.log.grow(4)
    office.run()
    before = office.anchor(4)
    assert (before.state, len(before.attempts)) == (AnchorState.SIGNED, 1)
    proxy.keeps = lambda _, __: False
    office.run("worker-2")
    after = office.anchor(4)
    assert after.attempts[0].signed == before.attempts[0].signed
    assert after.state is AnchorState.SUBMITTED


def test_wrong_network_nothing_is_signed_for_another_genesis(store: Store, solo: Node) -> None:
    office = Office(store=store, backends=(vechain(solo, genesis=f"0x{'1' * 64}"),))
    office.log.grow(1)
    office.run()
    assert office.status.alarm == AnchorCode.WRONG_NETWORK
    assert office.anchoring.latest() == ()


def test_lagging_node_is_not_believed(store: Store, solo: Node) -> None:
    clock = Clock()
    office = Office(
        store=store, backends=(vechain(solo, clock=clock, max_lag=timedelta(minutes=10)),), clock=clock
    )
    mine(solo, 1)
    office.log.grow(1)
    office.run()
    assert office.anchor(1).state is AnchorState.SUBMITTED
    clock.ahead = timedelta(days=2)
    office.run()
    assert office.status.alarm == AnchorCode.NODE_LAGGING
    assert office.anchor(1).state is AnchorState.SUBMITTED


@pytest.mark.parametrize(
    ("path", "old", "new"),
    [
        ("/receipt", b'"txID":"0x', b'"txID":"0y'),
        ("/blocks/", b'"number":', b'"number":1'),
        ("/blocks/", b'"transactions":["0x', b'"transactions":["0y'),
        ("raw=true", b'"raw":"0x51', b'"raw":"0x52'),
    ],
    ids=["another receipt", "another number", "another list", "other bytes"],
)
def test_lying_node_a_story_that_contradicts_itself_is_refused(
    office: Office, proxy: Proxy, path: str, old: bytes, new: bytes
) -> None:
    office.log.grow(5)
    office.run()
    proxy.change = lambda asked, _, answer: answer.replace(old, new) if path in asked else answer
    office.run()
    assert office.anchor(5).state is AnchorState.SUBMITTED
    assert office.status.alarm == AnchorCode.NODE_ANSWER


def test_lying_node_one_of_two_cannot_make_a_block_final(store: Store, solo: Node, proxy: Proxy) -> None:
    def hasten(path: str, _: bytes, answer: bytes) -> bytes:
        if path == "/blocks/finalized":
            answer = proxy.pass_on("GET", "/blocks/best", b"", "application/json")[2]
        return answer.replace(b'"isFinalized":false', b'"isFinalized":true')

    proxy.change = hasten
    office = Office(store=store, backends=(vechain(solo, solo.url, proxy.url),))
    office.log.grow(6)
    office.run()
    office.run()
    signed = (office.anchor(6).attempts[0].signed,)
    assert vechain(solo, proxy.url).observe(signed).sighting is Sighting.FINALIZED
    assert office.anchor(6).state is AnchorState.INCLUDED


def test_lying_node_a_receipt_for_another_commitment_is_not_confirmed(office: Office, solo: Node) -> None:
    tx_id = legacy(solo, commitment(1))
    with pytest.raises(AnchorError) as caught:
        office.backends[0].confirm(commitment(2), tx_id=tx_id, evidence=b"")
    assert caught.value.code is AnchorCode.MISMATCH


def test_reorg_an_anchor_whose_receipt_is_gone_is_submitted_again(office: Office, proxy: Proxy) -> None:
    """Solo has no forks: the proxy keeps the receipt back, as after one. The validators' test has a real fork."""
    office.log.grow(9)
    office.run()
    office.run()
    assert office.anchor(9).state is AnchorState.INCLUDED
    proxy.change = lambda path, _, answer: b"null" if path.endswith("/receipt") else answer
    proxy.requests.clear()
    office.run()
    assert office.anchor(9).state is AnchorState.SUBMITTED
    assert len(sent(proxy)) == 1
    proxy.change = lambda _, __, answer: answer
    office.run()
    assert (office.anchor(9).state, len(office.anchor(9).attempts)) == (AnchorState.INCLUDED, 1)


@pytest.mark.slow
def test_stuck_transaction_is_signed_anew_only_when_finality_has_passed_its_expiration(
    store: Store, tmp_path: Path
) -> None:
    with running_solo(tmp_path) as own, proxied(own.port) as proxy:
        proxy.keeps = lambda path, _: path == "/transactions"
        office = Office(store=store, backends=(vechain(own, proxy.url, expiration_blocks=4),))
        office.log.grow(1)
        office.run()
        mine(own, 100)
        office.run()
        assert (office.anchor(1).state, len(office.anchor(1).attempts)) == (AnchorState.SIGNED, 1)
        mine(own, 460)  # solo calls final what is 360 blocks behind its last checkpoint, one every 180
        proxy.keeps = lambda _, __: False
        office.run()
        office.run()
        anchor = office.anchor(1)
        assert (anchor.state, len(anchor.attempts)) == (AnchorState.INCLUDED, 2)
        assert anchor.observation is not None
        assert anchor.observation.id == anchor.attempts[1].signed.id
        assert anchor.attempts[0].signed.id != anchor.attempts[1].signed.id


def test_stalled_finality_raises_an_alarm_and_anchoring_goes_on(office: Office) -> None:
    office.log.grow(13)
    office.run()
    office.run()
    office.clock.ahead = timedelta(days=2)  # solo's own clock runs ahead
    office.log.grow(14)
    office.run()
    assert office.status.alarm == AnchorCode.FINALITY_STALLED
    assert office.anchor(13).state is AnchorState.INCLUDED
    assert office.anchor(14).state is AnchorState.SUBMITTED


def test_reverted_receipt_is_no_anchor(solo: Node, office: Office) -> None:
    """More wei than anybody has: the transaction is in a block and did nothing."""
    tx_id = legacy(solo, commitment(15), value=10**30)
    receipt = ask(f"{solo.url}/transactions/{tx_id}/receipt")
    assert isinstance(receipt, dict)
    assert receipt["reverted"] is True
    with pytest.raises(AnchorError, match="reverted") as caught:
        office.backends[0].confirm(commitment(15), tx_id=tx_id, evidence=b"")
    assert caught.value.code is AnchorCode.NOT_FOUND


def test_spend_ceiling_nothing_is_signed_beyond_it(office: Office) -> None:
    office.limits["vechain"] = Limits(spend_ceiling=1)
    office.log.grow(16)
    office.run()
    assert office.status.alarm == AnchorCode.SPEND_CEILING
    assert office.anchor(16).attempts == ()


def test_balance_alarm_is_raised_before_anchoring_stops(office: Office) -> None:
    office.limits["vechain"] = Limits(balance_alarm=10**40)
    office.log.grow(18)
    office.run()
    assert office.status.alarm == AnchorCode.BALANCE_LOW
    assert office.anchor(18).state is AnchorState.SUBMITTED


def test_empty_account_nothing_is_signed(store: Store, solo: Node) -> None:
    office = Office(store=store, backends=(vechain(solo, key=new_key()),))
    office.log.grow(1)
    office.run()
    assert office.status.alarm == AnchorCode.BALANCE_LOW
    assert office.anchor(1).attempts == ()


def test_anchors_are_found_by_address_without_any_record_of_ours(solo: Node, office: Office) -> None:
    office.log.grow(21)
    office.run()
    backend = office.backends[0]
    assert isinstance(backend, VeChain)
    found = dict(backend.find(address(RICH), limit=256))
    signed = office.anchor(21).attempts[0].signed
    assert found.get(signed.id) == commitment(21) or len(found) == 256


def test_a_restart_of_everything_loses_no_anchor(store: Store, tmp_path: Path) -> None:
    with running_solo(tmp_path) as own:
        port = own.port
        office = Office(store=store, backends=(vechain(own),))
        office.log.grow(1)
        office.run()
    with running_solo(tmp_path, port=port) as again:
        assert again.genesis == own.genesis
        office.backends = (vechain(again),)
        office.run("worker-2")
        anchor = office.anchor(1)
        assert (anchor.state, len(anchor.attempts)) == (AnchorState.INCLUDED, 1)
        assert office.anchoring.confirm(anchor).block is not None
