import csv
import random
import re
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

import pypdfium2
import pytest

from tagcore.gs1 import parse_gtin
from tagcore.merkle import leaf_hash
from tagcore.tag import Profile, leaf_bytes, parse_url
from tagserver.bootstrap import open_services
from tagserver.cli import batches as batches_commands
from tagserver.config import load_settings
from tagserver.ports import Batch, BatchNumber
from tagserver.services.access import operator
from tagserver.services.issue import Order
from tests.tagserver.cli.conftest import GTIN, SECRETS, Outcome, Workspace
from tests.tagserver.services.cast import naive_root


def issue(workspace: Workspace, *more: str | Path, count: int = 3) -> Outcome:
    return workspace.run("issue", "--product", GTIN, "--lot", "LOT1", "--count", str(count), *more)


def root_told(outcome: Outcome) -> bytes:
    found = re.search(r"root ([0-9a-f]{64})", outcome.out)
    assert found
    return bytes.fromhex(found[1])


def batches(workspace: Workspace) -> list[Batch]:
    with open_services(load_settings(workspace.home, SECRETS)) as services:
        organisation = services.access.organisation("distillery")
        return list(services.issuing.of(operator(organisation)))


def root_of_list(path: Path) -> bytes:
    """The root over the tags that a list for a printing house names."""
    with path.open(newline="") as file:
        urls = [row["url"] for row in csv.DictReader(file)]
    return naive_root([leaf_bytes(parse_url(url)[2]) for url in urls])


def test_a_batch_is_issued_and_its_manifest_shown(workspace: Workspace) -> None:
    outcome = issue(workspace, "--expiry", "271200")
    assert outcome.status == 0
    assert outcome.out.startswith("batch 1: 3 tags, root ")
    shown = workspace.ok("batch", "show", "1")
    assert "batch 1: issued, 3 of 3 tags" in shown
    assert f"root     {root_told(outcome).hex()}" in shown
    assert "expiry   271200" in shown
    assert workspace.ok("batch", "list", "distillery") == f"1\t{GTIN}\tLOT1\t3/3\tissued\n"


def pdf_pages(path: Path) -> int:
    document = pypdfium2.PdfDocument(path)
    try:
        return len(document)
    finally:
        document.close()


def files_in(path: Path) -> int:
    with zipfile.ZipFile(path) as archive:
        return len(archive.namelist())


@pytest.mark.parametrize(
    ("name", "look", "want"),
    [
        ("labels.pdf", pdf_pages, 2),
        ("LABELS.PDF", pdf_pages, 2),
        ("labels.svg.zip", files_in, 25),
        ("labels.png.zip", files_in, 25),
        ("labels.csv", lambda path: path.read_text().count("HTTPS://"), 25),
        ("labels.zpl", lambda path: path.read_bytes().count(b"^XA"), 25),
    ],
)
def test_labels_are_written_in_the_form_that_the_name_says(
    workspace: Workspace, tmp_path: Path, name: str, look: Callable[[Path], int], want: int
) -> None:
    outcome = issue(workspace, "--out", tmp_path / name, count=25)
    assert outcome.status == 0, outcome
    assert f"25 labels in {tmp_path / name}" in outcome.out
    assert look(tmp_path / name) == want
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted([name, "workspace"])


def test_a_list_for_a_printing_house_holds_the_tags_under_the_root(
    workspace: Workspace, tmp_path: Path
) -> None:
    outcome = issue(workspace, "--out", tmp_path / "labels.csv", count=50)
    assert root_of_list(tmp_path / "labels.csv") == root_told(outcome)


def test_stock_start_marks_and_module_are_as_asked(workspace: Workspace, tmp_path: Path) -> None:
    out = tmp_path / "labels.pdf"
    more = ("--stock", "letter-2x3", "--start", "6", "--no-cut-marks", "--module", "0.5", "--out", out)
    assert issue(workspace, *more, count=2).status == 0
    assert pdf_pages(out) == 2


def test_a_warning_is_given_before_labels_with_small_modules_are_written(
    workspace: Workspace, tmp_path: Path
) -> None:
    outcome = issue(workspace, "--module", "0.2", "--out", tmp_path / "labels.pdf")
    assert outcome.status == 0
    assert "LABEL_MODULE_TOO_SMALL: " in outcome.err


def test_labels_that_do_not_fit_leave_no_file_and_the_batch_can_be_printed_later(
    workspace: Workspace, tmp_path: Path
) -> None:
    out = tmp_path / "labels.pdf"
    outcome = issue(workspace, "--stock", "thermal-10x10-203", "--out", out)
    assert outcome.status == 1
    assert outcome.err.startswith("LABEL_SYMBOL_DOES_NOT_FIT: ")
    assert [path.name for path in tmp_path.iterdir()] == ["workspace"]
    assert workspace.run("labels", "1", "--out", out).status == 0


