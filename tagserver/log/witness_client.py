"""Asking a witness over HTTP: one request, one answer, nothing followed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import httpx

TIMEOUT_SECONDS = 5.0
MAX_ANSWER_BYTES = 64 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A witness's answer; `body` at most MAX_ANSWER_BYTES, `media_type` in lower case."""

    status: int
    media_type: str
    body: bytes


class WitnessUnreachableError(Exception):
    """No answer, or none that could be read whole."""


Ask = Callable[[str, bytes], Answer]
"""(the address in front of `/add-checkpoint`, the request's body) -> the answer. Raises WitnessUnreachableError."""


def ask_witness(url: str, body: bytes) -> Answer:
    """POST add-checkpoint. Redirects are not followed: where a witness is was chosen by the operator."""
    import httpx  # a tenth of a second, for a log that has witnesses

    try:
        with httpx.stream(
            "POST",
            f"{url}/add-checkpoint",
            content=body,
            headers={"Content-Type": "text/plain; charset=utf-8"},
            timeout=TIMEOUT_SECONDS,
            follow_redirects=False,
        ) as response:
            return Answer(
                status=response.status_code,
                media_type=response.headers.get("Content-Type", "").partition(";")[0].strip().lower(),
                body=_bounded(response),
            )
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise WitnessUnreachableError(type(error).__name__) from error


def _bounded(response: httpx.Response) -> bytes:
    body = b""
    for chunk in response.iter_bytes():
        body += chunk
        if len(body) > MAX_ANSWER_BYTES:
            raise WitnessUnreachableError(f"more than {MAX_ANSWER_BYTES} bytes")
    return body
