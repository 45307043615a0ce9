"""Transactions of Ethereum-style chains with a base fee (EIP-1559, type 0x02 of EIP-2718)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import rlp

from tagserver.chain.secp256k1 import address_of, keccak_256, recover

DYNAMIC_FEE = 0x02

GAS_OF_TRANSACTION = 21_000
GAS_OF_TOKEN = 10
TOKENS_OF_BYTE = 4
"""EIP-7623: a transaction that carries data costs at least 10 a token; a zero byte is one, any other four.

Before it the price was lower (16 a byte), so this is enough on older chains too.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Transaction:
    """A transfer of `value` wei to `to` (20 bytes), with data. Of each (origin, nonce) a chain takes one."""

    chain_id: int
    nonce: int
    priority_fee: int
    max_fee: int
    gas: int
    to: bytes
    value: int
    data: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedTransaction:
    """A transaction, its origin (20 bytes) and its hash (32)."""

    transaction: Transaction
    origin: bytes
    hash: bytes


def needed_gas(data: bytes) -> int:
    """What a transfer to an account without code costs at most."""
    zeros = data.count(0)
    return GAS_OF_TRANSACTION + GAS_OF_TOKEN * (zeros + TOKENS_OF_BYTE * (len(data) - zeros))


def signing_hash(transaction: Transaction) -> bytes:
    """What its origin signs."""
    return keccak_256(bytes([DYNAMIC_FEE]) + rlp.encode(_fields(transaction)))


def format_transaction(transaction: Transaction, signature: bytes) -> bytes:
    """The bytes that a node takes; `signature` has 65."""
    numbers = [signature[64], int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:64], "big")]
    return bytes([DYNAMIC_FEE]) + bytes(rlp.encode([*_fields(transaction), *numbers]))


def parse_transaction(raw: bytes) -> SignedTransaction:
    """The reverse, with its origin recovered. Raises: ValueError for anything but one that we could have written."""
    if raw[:1] != bytes([DYNAMIC_FEE]):
        raise ValueError("not a transaction of type 2")
    try:
        *unsigned, parity, r, s = rlp.decode(raw[1:], strict=True)
        transaction = _from_fields(unsigned)
        signature = r.rjust(32, b"\0") + s.rjust(32, b"\0") + parity.rjust(1, b"\0")
        again = format_transaction(transaction, signature)
    except (rlp.DecodingError, rlp.EncodingError, TypeError, ValueError, IndexError) as error:
        raise ValueError("not a transaction of ours") from error
    if again != raw:
        raise ValueError("not a transaction that we could have written")
    origin = address_of(recover(signature, signing_hash(transaction)))
    return SignedTransaction(transaction=transaction, origin=origin, hash=keccak_256(raw))


def _fields(transaction: Transaction) -> list[Any]:
    return [
        transaction.chain_id,
        transaction.nonce,
        transaction.priority_fee,
        transaction.max_fee,
        transaction.gas,
        transaction.to,
        transaction.value,
        transaction.data,
        [],  # no access list
    ]


def _from_fields(fields: list[Any]) -> Transaction:
    chain_id, nonce, priority_fee, max_fee, gas, to, value, data, access_list = fields
    if access_list:
        raise ValueError("it has an access list")
    return Transaction(
        chain_id=int.from_bytes(chain_id, "big"),
        nonce=int.from_bytes(nonce, "big"),
        priority_fee=int.from_bytes(priority_fee, "big"),
        max_fee=int.from_bytes(max_fee, "big"),
        gas=int.from_bytes(gas, "big"),
        to=to,
        value=int.from_bytes(value, "big"),
        data=data,
    )
