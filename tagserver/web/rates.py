"""How often somebody may ask: a budget for each kind of work, spent by address, or by organisation with a token.

An address is what the trusted proxies tell, of IPv6 its /64, which is what one household or one server is given
(RFC 6177). It is never kept as it is: counters, and whatever a log says of them, know a keyed hash.

Behind one IPv4 address may stand a whole company, or thousands of a mobile network's customers. The defaults are
therefore what hundreds of people do, and far less than what keeps a server busy.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256
from ipaddress import IPv6Address, ip_address
from typing import TypeVar, cast

from flask import Flask, current_app, g, request
from limits.errors import ConfigurationError
from limits.storage import storage_from_string
from werkzeug.exceptions import TooManyRequests

from tagserver.config import ConfigCode, ConfigError, Settings
from tagserver.web.auth import caller
from tagserver.web.rate_counter import RateCounter, Windows
from tagserver.web.rate_memory import ProcessMemory
from tagserver.web.surroundings import here

IPV6_HOST_BITS = 64

EXEMPT = frozenset({"static", "wellknown.health", "wellknown.ready", "wellknown.trust"})
"""Files that proxies and browsers keep, and what watches the server."""

View = TypeVar("View", bound=Callable[..., object])

_ATTRIBUTE = "origintag_budget"
_COUNTER = "origintag_rate_counter"


class Budget(StrEnum):
    """What a request is paid from."""

    REQUESTS = "requests"
    VERIFICATIONS = "verifications"
    PICTURES = "pictures"
    REPORTS = "reports"
    LISTS = "lists"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """So many requests in so many seconds; 0 requests mean no limit."""

    most: int
    seconds: int = 60


def spends(budget: Budget) -> Callable[[View], View]:
    """Let a view be paid from `budget` instead of the one for requests in general."""

    def mark(view: View) -> View:
        setattr(view, _ATTRIBUTE, budget)
        return view

    return mark


def budget_of(view: Callable[..., object] | None) -> Budget:
    """What a view is paid from."""
    budget = getattr(view, _ATTRIBUTE, Budget.REQUESTS)
    assert isinstance(budget, Budget)
    return budget


def public_rates(settings: Settings) -> Mapping[Budget, Rate]:
    """Without a token, by address."""
    return {
        Budget.REQUESTS: Rate(most=settings.requests_per_minute),
        Budget.VERIFICATIONS: Rate(most=settings.verifications_per_minute),
        Budget.PICTURES: Rate(most=settings.pictures_per_minute),
        Budget.REPORTS: Rate(most=settings.reports_per_hour, seconds=3600),
        Budget.LISTS: Rate(most=settings.lists_per_minute),
    }


def token_rates(settings: Settings) -> Mapping[Budget, Rate]:
    """With a token, by its organisation: a line camera reads thirty tags a second, and there may be three."""
    everything = Rate(most=settings.token_requests_per_minute)
    return {
        **dict.fromkeys((Budget.REQUESTS, Budget.VERIFICATIONS, Budget.REPORTS), everything),
        Budget.PICTURES: Rate(most=settings.pictures_per_minute),
        Budget.LISTS: Rate(most=settings.lists_per_minute),
    }


def install(app: Flask, settings: Settings) -> None:
    """Count each request after its token was looked at and before its view runs.

    Raises: ConfigError when the client's package for `rate_limit_storage` is not installed.
    """
    counter = app.extensions[_COUNTER] = _counter(settings.rate_limit_storage.reveal())
    by_address, by_organisation = public_rates(settings), token_rates(settings)

    def spend() -> None:
        if request.endpoint is None or request.endpoint in EXEMPT:
            return
        budget = budget_of(app.view_functions[request.endpoint])
        _spend(counter, _key(budget), (by_address if caller() is None else by_organisation)[budget])

    app.before_request(spend)


def spend_on(what: str, rate: Rate) -> None:
    """Count one use of `what`, whoever asks. Raises: TooManyRequests."""
    _spend(current_app.extensions[_COUNTER], f"origintag/{_digest(what)}", rate)


def _spend(counter: RateCounter, key: str, rate: Rate) -> None:
    wait = counter.spend(key, rate.most, rate.seconds) if rate.most else 0
    if wait:
        g.wait_seconds = wait
        raise TooManyRequests


def _counter(address: str) -> RateCounter:
    try:
        return RateCounter(cast("Windows", storage_from_string(address)) if address else ProcessMemory())
    except ConfigurationError:
        # Its own words can hold the address, and the address a password.
        problem = "its client is not installed: pip install redis, or pymemcache"
        raise ConfigError(ConfigCode.INVALID, "rate_limit_storage", problem) from None


def wait_seconds() -> int:
    """After how many seconds a refused request may be sent again, at least 1."""
    return int(g.get("wait_seconds", 1))


def network_of(address: str) -> str:
    """The address, of IPv6 its /64; an IPv4 address in IPv6's clothes (RFC 4291, 2.5.5.2) is taken as what it is."""
    if ":" not in address:
        return address
    try:
        parsed = ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if not isinstance(parsed, IPv6Address):
        return str(parsed)
    if parsed.ipv4_mapped is not None:
        return str(parsed.ipv4_mapped)
    return str(IPv6Address(int(parsed) >> IPV6_HOST_BITS << IPV6_HOST_BITS))


def _key(budget: Budget) -> str:
    """Whose budget it is, as a keyed hash: neither counters nor logs hold an address."""
    who = caller()
    whose = (
        f"address {network_of(request.remote_addr or '')}" if who is None else f"organisation {who.org_id}"
    )
    return f"origintag/{budget}/{_digest(whose)}"


def _digest(what: str) -> str:
    return hmac.digest(here().viewer_secret, f"origintag/rate/{what}".encode(), sha256)[:16].hex()
