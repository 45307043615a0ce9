"""A monitor asks a real VeChainThor node about the anchors that a real server lists, and is lied to."""

from __future__ import annotations

import json
import os
import re
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from demo.stand import BIN, Stand, served
from tests.chains import Node, ask, running_solo
from tests.journeys.test_anchor_to_page import pay, stand, with_settings
from tests.tagserver.chain.cast import address
from tests.tagserver.chain.test_anchoring_on_thor import RICH, legacy, mine
from tests.tagserver.cli.test_monitor import Hook, listening
from tests.validators import FORKS, NEVER

__all__ = ["stand"]

EPOCH_BLOCKS = 4
TO_FINALITY = 4 * EPOCH_BLOCKS
"""Blocks: solo calls final what is two epochs behind its last checkpoint, of which there is one an epoch."""


@dataclass(frozen=True, kw_only=True)
class Watch:
    """Somebody who follows the log of `shop` at `site` with a node of his own, and has `hook` told."""

    shop: Stand
    site: str
    solo: Node
    hook: Hook

    def look(self, *more: str) -> tuple[int, str]:
        """(exit status, what is printed) of one look."""
        files = ["--trust", str(self.shop.trust), "--state", str(self.shop.home / "monitor.json")]
        done = subprocess.run(
            [BIN / "tagserver", "monitor", f"{self.site}/log", *files, "--once", *more],
            env={name: value for name, value in os.environ.items() if not name.startswith("ORIGINTAG_")},
            text=True,
            capture_output=True,
            check=False,
        )
        return done.returncode, done.stdout + done.stderr

    def asking(self) -> tuple[int, str]:
        return self.look("--node", f"solo={self.solo.url}", "--webhook", self.hook.url)

    def point_record_to(self, tx_id: str, block_number: int, block_id: str) -> None:
        """The operator edits what the server says of its one anchor on the chain."""
        ours = "(SELECT id FROM anchor WHERE backend = 'vechain')"
        with closing(sqlite3.connect(self.shop.home / "origintag.db")) as database, database:
            database.execute(
                f"UPDATE anchor SET tx_id = ?, block_number = ?, block_id = ? WHERE id IN {ours}",
                (tx_id, block_number, block_id),
            )
            database.execute(f"UPDATE anchor_attempt SET tx_id = ? WHERE anchor_id IN {ours}", (tx_id,))


def genesis() -> dict[str, object]:
    """A chain of solo's with short epochs."""
    solo = address(RICH)
    authority = {"masterAddress": solo, "endorsorAddress": solo, "identity": f"0x{'01' * 32}"}
    return {
        "launchTime": 1_526_400_000,
        "gaslimit": 10_000_000,
        "accounts": [{"address": solo, "balance": 10**27, "energy": 10**27}],
        "authority": [authority],
        "params": {"executorAddress": solo},
        "forkConfig": {**dict.fromkeys(FORKS, 0), "HAYABUSA": NEVER},
        "config": {"epochLength": EPOCH_BLOCKS},
    }


@contextmanager
def anchored_and_final(stand: Stand, folder: Path) -> Iterator[tuple[Stand, Node]]:
    folder.mkdir()
    (folder / "genesis.json").write_text(json.dumps(genesis()))
    with running_solo(folder, "--genesis", str(folder / "genesis.json")) as solo:
        network = {"NODES": solo.url, "NETWORK": "solo", "GENESIS": solo.genesis}
        shop = with_settings(stand, {f"ORIGINTAG_VECHAIN_{name}": value for name, value in network.items()})
        _, payer = shop.run("anchor", "key", "create", "vechain").split()
        pay(solo, payer, 10**21)
        shop.run("anchor", "run")
        mine(solo, TO_FINALITY)
        assert re.search(r"vechain +size \d+\tfinalized", shop.run("anchor", "run"))
        shop.run("trust", "sign")
        shop.run("trust", "show", "--out", str(shop.trust))
        yield shop, solo


@pytest.fixture
def watch(stand: Stand, tmp_path: Path) -> Iterator[Watch]:
    with (
        anchored_and_final(stand, tmp_path / "chain") as (shop, solo),
        served(shop) as site,
        listening() as hook,
    ):
        yield Watch(shop=shop, site=site, solo=solo, hook=hook)


@pytest.mark.slow
def test_a_monitor_finds_a_false_receipt_by_asking_the_chain(watch: Watch) -> None:
    assert watch.asking()[0] == 0
    status, words = watch.look()
    assert (status, "ANCHORS_MISSING" in words) == (5, True), "without a node a receipt is a claim"

    tx_id = legacy(watch.solo, b"no commitment")
    receipt = ask(f"{watch.solo.url}/transactions/{tx_id}/receipt")
    assert isinstance(receipt, dict)
    watch.point_record_to(tx_id, receipt["meta"]["blockNumber"], receipt["meta"]["blockID"])
    status, words = watch.asking()
    assert status == 3
    assert "ANCHOR_WRONG" in words
    assert "does not carry this commitment" in words
    assert watch.hook.told == [["ANCHOR_WRONG"]], "what was told before is told once"
