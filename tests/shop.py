"""A producer's whole set-up by the real commands, and its site on a free port; made once a session."""

from collections.abc import Iterator

import pytest

from demo.stand import Stand, served, set_up


@pytest.fixture(scope="session")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Stand:
    """A workspace with an activated batch of 24 bottles."""
    return set_up(tmp_path_factory.mktemp("shop"))


@pytest.fixture(scope="session")
def site(shop: Stand) -> Iterator[str]:
    """The address of the shop's site, served by the real command."""
    with served(shop) as address:
        yield address
