"""Asking a tag server: one question a call, answered in full or not at all.

A server that is out of reach, slow, or answers anything but the agreed form gives `Silence` with the reason, never
a verdict. TLS certificates are checked; plain HTTP is for this machine only, unless asked for by its unsafe name.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import ip_address
from types import TracebackType
from typing import Self

import httpx

from scanner.answer import RECORD_PARTS, Answer, Finding
from scanner.errors import TrustUpdateUnavailableError
from tagcore.reasons import Level
from tagcore.trust import MAX_BUNDLE_BYTES

_TIMEOUT = httpx.Timeout(10.0, connect=5.0)
"""Seconds. A person with a bottle in hand does not wait longer; the answer is then "could not be checked"."""

_MAX_ANSWER_BYTES = 1024 * 1024
"""An answer has a few kilobytes."""


@dataclass(frozen=True, slots=True)
class Silence:
    """No answer, and why."""

    why: str


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
        except _NoAnswerError as error:
            return Silence(str(error))
        try:
            return _parse_answer(json.loads(body))
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            return Silence(f"the server's answer is not understood ({type(error).__name__})")

    def fetch_trust(self) -> bytes:
        """The server's trust bundle, not yet believed: give it to `scanner.trust.accept_update`.

        Raises: TrustUpdateUnavailableError.
        """
        try:
            return self._fetch("GET", "/.well-known/tag-trust.json", MAX_BUNDLE_BYTES)
        except _NoAnswerError as error:
            raise TrustUpdateUnavailableError(str(error)) from error

    def _fetch(
        self, method: str, path: str, max_bytes: int, question: Mapping[str, str] | None = None
    ) -> bytes:
        headers = {"Accept": "application/json"}
        try:
            with self._client.stream(
                method, f"{self._base}{path}", json=question, headers=headers
            ) as response:
                if response.status_code != httpx.codes.OK:
                    raise _NoAnswerError(f"the server answered with status {response.status_code}")
                body = bytearray()
                for chunk in response.iter_bytes():
                    body += chunk
                    if len(body) > max_bytes:
                        raise _NoAnswerError(f"the server's answer has more than {max_bytes} bytes")
                return bytes(body)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise _NoAnswerError(f"the server cannot be reached ({type(error).__name__})") from error


class _NoAnswerError(Exception):
    """Why there is no answer."""


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
