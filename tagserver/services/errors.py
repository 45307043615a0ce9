"""What services refuse, each with a stable `code`; tagserver.web.errors maps them to HTTP, the CLI prints
them.
"""

from __future__ import annotations

from enum import StrEnum


class Refusal(StrEnum):
    """Stable codes of refusals."""

    TOKEN_MISSING = "TOKEN_MISSING"  # noqa: S105 - the name of an error, no secret
    TOKEN_INVALID = "TOKEN_INVALID"  # noqa: S105 - the name of an error, no secret
    SCOPE_MISSING = "SCOPE_MISSING"
    ROLE_MISSING = "ROLE_MISSING"
    NOT_YOURS = "NOT_YOURS"
    NOT_FOUND = "NOT_FOUND"
    INPUT_INVALID = "INPUT_INVALID"
    NO_SIGNING_KEY = "NO_SIGNING_KEY"
    NO_HOST = "NO_HOST"
    KEY_SLOTS_USED_UP = "KEY_SLOTS_USED_UP"
    BATCH_TOO_LARGE = "BATCH_TOO_LARGE"
    BATCH_NOT_ISSUED = "BATCH_NOT_ISSUED"
    SERIALS_INVALID = "SERIALS_INVALID"
    SERIAL_TAKEN = "SERIAL_TAKEN"
    TRANSITION_REFUSED = "TRANSITION_REFUSED"
    LIST_TOO_LONG = "LIST_TOO_LONG"
    PROOF_PENDING = "PROOF_PENDING"
    LOGIN_REFUSED = "LOGIN_REFUSED"
    LOGIN_THROTTLED = "LOGIN_THROTTLED"
    SESSION_INVALID = "SESSION_INVALID"
    SETUP_LINK_INVALID = "SETUP_LINK_INVALID"
    PASSWORD_LENGTH = "PASSWORD_LENGTH"  # noqa: S105 - the name of an error, no secret
    PASSWORD_COMMON = "PASSWORD_COMMON"  # noqa: S105 - the name of an error, no secret
    PASSWORD_OWN_NAME = "PASSWORD_OWN_NAME"  # noqa: S105 - the name of an error, no secret
    CODE_REFUSED = "CODE_REFUSED"
    TOTP_ON = "TOTP_ON"
    TOTP_OFF = "TOTP_OFF"
    TOTP_NOT_BEGUN = "TOTP_NOT_BEGUN"


class ServiceError(Exception):
    """A request that cannot be carried out as it stands. `field` names the input at fault, where one is."""

    def __init__(self, code: Refusal, message: str, *, field: str | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.field = field


class AccessError(ServiceError):
    """The caller may not do this: no valid token, or not enough rights."""
