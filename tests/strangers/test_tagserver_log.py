"""The log that tagserver itself writes and serves, judged by strangers, from issuing to a cosigned checkpoint."""

from __future__ import annotations

import csv
import json
import re
import shutil
import signal
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from demo.shop import BOTTLE, LOT
from demo.stand import BIN, Stand, served
from tagcore.base64_text import parse_base64
from tagcore.note import VerifierKey, format_verifier_key, parse_verifier_key
from tests.ports import wait_for
from tests.strangers.litewitness import NAME, Litewitness, running_litewitness
from tests.strangers.programs import RefusedError, check_log, fsck, logcheck

pytestmark = pytest.mark.timeout(600)
"""A workspace is set up by some twenty commands."""


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

    def policy(self, folder: Path) -> Path:
        path = folder / "policy"
        log, witness = format_verifier_key(self.key), format_verifier_key(self.witness.key)
        path.write_text(f"log {log}\nwitness w {witness}\nquorum w\n")
        return path


@pytest.fixture(scope="module")
def shop(pattern: Stand, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    with running_litewitness() as witness:
        stand = pattern.copied(tmp_path_factory.mktemp("stand") / "stand")
        made = Shop(stand=stand, witness=witness)
        witness.watch(made.key)
        made.stand.run("log", "witness", "add", format_verifier_key(witness.key), witness.url)
        made.stand.run("log", "sequence")
        yield made


def signers(shop: Shop, folder: Path) -> list[str]:
    answer = logcheck("policy", shop.policy(folder), shop.log / "checkpoint")
    return [str(name) for name in answer["signers"]]


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


@pytest.mark.slow
def test_a_litewitness_cosigns_the_log_also_after_it_was_killed(shop: Shop, tmp_path: Path) -> None:
    assert signers(shop, tmp_path) == [shop.key.name, NAME]
    shop.witness.stop(signal.SIGKILL)
    shop.grow(1)
    with pytest.raises(RefusedError):
        signers(shop, tmp_path)
    shop.witness.start()
    wait_for(lambda: cosigned_by_now(shop), "a cosignature, half a minute after the witness did not answer")
    assert signers(shop, tmp_path) == [shop.key.name, NAME]
    fsck(shop.log, shop.key, tmp_path)


def cosigned_by_now(shop: Shop) -> bool:
    shop.stand.run("log", "sequence")
    return NAME in (shop.log / "checkpoint").read_text()


def test_a_proof_file_holds_a_tlog_proof_that_torchwood_accepts(shop: Shop, tmp_path: Path) -> None:
    labels = tmp_path / "labels.csv"
    shop.stand.run("labels", "1", "--count", "1", "--out", str(labels))
    (row,) = csv.DictReader(labels.read_text().splitlines())
    address = row["url"]
    shop.stand.run("proof", address, "--out", str(tmp_path / "proof.json"))
    proof = json.loads((tmp_path / "proof.json").read_text())
    entry, text = tmp_path / "entry", tmp_path / "tlog-proof"
    entry.write_bytes(parse_base64(proof["entry"]))
    text.write_text(proof["log_proof"])
    assert logcheck("proof", shop.policy(tmp_path), entry, text) == {"proven": True}
    entry.write_bytes(entry.read_bytes().replace(b'"count":', b'"count" :'))
    with pytest.raises(RefusedError):
        logcheck("proof", shop.policy(tmp_path), entry, text)


def monitor(shop: Shop, site: str, tmp_path: Path, *more: str) -> subprocess.CompletedProcess[str]:
    files = ("--trust", str(shop.stand.trust), "--state", str(tmp_path / "state"))
    return subprocess.run(
        [BIN / "tagserver", "monitor", f"{site}/log", *files, "--once", "--json", *more],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def test_the_monitor_follows_the_log_and_finds_a_batch_that_nobody_ordered(
    shop: Shop, tmp_path: Path
) -> None:
    shop.stand.run("trust", "sign")
    expected = tmp_path / "expected"
    (root,) = re.findall(r"\b[0-9a-f]{64}\b", shop.stand.run("batch", "show", "1"))
    expected.write_text(f"{root}  batch 1\n")
    more = ("--producer", "Jade River", "--expected", str(expected))
    with served(shop.stand) as site:
        quiet = monitor(shop, site, tmp_path, *more)
        assert quiet.returncode == 0, quiet.stdout + quiet.stderr
        expected.write_text("")
        (tmp_path / "state").unlink()
        found = monitor(shop, site, tmp_path, *more)
    assert found.returncode == 4, found.stdout + found.stderr
    assert [one["code"] for one in json.loads(found.stdout)["findings"]] == ["BATCH_UNEXPECTED"]
