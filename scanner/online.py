"""Asking a tag server: one question a call, answered in full or not at all.

A server that is out of reach, slow, or answers anything but the agreed form gives `Silence` with the reason, never
a verdict. TLS certificates are checked; plain HTTP is for this machine only, unless asked for by its unsafe name.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from ipaddress import ip_address
from types import TracebackType
from typing import Self

import httpx

from scanner.answer import RECORD_PARTS, Answer, Finding
from scanner.errors import TrustUpdateUnavailableError
from tagcore.reasons import Level
from tagcore.trust import MAX_BUNDLE_BYTES

USER_AGENT = f"origintag-scanner/{version('origintag')}"
"""Says what asks. Servers count it as a viewer: a person holds the pack."""

_TIMEOUT = httpx.Timeout(10.0, connect=5.0)
"""Seconds. A person with a bottle in hand does not wait longer; the answer is then "could not be checked"."""

_LIST_TIMEOUT = httpx.Timeout(60.0, connect=5.0)
"""Seconds without a byte. A server reads all of a list before it answers."""

_NDJSON = "application/x-ndjson"
_REFUSALS = frozenset({400, 401, 403, 404, 405, 409, 413, 415, 422})

_MAX_ANSWER_BYTES = 1024 * 1024
"""An answer has a few kilobytes."""


@dataclass(frozen=True, slots=True)
class Silence:
    """No answer, and why."""

    why: str


@dataclass(frozen=True, slots=True)
class ItemRefusal:
    """An item of a list that the server cannot read: its code and why."""

    code: str
    detail: str


class NoAnswerError(Exception):
    """Why there is no answer."""


class RefusedError(Exception):
    """The server takes no such question from this token: asking again is of no use."""


class ServerUrlError(ValueError):
    """Not the address of a server that may be asked."""


class Server:
    """A tag server, by its base URL. Close it, or use it in a `with`."""

    def __init__(
        self, url: str, *, unsafe_plain_http: bool = False, transport: httpx.BaseTransport | None = None
    ) -> None:
        """`transport` stands in for the network in tests. Raises: ServerUrlError."""
        self._base = _parse_base(url, unsafe_plain_http)
        self._client = httpx.Client(timeout=_TIMEOUT, transport=transport, follow_redirects=False)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._client.close()

    def verify(self, text: str) -> Answer | Silence:
        """The server's verdict on a scanned text."""
        try:
            body = self._fetch("POST", "/v1/verify", _MAX_ANSWER_BYTES, {"text": text})
        except NoAnswerError as error:
            return Silence(str(error))
        try:
            return _parse_answer(json.loads(body))
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            return Silence(f"the server's answer is not understood ({type(error).__name__})")

    def verify_list(
        self, items: Sequence[Mapping[str, str]], *, token: str, key: str
    ) -> Iterator[Answer | ItemRefusal]:
        """The server's verdicts on a list (docs/api.md, "Lists"), one by one, in order, as they come.

        The same `key` with the same items is recorded once. Raises: RefusedError; NoAnswerError, when nothing (more)
        is to be had: what came before it stands.
        """
        body = "".join(json.dumps(item) + "\n" for item in items).encode("ascii")
        lines = self._lines("/v1/verify/bulk", body, token, key)
        for index, line in enumerate(lines):
            try:
                row = json.loads(line)
                if "summary" in row and index == len(items):
                    return
                answer = _parse_row(row, index)
            except (ValueError, KeyError, TypeError, RecursionError) as error:
                kind = type(error).__name__
                raise NoAnswerError(f"the server's answer is not understood ({kind})") from error
            yield answer
        raise NoAnswerError("the server's answer was cut off")

    def _lines(self, path: str, body: bytes, token: str, key: str) -> Iterator[bytes]:
        """The lines of an answer as they come. A server that does not reach its own record (503) still answers."""
        headers = {
            "Accept": _NDJSON,
            "Authorization": f"Bearer {token}",
            "Content-Type": _NDJSON,
            "Idempotency-Key": key,
            "User-Agent": USER_AGENT,
        }
        try:
            with self._client.stream(
                "POST", f"{self._base}{path}", content=body, headers=headers, timeout=_LIST_TIMEOUT
            ) as response:
                if response.status_code in _REFUSALS:
                    raise RefusedError(f"the server refused the list with status {response.status_code}")
                if not response.headers.get("Content-Type", "").startswith(_NDJSON):
                    raise NoAnswerError(f"the server answered with status {response.status_code}")
                yield from _whole_lines(response.iter_bytes())
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise NoAnswerError(f"the server cannot be reached ({type(error).__name__})") from error

    def fetch_trust(self) -> bytes:
        """The server's trust bundle, not yet believed: give it to `scanner.trust.accept_update`.

        Raises: TrustUpdateUnavailableError.
        """
        try:
            return self._fetch("GET", "/.well-known/tag-trust.json", MAX_BUNDLE_BYTES)
        except NoAnswerError as error:
            raise TrustUpdateUnavailableError(str(error)) from error

    def _fetch(
        self, method: str, path: str, max_bytes: int, question: Mapping[str, str] | None = None
    ) -> bytes:
        headers = {"Accept": "application/json", "User-Agent": USER_AGENT}
        try:
            with self._client.stream(
                method, f"{self._base}{path}", json=question, headers=headers
            ) as response:
                if response.status_code != httpx.codes.OK:
                    raise NoAnswerError(f"the server answered with status {response.status_code}")
                body = bytearray()
                for chunk in response.iter_bytes():
                    body += chunk
                    if len(body) > max_bytes:
                        raise NoAnswerError(f"the server's answer has more than {max_bytes} bytes")
                return bytes(body)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise NoAnswerError(f"the server cannot be reached ({type(error).__name__})") from error


