"""Ada and Bo of the distillery, at the console; and the codes that Ada's telephone shows."""

from __future__ import annotations

import hmac
import struct
from base64 import b32decode
from dataclasses import dataclass
from datetime import datetime

import pytest

from tagserver.ports import OrgId
from tagserver.services.errors import Refusal, ServiceError
from tagserver.services.sessions import Session
from tests.tagserver.services.cast import DISTILLERY, Office

ADA = "ada@example.com"
BO = "bo@example.com"
PASSWORD = "the river is wide in May"
HOME = "203.0.113.7"
ELSEWHERE = "198.51.100.9"


def move_in(office: Office, login: str = ADA, *, org: OrgId = DISTILLERY, password: str = PASSWORD) -> None:
    """An account with its password set."""
    invitation = office.services.accounts.create(login, org_id=org, name="Ada Li")
    office.services.accounts.set_up(invitation.token, password)


def logged_in(office: Office, login: str = ADA, password: str = PASSWORD) -> tuple[Session, str]:
    """The session, and the token in the cookie."""
    started = office.services.sessions.log_in(login, password, address=HOME, agent="Firefox, Linux")
    assert not started.needs_code
    return office.services.sessions.resume(started.token), started.token


@dataclass(frozen=True, kw_only=True)
class Telephone:
    """An authenticator. RFC 6238, 4.2 and RFC 4226, 5.3, word for word."""

    secret: str

    def code(self, now: datetime, *, steps_off: int = 0) -> str:
        """What it shows."""
        counter = int(now.timestamp()) // 30 + steps_off
        digest = hmac.digest(b32decode(self.secret), struct.pack(">Q", counter), "sha1")
        offset = digest[19] & 15
        number = struct.unpack(">I", digest[offset : offset + 4])[0] & 0x7FFFFFFF
        return f"{number % 1_000_000:06}"

    def wrong(self, now: datetime) -> str:
        """What it shows neither now nor a step away."""
        right = {self.code(now, steps_off=off) for off in (-1, 0, 1)}
        return next(code for code in map("{:06}".format, range(10)) if code not in right)


def with_codes(office: Office) -> tuple[Telephone, tuple[str, ...]]:
    """Ada turns codes on: her telephone, and her recovery codes. A minute has passed afterwards."""
    session, _ = logged_in(office)
    enrolment = office.services.totp.begin(session, password=PASSWORD, address=HOME)
    telephone = Telephone(secret=enrolment.secret)
    recovery = office.services.totp.enable(session, telephone.code(office.clock.now), address=HOME)
    return telephone, recovery


def assert_refused(
    code: Refusal, caught: pytest.ExceptionInfo[ServiceError], field: str | None = None
) -> None:
    """With this code, and at this field."""
    assert (caught.value.code, caught.value.field) == (code, field)


def trail(office: Office) -> list[tuple[str, str]]:
    """What was done since people moved in, oldest first: each action and what stands beside it."""
    entries = office.services.access.trail(limit=100)
    quiet = ("org.create", "key.create", "product.create", "trust.sign")
    return [
        (entry.action, " ".join(entry.detail.values()))
        for entry in reversed(entries)
        if entry.action not in quiet
    ]
