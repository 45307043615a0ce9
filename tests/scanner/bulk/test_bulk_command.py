"""`scanner bulk`: lists and folders in, a report out, whatever is wrong with some of it."""

import csv
import io
import json
import tracemalloc
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from PIL import Image

from demo.photograph import SHOTS, photograph
from scanner.bulk import Judge, running
from scanner.bulk.reporting import COLUMNS
from scanner.cli import main
from tests.scanner.bulk.conftest import Url
from tests.scanner.bulk.serving import NDJSON, BulkServer, body_of, bulk_serving, row
from tests.scanner.cast import IDENTITY, NOW, bundle, expired_url, forged_url
from tests.scanner.drawing import draw_label, draw_qr, on_paper

BOM = "\ufeff"


def run(*arguments: object, token: str | None = None) -> Result:
    environment = {"SCANNER_TOKEN": token}
    return CliRunner(env=environment).invoke(main, ["bulk", *map(str, arguments)])


def report(result: Result) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(result.stdout)))


def listed(folder: Path, name: str, *lines: str) -> Path:
    path = folder / name
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8", errors="surrogateescape")
    return path


@pytest.fixture
def server() -> Iterator[BulkServer]:
    with bulk_serving() as told:
        yield told


def test_checks_a_list_offline_in_its_order(tmp_path: Path, trust_file: Path, url_of: Url) -> None:
    path = listed(tmp_path, "goods.txt", url_of(1), "", forged_url(), "https://elsewhere.example/", url_of(2))
    result = run(path, "--trust", trust_file)
    rows = report(result)
    assert result.exit_code == 50
    assert [(row["source"], row["index"], row["level"]) for row in rows] == [
        ("goods.txt:1", "0", "unchecked"),
        ("goods.txt:3", "1", "stop"),
        ("goods.txt:4", "2", "not_ours"),
        ("goods.txt:5", "3", "unchecked"),
    ]
    assert tuple(rows[0]) == COLUMNS
    assert (rows[0]["text"], rows[0]["gtin"], rows[0]["serial"]) == (url_of(1), IDENTITY.gtin, "S00001")
    assert (rows[1]["code"], rows[1]["checked_by"]) == ("SIGNATURE_INVALID", "device")
    assert "4 items" in result.stderr
    assert "SIGNATURE_INVALID" in result.stderr


@pytest.mark.parametrize(
    ("name", "lines"),
    [
        ("list.csv", (BOM + "Shelf;URL", "A1;{0}", "A2;{1}")),
        ("list.csv", ("text", '"{0}"', "{1}")),
        ("list.csv", ("{0}", "{1}")),
        ("list.ndjson", (BOM + '{{"text": "{0}"}}', '"{1}"')),
        ("list.JSONL", ('"{0}"', '{{"text": "{1}"}}')),
        ("list.txt", (BOM + "{0}", "  {1}  ")),
    ],
)
def test_takes_lists_in_every_form(
    tmp_path: Path, trust_file: Path, url_of: Url, name: str, lines: tuple[str, ...]
) -> None:
    path = listed(tmp_path, name, *(line.format(url_of(1), url_of(2)) for line in lines))
    result = run(path, "--trust", trust_file)
    assert [row["text"] for row in report(result)] == [url_of(1), url_of(2)]
    assert {row["code"] for row in report(result)} == {"SIGNATURE_ONLY"}
    assert result.exit_code == 10


def test_one_bad_line_spoils_no_other(tmp_path: Path, trust_file: Path, url_of: Url) -> None:
    bad = (
        "not json",
        "[" * 50_000,
        "5",
        '{"text": 5}',
        "{}",
        '{"text": ""}',
        '"\udcff"',
        f'"{"x" * 70_000}"',
        f'"{"x" * 9_000}"',
    )
    path = listed(tmp_path, "list.ndjson", *bad, f'"{url_of(1)}"')
    result = run(path, "--trust", trust_file)
    *errors, good = report(result)
    assert [row["error"] for row in errors] == ["INPUT_INVALID"] * len(bad)
    assert [row["source"] for row in errors] == [f"list.ndjson:{number}" for number in range(1, len(bad) + 1)]
    assert good["code"] == "SIGNATURE_ONLY"
    assert f"{len(bad)}  not read: INPUT_INVALID" in result.stderr


def test_a_list_of_bad_lines_alone_has_the_status_of_what_cannot_be_read(tmp_path: Path) -> None:
    assert run(listed(tmp_path, "list.ndjson", "bad")).exit_code == 4
    assert run(listed(tmp_path, "list.txt")).exit_code == 0


