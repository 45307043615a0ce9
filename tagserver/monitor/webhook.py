"""Telling somebody's own program what was found: one POST of JSON."""

from __future__ import annotations

from typing import ClassVar

import httpx

from tagcore.canonical import canonical_json
from tagserver.monitor.files import USER_AGENT
from tagserver.monitor.reports import look_to_json
from tagserver.monitor.watch import Look

_TIMEOUT_SECONDS = 15.0


class WebhookError(Exception):
    """The webhook did not take the report; it is told again at the next look."""

    code: ClassVar[str] = "WEBHOOK_FAILED"


class Webhook:
    """The program at `url`, which answers with a status of 2xx once it has taken a report."""

    def __init__(self, url: str) -> None:
        self._url = url

    def tell(self, look: Look, log_url: str) -> None:
        """Send the findings that were not told before. Raises: WebhookError."""
        report = canonical_json(look_to_json(look, log_url, only=look.untold))
        headers = {"Content-Type": "application/json", "User-Agent": USER_AGENT}
        try:
            answer = httpx.post(self._url, content=report, headers=headers, timeout=_TIMEOUT_SECONDS)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise WebhookError(f"the webhook does not answer: {type(error).__name__}") from error
        if not answer.is_success:
            raise WebhookError(f"the webhook answered with status {answer.status_code}")
