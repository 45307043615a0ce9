"""What an organisation has to be before it takes part.

The trust bundle is built from all organisations, so one that does not fit in it would stop every verification.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime, timedelta

from tagcore.errors import TrustError
from tagcore.states import Role
from tagcore.tag import is_host
from tagcore.trust import Issuer, TrustBundle
from tagserver.ports import Organisation
from tagserver.services.errors import Refusal, ServiceError
from tagserver.services.texts import check_line

_ORG_ID = re.compile(r"[a-z0-9][a-z0-9-]{0,39}", re.ASCII)
"""The ids of its keys begin with it, and those are names of files."""

_PREFIX = re.compile(r"[0-9]{4,12}", re.ASCII)
"""GS1 General Specifications, 1.4.4: company prefixes."""


def check_organisation(new: Organisation, others: Iterable[Organisation], now: datetime) -> None:
    """Raises: ServiceError INPUT_INVALID, among others when another producer owns one of its GTINs."""
    if not _ORG_ID.fullmatch(new.id):
        raise _invalid("id", f"got {new.id[:64]!r}, want 1 to 40 of a-z, 0-9 and '-', no '-' in front")
    check_line(new.name, "name", shortest=1)
    if new.role is not Role.PRODUCER and (new.gtins or new.prefixes or new.hosts):
        raise _invalid("role", f"a {new.role} has no GTINs, prefixes or hosts")
    for prefix in new.prefixes:
        if not _PREFIX.fullmatch(prefix):
            raise _invalid("prefixes", f"got {prefix[:24]!r}, want a GS1 company prefix of 4 to 12 digits")
    for host in new.hosts:
        if not is_host(host):
            raise _invalid("hosts", f"got {host[:64]!r}, want a host name in upper case")
    _check_covers((*others, new), now)


def _check_covers(organisations: Iterable[Organisation], now: datetime) -> None:
    issuers = tuple(Issuer(name=one.id, gtins=one.gtins, prefixes=one.prefixes) for one in organisations)
    try:
        TrustBundle(
            version=1, issued=now, expires=now + timedelta(days=1), root_key=bytes(32), issuers=issuers
        )
    except TrustError as error:
        raise _invalid("prefixes", str(error)) from error


def _invalid(field: str, problem: str) -> ServiceError:
    return ServiceError(Refusal.INPUT_INVALID, f"{field}: {problem}", field=field)
