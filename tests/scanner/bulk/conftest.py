"""What the tests of bulk checks begin with."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from tagcore.gs1 import parse_serial
from tests.scanner.cast import IDENTITY, tag_url

Url = Callable[[int], str]


@pytest.fixture(scope="session")
def url_of() -> Url:
    """The URL of the producer's unit of this number, which never expires."""
    return lambda number: tag_url(
        identity=replace(IDENTITY, serial=parse_serial(f"S{number:05}"), expiry=None)
    )
