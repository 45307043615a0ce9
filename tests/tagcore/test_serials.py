import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tagcore.errors import SerialError
from tagcore.serials import (
    ALPHABET,
    SerialCipher,
    int_to_serial,
    is_generated,
    normalise_typed,
    serial_to_int,
)
from tests.tagcore import ff1
from tests.tagcore.strategies import generated_serials

KEY = bytes.fromhex("2B7E151628AED2A6ABF7158809CF4F3CEF4359D8D580AA4F7F036D6F04FC6A94")
CIPHER = SerialCipher(KEY)
words = st.integers(0, 2**32 - 1)

DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
LONG, LONG_TWEAK = "0123456789abcdefghi", "3737373770717273373737"


@pytest.mark.parametrize(
    ("key_bytes", "radix", "tweak", "plain", "cipher"),
    [
        (16, 10, "", "0123456789", "2433477484"),
        (16, 10, "39383736353433323130", "0123456789", "6124200773"),
        (16, 36, LONG_TWEAK, LONG, "a9tv40mll9kdu509eum"),
        (24, 10, "", "0123456789", "2830668132"),
        (24, 10, "39383736353433323130", "0123456789", "2496655549"),
        (24, 36, LONG_TWEAK, LONG, "xbj3kv35jrawxv32ysr"),
        (32, 10, "", "0123456789", "6657667009"),
        (32, 10, "39383736353433323130", "0123456789", "1001623463"),
        (32, 36, LONG_TWEAK, LONG, "xs8a0azh2avyalyzuwd"),
    ],
)
def test_the_reference_gives_nists_published_samples(
    key_bytes: int, radix: int, tweak: str, plain: str, cipher: str
) -> None:
    result = ff1.encrypt(KEY[:key_bytes], radix, bytes.fromhex(tweak), [DIGITS.index(c) for c in plain])
    assert "".join(DIGITS[digit] for digit in result) == cipher


@given(st.binary(min_size=32, max_size=32), words, words)
def test_a_serial_is_ff1_of_batch_and_index_in_radix_2(key: bytes, batch: int, index: int) -> None:
    bits = ff1.encrypt(key, 2, b"", ff1.str_m(batch << 32 | index, 2, 64))
    serial = SerialCipher(key).encrypt(batch, index)
    assert serial_to_int(serial) == ff1.num(bits, 2)
    assert SerialCipher(key).decrypt(serial) == (batch, index)


def test_many_serials_are_the_single_ones_in_order() -> None:
    indices = np.array([5, 0, 2**32 - 1, 7, 7], dtype=np.uint64)
    assert CIPHER.encrypt_many(9, indices) == [CIPHER.encrypt(9, int(index)) for index in indices]
    assert CIPHER.encrypt_many(9, np.array([], dtype=np.uint64)) == []


def test_no_two_tags_share_a_serial() -> None:
    serials = CIPHER.encrypt_many(1, np.arange(5000, dtype=np.uint64))
    serials += CIPHER.encrypt_many(2, np.arange(5000, dtype=np.uint64))
    assert len(set(serials)) == 10_000


@given(generated_serials)
def test_every_serial_of_generated_form_decrypts_to_one_pair(serial: str) -> None:
    batch, index = CIPHER.decrypt(serial)
    assert CIPHER.encrypt(batch, index) == serial


def test_a_serial_mistyped_at_one_place_leads_to_another_batch() -> None:
    serial = CIPHER.encrypt(1, 0)
    typos = {serial[:at] + letter + serial[at + 1 :] for at in range(1, 13) for letter in ALPHABET} - {serial}
    assert 1 not in {CIPHER.decrypt(typo)[0] for typo in typos}


@given(st.integers(0, 2**64 - 1))
def test_64_bits_read_back_from_their_13_characters(value: int) -> None:
    assert serial_to_int(int_to_serial(value)) == value


@pytest.mark.parametrize("value", [-1, 2**64])
def test_writes_no_more_than_64_bits(value: int) -> None:
    with pytest.raises(ValueError, match="64 bits"):
        int_to_serial(value)


@pytest.mark.parametrize(
    "text",
    ["", "0" * 12, "0" * 14, "G" + "0" * 12, "0" * 12 + "u", "0" * 12 + "I", "0" * 12 + "\n", "\u0660" * 13],
)
def test_rejects_serials_of_another_form(text: str) -> None:
    assert not is_generated(text)
    with pytest.raises(SerialError):
        serial_to_int(text)
    with pytest.raises(SerialError):
        CIPHER.decrypt(text)


@pytest.mark.parametrize(("batch", "index"), [(-1, 0), (2**32, 0), (0, -1), (0, 2**32)])
def test_batch_and_index_outside_32_bits_are_a_callers_mistake(batch: int, index: int) -> None:
    with pytest.raises(ValueError, match="want"):
        CIPHER.encrypt(batch, index)


def test_many_indices_outside_32_bits_are_a_callers_mistake() -> None:
    with pytest.raises(ValueError, match="at most 4294967295"):
        CIPHER.encrypt_many(0, np.array([0, 2**32], dtype=np.uint64))


def test_a_key_of_another_length_is_a_callers_mistake() -> None:
    with pytest.raises(ValueError, match="31 bytes, want 32"):
        SerialCipher(bytes(31))


def test_shows_no_key() -> None:
    assert repr(CIPHER) == "SerialCipher(***)"


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("4t7q mz9c-1r5kd", "4T7QMZ9C1R5KD"),
        ("OIL0000000000", "0110000000000"),
        ("oil0000000000", "0110000000000"),
        ("  Own-Serial i  ", "Own-Serial i"),
        ("", ""),
    ],
)
def test_mends_what_people_type(typed: str, meant: str) -> None:
    assert normalise_typed(typed) == meant


@given(generated_serials)
def test_leaves_a_printed_serial_as_it_is(serial: str) -> None:
    assert normalise_typed(serial) == serial
