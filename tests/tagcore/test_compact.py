import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tagcore import compact
from tagcore.errors import InputError
from tagcore.gs1 import Gtin, parse_expiry
from tagcore.identity import Identity
from tagcore.tag import Tag
from tests.tagcore.strategies import tags

LARGEST = Identity(
    gtin=Gtin("99999999999997"), lot="z" * 20, serial="z" * 20, expiry=parse_expiry("991231"), slot=255
)
SMALLEST = Identity(gtin=Gtin("00000000000000"), lot="", serial="0" * 13, expiry=None, slot=0)


@given(tags)
def test_a_tag_decodes_to_itself(tag: Tag) -> None:
    number = compact.encode(tag.identity, tag.signature)
    assert compact.decode(number) == (tag.identity, tag.signature)
    assert compact.is_number(str(number))


@given(st.integers(2**520, 10**252 - 1) | st.integers(2**520, 2**680))
@example(2**520)
def test_a_number_is_one_tags_only_or_an_input_error(number: int) -> None:
    try:
        identity, signature = compact.decode(number)
    except InputError:
        return
    assert compact.encode(identity, signature) == number


@given(tags, st.integers(0, 700))
def test_a_flipped_bit_is_another_tag_or_an_input_error(tag: Tag, bit: int) -> None:
    number = compact.encode(tag.identity, tag.signature) ^ 1 << bit
    try:
        identity, signature = compact.decode(number)
    except InputError:
        return
    assert (identity, signature) != (tag.identity, tag.signature)
    assert compact.encode(identity, signature) == number


@pytest.mark.parametrize(("identity", "signature", "digits"), [(SMALLEST, 0, 157), (LARGEST, 255, 252)])
def test_no_tag_is_shorter_or_longer_than_what_counts_as_a_number(
    identity: Identity, signature: int, digits: int
) -> None:
    text = str(compact.encode(identity, bytes([signature]) * 64))
    assert len(text) == digits
    assert compact.is_number(text)


@pytest.mark.parametrize(
    "text", ["1" * 156, "1" * 253, "0" + "1" * 160, "-" + "1" * 160, "\u0661" * 160, "1" * 160 + "\n"]
)
def test_other_texts_are_no_number(text: str) -> None:
    assert not compact.is_number(text)


def test_a_lot_of_the_small_alphabet_costs_fewer_digits() -> None:
    def digits(lot: str) -> int:
        identity = Identity.checked(gtin="09506000134352", lot=lot, serial="0" * 13, expiry=None, slot=0)
        return len(str(compact.encode(identity, bytes(64))))

    assert digits("LOT12345") < digits("LOt12345")
