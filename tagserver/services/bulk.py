"""Bulk: a list of things verified in order, item by item, whatever is wrong with some of them.

The list is read twice: once to count it and to find units that stand in it more than once, so that the first of them
is marked too; then chunk by chunk to be verified. Memory holds a chunk, and some two hundred bytes an item for the
former. Once the store does not answer, what remains cannot be checked and is not tried.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from hashlib import blake2b, sha256
from itertools import islice
from typing import assert_never

from tagcore.evidence import NotOurs, Ours, Reading, Typed
from tagcore.history import Place
from tagcore.reasons import Code, Level
from tagserver.services.errors import Refusal, ServiceError
from tagserver.services.verify import Chunk, Look, Once, Verification, Verifying
from tagserver.services.viewers import Sight

MAX_ITEMS = 50_000
"""A lorry: 33 pallets of 1,500 units. Longer lists are sent in parts."""

CHUNK = 200
"""Items in one transaction: the wait for the disk is spread over them, and nobody waits long for the write lock."""


class SignalCode(StrEnum):
    """What only the list as a whole shows. Append-only, as reason codes are; aggregation will add its own."""

    DUPLICATE_IN_BATCH = "DUPLICATE_IN_BATCH"


@dataclass(frozen=True, slots=True, kw_only=True)
class Flaw:
    """Why an item cannot be checked as it stands: a stable code, a sentence, and the member at fault if one is."""

    code: str
    detail: str
    field: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """An item of a list: `given` is echoed as it is; `place` is where this one was, None: where the list was."""

    given: object
    what: str | Typed | Flaw
    place: Place | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Repeat:
    """A unit that stands in the list `times` times, first as item `first_index` (from 0)."""

    first_index: int
    times: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """What came of an item: `outcome` is a verification or the entry's flaw."""

    index: int
    given: object
    outcome: Verification | Flaw
    repeat: Repeat | None = None

    @property
    def signals(self) -> tuple[SignalCode, ...]:
        """What the list says of this item."""
        return (SignalCode.DUPLICATE_IN_BATCH,) if self.repeat else ()


@dataclass(slots=True, kw_only=True)
class Summary:
    """Sums over a list, complete when all its items were taken. `codes` are those of headlines."""

    items: int = 0
    levels: Counter[Level] = field(default_factory=Counter)
    codes: Counter[Code] = field(default_factory=Counter)
    errors: Counter[str] = field(default_factory=Counter)
    signals: Counter[SignalCode] = field(default_factory=Counter)
    repeated_units: int = 0

    def count(self, item: Item) -> None:
        """Take one item in."""
        self.items += 1
        self.signals.update(item.signals)
        self.repeated_units += item.repeat is not None and item.repeat.first_index == item.index
        match item.outcome:
            case Flaw(code=code):
                self.errors[code] += 1
            case Verification(verdict=verdict):
                self.levels[verdict.level] += 1
                self.codes[verdict.headline.code] += 1
            case _ as never:
                assert_never(never)


Entries = Callable[[], Iterable[Entry]]
"""A list that can be read from its beginning again, with the same entries."""


class Run:
    """One list on its way: iterate over it once, then read the summary."""

    def __init__(self, verifying: Verifying, entries: Entries, sight: Sight, once: Once | None) -> None:
        """Raises: ServiceError LIST_TOO_LONG, INPUT_INVALID (an empty list)."""
        self.summary = Summary()
        self.is_outage = self.replayed = False
        self._verifying = verifying
        self._entries = entries
        self._sight = sight
        self._once = once
        self._repeats = _repeats(entries(), verifying.reader())

    def __iter__(self) -> Iterator[Item]:
        """The items in order. Raises: IdempotencyConflictError before the first, when the key is another list's."""
        entries = iter(self._entries())
        start = 0
        while chunk := list(islice(entries, CHUNK)):
            for item in self._checked(start, chunk):
                self.summary.count(item)
                yield item
            start += len(chunk)

    def _checked(self, start: int, entries: Sequence[Entry]) -> Iterator[Item]:
        looks = [
            Look(what=entry.what, sight=replace(self._sight, place=entry.place or self._sight.place))
            for entry in entries
            if not isinstance(entry.what, Flaw)
        ]
        verifications = iter(self._verified(start, looks).verifications)
        for index, entry in enumerate(entries, start):
            outcome = entry.what if isinstance(entry.what, Flaw) else next(verifications)
            yield Item(index=index, given=entry.given, outcome=outcome, repeat=self._repeat(outcome))

    def _verified(self, start: int, looks: Sequence[Look]) -> Chunk:
        if self.is_outage:
            return self._verifying.without_record(looks)
        chunk = self._verifying.verify_chunk(looks, once=self._part(start))
        self.is_outage = chunk.is_outage
        self.replayed = self.replayed or chunk.replayed
        return chunk

    def _part(self, start: int) -> Once | None:
        """The chunk's own claim under the list's key: a list that was cut off goes on where it stood."""
        if self._once is None:
            return None
        key = sha256(self._once.key.encode("utf-8")).hexdigest()
        return replace(self._once, key=f"bulk {key} {start}")

    def _repeat(self, outcome: Verification | Flaw) -> Repeat | None:
        unit = None if isinstance(outcome, Flaw) else _unit(outcome.reading)
        return None if unit is None else self._repeats.get(unit)


class Bulk:
    """Checks of lists."""

    def __init__(self, *, verifying: Verifying) -> None:
        self._verifying = verifying

    def check(self, entries: Entries, sight: Sight, *, once: Once | None = None) -> Run:
        """Count the list and find its repeats; what comes back verifies it while it is iterated over.

        With `once` the scans of the same list under the same key are recorded once; verdicts are those of now.
        Raises: ServiceError LIST_TOO_LONG, INPUT_INVALID (an empty list).
        """
        return Run(self._verifying, entries, sight, once)


def _repeats(entries: Iterable[Entry], reader: Callable[[str], Reading]) -> Mapping[bytes, Repeat]:
    """Units that stand in the list more than once, genuine or not: a copy has its original's numbers."""
    first: dict[bytes, int] = {}
    repeats: dict[bytes, Repeat] = {}
    index = -1
    for index, entry in enumerate(entries):
        if index >= MAX_ITEMS:
            raise ServiceError(Refusal.LIST_TOO_LONG, f"want at most {MAX_ITEMS} items in a list")
        if isinstance(entry.what, Flaw):
            continue
        unit = _unit(reader(entry.what) if isinstance(entry.what, str) else entry.what)
        if unit is not None and first.setdefault(unit, index) != index:
            times = repeats[unit].times + 1 if unit in repeats else 2
            repeats[unit] = Repeat(first_index=first[unit], times=times)
    if index < 0:
        raise ServiceError(Refusal.INPUT_INVALID, "the list is empty", field="items")
    return repeats


def _unit(reading: Reading) -> bytes | None:
    """A short name of the unit that was read, None for what is none of ours."""
    match reading:
        case Ours(tag=tag):
            return _short(tag.identity.gtin, tag.identity.serial)
        case Typed(gtin=gtin, serial=serial):
            return _short(gtin, serial)
        case NotOurs():
            return None
        case _ as never:
            assert_never(never)


def _short(gtin: str, serial: str) -> bytes:
    return blake2b(f"{gtin} {serial}".encode(), digest_size=16).digest()
