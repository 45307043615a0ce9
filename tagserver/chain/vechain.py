"""Anchors on VeChainThor: one wei to oneself, with the commitment as data.

There is no account nonce, so an attempt cannot be replaced. It is good for a few blocks only; a new one is signed
when the chain's finality has passed the last of them, and the former can never be included any more.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import TypeVar

from tagserver.chain.agreement import ask_all, sighting_of, weakest
from tagserver.chain.secp256k1 import address_of
from tagserver.chain.sending import confirmed_by_all, refuse_lagging, send_to_all
from tagserver.chain.vechain_node import ThorBlock, ThorNode
from tagserver.chain.vechain_transaction import (
    Clause,
    DynamicFee,
    LegacyFee,
    Transaction,
    format_transaction,
    intrinsic_gas,
    parse_transaction,
    signing_hash,
    transaction_id,
)
from tagserver.ports import AnchorCode, AnchorError, ChainKey, Clock
from tagserver.ports.anchors import Confirmation, Health, Observation, Sighting, SignedAnchor

Said = TypeVar("Said")

NAME = "vechain"

LEGACY_GAS_PRICE = 10**15
"""Wei a unit of gas, on networks without dynamic fees: thor's `InitialBaseGasPrice`."""

HEADROOM = 2
"""The most that is paid is twice the base fee: it may rise by an eighth a block, so that lasts for six full ones."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Network:
    """Which chain is meant. `genesis` is the id of its block 0, 0x and 64 hex digits."""

    genesis: str
    expiration_blocks: int
    max_lag: timedelta

    @property
    def chain_tag(self) -> int:
        """The last byte of the genesis id."""
        return int(self.genesis[-2:], 16)


class VeChain:
    """Implements `tagserver.ports.anchors.AnchorBackend`."""

    def __init__(
        self,
        nodes: tuple[ThorNode, ...],
        network: Network,
        *,
        key: Callable[[], ChainKey],
        clock: Clock,
        random_bytes: Callable[[int], bytes],
    ) -> None:
        self._nodes = nodes
        self._network = network
        self._key = key
        self._clock = clock
        self._random_bytes = random_bytes

    @property
    def name(self) -> str:
        """As in receipts."""
        return NAME

    @property
    def replace_after(self) -> timedelta | None:
        """Never: see above."""
        return None

    def health(self) -> Health:
        """Raises AnchorError NODE_UNAVAILABLE, WRONG_NETWORK, NODE_LAGGING."""
        address = _hex(address_of(self._key().public_key))
        balances = self._ask(lambda node: self._balance(node, address))
        return Health(key=address, balance=min(balances))

    def sign(
        self, commitment: bytes, *, replacing: tuple[SignedAnchor, ...], after: SignedAnchor | None
    ) -> SignedAnchor:
        """Raises AnchorError NODE_UNAVAILABLE, WRONG_NETWORK, NODE_LAGGING."""
        del replacing, after  # nothing that was signed before stands in the way
        best, priority = self._ask(self._market)[0]
        key = self._key()
        origin = address_of(key.public_key)
        clauses = (Clause(to=origin, value=1, data=commitment),)
        transaction = Transaction(
            chain_tag=self._network.chain_tag,
            block_ref=bytes.fromhex(best.block.id[2:18]),
            expiration=self._network.expiration_blocks,
            clauses=clauses,
            fee=LegacyFee(coefficient=0)
            if best.base_fee is None
            else DynamicFee(priority=priority, most=HEADROOM * best.base_fee + priority),
            gas=intrinsic_gas(clauses),
            nonce=int.from_bytes(self._random_bytes(8), "big"),
        )
        price = LEGACY_GAS_PRICE if isinstance(transaction.fee, LegacyFee) else transaction.fee.most
        return SignedAnchor(
            id=_hex(transaction_id(transaction, origin)),
            raw=format_transaction(transaction, key.sign_digest(signing_hash(transaction))),
            key=_hex(origin),
            fee_limit=transaction.gas * price,
            details={"last_block": transaction.last_block},
        )

    def submit(self, signed: SignedAnchor) -> Observation:
        """To every node. One that takes it is enough; that it is known already is no refusal."""
        return send_to_all(
            self._nodes,
            signed,
            backend=NAME,
            check=self._check_network,
            find=lambda node: node.raw_transaction(signed.id, pending=True),
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

    def find(self, address: str, *, first: int = 0, limit: int = 256) -> tuple[tuple[str, bytes], ...]:
        """Transactions by which `address` (0x…) paid itself, with their data: anchors that nobody told us of."""
        found = []
        ids = self._ask(lambda node: node.transfers_to_itself(address, first=first, limit=limit))[0]
        for tx_id in ids:
            try:
                transaction = parse_transaction(self._raw(tx_id)).transaction
            except ValueError:
                continue  # somebody's, but no anchor
            found.append((tx_id, transaction.clauses[0].data))
        return tuple(found)

    def _ask(self, question: Callable[[ThorNode], Said]) -> tuple[Said, ...]:
        return ask_all(self._nodes, question, backend=NAME)

    def _raw(self, tx_id: str) -> bytes:
        return self._ask(lambda node: node.raw_transaction(tx_id))[0] or b""

    def _check_network(self, node: ThorNode) -> None:
        genesis = node.settled_block(0).block.id
        if genesis != self._network.genesis:
            problem = f"got genesis {genesis}, want {self._network.genesis}, as pinned"
            raise AnchorError(AnchorCode.WRONG_NETWORK, NAME, problem)

    def _current(self, node: ThorNode) -> ThorBlock:
        """The node's best block, if it is the pinned network and keeps up with it."""
        self._check_network(node)
        best = node.settled_block("best")
        refuse_lagging(best.block.at, self._clock(), self._network.max_lag, backend=NAME)
        return best

    def _balance(self, node: ThorNode, address: str) -> int:
        self._current(node)
        return node.energy(address)

    def _market(self, node: ThorNode) -> tuple[ThorBlock, int]:
        best = self._current(node)
        return best, (0 if best.base_fee is None else node.priority_fee())

    def _observe_at(self, node: ThorNode, attempts: tuple[SignedAnchor, ...]) -> Observation:
        self._current(node)
        waiting: SignedAnchor | None = None
        for attempt in reversed(attempts):
            seen = self._look(node, attempt.id)
            if seen.block is not None:
                if node.raw_transaction(attempt.id) != attempt.raw:
                    problem = f"it has other bytes than ours for {attempt.id}"
                    raise AnchorError(AnchorCode.NODE_ANSWER, NAME, problem)
                if seen.sighting is Sighting.REVERTED and attempt is not attempts[-1]:
                    continue  # that is why the newest was signed, which may still be included
                return seen
            if node.raw_transaction(attempt.id, pending=True) is not None:
                waiting = waiting or attempt
        if waiting is not None:
            return Observation(sighting=Sighting.PENDING, id=waiting.id)
        final = node.settled_block("finalized").block.number
        if all(final > int(attempt.details["last_block"]) for attempt in attempts):
            return Observation(sighting=Sighting.EXPIRED)
        return Observation(sighting=Sighting.ABSENT)

    def _look(self, node: ThorNode, tx_id: str) -> Observation:
        """Receipt and block have to tell the same story; while a reorganisation is under way they may not."""
        absent = Observation(sighting=Sighting.ABSENT, id=tx_id)
        self._check_network(node)
        receipt = node.receipt(tx_id)
        if receipt is None:
            return absent
        found = node.settled_block(receipt.block_number)
        if found.block.id != receipt.block_id or not found.is_trunk:
            return absent
        if tx_id not in found.transactions:
            problem = f"block {found.block.number} does not list {tx_id}, of which it gave a receipt"
            raise AnchorError(AnchorCode.NODE_ANSWER, NAME, problem)
        is_final = found.is_final and node.settled_block("finalized").block.number >= found.block.number
        sighting = sighting_of(reverted=receipt.reverted, is_final=is_final)
        return Observation(sighting=sighting, id=tx_id, block=found.block, fee=receipt.fee, is_final=is_final)

    def _check_content(self, node: ThorNode, tx_id: str, commitment: bytes) -> str:
        """The sender; the id is computed anew from the bytes, so they are what the block's id list names."""
        raw = node.raw_transaction(tx_id)
        try:
            found = parse_transaction(raw or b"")
        except ValueError as error:
            raise AnchorError(AnchorCode.MISMATCH, NAME, f"{tx_id}: {error}") from None
        if _hex(found.id) != tx_id:
            raise AnchorError(AnchorCode.NODE_ANSWER, NAME, f"it has the bytes of another for {tx_id}")
        if found.transaction.chain_tag != self._network.chain_tag:
            raise AnchorError(AnchorCode.MISMATCH, NAME, f"{tx_id} is for another chain")
        if commitment not in [clause.data for clause in found.transaction.clauses]:
            raise AnchorError(AnchorCode.MISMATCH, NAME, f"{tx_id} does not carry this commitment")
        return _hex(found.origin)


def _hex(data: bytes) -> str:
    return f"0x{data.hex()}"
