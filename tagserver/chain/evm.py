"""Anchors on Ethereum-style chains: one wei to oneself, with the commitment as data.

Of each nonce a chain takes one transaction. So an attempt that waits too long is replaced by a dearer one with the
same nonce, and whichever is included is the anchor: all of their hashes are looked for.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import TypeVar

from tagserver.chain.agreement import ask_all, sighting_of, weakest
from tagserver.chain.evm_node import EvmBlock, EvmNode
from tagserver.chain.evm_transaction import (
    Transaction,
    format_transaction,
    needed_gas,
    parse_transaction,
    signing_hash,
)
from tagserver.chain.secp256k1 import address_of, keccak_256
from tagserver.chain.sending import confirmed_by_all, refuse_lagging, send_to_all
from tagserver.ports import AnchorCode, AnchorError, ChainKey, Clock
from tagserver.ports.anchors import Confirmation, Health, Observation, Sighting, SignedAnchor

Said = TypeVar("Said")

NAME = "evm"

HEADROOM = 2
"""The most that is paid is twice the base fee: it may rise by an eighth a block, so that lasts for six full ones."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Network:
    """Which chain is meant. `genesis` is the hash of its block 0; a chain id alone is nobody's property."""

    genesis: str
    chain_id: int
    max_lag: timedelta
    replace_after: timedelta


