"""Transactions of VeChainThor: legacy ones and dynamic-fee ones (type 0x51, VIP-251).

Its RLP is Ethereum's, its hash is BLAKE2b-256. There is no account nonce: an id is the hash of what was signed and
of who signed, and a transaction is good from the block it refers to for as many blocks as its expiration says.
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import blake2b
from typing import Any

import rlp

from tagserver.chain.secp256k1 import address_of, recover

DYNAMIC_FEE = 0x51
"""The type's byte. It is part of what is signed."""

GAS_OF_TRANSACTION = 5_000
GAS_OF_CLAUSE = 16_000
GAS_OF_ZERO_BYTE = 4
GAS_OF_BYTE = 68
"""thor v2.4.4, `thor/params.go` and `tx/transaction.go`: what a transaction costs before anything runs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Clause:
    """A transfer of `value` wei to `to` (20 bytes), with data."""

    to: bytes
    value: int
    data: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class LegacyFee:
    """Base gas price times 1 + `coefficient` / 255; `coefficient` is 0 to 255."""

    coefficient: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DynamicFee:
    """Wei a unit of gas: at most `most`, of which the block's signer gets at most `priority`."""

    priority: int
    most: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Transaction:
    """`chain_tag` is the last byte of the genesis id, `block_ref` the first 8 of a block's, which hold its number."""

    chain_tag: int
    block_ref: bytes
    expiration: int
    clauses: tuple[Clause, ...]
    fee: LegacyFee | DynamicFee
    gas: int
    nonce: int

    @property
    def last_block(self) -> int:
        """The last number at which it may be included."""
        return int.from_bytes(self.block_ref[:4], "big") + self.expiration


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedTransaction:
    """A transaction, its origin (20 bytes) and its id (32)."""

    transaction: Transaction
    origin: bytes
    id: bytes


def blake2b_256(*parts: bytes) -> bytes:
    """The hash of the parts, one after the other."""
    return blake2b(b"".join(parts), digest_size=32).digest()


def intrinsic_gas(clauses: tuple[Clause, ...]) -> int:
    """What plain transfers with data cost, all of it."""
    data = b"".join(clause.data for clause in clauses)
    zeros = data.count(0)
    of_data = zeros * GAS_OF_ZERO_BYTE + (len(data) - zeros) * GAS_OF_BYTE
    return GAS_OF_TRANSACTION + max(1, len(clauses)) * GAS_OF_CLAUSE + of_data


def signing_hash(transaction: Transaction) -> bytes:
    """What its origin signs."""
    return blake2b_256(_type_byte(transaction) + rlp.encode(_fields(transaction)))


def transaction_id(transaction: Transaction, origin: bytes) -> bytes:
    """The name under which nodes know it; the same for every signature of `origin`."""
    return blake2b_256(signing_hash(transaction), origin)


def format_transaction(transaction: Transaction, signature: bytes) -> bytes:
    """The bytes that a node takes; `signature` has 65."""
    return _type_byte(transaction) + bytes(rlp.encode([*_fields(transaction), signature]))


def parse_transaction(raw: bytes) -> SignedTransaction:
    """The reverse, with its origin recovered. Raises: ValueError for anything but one that we could have written.

    Dependencies, sponsors and contracts are such: an anchor has none of them.
    """
    is_dynamic = raw[:1] == bytes([DYNAMIC_FEE])
    try:
        fields = rlp.decode(raw[1:] if is_dynamic else raw, strict=True)
        *unsigned, signature = fields
        transaction = _from_fields(unsigned, is_dynamic=is_dynamic)
    except (rlp.DecodingError, TypeError, ValueError, IndexError) as error:
        raise ValueError("not a transaction of ours") from error
    if format_transaction(transaction, signature) != raw:
        raise ValueError("not a transaction that we could have written")
    origin = address_of(recover(signature, signing_hash(transaction)))
    return SignedTransaction(transaction=transaction, origin=origin, id=transaction_id(transaction, origin))


def _type_byte(transaction: Transaction) -> bytes:
    return bytes([DYNAMIC_FEE]) if isinstance(transaction.fee, DynamicFee) else b""


def _fields(transaction: Transaction) -> list[Any]:
    fee = transaction.fee
    return [
        transaction.chain_tag,
        int.from_bytes(transaction.block_ref, "big"),
        transaction.expiration,
        [[clause.to, clause.value, clause.data] for clause in transaction.clauses],
        *([fee.coefficient] if isinstance(fee, LegacyFee) else [fee.priority, fee.most]),
        transaction.gas,
        b"",  # depends on nothing
        transaction.nonce,
        [],  # no features
    ]


def _from_fields(fields: list[Any], *, is_dynamic: bool) -> Transaction:
    tag, reference, expiration, clauses, *fee, gas, depends_on, nonce, reserved = fields
    if depends_on or reserved:
        raise ValueError("it depends on another, or has features")
    numbers = [int.from_bytes(part, "big") for part in fee]
    return Transaction(
        chain_tag=int.from_bytes(tag, "big"),
        block_ref=reference.rjust(8, b"\0"),
        expiration=int.from_bytes(expiration, "big"),
        clauses=tuple(
            Clause(to=to, value=int.from_bytes(value, "big"), data=data) for to, value, data in clauses
        ),
        fee=DynamicFee(priority=numbers[0], most=numbers[1])
        if is_dynamic
        else LegacyFee(coefficient=numbers[0]),
        gas=int.from_bytes(gas, "big"),
        nonce=int.from_bytes(nonce, "big"),
    )
