"""The log that every monitor here follows."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.tagserver.monitor.cast import Served, served


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Served]:
    with served(tmp_path) as running:
        yield running
