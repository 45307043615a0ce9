"""A producer's whole set-up by the real commands, and its site on a free port; made once a session."""

from collections.abc import Iterator

import pytest

from demo.shop import COUNT
from demo.stand import Stand, served, set_up

JOURNEYS = range(COUNT)
CAMERA = range(COUNT, 2 * COUNT)
TRAY = range(2 * COUNT, 3 * COUNT)
"""Whose the labels of the sheets are: a scan stays in a bottle's history, and another test would find it there."""


@pytest.fixture(scope="session")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Stand:
    """A workspace with an activated batch of bottles, three sheets of them."""
    return set_up(tmp_path_factory.mktemp("shop"), count=TRAY.stop)


@pytest.fixture(scope="session")
def site(shop: Stand) -> Iterator[str]:
    """The address of the shop's site, served by the real command."""
    with served(shop) as address:
        yield address
