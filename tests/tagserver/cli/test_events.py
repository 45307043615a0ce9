import csv
import threading
from datetime import timedelta
from pathlib import Path

import pytest

from tagcore.gs1 import parse_gtin
from tagcore.history import Place
from tagserver import bootstrap
from tagserver.bootstrap import open_services
from tagserver.cli import serving, workers
from tagserver.config import load_settings
from tagserver.ports import StoreUnavailableError
from tagserver.services.access import operator
from tagserver.services.suite import Services
from tagserver.services.viewers import Sight
from tests.tagserver.cli.conftest import GTIN, SECRETS, Workspace


@pytest.fixture
def rows(workspace: Workspace, tmp_path: Path) -> list[dict[str, str]]:
    """Ten labels of a batch."""
    out = tmp_path / "labels.csv"
    workspace.ok("issue", "--product", GTIN, "--lot", "LOT1", "--count", "10", "--out", out)
    with out.open(newline="") as file:
        return list(csv.DictReader(file))


def test_a_batch_is_activated_and_what_was_void_stays_so(
    workspace: Workspace, rows: list[dict[str, str]]
) -> None:
    assert workspace.ok("event", "batch", "1", "void", "--first", "3", "--last", "4") == "3-4\tvoid\n"
    assert workspace.ok("event", "batch", "1", "activate").splitlines() == [
        "1-2\tactive",
        "5-10\tactive",
        "3-4\tstays void",
    ]
    assert workspace.run("event", "batch", "1", "activate", "--last", "11").err == (
        "INPUT_INVALID: got tags 0 to 10 of a batch of 10\n"
    )


def test_a_unit_is_dispensed_once(workspace: Workspace, rows: list[dict[str, str]]) -> None:
    serial = rows[0]["serial"]
    workspace.ok("event", "batch", "1", "activate")
    dispense = ("event", "unit", GTIN, serial, "dispense", "--org", "clinic")
    told = workspace.ok(*dispense, "--place", "ward 1", "--country", "CN", "--note", "as prescribed")
    assert told == f"{GTIN}\t{serial}\tdispensed\n"
    refused = workspace.run(*dispense)
    assert refused.status == 1
    assert refused.err.startswith("TRANSITION")
    assert refused.err.count("\n") == 1


def test_a_lot_is_recalled_listed_and_the_recall_lifted(
    workspace: Workspace, rows: list[dict[str, str]]
) -> None:
    lot = workspace.ok("recall", "order", GTIN, "--lot", "LOT1", "--reason", "glass").strip()
    unit = workspace.ok(
        "recall", "order", GTIN, "--serial", rows[0]["serial"], "--withdraw", "--reason", "leaflet"
    ).strip()
    everything = workspace.ok("recall", "order", GTIN, "--reason", "all of it").strip()
    assert workspace.ok("recall", "lift", lot, "--org", "distillery") == f"{lot} lifted\n"
    listed = [line.split("\t") for line in workspace.ok("recall", "list", GTIN).splitlines()]
    assert {row[0]: row[2:4] for row in listed} == {
        lot: ["recall", "lot LOT1"],
        unit: ["withdraw", rows[0]["serial"]],
        everything: ["recall", "all"],
    }
    assert {row[0]: row[4].partition(" 20")[0] for row in listed} == {
        lot: "lifted",
        unit: "in force",
        everything: "in force",
    }


@pytest.fixture
def services(workspace: Workspace, rows: list[dict[str, str]], monkeypatch: pytest.MonkeyPatch) -> Services:
    """A workspace whose first unit was looked at a hundred days ago."""
    now = bootstrap.utc_now
    monkeypatch.setattr(bootstrap, "utc_now", lambda: now() - timedelta(days=100))
    place = Place(country="CN", latitude=39.75, longitude=116.25, radius_km=40.0)
    with open_services(load_settings(workspace.home, SECRETS)) as opened:
        opened.verifying.verify_text(rows[0]["url"], Sight(viewer=bytes(16), place=place))
    monkeypatch.undo()
    with open_services(load_settings(workspace.home, SECRETS)) as opened:
        return opened


def viewers(services: Services, rows: list[dict[str, str]]) -> int:
    """Scans of the first unit that still know their viewer."""
    caller = operator(services.access.organisation("distillery"))
    past = services.pasts.of(caller, parse_gtin(GTIN), rows[0]["serial"])
    return sum(scan.viewer is not None for scan in past.scans or ())


def test_viewers_are_forgotten_by_command(
    workspace: Workspace, services: Services, rows: list[dict[str, str]]
) -> None:
    assert viewers(services, rows) == 1
    assert workspace.ok("scans", "forget") == "1 scans\n"
    assert viewers(services, rows) == 0
    assert workspace.ok("scans", "forget") == "0 scans\n"


def test_the_period_is_a_setting(workspace: Workspace, services: Services) -> None:
    workspace.environ["ORIGINTAG_SCAN_RETENTION_DAYS"] = "101"
    assert workspace.ok("scans", "forget") == "0 scans\n"


def wait_until(condition: threading.Event) -> None:
    assert condition.wait(30)


def test_a_server_forgets_and_issues_by_itself_and_survives_outages(
    services: Services, rows: list[dict[str, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    done = {"forget": threading.Event(), "work": threading.Event()}
    failures = {"forget": 1, "work": 1}
    real_forget, real_work = services.retention.forget, services.issuing.work_once

    def forget() -> int:
        if failures["forget"]:
            failures["forget"] -= 1
            raise StoreUnavailableError
        forgotten = real_forget()
        done["forget"].set()
        return forgotten

    def work_once(*, owner: str) -> object:
        if failures["work"]:
            failures["work"] -= 1
            raise OSError(28, "No space left on device")
        issued = real_work(owner=owner)
        done["work"].set()
        return issued

    monkeypatch.setattr(services.retention, "forget", forget)
    monkeypatch.setattr(services.issuing, "work_once", work_once)
    monkeypatch.setattr(workers, "FORGET_EVERY", timedelta(milliseconds=1))
    monkeypatch.setattr(workers, "IDLE_SECONDS", 0.001)
    with serving.working(services, issues=True):
        for condition in done.values():
            wait_until(condition)
    assert viewers(services, rows) == 0


def test_a_server_without_a_worker_leaves_batches_to_others(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    forgotten = threading.Event()

    def forget() -> int:
        forgotten.set()
        return 0

    def work_once(**_named: str) -> None:
        raise AssertionError("nobody asked for this")

    monkeypatch.setattr(services.retention, "forget", forget)
    monkeypatch.setattr(services.issuing, "work_once", work_once)
    with serving.working(services, issues=False):
        wait_until(forgotten)
