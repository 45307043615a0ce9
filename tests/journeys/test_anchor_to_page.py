"""From an issued lot through the log onto a real chain, over a restart of everything, to what a consumer reads."""

from __future__ import annotations

import json
import os
import re
import sqlite3
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
from coincurve import PrivateKey

from demo.commands import DemoError
from demo.stand import BIN, Stand, served
from tagserver.bootstrap import chain_keys
from tagserver.chain.vechain_transaction import (
    Clause,
    LegacyFee,
    Transaction,
    format_transaction,
    intrinsic_gas,
    signing_hash,
)
from tagserver.config import load_settings
from tests.chains import SOLO_KEY, Node, ask, running_anvil, running_solo
from tests.ports import free_port, wait_for

SOON = {"ORIGINTAG_ANCHOR_INTERVAL_SECONDS": "1", "ORIGINTAG_ANCHOR_MAX_LAG_SECONDS": "0"}
PHONE = {"Accept": "text/html", "User-Agent": "Mozilla/5.0 Firefox/140"}


@pytest.fixture
def stand(own_stand: Stand) -> Stand:
    """A producer with an issued and activated lot of bottles, in the log."""
    own_stand.run("log", "sequence")
    return own_stand


def with_settings(stand: Stand, settings: Mapping[str, str]) -> Stand:
    return replace(stand, environ={**stand.environ, **SOON, **settings})


def pay(node: Node, to: str, wei: int) -> None:
    """Send VET and, as solo's account has it, the VTHO for gas comes with a transfer of the built-in contract."""
    key = PrivateKey(SOLO_KEY)
    best = ask(f"{node.url}/blocks/best")
    assert isinstance(best, dict)
    energy = bytes.fromhex("0000000000000000000000000000456e65726779")  # thor's built-in contract of VTHO
    transfer = bytes.fromhex("a9059cbb") + bytes(12) + bytes.fromhex(to[2:]) + wei.to_bytes(32, "big")
    clauses = (
        Clause(to=bytes.fromhex(to[2:]), value=wei, data=b""),
        Clause(to=energy, value=0, data=transfer),
    )
    transaction = Transaction(
        chain_tag=int(node.genesis[-2:], 16),
        block_ref=bytes.fromhex(best["id"][2:18]),
        expiration=720,
        clauses=clauses,
        fee=LegacyFee(coefficient=0),
        gas=intrinsic_gas(clauses) + 50_000,
        nonce=1,
    )
    raw = format_transaction(transaction, key.sign_recoverable(signing_hash(transaction), hasher=None))
    answer = ask(f"{node.url}/transactions", {"raw": f"0x{raw.hex()}"})
    assert isinstance(answer, dict)
    receipt = ask(f"{node.url}/transactions/{answer['id']}/receipt")
    assert isinstance(receipt, dict)
    assert receipt["reverted"] is False


@contextmanager
def anchored_when_served(stand: Stand) -> Iterator[str]:
    """The site; its own worker anchors."""
    with served(stand) as site:
        wait_for(lambda: "included" in status(stand), "an anchor")
        yield site


def status(stand: Stand) -> str:
    try:
        return stand.run("anchor", "status")
    except DemoError as error:  # an alarm ends the command with status 1
        return str(error)


def address_of_a_bottle(stand: Stand, tmp_path: Path) -> str:
    """As in its symbol."""
    out = tmp_path / "labels.csv"
    stand.run("labels", "1", "--count", "1", "--out", str(out))
    (address,) = re.findall(r"HTTPS:[^,\s\"]+", out.read_text())
    return str(address)


def page_of_a_bottle(stand: Stand, site: str, tmp_path: Path) -> str:
    address = address_of_a_bottle(stand, tmp_path)
    path = "/" + address.split("/", 3)[3]
    return httpx.get(f"{site}{path}", headers=PHONE).text


def test_a_lot_is_anchored_on_thor_and_after_a_restart_of_everything_the_page_shows_the_block(
    stand: Stand, tmp_path: Path
) -> None:
    chain = tmp_path / "chain"
    chain.mkdir()
    port = free_port()
    shop = with_settings(
        stand,
        {
            "ORIGINTAG_VECHAIN_NODES": f"http://127.0.0.1:{port}",
            "ORIGINTAG_VECHAIN_NETWORK": "solo",
            "ORIGINTAG_VECHAIN_EXPLORER": "https://explorer.example/transactions/{transaction}",
        },
    )
    _, address = shop.run("anchor", "key", "create", "vechain").split()
    with running_solo(chain, port=port) as solo:
        shop = with_settings(shop, {"ORIGINTAG_VECHAIN_GENESIS": solo.genesis})
        pay(solo, address, 10**21)
        with anchored_when_served(shop):
            pass
    with running_solo(chain, port=port) as again, served(shop) as site:
        assert again.genesis == solo.genesis
        verified = shop.run("anchor", "verify")
        assert "vechain" in verified
        assert "confirmed, included, not final" in verified
        page = page_of_a_bottle(shop, site, tmp_path)
    (line,) = (line for line in verified.splitlines() if line.startswith("vechain"))
    block, transaction = line.split("\t")[2].removeprefix("block "), line.split("\t")[4]
    assert f"Anchored in block {block} of VeChainThor (solo)" in page
    assert "included, not final yet" in page
    assert f'href="https://explorer.example/transactions/{transaction}"' in page
    assert "self-attested" in page
    assert "Not anchored" not in page


