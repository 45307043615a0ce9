"""Every error that a request can end in, as RFC 9457 problem details: the one place that knows their statuses.

`code` is stable and for programs, `title` says what kind of problem it is, `detail` what it was this time.
"""

from __future__ import annotations

import logging
import traceback
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus

from apiflask import APIFlask
from apiflask.exceptions import HTTPError
from flask import Response, render_template, request
from pydantic import ValidationError
from pydantic_core import ErrorDetails
from werkzeug.exceptions import HTTPException, TooManyRequests
from werkzeug.routing import RequestRedirect

from tagcore.errors import TagcoreError, TransitionError
from tagserver.labels.errors import LabelError
from tagserver.ports import (
    AlreadyExistsError,
    IdempotencyConflictError,
    KeystoreError,
    LeafFileError,
    LeaseLostError,
    LogForkedError,
    NotStoredError,
    SerialIndexError,
    StateConflictError,
    StoreError,
    StoreUnavailableError,
    StoreVersionError,
    TileConflictError,
    TileMissingError,
    TileStoreError,
)
from tagserver.ports.imaging import ImageCode, ImageRefusedError
from tagserver.services.errors import Refusal, ServiceError
from tagserver.web.negotiation import wants_page
from tagserver.web.rates import wait_seconds
from tagserver.web.schemas.problem import FieldProblem, ProblemOut

MEDIA_TYPE = "application/problem+json"
log = logging.getLogger("tagserver.web")

REFUSALS: Mapping[Refusal, HTTPStatus] = {
    Refusal.TOKEN_MISSING: HTTPStatus.UNAUTHORIZED,
    Refusal.TOKEN_INVALID: HTTPStatus.UNAUTHORIZED,
    Refusal.SCOPE_MISSING: HTTPStatus.FORBIDDEN,
    Refusal.ROLE_MISSING: HTTPStatus.FORBIDDEN,
    Refusal.NOT_YOURS: HTTPStatus.FORBIDDEN,
    Refusal.NOT_FOUND: HTTPStatus.NOT_FOUND,
    Refusal.INPUT_INVALID: HTTPStatus.UNPROCESSABLE_ENTITY,
    Refusal.NO_SIGNING_KEY: HTTPStatus.CONFLICT,
    Refusal.NO_HOST: HTTPStatus.UNPROCESSABLE_ENTITY,
    Refusal.KEY_SLOTS_USED_UP: HTTPStatus.CONFLICT,
    Refusal.BATCH_TOO_LARGE: HTTPStatus.UNPROCESSABLE_ENTITY,
    Refusal.BATCH_NOT_ISSUED: HTTPStatus.CONFLICT,
    Refusal.SERIALS_INVALID: HTTPStatus.UNPROCESSABLE_ENTITY,
    Refusal.SERIAL_TAKEN: HTTPStatus.CONFLICT,
    Refusal.TRANSITION_REFUSED: HTTPStatus.CONFLICT,
    Refusal.LIST_TOO_LONG: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    Refusal.PROOF_PENDING: HTTPStatus.CONFLICT,
    Refusal.LOGIN_REFUSED: HTTPStatus.FORBIDDEN,
    Refusal.LOGIN_THROTTLED: HTTPStatus.TOO_MANY_REQUESTS,
    Refusal.SESSION_INVALID: HTTPStatus.UNAUTHORIZED,
    Refusal.SETUP_LINK_INVALID: HTTPStatus.GONE,
    Refusal.PASSWORD_LENGTH: HTTPStatus.UNPROCESSABLE_ENTITY,
    Refusal.PASSWORD_COMMON: HTTPStatus.UNPROCESSABLE_ENTITY,
    Refusal.PASSWORD_OWN_NAME: HTTPStatus.UNPROCESSABLE_ENTITY,
    Refusal.CODE_REFUSED: HTTPStatus.FORBIDDEN,
    Refusal.TOTP_ON: HTTPStatus.CONFLICT,
    Refusal.TOTP_OFF: HTTPStatus.CONFLICT,
    Refusal.TOTP_NOT_BEGUN: HTTPStatus.CONFLICT,
}