class Evm:
    """Implements `tagserver.ports.anchors.AnchorBackend`."""

    def __init__(
        self, nodes: tuple[EvmNode, ...], network: Network, *, key: Callable[[], ChainKey], clock: Clock
    ) -> None:
        self._nodes = nodes
        self._network = network
        self._key = key
        self._clock = clock

    @property
    def name(self) -> str:
        """As in receipts."""
        return NAME

    @property
    def replace_after(self) -> timedelta | None:
        """As configured."""
        return self._network.replace_after

    def health(self) -> Health:
        """Raises AnchorError NODE_UNAVAILABLE, WRONG_NETWORK, NODE_LAGGING."""
        address = _hex(address_of(self._key().public_key))
        balances = self._ask(lambda node: self._balance(node, address))
        return Health(key=address, balance=min(balances))

    def sign(
        self, commitment: bytes, *, replacing: tuple[SignedAnchor, ...], after: SignedAnchor | None
    ) -> SignedAnchor:
        """Raises AnchorError NODE_UNAVAILABLE, WRONG_NETWORK, NODE_LAGGING."""
        key = self._key()
        origin = address_of(key.public_key)
        address = _hex(origin)
        former = tuple(signed for signed in replacing if signed.key == address)
        if former:
            nonce = int(former[-1].details["nonce"])
        else:
            nonce = max(self._ask(lambda node: self._next_nonce(node, address)))
            if after is not None and after.key == address:
                nonce = max(nonce, int(after.details["nonce"]) + 1)
        base_fee, priority = self._ask(self._market)[0]
        max_fee = HEADROOM * base_fee + priority
        for signed in former:
            max_fee = max(max_fee, _dearer(int(signed.details["max_fee"])))
            priority = max(priority, _dearer(int(signed.details["priority_fee"])))
        transaction = Transaction(
            chain_id=self._network.chain_id,
            nonce=nonce,
            priority_fee=priority,
            max_fee=max(max_fee, priority),
            gas=needed_gas(commitment),
            to=origin,
            value=1,
            data=commitment,
        )
        raw = format_transaction(transaction, key.sign_digest(signing_hash(transaction)))
        return SignedAnchor(
            id=_hex(keccak_256(raw)),
            raw=raw,
            key=address,
            fee_limit=transaction.gas * transaction.max_fee,
            details={
                "nonce": nonce,
                "max_fee": str(transaction.max_fee),
                "priority_fee": str(transaction.priority_fee),
            },
        )

    def submit(self, signed: SignedAnchor) -> Observation:
        """To every node. One that takes it is enough; that it is known already is no refusal."""
        return send_to_all(
            self._nodes,
            signed,
            backend=NAME,
            check=self._check_network,
            find=lambda node: node.raw_transaction(signed.id),
        )

    def observe(self, attempts: tuple[SignedAnchor, ...]) -> Observation:
        """Raises AnchorError NODE_UNAVAILABLE, WRONG_NETWORK, NODE_LAGGING, NODE_ANSWER, NODES_DISAGREE."""
        return weakest(self._ask(lambda node: self._observe_at(node, attempts)), backend=NAME)

    def confirm(self, commitment: bytes, *, tx_id: str, evidence: bytes = b"") -> Confirmation:
        """Raises AnchorError as `observe`; NOT_FOUND, MISMATCH."""
        del evidence  # the chain is asked instead
        return confirmed_by_all(
            self._nodes,
            tx_id,
            backend=NAME,
            look=lambda node: self._look(node, tx_id),
            sender=lambda node: self._check_content(node, tx_id, commitment),
        )

    def _ask(self, question: Callable[[EvmNode], Said]) -> tuple[Said, ...]:
        return ask_all(self._nodes, question, backend=NAME)

    def _check_network(self, node: EvmNode) -> None:
        genesis, chain_id = node.settled_block(0).block.id, node.chain_id()
        if (genesis, chain_id) != (self._network.genesis, self._network.chain_id):
            want = f"{self._network.genesis} of chain {self._network.chain_id}"
            problem = f"got genesis {genesis} of chain {chain_id}, want {want}, as pinned"
            raise AnchorError(AnchorCode.WRONG_NETWORK, NAME, problem)

    def _current(self, node: EvmNode) -> EvmBlock:
        """The node's newest block, if it is the pinned network and keeps up with it."""
        self._check_network(node)
        best = node.settled_block("latest")
        refuse_lagging(best.block.at, self._clock(), self._network.max_lag, backend=NAME)
        return best

    def _balance(self, node: EvmNode, address: str) -> int:
        self._current(node)
        return node.balance(address)

    def _market(self, node: EvmNode) -> tuple[int, int]:
        return self._current(node).base_fee, node.priority_fee()

    def _next_nonce(self, node: EvmNode, address: str) -> int:
        self._current(node)
        return node.nonce(address, "latest")

    def _observe_at(self, node: EvmNode, attempts: tuple[SignedAnchor, ...]) -> Observation:
        self._current(node)
        waiting: SignedAnchor | None = None
        for attempt in reversed(attempts):
            seen = self._look(node, attempt.id)
            raw = node.raw_transaction(attempt.id)
            if raw is not None and raw != attempt.raw:
                problem = f"it has other bytes than ours for {attempt.id}"
                raise AnchorError(AnchorCode.NODE_ANSWER, NAME, problem)
            if seen.block is not None:
                if raw is None:
                    problem = f"it gave a receipt of {attempt.id}, which it does not have"
                    raise AnchorError(AnchorCode.NODE_ANSWER, NAME, problem)
                if seen.sighting is Sighting.REVERTED and not _has_nonce_of(attempt, attempts[-1]):
                    continue  # that is why the newest was signed, which may still be included
                return seen
            if raw is not None:
                waiting = waiting or attempt
        if waiting is not None:
            return Observation(sighting=Sighting.PENDING, id=waiting.id)
        if all(self._nonce_is_gone(node, attempt) for attempt in attempts):
            return Observation(sighting=Sighting.EXPIRED)
        return Observation(sighting=Sighting.ABSENT)

    def _nonce_is_gone(self, node: EvmNode, attempt: SignedAnchor) -> bool:
        """Whether another transaction took its nonce, in a block that stays."""
        return node.nonce(attempt.key, "finalized") > int(attempt.details["nonce"])

    def _look(self, node: EvmNode, tx_hash: str) -> Observation:
        """Receipt and block have to tell the same story; while a reorganisation is under way they may not."""
        absent = Observation(sighting=Sighting.ABSENT, id=tx_hash)
        self._check_network(node)
        receipt = node.receipt(tx_hash)
        if receipt is None:
            return absent
        found = node.block(receipt.block_number)
        if found is None or found.block.id != receipt.block_id:
            return absent
        if tx_hash not in found.transactions:
            problem = f"block {found.block.number} does not list {tx_hash}, of which it gave a receipt"
            raise AnchorError(AnchorCode.NODE_ANSWER, NAME, problem)
        final = node.block("finalized")
        is_final = final is not None and final.block.number >= found.block.number
        sighting = sighting_of(reverted=receipt.reverted, is_final=is_final)
        return Observation(
            sighting=sighting, id=tx_hash, block=found.block, fee=receipt.fee, is_final=is_final
        )

    def _check_content(self, node: EvmNode, tx_hash: str, commitment: bytes) -> str:
        """The sender; the hash is computed anew from the bytes, so they are what the block's list names."""
        raw = node.raw_transaction(tx_hash) or b""
        try:
            found = parse_transaction(raw)
        except ValueError as error:
            raise AnchorError(AnchorCode.MISMATCH, NAME, f"{tx_hash}: {error}") from None
        if _hex(found.hash) != tx_hash:
            raise AnchorError(AnchorCode.NODE_ANSWER, NAME, f"it has the fields of another for {tx_hash}")
        if found.transaction.chain_id != self._network.chain_id:
            raise AnchorError(AnchorCode.MISMATCH, NAME, f"{tx_hash} is for another chain")
        if found.transaction.data != commitment:
            raise AnchorError(AnchorCode.MISMATCH, NAME, f"{tx_hash} does not carry this commitment")
        return _hex(found.origin)


def _has_nonce_of(one: SignedAnchor, other: SignedAnchor) -> bool:
    """Then only one of them can ever be carried out."""
    return int(one.details["nonce"]) == int(other.details["nonce"])


def _dearer(fee: int) -> int:
    """A tenth more, rounded up, and a bit for nodes that want more than a tenth: else no node takes a replacement."""
    return fee + fee // 8 + 1


def _hex(data: bytes) -> str:
    return f"0x{data.hex()}"
