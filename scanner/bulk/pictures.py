"""A folder of photographs: every code of every picture, read by several processes, answered in order of names."""

from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from queue import LifoQueue

from scanner.bulk.entry import Entry, Flaw
from scanner.bulk.process import PictureProcess
from scanner.images import DEFAULT_LIMITS

SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".webp", ".heic", ".heif"})

Found = tuple[str, ...] | Flaw


def pictures_in(folder: Path) -> tuple[Path, ...]:
    """The pictures in a folder and those below it, in order of their paths."""
    return tuple(
        sorted(path for path in folder.rglob("*") if path.suffix.lower() in SUFFIXES and path.is_file())
    )


def entries_in_folder(folder: Path, pictures: Sequence[Path], *, jobs: int) -> Iterator[tuple[Entry, ...]]:
    """The codes of one picture after the other, `jobs` of them read at a time; one flaw where there is none."""
    with ExitStack() as stack:
        idle: LifoQueue[PictureProcess] = LifoQueue()
        for _ in range(jobs):
            idle.put(stack.enter_context(PictureProcess()))
        pool = stack.enter_context(ThreadPoolExecutor(jobs))
        ahead: deque[tuple[Path, Future[Found]]] = deque()
        stack.callback(lambda: [future.cancel() for _, future in ahead])
        for path in pictures:
            ahead.append((path, pool.submit(_read, path, idle)))
            if len(ahead) > 2 * jobs:
                yield _entries(folder, *_taken(ahead))
        while ahead:
            yield _entries(folder, *_taken(ahead))


def _taken(ahead: deque[tuple[Path, Future[Found]]]) -> tuple[Path, Found]:
    path, future = ahead.popleft()
    return path, future.result()


def _read(path: Path, idle: LifoQueue[PictureProcess]) -> Found:
    try:
        with path.open("rb") as file:
            data = file.read(DEFAULT_LIMITS.max_bytes + 1)
    except OSError as error:
        return Flaw(code="IMAGE_UNREADABLE", detail=f"the picture cannot be read: {error.strerror}")
    process = idle.get()
    try:
        return process.read(data)
    finally:
        idle.put(process)


def _entries(folder: Path, path: Path, found: Found) -> tuple[Entry, ...]:
    source = path.relative_to(folder).as_posix()
    if not isinstance(found, Flaw) and not found:
        found = Flaw(code="NO_CODE", detail="no code found", is_empty=True)
    if isinstance(found, Flaw):
        return (Entry(source=source, what=found),)
    return tuple(Entry(source=source, what=text) for text in found)
