"""The verbs of people at the console, put together: they share one throttle, one way to check passwords and codes."""

from __future__ import annotations

from dataclasses import dataclass

from tagserver.config import Secret
from tagserver.ports import Clock, Store
from tagserver.services.access import RandomBytes
from tagserver.services.accounts import Accounts
from tagserver.services.codes import Codes
from tagserver.services.credentials import Credentials
from tagserver.services.passwords import DEFAULT_COST, Argon2Cost, Passwords
from tagserver.services.sessions import Sessions
from tagserver.services.throttle import Throttle
from tagserver.services.totp import SecondFactors


@dataclass(frozen=True, slots=True, kw_only=True)
class People:
    """Accounts, their sessions, and their second factors."""

    accounts: Accounts
    sessions: Sessions
    totp: SecondFactors


def people_of(
    store: Store,
    clock: Clock,
    random_bytes: RandomBytes,
    *,
    secret: Secret,
    site_name: str,
    cost: Argon2Cost = DEFAULT_COST,
) -> People:
    """`secret` is first needed when somebody logs in; `site_name` is what authenticators show."""
    throttle = Throttle(store=store, clock=clock, secret=secret)
    codes = Codes(secret=secret, random_bytes=random_bytes, issuer=site_name)
    passwords = Passwords(random_bytes=random_bytes, cost=cost)
    credentials = Credentials(store=store, clock=clock, passwords=passwords, throttle=throttle)
    sessions = Sessions(
        store=store,
        clock=clock,
        random_bytes=random_bytes,
        credentials=credentials,
        throttle=throttle,
        codes=codes,
    )
    return People(
        accounts=Accounts(
            store=store,
            clock=clock,
            random_bytes=random_bytes,
            passwords=passwords,
            credentials=credentials,
            sessions=sessions,
        ),
        sessions=sessions,
        totp=SecondFactors(store=store, clock=clock, credentials=credentials, throttle=throttle, codes=codes),
    )
