"""All there is to check, kept on disk, so that the first of two equal units can be marked too."""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import blake2b
from tempfile import TemporaryFile
from typing import IO

from scanner.bulk.entry import Entry, Flaw, entry_of
from tagcore.evidence import Typed


@dataclass(frozen=True, slots=True, kw_only=True)
class Gathered:
    """Entries in their order, any number of times; `count` of them."""

    count: int
    _file: IO[str]
    _first: Mapping[bytes, int] = field(repr=False)
    _times: Counter[bytes] = field(repr=False)

    def __iter__(self) -> Iterator[Entry]:
        """Not for two at once."""
        self._file.seek(0)
        return map(_parsed, self._file)

    def first_of(self, entry: Entry) -> int | None:
        """The index of the first entry with this one's unit, if several have it; else None."""
        unit = _unit(entry)
        return self._first[unit] if unit is not None and self._times[unit] > 1 else None


@contextmanager
def gather(entries: Iterable[Entry]) -> Iterator[Gathered]:
    """Take all of `entries`; they are forgotten when the block ends. Memory: about 200 bytes a unit."""
    first: dict[bytes, int] = {}
    times: Counter[bytes] = Counter()
    count = 0
    with TemporaryFile("w+", encoding="ascii") as file:
        for entry in entries:
            unit = _unit(entry)
            if unit is not None:
                first.setdefault(unit, count)
                times[unit] += 1
            file.write(json.dumps(_formatted(entry)) + "\n")
            count += 1
        yield Gathered(count=count, _file=file, _first=first, _times=times)


def _unit(entry: Entry) -> bytes | None:
    """A short name of the unit, None for what is no tag. A forged signature has its original's numbers."""
    numbers = entry.numbers
    if not numbers:
        return None
    return blake2b(f"{numbers['gtin']} {numbers['serial']}".encode(), digest_size=16).digest()


def _formatted(entry: Entry) -> dict[str, object]:
    match entry.what:
        case str():
            return {"source": entry.source, "item": {"text": entry.what}}
        case Typed():
            return {"source": entry.source, "item": dict(entry.numbers)}
        case Flaw(code=code, detail=detail, is_empty=is_empty):
            return {"source": entry.source, "flaw": {"code": code, "detail": detail, "is_empty": is_empty}}


def _parsed(line: str) -> Entry:
    row = json.loads(line)
    if "flaw" in row:
        return Entry(source=row["source"], what=Flaw(**row["flaw"]))
    if "text" in row["item"]:
        return Entry(source=row["source"], what=row["item"]["text"])
    return entry_of(row["source"], row["item"])