def test_a_table_may_have_numbers_instead(tmp_path: Path, trust_file: Path) -> None:
    path = listed(
        tmp_path,
        "list.csv",
        "gtin,serial,lot,expiry",
        f"{IDENTITY.gtin[1:]},4t7qmz9c1r5kd,LOT1,271231",
        "123,A,,",
        ",A,,",
        ",,,",
    )
    first, second, third = report(run(path, "--trust", trust_file))
    assert (first["text"], first["code"]) == (f"(01){IDENTITY.gtin}(21)4T7QMZ9C1R5KD", "CANNOT_CHECK")
    assert (first["lot"], first["expiry"]) == ("LOT1", "271231")
    assert (second["error"], third["error"]) == ("GTIN_INVALID", "INPUT_INVALID")


def test_a_quote_that_is_never_closed_spoils_what_it_swallows(tmp_path: Path, url_of: Url) -> None:
    path = listed(
        tmp_path, "list.csv", "text", url_of(1), '"' + "x" * 60_000, "y" * 60_000, "z" * 60_000, url_of(2)
    )
    rows = report(run(path))
    assert [row["error"] for row in rows] == ["", "INPUT_INVALID", ""]
    assert rows[2]["text"] == url_of(2)


def test_the_same_unit_twice_marks_both(tmp_path: Path, trust_file: Path, url_of: Url) -> None:
    browser = url_of(1).replace("HTTPS://ID.EXAMPLE.COM", "https://id.example.com")
    path = listed(tmp_path, "list.txt", url_of(2), url_of(1), "elsewhere", browser, "elsewhere")
    result = run(path, "--trust", trust_file)
    marks = [(row["signals"], row["first_index"]) for row in report(result)]
    assert marks == [("", ""), ("DUPLICATE_IN_BATCH", "1"), ("", ""), ("DUPLICATE_IN_BATCH", "1"), ("", "")]
    assert "2  marked DUPLICATE_IN_BATCH" in result.stderr


def test_the_report_is_harmless_and_shows_control_characters(tmp_path: Path) -> None:
    path = listed(tmp_path, "=cmd.ndjson", '"=1+1"', '"@x"', '"a\\u001b[2J\\nb"')
    rows = report(run(path))
    assert [row["text"] for row in rows] == ["'=1+1", "'@x", "a\\x1b[2J\\nb"]
    assert rows[0]["source"] == "'=cmd.ndjson:1"


def test_a_report_in_a_file_is_known_as_utf_8_and_the_sums_are_shown(
    tmp_path: Path, trust_file: Path, url_of: Url
) -> None:
    out = tmp_path / "report.csv"
    result = run(listed(tmp_path, "list.txt", url_of(1), "酒"), "--trust", trust_file, "--out", out)
    assert out.read_bytes().startswith(BOM.encode())
    rows = list(csv.DictReader(io.StringIO(out.read_text(encoding="utf-8-sig"))))
    assert [row["text"] for row in rows] == [url_of(1), "酒"]
    assert "2 items" in result.stdout
    assert result.stderr == ""


def test_reads_every_code_of_every_photograph_in_a_folder(
    tmp_path: Path, trust_file: Path, url_of: Url
) -> None:
    folder = tmp_path / "photos"
    (folder / "pallet").mkdir(parents=True)
    (folder / "a.jpg").write_bytes(photograph(draw_label(url_of(1)), SHOTS["tilted"], seed=1).jpeg)
    Image.fromarray(on_paper(draw_qr(url_of(2)), draw_qr("elsewhere"))).save(folder / "pallet" / "b.PNG")
    Image.fromarray(on_paper(draw_qr(url_of(1)))).save(folder / "pallet" / "c.webp", lossless=True)
    Image.new("L", (90, 90), 255).save(folder / "d.png")
    (folder / "e.jpeg").write_bytes(b"\xff\xd8\xff\xe0 no more")
    (folder / "notes.txt").write_text("no picture")
    result = run(folder, "--trust", trust_file, "--jobs", 2)
    rows = report(result)
    assert [row["source"] for row in rows] == [
        "a.jpg",
        "d.png",
        "e.jpeg",
        *["pallet/b.PNG"] * 2,
        "pallet/c.webp",
    ]
    assert [row["error"] for row in rows] == ["", "NO_CODE", "IMAGE_UNREADABLE", "", "", ""]
    assert {rows[3]["text"], rows[4]["text"]} == {url_of(2), "elsewhere"}
    assert [row["index"] for row in rows if row["signals"]] == ["0", "5"]
    assert result.exit_code == 20


