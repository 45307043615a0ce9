"""What a monitor can find wrong, and how grave that is."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum, StrEnum
from hashlib import sha256


class Grade(IntEnum):
    """The exit status of `tagserver monitor`; of several, the smallest, which is the gravest."""

    LOG_LIES = 3
    KEY_MISUSED = 4
    NOT_VOUCHED_FOR = 5
    UNREACHABLE = 6


class Alarm(StrEnum):
    """The codes; they stay the same."""

    CHECKPOINT_INVALID = "CHECKPOINT_INVALID"
    LOG_ROLLED_BACK = "LOG_ROLLED_BACK"
    LOG_FORKED = "LOG_FORKED"
    LOG_FILES_WRONG = "LOG_FILES_WRONG"
    ENTRY_INVALID = "ENTRY_INVALID"
    ENTRY_UNSIGNED = "ENTRY_UNSIGNED"
    BATCH_UNEXPECTED = "BATCH_UNEXPECTED"
    KEY_UNEXPECTED = "KEY_UNEXPECTED"
    WITNESSES_MISSING = "WITNESSES_MISSING"
    ANCHORS_MISSING = "ANCHORS_MISSING"
    ANCHOR_WRONG = "ANCHOR_WRONG"
    TRUST_EXPIRED = "TRUST_EXPIRED"
    LOG_UNREACHABLE = "LOG_UNREACHABLE"

    @property
    def grade(self) -> Grade:
        """How grave it is."""
        return _GRADES[self]


_GRADES = {
    Alarm.CHECKPOINT_INVALID: Grade.LOG_LIES,
    Alarm.LOG_ROLLED_BACK: Grade.LOG_LIES,
    Alarm.LOG_FORKED: Grade.LOG_LIES,
    Alarm.LOG_FILES_WRONG: Grade.LOG_LIES,
    Alarm.ENTRY_INVALID: Grade.LOG_LIES,
    Alarm.ENTRY_UNSIGNED: Grade.LOG_LIES,
    Alarm.ANCHOR_WRONG: Grade.LOG_LIES,
    Alarm.BATCH_UNEXPECTED: Grade.KEY_MISUSED,
    Alarm.KEY_UNEXPECTED: Grade.KEY_MISUSED,
    Alarm.WITNESSES_MISSING: Grade.NOT_VOUCHED_FOR,
    Alarm.ANCHORS_MISSING: Grade.NOT_VOUCHED_FOR,
    Alarm.TRUST_EXPIRED: Grade.NOT_VOUCHED_FOR,
    Alarm.LOG_UNREACHABLE: Grade.UNREACHABLE,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Something that is off: its code, a sentence, the entry's index where it is about one.

    `evidence` are signed texts that convince others: two checkpoints that cannot both be true, for example.
    """

    alarm: Alarm
    problem: str
    index: int | None = None
    evidence: tuple[str, ...] = ()

    @property
    def id(self) -> str:
        """The same for the same thing found again, so that it is told once."""
        about = self.alarm if self.index is None else f"{self.alarm} {self.index}"
        return sha256(about.encode()).hexdigest()[:16]
