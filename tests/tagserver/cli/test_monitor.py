"""The command `tagserver monitor`: what it prints, how it ends, whom it tells."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from click.testing import CliRunner, Result

from tagcore.trust import format_trust
from tagserver.cli.main import cli
from tagserver.monitor import parse_expected
from tests.tagserver.cli.conftest import GTIN, Workspace
from tests.tagserver.monitor.cast import PRODUCER, Served, batch, manifest, served, trust
from tests.vectors.cast import ROOT

TAGSERVER = Path(sys.executable).parent / "tagserver"


class Hook:
    """Somebody's program that takes reports, or answers with `status`."""

    def __init__(self) -> None:
        self.status = 204
        self.reports: list[dict[str, Any]] = []
        self.url = ""

    @property
    def told(self) -> list[list[str]]:
        """The codes of each report."""
        return [[finding["code"] for finding in report["findings"]] for report in self.reports]


@contextmanager
def listening() -> Iterator[Hook]:
    hook = Hook()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if hook.status < 300:
                hook.reports.append(json.loads(body))
            self.send_response(hook.status)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (the base class names it)
            """Nothing on standard error."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    hook.url = f"http://127.0.0.1:{server.server_port}/hook"
    try:
        yield hook
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.fixture
def hook() -> Iterator[Hook]:
    with listening() as running:
        yield running


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Served]:
    with served(tmp_path) as running:
        # These bundles last: the command looks at the real clock.
        (tmp_path / "trust.json").write_bytes(format_trust(trust(lasting=True), ROOT))
        (tmp_path / "expected").write_text("")
        yield running


def arguments(place: Served, *more: str) -> list[str]:
    files = ("--trust", str(place.folder / "trust.json"), "--state", str(place.folder / "state"))
    return ["monitor", place.url, *files, *more]


def watch(place: Served, *more: str) -> Result:
    result = CliRunner().invoke(cli, arguments(place, "--once", *more))
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def looking_after(place: Served, *numbers: int) -> tuple[str, ...]:
    lines = ["# what we ordered", *(f"{manifest(number).root.hex()}  batch {number}" for number in numbers)]
    (place.folder / "expected").write_text("\n".join(lines) + "\n")
    return ("--producer", PRODUCER, "--expected", str(place.folder / "expected"))


def test_an_honest_log_ends_with_status_0_and_needs_no_workspace(place: Served) -> None:
    place.log.append([batch(1)])
    result = watch(place)
    assert result.exit_code == 0, result.stderr
    assert "1 entries, 1 read now" in result.stdout
    assert "nothing is off" in result.stdout


def test_a_leaked_key_ends_with_status_4(place: Served) -> None:
    place.log.append([batch(1), batch(2)])
    result = watch(place, *looking_after(place, 1))
    assert result.exit_code == 4
    assert "BATCH_UNEXPECTED: entry 1: batch 2 of 10 tags" in result.stdout


def test_a_fork_ends_with_status_3_and_shows_both_checkpoints(place: Served) -> None:
    place.log.append([batch(1)])
    watch(place)
    place.begin_again([batch(2)])
    result = watch(place, "--json")
    report = json.loads(result.stdout)
    assert (result.exit_code, report["status"]) == (3, 3)
    [finding] = report["findings"]
    assert finding["code"] == "LOG_FORKED"
    assert len(set(finding["evidence"])) == 2


def test_a_log_that_does_not_answer_ends_with_status_6(
    place: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tagserver.monitor.files.time.sleep", lambda seconds: None)
    assert watch(place).exit_code == 6


def test_the_webhook_is_called_once_for_each_thing_found(place: Served, hook: Hook) -> None:
    place.log.append([batch(1), batch(2)])
    for _ in range(2):
        assert watch(place, *looking_after(place, 1), "--webhook", hook.url).exit_code == 4
    assert hook.told == [["BATCH_UNEXPECTED"]]
    place.log.append([batch(3)])
    watch(place, *looking_after(place, 1), "--webhook", hook.url)
    assert hook.told == [["BATCH_UNEXPECTED"], ["BATCH_UNEXPECTED"]]
    assert [report["findings"][0]["index"] for report in hook.reports] == [1, 2]


def test_the_webhook_is_not_called_when_nothing_is_off(place: Served, hook: Hook) -> None:
    place.log.append([batch(1)])
    watch(place, "--webhook", hook.url)
    assert hook.reports == []


def test_a_webhook_that_refuses_is_told_again(place: Served, hook: Hook) -> None:
    place.log.append([batch(2)])
    hook.status = 500
    result = watch(place, *looking_after(place), "--webhook", hook.url)
    assert (result.exit_code, hook.reports) == (4, [])
    assert "WEBHOOK_FAILED: the webhook answered with status 500" in result.stderr
    hook.status = 204
    watch(place, *looking_after(place), "--webhook", hook.url)
    assert hook.told == [["BATCH_UNEXPECTED"]]


def test_a_thing_that_went_away_is_told_when_it_comes_back(place: Served, hook: Hook) -> None:
    place.log.append([batch(1)])
    watch(place, "--webhook", hook.url)
    for entries in ([batch(2)], [batch(1)], [batch(2)]):
        place.begin_again(entries)
        watch(place, "--webhook", hook.url)
    assert hook.told == [["LOG_FORKED"], ["LOG_FORKED"]]


def test_an_entry_can_be_accepted(place: Served) -> None:
    place.log.append([batch(1), batch(2)])
    assert watch(place, *looking_after(place, 1)).exit_code == 4
    assert watch(place, *looking_after(place, 1), "--accept", "1").exit_code == 0


def test_a_producer_whom_the_bundle_does_not_name_is_refused(place: Served) -> None:
    place.log.append([batch(1)])
    expected = str(place.folder / "expected")
    result = watch(place, "--producer", "Nobody", "--expected", expected)
    assert (result.exit_code, result.stderr) == (
        1,
        "TRUST_INVALID: the trust bundle names no producer 'Nobody'\n",
    )


def test_a_producer_without_a_list_is_wrong_usage(place: Served) -> None:
    assert watch(place, "--producer", PRODUCER).exit_code == 2


def test_a_list_that_is_none_is_refused(place: Served) -> None:
    place.log.append([batch(1)])
    (place.folder / "expected").write_text("batch one\n")
    result = watch(place, "--producer", PRODUCER, "--expected", str(place.folder / "expected"))
    assert result.exit_code == 1
    assert result.stderr.startswith("EXPECTED_FILE: line 1: got 'batch'")


def test_a_damaged_state_file_is_refused(place: Served) -> None:
    place.log.append([batch(1)])
    (place.folder / "state").write_text("{}")
    result = watch(place)
    assert result.exit_code == 1
    assert result.stderr.startswith("MONITOR_STATE: ")


def test_runs_until_something_is_off(place: Served) -> None:
    place.log.append([batch(1)])
    process = subprocess.Popen(
        [TAGSERVER, *arguments(place, "--interval", "1", "--json")], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    with process:
        assert json.loads(process.stdout.readline())["status"] == 0
        place.begin_again([batch(2)])
        *_, last = process.stdout
    assert json.loads(last)["status"] == process.returncode == 3


def test_with_a_webhook_it_goes_on(place: Served, hook: Hook) -> None:
    place.log.append([batch(1)])
    more = ("--interval", "1", "--json", "--webhook", hook.url)
    process = subprocess.Popen([TAGSERVER, *arguments(place, *more)], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    with process:
        assert json.loads(process.stdout.readline())["status"] == 0
        place.begin_again([batch(2)])
        statuses: list[int] = []
        while statuses[-2:] != [3, 3]:
            statuses.append(json.loads(process.stdout.readline())["status"])
        os.kill(process.pid, signal.SIGTERM)
    assert hook.told == [["LOG_FORKED"]]


def test_the_list_of_expected_batches_is_printed_by_whoever_ordered(workspace: Workspace) -> None:
    for _ in range(2):
        workspace.ok("issue", "--product", GTIN, "--lot", "L1", "--count", "3")
    first, second = workspace.ok("batch", "expected", "distillery").splitlines()
    assert f"  batch 1, 3 tags of {GTIN}, lot L1" in first
    assert first.split()[0] in workspace.ok("batch", "show", "1")
    assert parse_expected([first, second]) == {bytes.fromhex(one.split()[0]) for one in (first, second)}
    assert workspace.ok("batch", "expected", "distillery", "--after", "1").splitlines() == [second]