def test_a_file_that_cannot_be_finished_leaves_the_former_one_as_it_was(
    workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_arguments: object, **_named: object) -> None:
        raise OSError(28, "No space left on device")

    out = tmp_path / "labels.csv"
    issue(workspace, "--out", out)
    before = out.read_bytes()
    monkeypatch.setattr(batches_commands, "write_labels", fail)
    outcome = workspace.run("labels", "1", "--out", out)
    assert outcome.status == 1
    assert outcome.err.endswith("SYSTEM: [Errno 28] No space left on device\n")
    assert out.read_bytes() == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["labels.csv", "workspace"]


def test_a_list_of_addresses_needs_no_stock_that_fits(workspace: Workspace, tmp_path: Path) -> None:
    outcome = issue(workspace, "--stock", "thermal-10x10-203", "--out", tmp_path / "labels.csv")
    assert (outcome.status, outcome.err) == (0, "")


def test_the_same_key_finds_the_same_batch_and_another_order_is_refused(workspace: Workspace) -> None:
    first, again = issue(workspace, "--key", "k"), issue(workspace, "--key", "k")
    assert first.out == again.out
    other = issue(workspace, "--key", "k", count=4)
    assert other.err.startswith("IDEMPOTENCY_CONFLICT: ")
    assert len(batches(workspace)) == 1


def test_without_a_key_each_command_issues(workspace: Workspace) -> None:
    issue(workspace)
    issue(workspace)
    assert len(batches(workspace)) == 2


def serials_file(folder: Path, text: str) -> Path:
    path = folder / "serials.csv"
    path.write_text(text, encoding="utf-8")
    return path


def issue_serials(workspace: Workspace, path: Path, *more: str | Path) -> Outcome:
    return workspace.run("issue", "--product", GTIN, "--serials", path, *more)


@pytest.mark.parametrize("heading", ["", "serial,colour\n", "\ufeffSerial\r\n", "\n\n"])
def test_a_producers_own_serials_come_from_the_first_column(
    workspace: Workspace, tmp_path: Path, heading: str
) -> None:
    path = serials_file(tmp_path, heading + 'A-1,red\n\n B-2 ,blue\n"C/3"\n')
    assert issue_serials(workspace, path, "--out", tmp_path / "labels.csv").status == 0
    with (tmp_path / "labels.csv").open(newline="") as file:
        assert [row["serial"] for row in csv.DictReader(file)] == ["A-1", "B-2", "C/3"]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", " has no serials"),
        ("serial\n", " has no serials"),
        ("A\nB\nA\n", ", line 3: A is on line 1 already"),
        ("serial\n\nA\nB C\n", ", line 4: serial has the character ' ', which GS1 character set 82 lacks"),
        ("A\n" + "x" * 21 + "\n", ", line 2: serial has 21 characters, want 1 to 20"),
        ('"A\n1"\n', ", line 2: serial has the character '\\n', which GS1 character set 82 lacks"),
    ],
)
def test_a_file_of_serials_that_breaks_the_rules_is_refused_with_the_line(
    workspace: Workspace, tmp_path: Path, text: str, problem: str
) -> None:
    path = serials_file(tmp_path, text)
    outcome = issue_serials(workspace, path)
    assert (outcome.status, outcome.err) == (1, f"SERIALS_INVALID: {path}{problem}\n")


def test_a_file_that_is_no_text_is_refused(workspace: Workspace, tmp_path: Path) -> None:
    path = tmp_path / "serials.csv"
    path.write_bytes(b"\xff\xfe\x00")
    outcome = issue_serials(workspace, path)
    assert outcome.err.startswith(f"SERIALS_INVALID: {path} is no CSV file in UTF-8")
    assert outcome.err.count("\n") == 1


def test_serials_and_a_count_together_are_a_wrong_use(workspace: Workspace, tmp_path: Path) -> None:
    assert issue_serials(workspace, serials_file(tmp_path, "A\n"), "--count", "1").status == 2


def test_a_batch_that_failed_is_told_with_its_reason(workspace: Workspace) -> None:
    (workspace.home / "keys" / "distillery-0.key.json").unlink()
    outcome = issue(workspace, "--key", "k")
    line = "BATCH_NOT_ISSUED: batch 1 failed: KEYSTORE_KEY_MISSING: no such key (key 'distillery-0')\n"
    assert (outcome.status, outcome.err) == (1, line)
    assert issue(workspace, "--key", "k").err == line


