"""A form as it was sent: what was typed, and what was wrong with it. Shown again, it loses nothing but files."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from http import HTTPStatus
from types import TracebackType
from typing import TypeVar

from flask import Request

from tagcore.errors import InputError, TransitionError
from tagserver.labels.errors import LabelError
from tagserver.ports import AlreadyExistsError, IdempotencyConflictError, StateConflictError
from tagserver.ports.imaging import ImageRefusedError
from tagserver.services.errors import Refusal, ServiceError
from tagserver.services.throttle import ThrottledError
from tagserver.web.errors import problem_of

T = TypeVar("T")

WHOLE = ""
"""The field of a fault that is no single field's."""

MAX_CHARACTERS = 20_000
"""Of a field shown again; longer than any that a service takes."""

MAX_ASKED = 60
"""Of a field that stands in an address."""

TOLD = (
    ServiceError,
    InputError,
    TransitionError,
    AlreadyExistsError,
    IdempotencyConflictError,
    StateConflictError,
    ImageRefusedError,
    LabelError,
)
"""Errors that the person at the form can do something about; all others get a page of their own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """What is wrong with a field: a stable code, for which templates have words, or else the service's own."""

    code: str
    text: str = ""


@dataclass(slots=True, kw_only=True)
class Draft:
    """What was typed by field, and the faults found so far. `status` is that of the answer when there are any."""

    values: Mapping[str, str] = field(default_factory=dict)
    faults: dict[str, Fault] = field(default_factory=dict)
    status: int = HTTPStatus.OK
    retry_after: timedelta | None = None

    @classmethod
    def of(cls, request: Request) -> Draft:
        """The form of a request; ends of lines as this program writes them."""
        return cls(values={name: value.replace("\r\n", "\n") for name, value in request.form.items()})

    @classmethod
    def asked(cls, request: Request, names: Iterable[str]) -> Draft:
        """A form that asks, as it stands in the request's address."""
        return cls(values={name: request.args.get(name, "")[:MAX_ASKED] for name in names})

    @property
    def wait_minutes(self) -> int:
        """After how many minutes a throttled try may be made again; 0 for at once."""
        return 0 if self.retry_after is None else -(-int(self.retry_after.total_seconds()) // 60)

    @property
    def is_good(self) -> bool:
        """Whether nothing was found wrong."""
        return not self.faults

    def text(self, name: str) -> str:
        """What stands in a field, without blanks around it."""
        return self.values.get(name, "").strip()

    def note(
        self, name: str, code: str, text: str = "", *, status: int = HTTPStatus.UNPROCESSABLE_ENTITY
    ) -> None:
        """Remember a fault; a field keeps its first one."""
        self.faults.setdefault(name, Fault(code=code, text=text))
        self.status = status

    def parsed(self, name: str, parse: Callable[[str], T]) -> T | None:
        """The field's value as `parse` gives it; None, and a fault, when it refuses."""
        try:
            return parse(self.text(name))
        except InputError as error:
            self.note(name, error.code, str(error))
        return None

    def number(self, name: str, *, least: int = 1, most: int = 2**32) -> int | None:
        """A whole number; people group digits. None for an empty field, and a fault for what is no number."""
        text = self.text(name).replace(",", "").replace(" ", "").replace("\u202f", "").replace("'", "")
        if not text:
            return None
        if not (text.isascii() and text.isdigit() and len(text) <= 12 and least <= int(text) <= most):
            self.note(name, "NUMBER_INVALID", f"{least:,} - {most:,}")
            return None
        return int(text)

    def told(self, *, fields: Mapping[str, str] | None = None, otherwise: str = WHOLE) -> Told:
        """A block whose refusals become faults; what comes after it is reached only then.

        `fields` renames a service's fields to the form's; `otherwise` takes what names none.
        """
        return Told(self, fields or {}, otherwise)


class Told:
    """The block of `Draft.told`."""

    def __init__(self, draft: Draft, fields: Mapping[str, str], otherwise: str) -> None:
        self._draft = draft
        self._fields = fields
        self._otherwise = otherwise

    def __enter__(self) -> None:
        pass

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> bool:
        if not isinstance(error, TOLD):
            return False
        problem = problem_of(error)
        name = getattr(error, "field", None) or self._otherwise
        is_elsewhere = problem.status == HTTPStatus.NOT_FOUND and name == WHOLE
        if is_elsewhere or problem.code == Refusal.SESSION_INVALID:
            return False
        if isinstance(error, ThrottledError):
            self._draft.retry_after = error.retry_after
        self._draft.note(self._fields.get(name, name), problem.code, str(error), status=problem.status)
        return True