IMAGES: Mapping[ImageCode, HTTPStatus] = {
    ImageCode.TOO_LARGE: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    ImageCode.TOO_MANY_PIXELS: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    ImageCode.FORMAT_UNSUPPORTED: HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    ImageCode.UNREADABLE: HTTPStatus.UNPROCESSABLE_ENTITY,
    ImageCode.TOO_SLOW: HTTPStatus.UNPROCESSABLE_ENTITY,
    ImageCode.CRASHED: HTTPStatus.UNPROCESSABLE_ENTITY,
    ImageCode.READER_BUSY: HTTPStatus.SERVICE_UNAVAILABLE,
    ImageCode.READER_MISSING: HTTPStatus.NOT_IMPLEMENTED,
}

STORE: Mapping[type[StoreError], HTTPStatus] = {
    AlreadyExistsError: HTTPStatus.CONFLICT,
    NotStoredError: HTTPStatus.NOT_FOUND,
    IdempotencyConflictError: HTTPStatus.CONFLICT,
    StateConflictError: HTTPStatus.CONFLICT,
    LeaseLostError: HTTPStatus.CONFLICT,
    StoreVersionError: HTTPStatus.SERVICE_UNAVAILABLE,
    StoreUnavailableError: HTTPStatus.SERVICE_UNAVAILABLE,
    LeafFileError: HTTPStatus.INTERNAL_SERVER_ERROR,
    SerialIndexError: HTTPStatus.INTERNAL_SERVER_ERROR,
    TileStoreError: HTTPStatus.SERVICE_UNAVAILABLE,
    TileMissingError: HTTPStatus.INTERNAL_SERVER_ERROR,
    TileConflictError: HTTPStatus.INTERNAL_SERVER_ERROR,
    LogForkedError: HTTPStatus.INTERNAL_SERVER_ERROR,
}

HTTP_CODES: Mapping[int, str] = {
    400: "BAD_REQUEST",
    404: "NOT_FOUND",
    405: "METHOD_NOT_ALLOWED",
    408: "REQUEST_TIMEOUT",
    413: "BODY_TOO_LARGE",
    414: "URL_TOO_LONG",
    415: "MEDIA_TYPE_UNSUPPORTED",
    416: "RANGE_NOT_SATISFIABLE",
    422: "INPUT_INVALID",
    429: "TOO_MANY_REQUESTS",
}