def test_labels_again_are_noticed_and_in_the_audit_trail(workspace: Workspace, tmp_path: Path) -> None:
    issue(workspace, "--out", tmp_path / "first.csv", count=5)
    outcome = workspace.run("labels", "1", "--first", "2", "--count", "3", "--out", tmp_path / "again.csv")
    assert (outcome.status, outcome.err) == (0, "labels of this batch were written 1 times before\n")
    first, again = ((tmp_path / name).read_text().splitlines() for name in ("first.csv", "again.csv"))
    assert [line.partition(",")[2] for line in again[1:]] == [line.partition(",")[2] for line in first[2:5]]
    trail = workspace.ok("trail", "--action", "labels.render").splitlines()
    assert [line.split("\t")[1:] for line in trail] == [
        ["distillery", "labels.render", "1", "form=csv first=1 count=3"],
        ["distillery", "labels.render", "1", "form=csv first=0 count=5"],
    ]


def test_labels_beyond_the_batch_are_refused(workspace: Workspace, tmp_path: Path) -> None:
    issue(workspace)
    outcome = workspace.run("labels", "1", "--first", "4", "--out", tmp_path / "labels.csv")
    assert outcome.err == "INPUT_INVALID: got tags 3 to 2 of a batch of 3\n"


def test_a_batch_that_waits_is_not_shown_as_issued(workspace: Workspace) -> None:
    queue(workspace, 1)
    assert workspace.ok("batch", "show", "1") == "batch 1: queued, 0 of 3 tags\n"


def queue(workspace: Workspace, many: int, count: int = 3) -> None:
    """Batches that wait for a worker."""
    order = Order(gtin=parse_gtin(GTIN), lot="LOT1", expiry=None, count=count, profile=Profile.COMPACT)
    with open_services(load_settings(workspace.home, SECRETS)) as services:
        caller = operator(services.access.organisation("distillery"))
        for number in range(many):
            services.issuing.request(caller, order, idempotency_key=f"queued {number}")


def test_a_worker_issues_all_that_waits_and_ends_when_asked(workspace: Workspace) -> None:
    queue(workspace, 2)
    assert workspace.ok("worker", "--once") == "batch 1: issued\nbatch 2: issued\n"
    assert workspace.ok("worker", "--once") == ""


def test_a_worker_that_stays_issues_what_comes_later(workspace: Workspace) -> None:
    worker = workspace.start("worker")
    try:
        queue(workspace, 1)
        assert worker.stdout is not None
        assert worker.stdout.readline() == "batch 1: issued\n"
    finally:
        worker.kill()  # SIGINT is ignored by what a shell started in the background
        worker.communicate(timeout=30)


def test_a_batch_asked_for_by_many_processes_at_once_is_issued_once(
    workspace: Workspace, tmp_path: Path
) -> None:
    command = ("issue", "--product", GTIN, "--count", "2000", "--key", "k")
    processes = [workspace.start(*command) for _ in range(4)]
    told = {process.communicate(timeout=60)[0] for process in processes}
    assert all(process.returncode == 0 for process in processes)
    assert len(told) == 1
    assert [(batch.number, batch.done) for batch in batches(workspace)] == [(1, 2000)]


@pytest.mark.slow
def test_a_killed_command_is_taken_up_again_once_its_lease_has_ended(
    workspace: Workspace, tmp_path: Path
) -> None:
    workspace.environ["ORIGINTAG_LEASE_SECONDS"] = "5"
    command = ("issue", "--product", GTIN, "--count", "60000", "--key", "k", "--out", tmp_path / "labels.csv")
    chance = random.Random(20260301)
    for _ in range(2):
        process = workspace.start(*command)
        wait_for_progress(workspace, chance.randrange(1, 30_000))
        process.kill()
        process.communicate(timeout=30)
        (batch,) = batches(workspace)
        assert (batch.root, batch.issued_at, batch.manifest_signature) == (None, None, None)
        assert not (tmp_path / "labels.csv").exists()
    outcome = workspace.process(*command)
    assert outcome.status == 0
    (batch,) = batches(workspace)
    assert (batch.number, batch.done, batch.attempt) == (BatchNumber(1), 60_000, 3)
    assert root_told(outcome) == batch.root == root_of_list(tmp_path / "labels.csv")
    leaves = (workspace.home / "batches" / "1.leaves").read_bytes()
    with (tmp_path / "labels.csv").open(newline="") as file:
        first = next(csv.DictReader(file))
    assert leaves[:32] == leaf_hash(leaf_bytes(parse_url(first["url"])[2]))
    assert len(leaves) == 32 * 60_000
    again = workspace.process("issue", "--product", GTIN, "--count", "60000", "--key", "k")
    assert root_told(again) == batch.root


def wait_for_progress(workspace: Workspace, more: int) -> None:
    """Until the batch has got on by so many tags."""
    with open_services(load_settings(workspace.home, SECRETS)) as services:
        caller = operator(services.access.organisation("distillery"))

        def done() -> int:
            found = services.issuing.of(caller)
            return found[0].done if found else 0

        begun = done()
        deadline = time.monotonic() + 60
        while done() < min(begun + more, 50_000):
            assert time.monotonic() < deadline
            time.sleep(0.01)
