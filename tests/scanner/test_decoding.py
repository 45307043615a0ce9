"""`scanner decode`: a line a picture, whatever the picture is."""

import json
import os
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image

from scanner.cli import main
from scanner.decoding import decode_all, pictures_of
from tests.scanner.drawing import draw_qr, on_paper


def run(*arguments: str | Path) -> tuple[int, list[dict[str, Any]]]:
    result = CliRunner().invoke(main, ["decode", "--json", *map(str, arguments)])
    assert result.exception is None or isinstance(result.exception, SystemExit)
    return result.exit_code, [json.loads(line) for line in result.output.splitlines()]


@pytest.fixture
def code(tmp_path: Path) -> Path:
    path = tmp_path / "code.png"
    cv2.imwrite(str(path), draw_qr("HELLO", module_pixels=10))
    return path


def test_a_line_has_text_corners_stage_version_level_and_time(code: Path) -> None:
    status, (line,) = run(code)
    assert status == 0
    assert set(line) == {"image", "symbols", "ms"}
    (symbol,) = line["symbols"]
    assert symbol["text"] == "HELLO"
    assert (symbol["stage"], symbol["version"], symbol["level"]) == ("zxing", "1", "M")
    assert np.allclose(symbol["corners"], [(40, 40), (250, 40), (250, 250), (40, 250)], atol=2)


def test_all_finds_every_code_and_first_one(tmp_path: Path) -> None:
    path = tmp_path / "two.png"
    cv2.imwrite(str(path), on_paper(draw_qr("ONE"), draw_qr("TWO")))
    for option, count in (("--all", 2), ("--first", 1)):
        _, (line,) = run(option, path)
        assert len(line["symbols"]) == count


def test_corners_are_of_the_upright_picture(tmp_path: Path) -> None:
    path = tmp_path / "turned.jpg"
    page = on_paper(draw_qr("UPRIGHT"), gap=90)
    page = np.vstack([page, np.full((200, page.shape[1]), 255, np.uint8)])
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.fromarray(np.ascontiguousarray(np.rot90(page))).save(path, exif=exif)
    plain = tmp_path / "plain.png"
    cv2.imwrite(str(plain), page)
    _, lines = run(path, plain)
    turned, upright = (line["symbols"][0]["corners"] for line in lines)
    assert np.allclose(turned, upright, atol=2)


def odd_files(folder: Path) -> dict[str, str | None]:
    """Files by name, with the text on them or None where they cannot be read."""
    page = Image.fromarray(draw_qr("ODD", module_pixels=8))
    page.convert("CMYK").save(folder / "cmyk.jpg")
    page.convert("P").save(folder / "palette.png")
    page.convert("1").save(folder / "bilevel.png")
    Image.fromarray(np.asarray(page).astype(np.uint16) * 257).save(folder / "deep.png")
    page.save(folder / "moving.webp", save_all=True, append_images=[page.rotate(90)], duration=50)
    (folder / "cut.jpg").write_bytes((folder / "cmyk.jpg").read_bytes()[:900])
    (folder / "empty.png").write_bytes(b"")
    (folder / "text.png").write_text("no picture at all")
    (folder / "old.gif").write_bytes(b"GIF89a" + bytes(40))
    (folder / "noise.heic").write_bytes(b"\0\0\0\x18ftypheic" + os.urandom(200))
    header = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + (60_000).to_bytes(4, "big") * 2 + b"\x08\0\0\0\0"
    (folder / "huge.png").write_bytes(header + bytes(20))
    (folder / "folder.png").mkdir()
    read = dict.fromkeys(("cmyk.jpg", "palette.png", "bilevel.png", "deep.png", "moving.webp"), "ODD")
    return read | dict.fromkeys(
        ("cut.jpg", "empty.png", "text.png", "old.gif", "noise.heic", "huge.png"), None
    )


@pytest.mark.parametrize("jobs", [1, 2])
def test_no_file_stops_the_others(tmp_path: Path, jobs: int) -> None:
    wanted = odd_files(tmp_path)
    status, lines = run("--jobs", str(jobs), *(tmp_path / name for name in wanted), tmp_path / "missing.jpg")
    assert status == 4
    assert [Path(str(line["image"])).name for line in lines] == [*wanted, "missing.jpg"]
    for line, text in zip(lines, [*wanted.values(), None], strict=True):
        if text is None:
            assert line["symbols"] == []
            assert line["error"]["code"].startswith("IMAGE_")
        else:
            assert [symbol["text"] for symbol in line["symbols"]] == [text], line


def test_a_folder_is_its_pictures_in_order(tmp_path: Path) -> None:
    for name in ("b.png", "a.JPG", "deeper/c.webp", "notes.txt"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(b"")
    names = [
        path.relative_to(tmp_path).as_posix() for path in pictures_of([tmp_path, tmp_path / "notes.txt"])
    ]
    assert names == ["a.JPG", "b.png", "deeper/c.webp", "notes.txt"]


def test_an_empty_picture_has_no_code(tmp_path: Path) -> None:
    cv2.imwrite(str(tmp_path / "white.png"), np.full((60, 60), 255, np.uint8))
    status, (line,) = run(tmp_path / "white.png")
    assert (status, line["symbols"]) == (3, [])


def test_people_see_texts_with_control_characters_as_escapes(tmp_path: Path) -> None:
    cv2.imwrite(str(tmp_path / "bell.png"), draw_qr("A\x07B"))
    result = CliRunner().invoke(main, ["decode", str(tmp_path / "bell.png"), str(tmp_path / "none.png")])
    assert "  A\\x07B  (zxing)" in result.output
    assert "none.png  the picture cannot be read" in result.output


def test_lines_come_in_the_order_of_the_pictures(code: Path) -> None:
    lines = list(decode_all([code] * 5, jobs=2))
    assert [line["image"] for line in lines] == [str(code)] * 5