OWN_FAULT = "Something failed on this server. It was noted; nothing that you sent is at fault."


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """A problem on its way out."""

    status: int
    code: str
    detail: str
    fields: tuple[FieldProblem, ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def title(self) -> str:
        """The status in words."""
        return HTTPStatus(self.status).phrase

    def to_json(self) -> str:
        """RFC 9457, section 3."""
        first = self.fields[0].field if self.fields else None
        return ProblemOut(
            type=f"/docs#{self.code}",
            title=self.title,
            status=self.status,
            detail=self.detail,
            code=self.code,
            field=first,
            errors=list(self.fields) or None,
        ).model_dump_json(exclude_none=True)


class ProblemError(Exception):
    """A problem that a route finds by itself."""

    def __init__(self, status: int, code: str, detail: str, *, field: str | None = None) -> None:
        super().__init__(detail)
        self.problem = Problem(status=status, code=code, detail=detail, fields=_fields(field, code, detail))


def install(app: APIFlask) -> None:
    """Let every error of every request come here."""
    app.register_error_handler(Exception, respond)
    app.register_error_handler(HTTPError, respond)


def respond(error: Exception) -> Response:
    """The answer to a request that ended in `error`: a page for people, JSON for programs."""
    if isinstance(error, RequestRedirect):
        return Response(status=error.code, headers={"Location": error.new_url})
    problem = problem_of(error)
    if problem.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        _note(error, problem)
    if wants_page(request):
        response = Response(render_template("problem.html", problem=problem), problem.status)
    else:
        response = Response(problem.to_json(), problem.status, mimetype=MEDIA_TYPE)
    response.headers.extend(dict(problem.headers))
    response.headers.add("Vary", "Accept")
    return response


def problem_of(error: Exception) -> Problem:
    """What an error means to the client."""
    match error:
        case ProblemError(problem=problem):
            return problem
        case ServiceError():
            return _of_service(error)
        case TagcoreError():
            conflict = isinstance(error, TransitionError)
            return Problem(status=409 if conflict else 422, code=error.code, detail=str(error))
        case StoreError():
            return _of_store(error)
        case KeystoreError():
            return Problem(status=500, code=error.code, detail=OWN_FAULT)
        case LabelError():
            return Problem(status=422, code=error.code, detail=str(error))
        case ImageRefusedError():
            return Problem(status=IMAGES[error.code], code=error.code, detail=str(error))
        case ValidationError():
            return _of_validation(error)
        case HTTPError() | HTTPException():
            return _of_http(error)
        case _:
            return Problem(status=500, code="INTERNAL", detail=OWN_FAULT)


def known_codes() -> dict[str, int]:
    """Each code that is mapped here and its status, for the documentation."""
    codes: dict[str, int] = {code.value: status for code, status in REFUSALS.items()}
    codes |= {code.value: status for code, status in IMAGES.items()}
    codes |= {kind.code: status for kind, status in STORE.items()}
    codes |= {code: status for status, code in HTTP_CODES.items()}
    codes |= {kind.code: 409 if kind is TransitionError else 422 for kind in _subclasses(TagcoreError)}
    codes |= {kind.code: 422 for kind in _subclasses(LabelError)}
    return dict(sorted({**codes, "INTERNAL": 500}.items()))


def _of_service(error: ServiceError) -> Problem:
    status = REFUSALS[error.code]
    challenge = {"WWW-Authenticate": 'Bearer realm="origintag"'}
    return Problem(
        status=status,
        code=error.code,
        detail=str(error),
        fields=_fields(error.field, error.code, str(error)),
        headers=challenge if status is HTTPStatus.UNAUTHORIZED else {},
    )


def _of_store(error: StoreError) -> Problem:
    status = STORE.get(type(error), HTTPStatus.INTERNAL_SERVER_ERROR)
    detail = OWN_FAULT if status is HTTPStatus.INTERNAL_SERVER_ERROR else str(error)
    return Problem(status=status, code=error.code, detail=detail)


def _of_validation(error: ValidationError) -> Problem:
    fields = tuple(_field(row) for row in error.errors(include_url=False, include_input=False))
    codes = {row.code for row in fields}
    code = codes.pop() if len(codes) == 1 else Refusal.INPUT_INVALID.value
    detail = "; ".join(f"{row.field}: {row.detail}" if row.field else row.detail for row in fields[:5])
    return Problem(status=422, code=code, detail=detail, fields=fields)


def _field(row: ErrorDetails) -> FieldProblem:
    """Our own codes are in capitals (see `schemas.fields`); pydantic's are not ours to promise."""
    code = row["type"] if row["type"].isupper() else Refusal.INPUT_INVALID.value
    return FieldProblem(field=".".join(map(str, row["loc"])) or None, code=code, detail=row["msg"])


def _of_http(error: HTTPError | HTTPException) -> Problem:
    if isinstance(error.__cause__, ValidationError):
        return _of_validation(error.__cause__)
    if isinstance(error, HTTPException):
        status, detail = error.code or 500, error.description or ""
        allowed = [value for name, value in error.get_headers() if name == "Allow"]
    else:
        status, detail, allowed = error.status_code, error.message or "", []
    if isinstance(error, TooManyRequests):
        return _of_too_many()
    code = HTTP_CODES.get(status, "BAD_REQUEST" if status < 500 else "INTERNAL")
    headers = {"Allow": allowed[0]} if allowed else {}
    return Problem(status=status, code=code, detail=detail if status < 500 else OWN_FAULT, headers=headers)


def _of_too_many() -> Problem:
    """RFC 6585, section 4."""
    wait = wait_seconds()
    detail = (
        f"Too many requests at once from your network. Try again in {wait} second{'s' if wait > 1 else ''}."
    )
    return Problem(status=429, code="TOO_MANY_REQUESTS", detail=detail, headers={"Retry-After": str(wait)})


def _fields(name: str | None, code: str, detail: str) -> tuple[FieldProblem, ...]:
    return () if name is None else (FieldProblem(field=name, code=code, detail=detail),)


def _note(error: Exception, problem: Problem) -> None:
    """Kind and place, never the text: messages of libraries can hold what a user or an operator sent."""
    frames = traceback.extract_tb(error.__traceback__)
    where = " < ".join(f"{frame.filename}:{frame.lineno}" for frame in reversed(frames[-8:]))
    log.error("%s: %s in %s at %s", problem.code, type(error).__name__, request.endpoint, where)


def _subclasses(kind: type[TagcoreError] | type[LabelError]) -> list[type[TagcoreError] | type[LabelError]]:
    direct = kind.__subclasses__()
    return [below for child in direct for below in (child, *_subclasses(child))]