def test_a_folder_without_codes_has_the_status_of_one(tmp_path: Path) -> None:
    Image.new("L", (90, 90), 255).save(tmp_path / "blank.png")
    assert run(tmp_path).exit_code == 3


def test_asks_the_server_in_parts_and_keeps_the_order(
    tmp_path: Path, server: BulkServer, url_of: Url, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("scanner.bulk.judging.CHUNK", 2)
    texts = [url_of(number) for number in range(5)]
    result = run(listed(tmp_path, "list.txt", *texts), "--server", server.url, token="ot_secret")
    rows = report(result)
    assert result.exit_code == 0
    assert [row["text"] for row in rows] == texts
    assert {(row["code"], row["checked_by"], row["product"], row["state"]) for row in rows} == {
        ("FIRST_SCAN", "server", "Baijiu", "active")
    }
    assert [[item["text"] for item in items] for _, items in server.asked] == [
        texts[:2],
        texts[2:4],
        texts[4:],
    ]
    headers = [headers for headers, _ in server.asked]
    assert {head["Authorization"] for head in headers} == {"Bearer ot_secret"}
    assert len({head["Idempotency-Key"] for head in headers}) == 3


def test_bad_items_are_not_asked_for_and_the_servers_refusals_are_reported(
    tmp_path: Path, server: BulkServer
) -> None:
    path = listed(tmp_path, "list.csv", "text,gtin,serial", "a,,", ",123,A", f",{IDENTITY.gtin},A")
    refusal = {"code": "INPUT_INVALID", "detail": "no", "field": None}
    server.script = lambda items: (200, NDJSON, body_of([row(0), row(1, verdict=None, error=refusal)]))
    rows = report(run(path, "--server", server.url, "--token", "t"))
    assert [(row["code"], row["error"]) for row in rows] == [
        ("FIRST_SCAN", ""),
        ("", "GTIN_INVALID"),
        ("", "INPUT_INVALID"),
    ]
    assert server.asked[0][1] == [{"text": "a"}, {"gtin": IDENTITY.gtin, "serial": "A"}]


def test_a_list_of_bad_items_asks_nothing(tmp_path: Path, server: BulkServer) -> None:
    assert run(listed(tmp_path, "list.ndjson", "bad"), "--server", server.url, "--token", "t").exit_code == 4
    assert server.asked == []


def test_pinned_keys_speak_against_a_server(
    tmp_path: Path, server: BulkServer, trust_file: Path, url_of: Url
) -> None:
    path = listed(tmp_path, "list.txt", url_of(1), forged_url())
    rows = report(run(path, "--server", server.url, "--token", "t", "--trust", trust_file))
    assert [(row["level"], row["checked_by"]) for row in rows] == [("match", "server"), ("stop", "device")]


def test_a_connection_that_broke_is_tried_once_more_under_the_same_key(
    tmp_path: Path, server: BulkServer, url_of: Url
) -> None:
    answers = iter([body_of([row(0)], summary=False), body_of([row(0), row(1)])])
    server.script = lambda items: (200, NDJSON, next(answers))
    rows = report(
        run(listed(tmp_path, "list.txt", url_of(1), url_of(2)), "--server", server.url, "--token", "t")
    )
    assert [row["level"] for row in rows] == ["match", "match"]
    first, second = (headers["Idempotency-Key"] for headers, _ in server.asked)
    assert first == second


def two_rows(**more: object) -> bytes:
    return body_of([row(0), row(1) | more])


@pytest.mark.parametrize(
    ("status", "kind", "body", "why"),
    [
        (500, "text/html", b"", "status 500"),
        (200, "application/json", b"{}", "status 200"),
        (200, NDJSON, body_of([row(0)], summary=False), "cut off"),
        (200, NDJSON, body_of([row(0)]), "not understood"),
        (200, NDJSON, two_rows(index=5), "not understood"),
        (200, NDJSON, two_rows(verdict=None), "not understood"),
        (200, NDJSON, two_rows(product=5), "not understood"),
        (200, NDJSON, b"[]\n", "not understood"),
        (200, NDJSON, b"{", "cut off"),
        (200, NDJSON, b"x" * 3_000_000, "bytes"),
    ],
)
def test_an_answer_of_another_form_leaves_the_rest_unchecked(
    tmp_path: Path, server: BulkServer, url_of: Url, status: int, kind: str, body: bytes, why: str
) -> None:
    server.script = lambda items: (status, kind, body)
    result = run(listed(tmp_path, "list.txt", url_of(1), url_of(2)), "--server", server.url, "--token", "t")
    last = report(result)[-1]
    assert (last["level"], last["code"], last["checked_by"]) == ("unchecked", "CANNOT_CHECK", "device")
    assert why in last["note"]
    assert result.exit_code == 10


def test_a_silent_server_is_not_asked_for_the_rest(
    tmp_path: Path, server: BulkServer, trust_file: Path, url_of: Url, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("scanner.bulk.judging.CHUNK", 1)
    server.script = lambda items: (502, "text/html", b"")
    path = listed(tmp_path, "list.txt", url_of(1), forged_url(), url_of(2))
    rows = report(run(path, "--server", server.url, "--token", "t", "--trust", trust_file))
    assert [row["level"] for row in rows] == ["unchecked", "stop", "unchecked"]
    assert len(server.asked) == 2


def test_a_server_without_its_record_still_answers(tmp_path: Path, server: BulkServer, url_of: Url) -> None:
    server.script = lambda items: (503, NDJSON, body_of([row(0)]))
    assert (
        report(run(listed(tmp_path, "l.txt", url_of(1)), "--server", server.url, "--token", "t"))[0]["level"]
        == "match"
    )


def test_a_server_that_is_down_is_no_match(tmp_path: Path, url_of: Url) -> None:
    result = run(listed(tmp_path, "list.txt", url_of(1)), "--server", "http://127.0.0.1:1", "--token", "t")
    assert "cannot be reached" in report(result)[0]["note"]


@pytest.mark.parametrize("status", [401, 403, 404, 409, 413])
def test_a_refused_list_ends_the_run(tmp_path: Path, server: BulkServer, url_of: Url, status: int) -> None:
    server.script = lambda items: (status, "application/problem+json", b"{}")
    result = run(listed(tmp_path, "list.txt", url_of(1)), "--server", server.url, "--token", "wrong")
    assert result.exit_code == 2
    assert f"status {status}" in result.stderr
    assert "wrong" not in result.output


@pytest.mark.parametrize(
    ("name", "line", "options", "said"),
    [
        ("list.xlsx", "", (), "want a folder"),
        ("list.csv", "name,address", (), "want a column"),
        ("list.txt", "", ("--server", "https://id.example.com"), "token"),
        ("list.txt", "", ("--jobs", "0"), "--jobs"),
        ("list.txt", "", ("--out", "missing/report.csv"), "--out"),
        ("list.txt", "", ("--trust", "missing.json"), "--trust"),
    ],
)
def test_wrong_usage_has_its_own_status(
    tmp_path: Path, name: str, line: str, options: tuple[str, ...], said: str
) -> None:
    result = run(listed(tmp_path, name, line), *options)
    assert result.exit_code == 2
    assert said in result.stderr


def test_the_list_itself_is_never_replaced(tmp_path: Path) -> None:
    path = listed(tmp_path, "list.csv", "text", "a")
    assert run(path, "--out", path).exit_code == 2
    assert path.read_text() == "text\na\n"


def test_help_tells_of_the_statuses_and_of_the_environment() -> None:
    shown = run("--help").stdout
    assert "SCANNER_TOKEN" in shown
    assert "Exit status" in shown


def test_ten_thousand_lines_fit_flat_memory(tmp_path: Path) -> None:
    """3 MB of texts that are none of ours; the report has some more."""
    path = listed(
        tmp_path, "list.txt", *(f"https://elsewhere.example/{n}?{'x' * 280}" for n in range(10_000))
    )
    judge = Judge(trust=bundle(), server=None, token="", run_id="run")
    out = tmp_path / "report.csv"
    tracemalloc.start()
    try:
        tally = running.check_all(path, judge, out, jobs=1, now=NOW)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert tally.items == 10_000
    assert out.stat().st_size > 4_500_000
    assert peak < 2_500_000


def test_progress_is_for_terminals(monkeypatch: pytest.MonkeyPatch) -> None:
    assert running._progress().disable
    monkeypatch.setenv("FORCE_COLOR", "1")
    assert not running._progress().disable
    assert running.default_jobs() >= 1


def test_an_expired_unit_is_told_offline(tmp_path: Path, trust_file: Path) -> None:
    (row,) = report(run(listed(tmp_path, "l.ndjson", json.dumps(expired_url())), "--trust", trust_file))
    assert row["code"] == "EXPIRED"
    assert row["advice"]
