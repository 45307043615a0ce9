"""A producer's whole set-up by the real commands, made once in a run and copied, and its site on a free port."""

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from demo.shop import COUNT
from demo.stand import Stand, served, set_up
from tagserver.config import Secret
from tagserver.keystore import KeyDirectory, ScryptCost

JOURNEYS = range(COUNT)
CAMERA = range(COUNT, 2 * COUNT)
TRAY = range(2 * COUNT, 3 * COUNT)
"""Whose the labels of the sheets are: a scan stays in a bottle's history, and another test would find it there."""


@pytest.fixture(scope="session")
def pattern(tmp_path_factory: pytest.TempPathFactory) -> Stand:
    """A workspace with an activated batch of bottles, three sheets of them, to be copied and not worked in."""
    folder = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        folder = folder.parent  # that of all workers
    home, done = folder / "pattern", folder / "pattern.json"
    with locked(folder / "pattern.lock"):
        if not done.exists():
            made = set_up(home, count=TRAY.stop)
            _cheapen(made)
            done.write_text(json.dumps(dict(made.environ)), encoding="utf-8")
    return Stand(home=home, environ=json.loads(done.read_text(encoding="utf-8")))


def _cheapen(stand: Stand) -> None:
    """Its keys open at once: each command would take half a second to derive the one that seals them."""
    passphrase = Secret("passphrase", stand.environ["ORIGINTAG_PASSPHRASE"])
    keys = KeyDirectory(stand.home / "keys", passphrase, random=os.urandom)
    keys.change_passphrase(passphrase, cost=ScryptCost(n=2**10, r=1, p=1))


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Among the processes of this machine one at a time."""
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


@pytest.fixture(scope="session")
def shop(pattern: Stand, tmp_path_factory: pytest.TempPathFactory) -> Stand:
    """The stand that the tests of a worker share."""
    return pattern.copied(tmp_path_factory.mktemp("shop") / "stand")


@pytest.fixture
def own_stand(pattern: Stand, tmp_path: Path) -> Stand:
    """A stand of a test's own."""
    return pattern.copied(tmp_path / "stand")


@pytest.fixture(scope="session")
def site(shop: Stand) -> Iterator[str]:
    """The address of the shop's site, served by the real command."""
    with served(shop) as address:
        yield address
