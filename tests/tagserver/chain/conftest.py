"""A store for each test, and a key that anvil has given money."""

from pathlib import Path

import pytest

from tagserver.keystore.chain_key import OpenedChainKey
from tagserver.ports import Store
from tagserver.store import SqlStore, open_engine, upgrade
from tests.chains import Anvil
from tests.tagserver.chain.cast import address, new_key


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """An empty store on SQLite."""
    engine = open_engine(f"sqlite:///{tmp_path / 'origintag.db'}")
    upgrade(engine)
    return SqlStore(engine)


@pytest.fixture
def paying_key(anvil: Anvil) -> OpenedChainKey:
    """A key of this test's own, with a hundred ether."""
    key = new_key()
    anvil.give(address(key))
    return key
