"""Pictures are read by processes apart, which may hang, crash or eat memory without hurting anybody."""

import os
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from textwrap import dedent

import pytest

from tagserver.imaging.pool import WorkerPool
from tagserver.ports.imaging import ImageCode, ImageRefusedError, SeenSymbol

MakePool = Callable[..., WorkerPool]

PROGRAM = """
    import json, os, sys, time
    source, answers = sys.stdin.buffer, sys.stdout

    def say(answer):
        print(json.dumps(answer), file=answers, flush=True)

    say({"ready": True})
    while len(head := source.read(4)) == 4:
        data = source.read(int.from_bytes(head, "big"))
        if data == b"hang":
            time.sleep(600)
        elif data == b"crash":
            os._exit(3)
        elif data == b"half":
            print('{"symbols": [', end="", file=answers, flush=True)
            os._exit(0)
        elif data == b"babble":
            print("warning: not JSON", file=answers, flush=True)
        elif data == b"list":
            say([])
        elif data == b"refuse":
            say({"error": {"code": "IMAGE_UNREADABLE", "message": "torn"}})
        elif data == b"unknown":
            say({"error": {"code": "SOMETHING_NEW", "message": "hm"}})
        elif data == b"slow":
            time.sleep(0.6)
            say({"symbols": []})
        elif data == b"environment":
            say({"symbols": [{"text": name, "corners": [[0, 0]] * 4, "stage": "s"} for name in os.environ]})
        else:
            corners = [[0, 0], [1.5, 0], [1, 1], [0, 1]]
            say({"symbols": [{"text": f"{os.getpid()} {len(data)}", "corners": corners, "stage": "zxing"}]})
"""


@pytest.fixture
def pool_of(tmp_path: Path) -> Iterator[MakePool]:
    """Pools over a program that does what its pictures say."""
    made: list[WorkerPool] = []
    (tmp_path / "program.py").write_text(dedent(PROGRAM), encoding="utf-8")

    def make(program: str = "program.py", **options: float) -> WorkerPool:
        command = (sys.executable, str(tmp_path / program))
        pool = WorkerPool(command, **{"size": 1, "seconds": 20.0, **options})  # type: ignore[arg-type] # numbers all
        made.append(pool)
        return pool

    yield make
    for pool in made:
        pool.close()


def refusal(pool: WorkerPool, data: bytes) -> ImageCode:
    with pytest.raises(ImageRefusedError) as refused:
        pool.read(data)
    return refused.value.code


def process_of(pool: WorkerPool) -> str:
    return pool.read(b"who")[0].text.split()[0]


def test_a_picture_is_read_and_the_process_kept(pool_of: MakePool) -> None:
    pool = pool_of()
    (seen,) = pool.read(b"x" * 100_000)
    assert seen == SeenSymbol(
        text=f"{process_of(pool)} 100000", corners=((0, 0), (1.5, 0), (1, 1), (0, 1)), stage="zxing"
    )


def test_a_slow_picture_is_given_up_and_its_process_killed(pool_of: MakePool) -> None:
    pool = pool_of(seconds=1.0)
    former = process_of(pool)
    began = time.monotonic()
    assert refusal(pool, b"hang") is ImageCode.TOO_SLOW
    assert time.monotonic() - began < 5
    assert not Path(f"/proc/{former}").exists()
    assert process_of(pool) != former


@pytest.mark.parametrize("data", [b"crash", b"half", b"babble", b"list"])
def test_a_picture_that_ends_its_process_is_refused_and_the_next_is_read(
    pool_of: MakePool, data: bytes
) -> None:
    pool = pool_of()
    former = process_of(pool)
    assert refusal(pool, data) is ImageCode.CRASHED
    assert process_of(pool) != former


def test_a_process_that_was_killed_meanwhile_is_replaced(pool_of: MakePool) -> None:
    pool = pool_of()
    former = int(process_of(pool))
    os.kill(former, 9)
    time.sleep(0.3)
    assert process_of(pool) != str(former)


