"""Against numbers that thor itself is tested with (thor v2.4.4, `tx/transaction_test.go`)."""

from __future__ import annotations

from hashlib import blake2b

import pytest
import rlp
from coincurve import PrivateKey

from tagserver.chain.secp256k1 import address_of, recover
from tagserver.chain.vechain_transaction import (
    Clause,
    DynamicFee,
    LegacyFee,
    Transaction,
    _fields,
    format_transaction,
    intrinsic_gas,
    parse_transaction,
    signing_hash,
    transaction_id,
)

TO = bytes.fromhex("7567d83b7b8d80addcb281a71d54fc7b3364ffed")
KEY = PrivateKey(bytes.fromhex("7582be841ca040aa940fff6c05773129e135623e41acce3e0b8ba520dc1ae26a"))
ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141


def transaction(
    fee: LegacyFee | DynamicFee, data: tuple[str, str] = ("000000606060", "000000606060")
) -> Transaction:
    """The one of thor's TestLegacyTx."""
    return Transaction(
        chain_tag=1,
        block_ref=bytes.fromhex("00000000aabbccdd"),
        expiration=32,
        clauses=tuple(
            Clause(to=TO, value=value, data=bytes.fromhex(text))
            for value, text in zip((10_000, 20_000), data, strict=True)
        ),
        fee=fee,
        gas=21_000,
        nonce=12_345_678,
    )


LEGACY = transaction(LegacyFee(coefficient=128))
DYNAMIC = transaction(DynamicFee(priority=20_000, most=10_000_000))


def signed(wanted: Transaction) -> bytes:
    return format_transaction(wanted, KEY.sign_recoverable(signing_hash(wanted), hasher=None))


def test_a_legacy_transaction_has_the_hash_and_id_that_thor_gives_it() -> None:
    origin = address_of(KEY.public_key.format(compressed=False))
    assert signing_hash(LEGACY).hex() == "2a1c25ce0d66f45276a5f308b99bf410e2fc7d5b6ea37a49f2ab9f1da9446478"
    assert origin.hex() == "d989829d88b0ed1b06edf5c50174ecfa64f14a64"
    assert (
        transaction_id(LEGACY, origin).hex()
        == "da90eaea52980bc4bb8d40cb2ff84d78433b3b4a6e7d50b75736c5e3e77b71ec"
    )


def test_a_signed_legacy_transaction_has_the_bytes_that_thor_writes() -> None:
    assert signed(LEGACY).hex() == (
        "f8970184aabbccdd20f840df947567d83b7b8d80addcb281a71d54fc7b3364ffed82271086000000606060df947567d83b7b8d80"
        "addcb281a71d54fc7b3364ffed824e208600000060606081808252088083bc614ec0b841f76f3c91a834165872aa9464fc55b03a"
        "13f46ea8d3b858e528fcceaf371ad6884193c3f313ff8effbb57fe4d1adc13dceb933bedbf9dbb528d2936203d5511df00"
    )


def test_gas_is_what_thor_computes() -> None:
    assert intrinsic_gas(LEGACY.clauses) == 37_432
    assert intrinsic_gas(()) == 21_000


def test_the_type_byte_of_a_dynamic_fee_is_signed() -> None:
    fields = rlp.encode(_fields(DYNAMIC))
    assert signing_hash(DYNAMIC) == blake2b(b"\x51" + fields, digest_size=32).digest()
    assert signed(DYNAMIC)[0] == 0x51


@pytest.mark.parametrize("wanted", [LEGACY, DYNAMIC], ids=["legacy", "dynamic"])
def test_what_is_written_is_read_again(wanted: Transaction) -> None:
    found = parse_transaction(signed(wanted))
    assert found.transaction == wanted
    assert found.origin.hex() == "d989829d88b0ed1b06edf5c50174ecfa64f14a64"
    assert found.id == transaction_id(wanted, found.origin)
    assert wanted.last_block == 32


def test_refuses_the_second_signature_that_anybody_can_derive() -> None:
    signature = KEY.sign_recoverable(signing_hash(LEGACY), hasher=None)
    high = ORDER - int.from_bytes(signature[32:64], "big")
    other = signature[:32] + high.to_bytes(32, "big") + bytes([1 - signature[64]])
    with pytest.raises(ValueError, match="high form"):
        recover(other, signing_hash(LEGACY))


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\x51",
        b"\xc0",
        b"\x52" + signed(DYNAMIC)[1:],
        signed(LEGACY) + b"\0",
        signed(LEGACY)[:-1],
        rlp.encode([b"\x01"] * 10),
    ],
    ids=[
        "nothing",
        "a type alone",
        "an empty list",
        "another type",
        "trailing garbage",
        "cut short",
        "ten fields",
    ],
)
def test_refuses_bytes_that_are_no_transaction(raw: bytes) -> None:
    with pytest.raises(ValueError, match="not a transaction"):
        parse_transaction(raw)


def test_refuses_a_signature_of_nobody() -> None:
    for signature in (b"\0" * 65, b"\0" * 64, b"\1" * 64 + b"\2"):
        with pytest.raises(ValueError, match="signature"):
            recover(signature, b"\1" * 32)
