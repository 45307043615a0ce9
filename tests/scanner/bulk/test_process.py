"""A process that reads pictures may hang, crash or not start; the others go on."""

import sys
from pathlib import Path

from PIL import Image

from scanner.bulk.entry import Flaw
from scanner.bulk.pictures import entries_in_folder, pictures_in
from scanner.bulk.process import PictureProcess
from tests.scanner.drawing import draw_qr, on_paper

READY = "print('{\"ready\": true}', flush=True); import sys, time; sys.stdin.buffer.read(5); "


def python(code: str) -> tuple[str, ...]:
    return (sys.executable, "-c", code)


def flaw_of(code: str, *, seconds: float = 20) -> str:
    with PictureProcess(python(code), seconds=seconds) as process:
        found = process.read(b"x")
    assert isinstance(found, Flaw)
    return found.code


def test_a_picture_that_takes_too_long_is_given_up() -> None:
    assert flaw_of(READY + "time.sleep(60)", seconds=0.5) == "IMAGE_TOO_SLOW"


def test_a_picture_that_ends_its_reader_is_given_up() -> None:
    assert flaw_of(READY + "sys.exit(1)") == "IMAGE_CRASHED"


def test_a_reader_that_does_not_start_is_told() -> None:
    assert flaw_of("raise SystemExit(1)") == "IMAGE_READER_MISSING"


def test_a_new_process_reads_the_next_picture(tmp_path: Path) -> None:
    Image.fromarray(on_paper(draw_qr("TEXT"))).save(tmp_path / "a.png")
    data = (tmp_path / "a.png").read_bytes()
    with PictureProcess() as process:
        assert process.read(data) == ("TEXT",)
        assert process._process is not None
        process._process.kill()
        process._process.wait()
        assert process.read(data) == Flaw(
            code="IMAGE_CRASHED", detail="the picture could not be read: its reader gave up"
        )
        assert process.read(data) == ("TEXT",)


def test_a_picture_that_is_gone_is_a_flaw(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(b"")
    pictures = pictures_in(tmp_path)
    path.unlink()
    ((entry,),) = entries_in_folder(tmp_path, pictures, jobs=1)
    assert isinstance(entry.what, Flaw)
    assert entry.what.code == "IMAGE_UNREADABLE"


def test_a_run_that_is_ended_early_leaves_no_process_behind(tmp_path: Path) -> None:
    for number in range(6):
        Image.fromarray(on_paper(draw_qr(f"TEXT {number}"))).save(tmp_path / f"{number}.png")
    entries = entries_in_folder(tmp_path, pictures_in(tmp_path), jobs=1)
    assert [entry.text for entry in next(entries)] == ["TEXT 0"]
    entries.close()  # type: ignore[attr-defined] # it is a generator