@pytest.mark.parametrize(
    ("data", "code"), [(b"refuse", "IMAGE_UNREADABLE"), (b"unknown", "IMAGE_UNREADABLE")]
)
def test_what_the_process_refuses_is_refused(pool_of: MakePool, data: bytes, code: str) -> None:
    pool = pool_of()
    former = process_of(pool)
    assert refusal(pool, data) == code
    assert process_of(pool) == former


def test_who_finds_all_processes_at_work_is_told_so(pool_of: MakePool) -> None:
    pool = pool_of(patience_seconds=0.05)
    process_of(pool)
    busy = threading.Thread(target=pool.read, args=(b"slow",))
    busy.start()
    time.sleep(0.1)
    assert refusal(pool, b"who") is ImageCode.READER_BUSY
    busy.join()
    assert process_of(pool)


def test_as_many_pictures_as_processes_are_read_at_a_time(pool_of: MakePool) -> None:
    pool = pool_of(size=2)
    seen: list[str] = []
    pool.read(b"slow")

    def look() -> None:
        pool.read(b"slow")
        seen.append("done")

    threads = [threading.Thread(target=look) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert seen == ["done", "done"]


def test_no_secret_of_this_process_is_within_reach(
    pool_of: MakePool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ORIGINTAG_PASSPHRASE", "a passphrase that only tests use")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "another")
    names = {symbol.text for symbol in pool_of().read(b"environment")}
    assert "PATH" in names
    assert not {"ORIGINTAG_PASSPHRASE", "AWS_SECRET_ACCESS_KEY", "HOME"} & names


def test_closing_ends_the_processes(pool_of: MakePool) -> None:
    pool = pool_of()
    process = process_of(pool)
    pool.close()
    assert not Path(f"/proc/{process}").exists()
    assert refusal(pool, b"who") is ImageCode.READER_BUSY
    pool.close()


def test_a_picture_being_read_while_the_pool_closes_is_finished(pool_of: MakePool) -> None:
    pool = pool_of()
    process = process_of(pool)
    seen: list[object] = []
    busy = threading.Thread(target=lambda: seen.append(pool.read(b"slow")))
    busy.start()
    time.sleep(0.1)
    pool.close()
    busy.join()
    assert seen == [()]
    assert not Path(f"/proc/{process}").exists()


def test_a_process_that_does_not_end_by_itself_is_killed(pool_of: MakePool, tmp_path: Path) -> None:
    stubborn = (
        'import json, sys, time\nprint(json.dumps({"ready": True}), flush=True)\n'
        'sys.stdin.buffer.read(5)\nprint(json.dumps({"symbols": []}), flush=True)\ntime.sleep(600)\n'
    )
    (tmp_path / "stubborn.py").write_text(stubborn, encoding="utf-8")
    pool = pool_of("stubborn.py")
    assert pool.read(b"x") == ()
    began = time.monotonic()
    pool.close()
    assert time.monotonic() - began < 10


@pytest.mark.parametrize(
    "program",
    [
        "import sys; sys.exit(1)",
        'print(\'{"error": {"code": "IMAGE_READER_MISSING", "message": "zxingcpp is not installed"}}\')',
        "print('{\"error\": {}}')",
    ],
)
def test_a_reader_that_does_not_start_is_missing(pool_of: MakePool, tmp_path: Path, program: str) -> None:
    (tmp_path / "broken.py").write_text(program, encoding="utf-8")
    pool = pool_of("broken.py")
    for _ in range(2):
        assert refusal(pool, b"who") is ImageCode.READER_MISSING


def test_a_program_that_is_not_there_is_missing() -> None:
    with WorkerPool(("/nowhere/at/all",)) as pool:
        assert refusal(pool, b"who") is ImageCode.READER_MISSING


def test_a_pool_has_at_least_one_process() -> None:
    with pytest.raises(ValueError, match="at least one"):
        WorkerPool(("true",), size=0)
