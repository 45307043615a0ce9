"""The request's target as it was sent."""

import pytest

from tagserver.web.target import raw_target


@pytest.mark.parametrize(
    ("environ", "target"),
    [
        ({"RAW_URI": "/01/A%2FB?s=1", "PATH_INFO": "/01/A/B"}, "/01/A%2FB?s=1"),
        ({"REQUEST_URI": "/01/A%2FB?s=1", "PATH_INFO": "/01/A/B"}, "/01/A%2FB?s=1"),
        ({"RAW_URI": "http://id.example.com/01/A?s=1"}, "/01/A?s=1"),
        ({"RAW_URI": "HTTPS://id.example.com"}, ""),
        ({"RAW_URI": "ftp://id.example.com/01"}, "ftp://id.example.com/01"),
        ({"RAW_URI": "*"}, "*"),
        ({"PATH_INFO": "/01/1/21/A+B", "QUERY_STRING": "s=1"}, "/01/1/21/A%2BB?s=1"),
        ({"PATH_INFO": "/\u00c3\u00a9"}, "/%C3%A9"),
        ({}, ""),
    ],
)
def test_the_target_is_as_sent_or_written_anew(environ: dict[str, str], target: str) -> None:
    assert raw_target(environ) == target