def test_a_changed_record_of_an_anchor_is_found_out_by_asking_the_chain(stand: Stand, tmp_path: Path) -> None:
    with running_anvil() as anvil:
        shop = at_anvil(stand, anvil.port, anvil.genesis)
        _, address = shop.run("anchor", "key", "create", "evm").split()
        anvil.give(address)
        shop.run("anchor", "run")
        shop.run("anchor", "run")
        assert "confirmed, included" in shop.run("anchor", "verify")
        with closing(sqlite3.connect(shop.home / "origintag.db")) as database, database:
            database.execute("UPDATE anchor SET block_number = block_number + 1 WHERE backend = 'evm'")
        found = subprocess.run(
            [BIN / "tagserver", "anchor", "verify"],
            env={**os.environ, **shop.environ},
            text=True,
            capture_output=True,
            check=False,
        )
    assert found.returncode == 1
    assert "evm      size" in found.stdout
    assert "NOT CONFIRMED\tANCHOR_MISMATCH: recorded in block" in found.stdout


def at_anvil(stand: Stand, port: int, genesis: str) -> Stand:
    return with_settings(
        stand,
        {
            "ORIGINTAG_EVM_NODES": f"http://127.0.0.1:{port}",
            "ORIGINTAG_EVM_NETWORK": "anvil",
            "ORIGINTAG_EVM_GENESIS": genesis,
            "ORIGINTAG_EVM_CHAIN_ID": "31337",
            "ORIGINTAG_EVM_EXPLORER": "https://explorer.example/tx/{transaction}",
        },
    )


def test_a_lot_is_anchored_on_anvil_through_a_reorganisation_until_it_is_final(
    stand: Stand, tmp_path: Path
) -> None:
    with running_anvil() as anvil:
        anvil.call("anvil_mine", "0x5")
        shop = at_anvil(stand, anvil.port, anvil.genesis)
        _, address = shop.run("anchor", "key", "create", "evm").split()
        anvil.give(address)
        with anchored_when_served(shop) as site:
            anvil.call("evm_setAutomine", False)
            anvil.call("anvil_reorg", 1, [])
            wait_for(lambda: "submitted" in status(shop), "the fall back to submitted")
            page = page_of_a_bottle(shop, site, tmp_path)
            assert "Anchored in block" not in page
            anvil.call("anvil_mine", "0x1")
            wait_for(lambda: "included" in status(shop), "the second inclusion")
            anvil.call("anvil_mine", "0x8")
            wait_for(lambda: "finalized" in status(shop).split("evm ")[-1], "finality")
            assert "confirmed, final" in shop.run("anchor", "verify")
            page = page_of_a_bottle(shop, site, tmp_path)
    assert "of the blockchain (anvil)" in page
    assert "the block is final" in page


def test_the_proof_file_of_a_tag_holds_the_receipts(stand: Stand, tmp_path: Path) -> None:
    with running_anvil() as anvil:
        shop = at_anvil(stand, anvil.port, anvil.genesis)
        _, address = shop.run("anchor", "key", "create", "evm").split()
        anvil.give(address)
        shop.run("anchor", "run")
        shop.run("anchor", "run")
    proof = json.loads(shop.run("proof", address_of_a_bottle(shop, tmp_path)))
    backends = {anchor["receipt"]["backend"] for anchor in proof["anchors"]}
    assert backends == {"evm", "journal"}


def test_keys_that_pay_are_listed_with_their_addresses_and_the_newest_pays(stand: Stand) -> None:
    first = stand.run("anchor", "key", "create", "vechain").split()
    second = stand.run("anchor", "key", "create", "vechain").split()
    assert [first[0], second[0]] == ["vechain-1", "vechain-2"]
    assert stand.run("anchor", "key", "list").split() == [*first, *second]
    keys = chain_keys(load_settings(stand.home, dict(stand.environ)))
    assert keys.newest("vechain").id == "vechain-2"
