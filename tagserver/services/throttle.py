"""Guessing made slow: tries are counted for each name and each address before anything is compared.

Names that nobody has are counted like any other, so an answer tells nothing of them. Neither names nor addresses
are stored, only an HMAC of them; counts are forgotten after a day.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from ipaddress import IPv6Address, ip_address

from tagserver.config import Secret
from tagserver.ports import Clock, Store, Transaction
from tagserver.services.access import audit
from tagserver.services.errors import AccessError, Refusal

IPV6_NETWORK_BITS = 64
"""The smallest network that is given to a subscriber (RFC 6177): single addresses cost its owner nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """So many tries within a window; the one that reaches the limit begins the window anew: it is the lock-out too."""

    kind: str
    tries: int
    window: timedelta


ACCOUNT = Limit(kind="account", tries=10, window=timedelta(minutes=15))
"""1,000 guesses a day at most: nothing against 12 characters, unless they are the first that anyone would try."""

ADDRESS = Limit(kind="address", tries=30, window=timedelta(minutes=15))
"""More than for an account: a factory or a hospital comes from one address."""

CODE = Limit(kind="code", tries=20, window=timedelta(days=1))
"""Of whoever knows the password. Three codes in a million are good at any moment: 20 a day hit once in 45 years."""

LONGEST_WINDOW = max(limit.window for limit in (ACCOUNT, ADDRESS, CODE))


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """Whose tries are counted."""

    limit: Limit
    key: bytes


class ThrottledError(AccessError):
    """Too many tries; nothing was compared. The next may come after `retry_after`."""

    def __init__(self, retry_after: timedelta) -> None:
        super().__init__(Refusal.LOGIN_THROTTLED, "too many tries; wait and try again")
        self.retry_after = retry_after


class Throttle:
    """Counts tries."""

    def __init__(self, *, store: Store, clock: Clock, secret: Secret) -> None:
        self._store = store
        self._clock = clock
        self._secret = secret

    def account(self, login: str) -> Subject:
        """Whoever tries this name."""
        return self._subject(ACCOUNT, login)

    def address(self, address: str) -> Subject:
        """Whoever comes from there."""
        return self._subject(ADDRESS, network_of(address))

    def codes(self, account_id: str) -> Subject:
        """Whoever tries codes for this account."""
        return self._subject(CODE, account_id)

    def admit(self, *subjects: Subject) -> None:
        """Count a try for each in turn. Raises: ThrottledError at the first whose limit is passed."""
        now = self._clock()
        with self._store.write() as transaction:
            ends = next((end for one in subjects if (end := _count(transaction, one, now))), None)
        if ends is not None:
            raise ThrottledError(ends - now)

    def _subject(self, limit: Limit, value: str) -> Subject:
        key = hmac.digest(self._secret.reveal().encode(), b"origintag/tries/v1", sha256)
        message = f"{limit.kind}/{value}".encode("utf-8", "replace")
        return Subject(limit=limit, key=hmac.digest(key, message, sha256))


def network_of(address: str) -> str:
    """The network that counts as one address. What is no address is counted as it is."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return address
    if not isinstance(parsed, IPv6Address):
        return str(parsed)
    if parsed.ipv4_mapped is not None:
        return str(parsed.ipv4_mapped)
    return f"{int(parsed) >> (128 - IPV6_NETWORK_BITS):x}/{IPV6_NETWORK_BITS}"


def _count(transaction: Transaction, subject: Subject, now: datetime) -> datetime | None:
    """When the lock-out ends; None when the try is admitted. The first that is not leaves a line in the trail."""
    limit = subject.limit
    tries = transaction.tries.count(subject.key, at=now, window=limit.window, limit=limit.tries)
    if tries.number <= limit.tries:
        return None
    if tries.number == limit.tries + 1:
        audit(transaction, None, now, "login.throttled", limit.kind)
    return tries.since + limit.window
