import pytest
from hypothesis import given
from hypothesis import strategies as st

from tagcore.base64_text import format_base64, parse_base64


@given(st.binary())
def test_reads_back(data: bytes) -> None:
    assert parse_base64(format_base64(data)) == data


@pytest.mark.parametrize(
    "text", ["A", "AA", "AA=", "AB==", "AA==\n", " AA==", "AA==AA==", "-_8=", "é", "=", "AAA=="]
)
def test_refuses_every_other_way_to_write_the_same(text: str) -> None:
    with pytest.raises(ValueError, match="base 64"):
        parse_base64(text)


@given(st.text("ABab01+/=", max_size=8))
def test_no_two_texts_are_the_same_bytes(text: str) -> None:
    try:
        data = parse_base64(text)
    except ValueError:
        return
    assert format_base64(data) == text
