"""Against eth-account, which builds and signs the same transactions by other code."""

from __future__ import annotations

import pytest
import rlp
from coincurve import PrivateKey

from tagserver.chain.evm_transaction import (
    Transaction,
    format_transaction,
    needed_gas,
    parse_transaction,
    signing_hash,
)
from tagserver.chain.secp256k1 import address_of, keccak_256
from tests.tagserver.chain.eth_peer import Account

SECRET = bytes.fromhex("ac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80")
KEY = PrivateKey(SECRET)
TO = bytes.fromhex("f39fd6e51aad88f6f4ce6ab8827279cfffb92266")


def transaction(nonce: int, data: bytes, *, chain_id: int = 31_337) -> Transaction:
    return Transaction(
        chain_id=chain_id,
        nonce=nonce,
        priority_fee=10**9,
        max_fee=3 * 10**9,
        gas=needed_gas(data),
        to=TO,
        value=1,
        data=data,
    )


def signed(wanted: Transaction) -> bytes:
    return format_transaction(wanted, KEY.sign_recoverable(signing_hash(wanted), hasher=None))


@pytest.mark.parametrize("nonce", [0, 1, 127, 128, 2**40])
@pytest.mark.parametrize("data", [b"", b"\0", bytes(range(89))], ids=["none", "zero", "89 bytes"])
def test_eth_account_writes_the_same_bytes(nonce: int, data: bytes) -> None:
    wanted = transaction(nonce, data)
    theirs = Account.sign_transaction(
        {
            "type": 2,
            "chainId": wanted.chain_id,
            "nonce": wanted.nonce,
            "maxPriorityFeePerGas": wanted.priority_fee,
            "maxFeePerGas": wanted.max_fee,
            "gas": wanted.gas,
            "to": wanted.to,
            "value": wanted.value,
            "data": wanted.data,
        },
        SECRET,
    )
    ours = signed(wanted)
    assert ours == bytes(theirs.raw_transaction)
    assert keccak_256(ours) == bytes(theirs.hash)


def test_an_address_is_the_one_that_eth_account_gives() -> None:
    address = address_of(KEY.public_key.format(compressed=False))
    assert f"0x{address.hex()}" == Account.from_key(SECRET).address.lower()


def test_what_is_written_is_read_again() -> None:
    wanted = transaction(7, bytes(range(89)))
    found = parse_transaction(signed(wanted))
    assert found.transaction == wanted
    assert found.origin == TO
    assert found.hash == keccak_256(signed(wanted))


RAW = signed(transaction(7, b"data"))


@pytest.mark.parametrize(
    "raw",
    [b"", b"\x02", b"\x01" + RAW[1:], RAW + b"\0", RAW[:-1], b"\x02" + rlp.encode([b"\1"] * 12)],
    ids=["nothing", "a type alone", "another type", "trailing garbage", "cut short", "twelve fields"],
)
def test_refuses_bytes_that_are_no_transaction(raw: bytes) -> None:
    with pytest.raises(ValueError, match="not a transaction"):
        parse_transaction(raw)
