"""What a verdict rests on: the reading, the signature, the record and the history, each as a plain value.

docs/spec/verdicts.md, "Evidence". Missing evidence has a value of its own, so that it is never mistaken for good news.
"""

from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum, StrEnum
from typing import Literal

from tagcore.errors import Step
from tagcore.gs1 import Expiry, Gtin
from tagcore.history import History
from tagcore.reasons import Code
from tagcore.states import State
from tagcore.tag import Profile, Tag


@dataclass(frozen=True, slots=True, kw_only=True)
class Ours:
    """A canonical tag, read under a host that its issuer lists (or with no host seen: it came by the server's path)."""

    tag: Tag
    profile: Profile


@dataclass(frozen=True, slots=True, kw_only=True)
class Typed:
    """A GTIN and a serial that a person typed, with lot and expiry if the person gave them."""

    gtin: Gtin
    serial: str
    lot: str | None = None
    expiry: Expiry | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NotOurs:
    """What is not a tag of ours: FOREIGN_CODE, or MALFORMED with the reason why, or CANNOT_CHECK for a later format."""

    code: Literal[Code.FOREIGN_CODE, Code.MALFORMED, Code.CANNOT_CHECK]
    text: str
    why: str


Reading = Ours | Typed | NotOurs


class Cause(StrEnum):
    """Why evidence is missing; the words complete a sentence."""

    OUTAGE = "the record cannot be reached"
    STALE_TRUST = "the list of producers' keys on this device is out of date"
    LATER_FORMAT = "the code is of a later kind than this reader knows"
    NO_TRUST = "no list of producers' keys is at hand"
    NO_HISTORY = "earlier scans cannot be looked up"


class Signature(Enum):
    """What became of the signature."""

    VALID = "valid"
    INVALID = "invalid"
    KEY_UNKNOWN = "key unknown"
    KEY_REVOKED = "key revoked"


@dataclass(frozen=True, slots=True, kw_only=True)
class SignatureFinding:
    """The outcome of the signature's check, and by whose key."""

    outcome: Signature
    issuer: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecallNotice:
    """A recall or withdrawal that covers the unit: when, why, and what the producer asks for."""

    withdrawn: bool
    on: date
    reason: str
    instructions: str


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitRecord:
    """The producer's record of a unit that exists.

    `signed_in_window` is false when the unit's batch was issued outside its key's validity window; `markets` are
    the countries that it is meant for, none for all.
    """

    lot: str
    expiry: Expiry | None
    state: State
    state_since: datetime | None = None
    state_country: str | None = None
    signed_in_window: bool = True
    markets: frozenset[str] = frozenset()
    recall: RecallNotice | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NoUnit:
    """The record has no such unit. `lot_exists`: it has the lot that was read, or none was read."""

    lot_exists: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class NotConsulted:
    """The record was not asked: `cause` None is a check that is offline on purpose."""

    cause: Cause | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Pending:
    """The tag's batch waits for its place in the log, or for its witnesses: information, nothing against it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Proven:
    """The tag's proof holds: its batch is in a log that is believed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Failed:
    """The tag's proof does not hold; `step` is where."""

    step: Step


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """All that a verdict rests on. `signature` is None when nothing that was read carries one, or no trust is at hand.

    `history` and `proof` are None when they were not looked up; `country` is where this scan is made, if known
    (ISO 3166, 2 letters). `now` is aware, and its year has four digits.
    """

    now: datetime
    reading: Reading
    signature: SignatureFinding | None
    record: UnitRecord | NoUnit | NotConsulted
    trust_problem: Cause | None = None
    history: History | None = None
    country: str | None = None
    proof: Pending | Proven | Failed | None = None
