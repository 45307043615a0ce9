"""Fixtures of the scanner's tests."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.scanner.cast import NOW, bundle, signed
from tests.scanner.served import TagServer, serving


@pytest.fixture
def tag_server() -> Iterator[TagServer]:
    with serving() as server:
        yield server


@pytest.fixture
def trust_file(tmp_path: Path) -> Path:
    """A bundle that is good for as long as these tests may run, by the real clock."""
    path = tmp_path / "trust.json"
    path.write_bytes(signed(bundle(expires=NOW.replace(year=2100))))
    return path
