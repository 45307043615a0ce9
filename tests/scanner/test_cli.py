"""The command as people and programs call it."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner, Result
from PIL import Image

from scanner import cli
from scanner.cli import main
from scanner.images import GrayImage
from scanner.symbol import Symbol
from tests.scanner.cast import NOW, STRANGER, bundle, forged_url, signed, tag_url
from tests.scanner.drawing import draw_qr, on_paper
from tests.scanner.served import TagServer, verdict_json
from tests.scanner.test_camera import film


def run(*arguments: object, stdin: bytes | None = None) -> Result:
    return CliRunner().invoke(main, [str(argument) for argument in arguments], input=stdin)


def rows(result: Result) -> list[Any]:
    return [json.loads(line) for line in result.stdout.splitlines()]


def picture(folder: Path, *codes: GrayImage, name: str = "picture.png") -> Path:
    path = folder / name
    Image.fromarray(on_paper(*codes)).save(path)
    return path


def test_scans_a_picture_offline(tmp_path: Path, trust_file: Path) -> None:
    result = run("scan", picture(tmp_path, draw_qr(tag_url())), "--trust", trust_file)
    assert result.exit_code == 10
    assert "NOT CHECKED" in result.stdout
    assert "Signature only, history not checked" in result.stdout
    assert "SIGNATURE_ONLY: The code carries the signature of Example Distillery" in result.stdout
    assert "What to do:" in result.stdout
    assert "Checked on this device" in result.stdout


def test_the_worst_code_decides_the_exit_status(tmp_path: Path, trust_file: Path) -> None:
    page = picture(tmp_path, draw_qr(tag_url()), draw_qr(forged_url()), draw_qr("elsewhere"))
    result = run("scan", page, "--trust", trust_file)
    assert result.exit_code == 50
    assert all(words in result.stdout for words in ("NOT CHECKED", "DO NOT USE", "NOT OURS"))


def test_json_has_one_object_a_picture(tmp_path: Path, trust_file: Path) -> None:
    first = picture(tmp_path, draw_qr(tag_url()), name="first.png")
    second = picture(tmp_path, draw_qr("ß \x1b[2J"), name="second.png")
    result = run("scan", first, second, "--json", "--trust", trust_file)
    one, two = rows(result)
    assert result.exit_code == 20
    assert result.stdout.isascii()
    assert (one["image"], one["error"]) == (str(first), None)
    (symbol,) = one["symbols"]
    assert (symbol["text"], symbol["stage"], symbol["ec_level"]) == (tag_url(), "zxing", "M")
    assert [len(corner) for corner in symbol["corners"]] == [2, 2, 2, 2]
    assert symbol["verdict"]["level"] == "unchecked"
    assert symbol["verdict"]["headline"]["code"] == "SIGNATURE_ONLY"
    assert symbol["verdict"]["reasons"][0]["detail"]["issuer"] == "Example Distillery"
    assert symbol["checked_by"] == "device"
    assert two["symbols"][0]["text"] == "ß \x1b[2J"
    assert two["symbols"][0]["verdict"]["level"] == "not_ours"


def test_text_for_people_shows_control_characters_instead_of_sending_them(tmp_path: Path) -> None:
    result = run("scan", picture(tmp_path, draw_qr("evil\x1b[2J\u202etxt [bold]")))
    assert "\x1b[2J" not in result.stdout
    assert "evil\\x1b[2J\\u202etxt [bold]" in result.stdout


def test_a_picture_without_a_code_has_its_own_status(tmp_path: Path) -> None:
    page = picture(tmp_path, np.full((90, 90), 255, np.uint8))
    result = run("scan", page)
    assert result.exit_code == 3
    assert "no code found" in result.stdout
    assert rows(run("scan", "--json", page)) == [{"image": str(page), "error": None, "symbols": []}]


def test_an_unreadable_picture_does_not_hide_the_others(tmp_path: Path, trust_file: Path) -> None:
    broken = tmp_path / "broken.jpg"
    broken.write_bytes(b"\xff\xd8\xff\xe0 no more")
    result = run("scan", broken, tmp_path / "missing.png", "--trust", trust_file)
    assert result.exit_code == 4
    assert "cannot be read" in result.stdout
    good = picture(tmp_path, draw_qr(forged_url()))
    result = run("scan", broken, good, "--json", "--trust", trust_file)
    assert result.exit_code == 50
    assert rows(result)[0]["error"]["code"] == "IMAGE_UNREADABLE"
    assert len(rows(result)[1]["symbols"]) == 1


def test_reads_a_picture_from_standard_input(tmp_path: Path, trust_file: Path) -> None:
    data = picture(tmp_path, draw_qr(tag_url())).read_bytes()
    result = run("scan", "-", "--json", "--trust", trust_file, stdin=data)
    assert result.exit_code == 10
    assert rows(result)[0]["image"] == "-"
    assert run("scan", "-", stdin=b"").exit_code == 4


def test_verifies_texts(trust_file: Path) -> None:
    result = run("verify", tag_url(), forged_url(), "--trust", trust_file, "--json")
    assert result.exit_code == 50
    assert [row["verdict"]["level"] for row in rows(result)] == ["unchecked", "stop"]
    assert "corners" not in rows(result)[0]
    assert "DO NOT USE" in run("verify", forged_url(), "--trust", trust_file).stdout


def test_asks_the_server(tag_server: TagServer, trust_file: Path) -> None:
    product = {"name": "Baijiu", "size": "500 ml", "producer": "Example\x1b Distillery", "picture": None}
    history = {"first_seen": "2026-05-01T08:00:00Z", "other_viewers": 2}
    tag_server.answer("/v1/verify", verdict_json(product=product, history=history))
    result = run("verify", tag_url(), "--trust", trust_file, "--server", tag_server.url)
    assert result.exit_code == 0
    assert "✔ MATCH" in result.stdout
    assert "Product: Baijiu, 500 ml, Example\\x1b Distillery" in result.stdout
    assert "On the pack: serial 4T7QMZ9C1R5KD" in result.stdout
    assert "History: 2 other viewers, the first on 2026-05-01T08:00:00Z" in result.stdout
    assert "Checked with the server" in result.stdout
    (row,) = rows(run("verify", tag_url(), "--server", tag_server.url, "--json"))
    assert (row["checked_by"], row["product"], row["batch"]) == ("server", product, None)
    assert row["verdict"] == verdict_json()["verdict"]


def test_a_first_scan_has_no_first_date(tag_server: TagServer) -> None:
    history = {"first_seen": None, "other_viewers": 0}
    tag_server.answer("/v1/verify", verdict_json(tag=None, history=history))
    result = run("verify", tag_url(), "--server", tag_server.url)
    assert "History: 0 other viewers\n" in result.stdout
    assert "On the pack" not in result.stdout


def test_a_silent_server_is_not_a_match(trust_file: Path) -> None:
    result = run("verify", tag_url(), "--trust", trust_file, "--server", "http://127.0.0.1:1")
    assert result.exit_code == 10
    assert "Could not be checked" in result.stdout
    assert "cannot be reached" in result.stdout


def test_without_trust_or_server_it_only_reads_and_says_so() -> None:
    result = run("verify", tag_url())
    assert result.exit_code == 10
    assert "codes are read, not checked" in result.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ["scan"],
        ["scan", "a.png", "--camera", "0"],
        ["verify"],
        ["verify", "X", "--server", "http://id.example.com"],
        ["verify", "X", "--trust", "missing.json"],
        ["scan", "--camera", "missing.avi"],
    ],
)
def test_wrong_usage_has_its_own_status(arguments: list[str]) -> None:
    assert run(*arguments).exit_code == 2


def test_a_spoilt_trust_file_is_no_trust(trust_file: Path) -> None:
    trust_file.write_bytes(trust_file.read_bytes().replace(b"Distillery", b"Distillerz"))
    result = run("verify", tag_url(), "--trust", trust_file)
    assert result.exit_code == 2
    assert "not signed" in result.stderr


def test_watches_a_video(tmp_path: Path, trust_file: Path) -> None:
    path = film(tmp_path / "film.avi", "FOREIGN", None, "OTHER")
    result = run("scan", "--camera", path, "--json", "--trust", trust_file)
    assert result.exit_code == 20
    assert [row["symbols"][0]["text"] for row in rows(result)] == ["FOREIGN", "OTHER"]
    shown = run("scan", "--camera", path, "--beep")
    assert "FOREIGN" in shown.stdout
    assert shown.stderr.count("\a") == 2
    assert "2 codes in 9 frames" in shown.stderr
    assert run("scan", "--camera", film(tmp_path / "empty.avi", None)).exit_code == 3


def test_ctrl_c_ends_the_watch_with_what_was_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int | str] = []

    def interrupted(source: int | str, **_: object) -> Iterator[Symbol]:
        asked.append(source)
        corners = ((0.0, 0.0), (9.0, 0.0), (9.0, 9.0), (0.0, 9.0))
        yield Symbol(text="SEEN", payload=b"SEEN", corners=corners, stage="zxing")
        raise KeyboardInterrupt

    monkeypatch.setattr(cli, "watch", interrupted)
    result = run("scan", "--camera", "0")
    assert (result.exit_code, asked) == (20, [0])
    assert "ended" in result.stdout


def test_updates_the_pinned_bundle(tag_server: TagServer, trust_file: Path) -> None:
    later = signed(bundle(version=9, expires=NOW.replace(year=2101)))
    tag_server.answer("/.well-known/tag-trust.json", later)
    result = run("trust", "update", "--trust", trust_file, "--server", tag_server.url)
    assert result.exit_code == 0
    assert "Version 9" in result.stdout
    assert trust_file.read_bytes() == later


@pytest.mark.parametrize("offered", [signed(bundle(version=2)), signed(bundle(version=9), STRANGER), b"{}"])
def test_keeps_the_pin_when_the_update_may_not_replace_it(
    tag_server: TagServer, trust_file: Path, offered: bytes
) -> None:
    before = trust_file.read_bytes()
    tag_server.answer("/.well-known/tag-trust.json", offered)
    result = run("trust", "update", "--trust", trust_file, "--server", tag_server.url)
    assert result.exit_code == 1
    assert trust_file.read_bytes() == before


@pytest.mark.parametrize("command", [(), ("scan",), ("verify",)])
def test_help_documents_every_exit_status(command: tuple[str, ...]) -> None:
    shown = run(*command, "--help").stdout
    for status in ("0", "2", "3", "4", "10", "20", "30", "40", "50"):
        assert f"\n  {status:>4}  " in shown


def test_verdicts_are_drawn_over_the_picture(tmp_path: Path, trust_file: Path) -> None:
    page, out = picture(tmp_path, draw_qr(tag_url()), draw_qr(forged_url())), tmp_path / "out.png"
    result = run("scan", page, "--annotate", out, "--json", "--trust", trust_file)
    assert result.exit_code == 50
    with Image.open(page) as before, Image.open(out) as after:
        assert after.size == before.size
        drawn = np.asarray(after.convert("RGB")).astype(int)
    coloured = np.ptp(drawn, axis=2) > 60
    for symbol in rows(result)[0]["symbols"]:
        for x, y in symbol["corners"]:
            assert coloured[round(y) - 3 : round(y) + 4, round(x) - 3 : round(x) + 4].any()
    hues = {tuple(pixel) for pixel in drawn[coloured][::50]}
    assert any(red > 150 > blue for red, _, blue in hues)
    assert any(blue > 150 > red for red, _, blue in hues)


@pytest.mark.parametrize("more", [("second.png",), ("--camera", "0")])
def test_annotating_takes_one_picture(tmp_path: Path, more: tuple[str, ...]) -> None:
    first = () if "--camera" in more else (picture(tmp_path, draw_qr("A")),)
    result = run("scan", *first, *more, "--annotate", tmp_path / "out.png")
    assert result.exit_code == 2
    assert "one picture" in result.stderr


def test_an_annotation_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    result = run("scan", picture(tmp_path, draw_qr("A")), "--annotate", tmp_path / "nowhere" / "out.png")
    assert result.exit_code == 2
    assert "--annotate" in result.stderr
