"""The log that tagserver itself writes and serves, judged by strangers, from issuing to a cosigned checkpoint."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from demo.shop import BOTTLE, LOT
from demo.stand import Stand, served, set_up
from tagcore.note import VerifierKey, format_verifier_key, parse_verifier_key
from tests.strangers.litewitness import Litewitness, running_litewitness
from tests.strangers.programs import RefusedError, check_log, fsck


@dataclass(frozen=True, kw_only=True)
class Shop:
    """A producer's workspace with its log, and a real litewitness that watches it."""

    stand: Stand
    witness: Litewitness

    @property
    def key(self) -> VerifierKey:
        return parse_verifier_key(self.stand.run("log", "key").strip())

    @property
    def log(self) -> Path:
        return self.stand.home / "log"

    def grow(self, number: int) -> None:
        """One more entry, and the log taken on."""
        self.stand.run("recall", "order", BOTTLE, "--lot", LOT, "--reason", f"The cap may leak ({number}).")
        self.stand.run("log", "sequence")


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    with running_litewitness() as witness:
        made = Shop(stand=set_up(tmp_path_factory.mktemp("stand")), witness=witness)
        witness.watch(made.key)
        made.stand.run("log", "witness", "add", format_verifier_key(witness.key), witness.url)
        made.stand.run("log", "sequence")
        yield made


@pytest.mark.timeout(600)  # a workspace is set up by some twenty commands
def test_strangers_accept_the_log_in_its_folder_and_as_it_is_served(shop: Shop, tmp_path: Path) -> None:
    old = tmp_path / "old"
    old.write_bytes((shop.log / "checkpoint").read_bytes())
    for number in range(3):
        shop.grow(number)
    fsck(shop.log, shop.key, tmp_path)
    folder = check_log(shop.log, shop.key, old=old)
    with served(shop.stand) as site:
        fsck(f"{site}/log", shop.key, tmp_path)
        assert check_log(f"{site}/log/", shop.key, old=old) == folder


@pytest.mark.timeout(600)
def test_strangers_refuse_the_log_once_a_bit_is_changed(shop: Shop, tmp_path: Path) -> None:
    copy = tmp_path / "log"
    shutil.copytree(shop.log, copy)
    bundle = _newest_bundle(copy)
    data = bytearray(bundle.read_bytes())
    data[40] ^= 1
    bundle.write_bytes(data)
    with pytest.raises(RefusedError):
        fsck(copy, shop.key, tmp_path)
    with pytest.raises(RefusedError):
        check_log(copy, shop.key)


def _newest_bundle(log: Path) -> Path:
    """The partial one of the most entries: these logs are short."""
    return max((log / "tile" / "entries" / "000.p").iterdir(), key=lambda path: int(path.name))
