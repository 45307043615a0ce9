"""Producers' own serials as CSV."""

from io import BytesIO

import pytest

from tagserver.services.errors import Refusal, ServiceError
from tagserver.web.serial_list import parse_serial_list


@pytest.mark.parametrize(
    ("data", "serials"),
    [
        (b"A\nB\n", ("A", "B")),
        (b"A\r\nB", ("A", "B")),
        (b"\xef\xbb\xbfSerial\nA\n", ("A",)),
        (b"sequence,serial\n1,A\n2,B\n", ("A", "B")),
        (b'"A,1"\n"B""2"\n', ("A,1", 'B"2')),
        (b"\n A \n\n", ("A",)),
    ],
)
def test_a_list_is_read(data: bytes, serials: tuple[str, ...]) -> None:
    assert parse_serial_list(BytesIO(data), most=5) == serials


@pytest.mark.parametrize("data", [b"", b"\n\n", b"serial\n", b"A,B\n", b"serial,lot\nA\n", b"\xff", b'"A\n'])
def test_what_is_no_such_list_is_refused(data: bytes) -> None:
    with pytest.raises(ServiceError) as refused:
        parse_serial_list(BytesIO(data), most=5)
    assert refused.value.code is Refusal.SERIALS_INVALID
    assert refused.value.field == "serials"


def test_a_list_that_is_too_long_is_refused() -> None:
    with pytest.raises(ServiceError) as refused:
        parse_serial_list(BytesIO(b"A\n" * 6), most=5)
    assert refused.value.code is Refusal.BATCH_TOO_LARGE
