from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tagcore.errors import SignatureError
from tagcore.keys import IssuerKey, KeyStatus, fingerprint, verify_signature

START = datetime(2026, 1, 1, tzinfo=UTC)
END = datetime(2028, 1, 1, tzinfo=UTC)
KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
PUBLIC = KEY.public_key().public_bytes_raw()
SIGNATURE = KEY.sign(b"message")
ORDER = 2**252 + 27742317777372353535851937790883648493


def issuer_key(status: KeyStatus) -> IssuerKey:
    return IssuerKey(slot=1, public_key=PUBLIC, not_before=START, not_after=END, status=status)


def test_accepts_its_own_signature() -> None:
    verify_signature(PUBLIC, SIGNATURE, b"message")


@pytest.mark.parametrize(
    ("signature", "message"),
    [
        (SIGNATURE, b"massage"),
        (SIGNATURE[:-1] + bytes([SIGNATURE[-1] ^ 1]), b"message"),
        (bytes(64), b"message"),
        (b"", b"message"),
        (SIGNATURE + b"\0", b"message"),
    ],
)
def test_rejects_a_signature_that_does_not_fit(signature: bytes, message: bytes) -> None:
    with pytest.raises(SignatureError):
        verify_signature(PUBLIC, signature, message)


def test_rejects_an_unreduced_scalar() -> None:
    scalar = int.from_bytes(SIGNATURE[32:], "little") + ORDER
    with pytest.raises(SignatureError):
        verify_signature(PUBLIC, SIGNATURE[:32] + scalar.to_bytes(32, "little"), b"message")


def test_a_public_key_of_another_length_is_a_callers_mistake() -> None:
    with pytest.raises(ValueError, match="32"):
        verify_signature(PUBLIC[:31], SIGNATURE, b"message")


def test_signs_from_the_first_moment_of_its_window_until_before_the_last() -> None:
    key = issuer_key(KeyStatus.ACTIVE)
    moment = timedelta(microseconds=1)
    assert [key.may_sign(at) for at in (START - moment, START, END - moment, END)] == [
        False,
        True,
        True,
        False,
    ]


@pytest.mark.parametrize("status", [KeyStatus.RETIRED, KeyStatus.REVOKED])
def test_signs_nothing_once_it_is_not_active(status: KeyStatus) -> None:
    assert not issuer_key(status).may_sign(START)
    assert issuer_key(status).covers(START)


def test_has_a_short_name() -> None:
    assert fingerprint(bytes(32)) == "66687aadf862bd77"
