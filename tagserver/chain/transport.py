"""Talking to a node: one request, one answer of a bounded size, and one error for everything that can go wrong."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import httpx

from tagserver.ports import AnchorCode, AnchorError

TIMEOUT_SECONDS = 10.0
MAX_ANSWER_BYTES = 4_000_000
"""A full block of transaction ids has under 1 MB."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came back: any status."""

    status: int
    body: bytes


class Transport:
    """Requests to one address. Safe to share by threads. Errors name its host alone: an address may hold a token."""

    def __init__(self, url: str, *, backend: str, timeout_seconds: float = TIMEOUT_SECONDS) -> None:
        self._url = url.rstrip("/")
        self._backend = backend
        # No connection is kept: questions come minutes apart, and nobody has to remember to close anything.
        self._client = httpx.Client(
            timeout=timeout_seconds, follow_redirects=False, limits=httpx.Limits(max_keepalive_connections=0)
        )
        self.host = urlsplit(url).netloc.rpartition("@")[2]

    def get(self, path: str) -> Answer:
        """Raises AnchorError NODE_UNAVAILABLE, NODE_ANSWER."""
        return self._ask("GET", path, None, {})

    def post(self, path: str, body: bytes, content_type: str) -> Answer:
        """Raises AnchorError NODE_UNAVAILABLE, NODE_ANSWER. After a time-out nobody knows whether it was done."""
        return self._ask("POST", path, body, {"Content-Type": content_type})

    def json(self, answer: Answer) -> Any:  # noqa: ANN401 - whatever a stranger sent
        """Raises AnchorError NODE_ANSWER."""
        try:
            return json.loads(answer.body)
        except (ValueError, RecursionError):
            raise self.nonsense("the answer is not JSON") from None

    def nonsense(self, problem: str) -> AnchorError:
        """The error for an answer that makes no sense."""
        return AnchorError(AnchorCode.NODE_ANSWER, self._backend, f"{self.host}: {problem}")

    def unavailable(self, problem: str) -> AnchorError:
        """The error for no answer."""
        return AnchorError(AnchorCode.NODE_UNAVAILABLE, self._backend, f"{self.host}: {problem}")

    def _ask(self, method: str, path: str, body: bytes | None, headers: dict[str, str]) -> Answer:
        try:
            with self._client.stream(method, f"{self._url}{path}", content=body, headers=headers) as response:
                received = bytearray()
                for chunk in response.iter_bytes():
                    received += chunk
                    if len(received) > MAX_ANSWER_BYTES:
                        raise self.nonsense(f"the answer has more than {MAX_ANSWER_BYTES:,} bytes")
                return Answer(status=response.status_code, body=bytes(received))
        except httpx.TimeoutException:
            raise self.unavailable("no answer in time") from None
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            # The library's own words may hold the address.
            raise self.unavailable(type(error).__name__) from None