def _whole_lines(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """The lines in a stream; what follows the last line's end is cut off and no line."""
    rest = b""
    for piece in pieces:
        *lines, rest = (rest + piece).split(b"\n")
        yield from lines
        if len(rest) > _MAX_ANSWER_BYTES:
            raise NoAnswerError(f"the server's answer has a line of more than {_MAX_ANSWER_BYTES} bytes")


def _parse_row(row: dict[str, object], index: int) -> Answer | ItemRefusal:
    """One item's answer in the agreed form, or KeyError, TypeError or ValueError."""
    if row["index"] != index:
        raise ValueError("another item's answer")
    if row["error"] is not None:
        error = _object(row["error"])
        return ItemRefusal(code=_text(error["code"]), detail=_text(error["detail"]))
    product, state = row["product"], row["state"]
    parts = {
        "product": None if product is None else {"name": _text(product)},
        "state": None if state is None else {"state": _text(state)},
    }
    return _parse_answer({**row, **parts})


def _parse_base(url: str, unsafe_plain_http: bool) -> str:
    try:
        parsed = httpx.URL(url)
    except httpx.InvalidURL as error:
        raise ServerUrlError(f"got {url!r}, want the server's address, as https://id.example.com") from error
    if parsed.scheme not in {"https", "http"} or not parsed.host or parsed.query or parsed.fragment:
        raise ServerUrlError(f"got {url!r}, want the server's address, as https://id.example.com")
    if parsed.scheme == "http" and not (unsafe_plain_http or _is_this_machine(parsed.host)):
        raise ServerUrlError(f"got {url!r}, want https: over plain http anybody on the way can answer")
    return str(parsed).rstrip("/")


def _is_this_machine(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _parse_answer(answer: dict[str, object]) -> Answer:
    """The agreed form, or KeyError, TypeError or ValueError."""
    verdict = _object(answer["verdict"])
    headline = _object(verdict["headline"])
    reasons = verdict["reasons"]
    if not isinstance(reasons, list) or not reasons:
        raise TypeError("a verdict has reasons")
    level, findings = _level(verdict["level"]), tuple(_parse_finding(_object(reason)) for reason in reasons)
    if level is Level.MATCH and any(finding.level is not Level.MATCH for finding in findings):
        raise ValueError("a match for reasons that are worse")
    return Answer(
        level=level,
        code=_text(headline["code"]),
        title=_text(headline["title"]),
        text=_text(headline["text"]),
        advice=_text(headline["advice"]),
        findings=findings,
        by="server",
        record={part: _object(answer[part]) for part in RECORD_PARTS if answer.get(part) is not None},
    )


def _parse_finding(reason: Mapping[str, object]) -> Finding:
    return Finding(
        code=_text(reason["code"]),
        level=_level(reason["level"]),
        text=_text(reason["text"]),
        detail={key: str(value) for key, value in _object(reason["detail"]).items()},
    )


def _level(value: object) -> Level:
    """A later level, unknown here, is no answer."""
    return Level[_text(value).upper()]


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError(f"got {type(value).__name__}, want text")
    return value


def _object(value: object) -> Mapping[str, object]:
    if not isinstance(value, dict):
        raise TypeError(f"got {type(value).__name__}, want an object")
    return value
