"""Errors that the adapters behind the ports raise; each has a stable `code` and carries its fields.

    StoreError
    ├── AlreadyExistsError        ALREADY_EXISTS         an id that must be new is taken
    ├── NotStoredError            NOT_STORED             a change names a row that is not there
    ├── IdempotencyConflictError  IDEMPOTENCY_CONFLICT   a key was used before for another request
    ├── StateConflictError        STATE_CONFLICT         a unit or range changed since it was read
    ├── LeaseLostError            LEASE_LOST             another worker has it now, or it is over
    ├── StoreVersionError         STORE_VERSION          the database is not at this program's revision
    ├── StoreUnavailableError     STORE_UNAVAILABLE      the database does not answer, or not in time
    ├── LeafFileError             LEAF_FILE              a leaf file is missing, short or damaged
    ├── SerialIndexError          SERIAL_INDEX           a serial index is missing or damaged, a serial twice
    ├── TileStoreError            TILE_STORE             the log's folder or bucket does not answer
    ├── TileMissingError          TILE_MISSING           a file that the log must have is not there, or is damaged
    ├── TileConflictError         TILE_CONFLICT          a file of the log has other contents than it must have
    └── LogForkedError            LOG_FORKED             what was published is not the beginning of this log
    KeystoreError                 its own code each time: see `KeystoreCode`
    AnchorError                   its own code each time: see `AnchorCode`

Mapping to HTTP lives in `tagserver.web.errors`, not here.
"""

from __future__ import annotations

from enum import StrEnum
from typing import ClassVar


class StoreError(Exception):
    """Whatever a store refuses; never raised itself."""

    code: ClassVar[str] = "STORE"


class AlreadyExistsError(StoreError):
    """An id, or a pair that must be unique, is already stored."""

    code = "ALREADY_EXISTS"

    def __init__(self, kind: str, key: str) -> None:
        super().__init__(f"{kind} {key!r} already exists")
        self.kind = kind
        self.key = key


class NotStoredError(StoreError):
    """A change or a reference names a row that the store does not hold."""

    code = "NOT_STORED"

    def __init__(self, kind: str, key: str) -> None:
        super().__init__(f"no {kind} {key!r}")
        self.kind = kind
        self.key = key


class IdempotencyConflictError(StoreError):
    """The organisation used this idempotency key before, for a request with another hash."""

    code = "IDEMPOTENCY_CONFLICT"

    def __init__(self, org_id: str, key: str) -> None:
        super().__init__(f"idempotency key {key!r} of {org_id!r} was used for another request")
        self.org_id = org_id
        self.key = key


class StateConflictError(StoreError):
    """The unit or range is no longer what the caller read; read again and decide again."""

    code = "STATE_CONFLICT"

    def __init__(self, subject: str, *, expected: str, found: str) -> None:
        super().__init__(f"{subject}: got {found}, want {expected}")
        self.subject = subject
        self.expected = expected
        self.found = found


class LeaseLostError(StoreError):
    """What was leased (a batch by its number, an anchoring backend by its name) is another's, or is over."""

    code = "LEASE_LOST"

    def __init__(self, subject: int | str, owner: str) -> None:
        what = f"batch {subject}" if isinstance(subject, int) else subject
        super().__init__(f"{what} is not leased to {owner!r} any more")
        self.subject = subject
        self.owner = owner


class StoreVersionError(StoreError):
    """The database's schema is older or newer than this program's."""

    code = "STORE_VERSION"

    def __init__(self, *, found: str, expected: str) -> None:
        super().__init__(f"database schema: got {found}, want {expected}")
        self.found = found
        self.expected = expected


class StoreUnavailableError(StoreError):
    """The database does not answer, or was too busy: nothing was changed, and the same may be tried again."""

    code = "STORE_UNAVAILABLE"

    def __init__(self) -> None:
        super().__init__("the database does not answer")


class LeafFileError(StoreError):
    """A batch's leaf or node file is missing, has the wrong size, or is asked for a leaf that it cannot
    hold.
    """

    code = "LEAF_FILE"

    def __init__(self, batch: int, problem: str) -> None:
        super().__init__(f"leaves of batch {batch}: {problem}")
        self.batch = batch
        self.problem = problem


class SerialIndexError(StoreError):
    """A batch's serial index is missing or damaged, or the serials given for it cannot be indexed."""

    code = "SERIAL_INDEX"

    def __init__(self, batch: int, problem: str) -> None:
        super().__init__(f"serials of batch {batch}: {problem}")
        self.batch = batch
        self.problem = problem


class TileStoreError(StoreError):
    """The log's folder or bucket does not answer, or refuses: nothing was lost, and the same may be tried again."""

    code = "TILE_STORE"

    def __init__(self, problem: str) -> None:
        super().__init__(f"the log's files: {problem}")
        self.problem = problem


class TileMissingError(StoreError):
    """A tile that a published checkpoint stands on is missing or damaged: the log's files are not whole."""

    code = "TILE_MISSING"

    def __init__(self, path: str, problem: str = "is not there") -> None:
        super().__init__(f"the log's file {path} {problem}")
        self.path = path


class TileConflictError(StoreError):
    """A file of the log holds something else than is to be written: another writer was there, or is."""

    code = "TILE_CONFLICT"

    def __init__(self, path: str) -> None:
        super().__init__(f"the log's file {path} holds something else")
        self.path = path


class LogForkedError(StoreError):
    """What was published, or what a witness saw, is not the beginning of this log: nothing more is signed."""

    code = "LOG_FORKED"

    def __init__(self, problem: str) -> None:
        super().__init__(f"the log must not go on: {problem}")
        self.problem = problem


class KeystoreCode(StrEnum):
    """What went wrong with a keystore, in a word that programs may branch on."""

    WRONG_PASSPHRASE = "KEYSTORE_WRONG_PASSPHRASE"  # noqa: S105 - the name of an error
    MISSING = "KEYSTORE_MISSING"
    EXISTS = "KEYSTORE_EXISTS"
    DAMAGED = "KEYSTORE_DAMAGED"
    KEY_MISSING = "KEYSTORE_KEY_MISSING"
    KEY_EXISTS = "KEYSTORE_KEY_EXISTS"
    KEY_ID = "KEYSTORE_KEY_ID"
    WRONG_PURPOSE = "KEYSTORE_WRONG_PURPOSE"


_KEYSTORE_WORDS = {
    KeystoreCode.WRONG_PASSPHRASE: "the passphrase does not open this keystore",
    KeystoreCode.MISSING: "there is no keystore here",
    KeystoreCode.EXISTS: "there is a keystore here already",
    KeystoreCode.DAMAGED: "a file of the keystore is damaged or was changed",
    KeystoreCode.KEY_MISSING: "no such key",
    KeystoreCode.KEY_EXISTS: "a key of this id exists already",
    KeystoreCode.KEY_ID: "a key id is 1 to 64 of a-z, 0-9 and '-', beginning with a letter or digit",
    KeystoreCode.WRONG_PURPOSE: "the key was made for another purpose",
}


class KeystoreError(Exception):
    """A keystore refused. Says which rule and which public key id; never a secret, never a byte of one."""

    def __init__(self, code: KeystoreCode, key_id: str | None = None) -> None:
        subject = "" if key_id is None else f" (key {key_id!r})"
        super().__init__(f"{_KEYSTORE_WORDS[code]}{subject}")
        self.code = code
        self.key_id = key_id


class AnchorCode(StrEnum):
    """What went wrong with an anchor, in a word that programs may branch on."""

    NODE_UNAVAILABLE = "ANCHOR_NODE_UNAVAILABLE"
    NODE_ANSWER = "ANCHOR_NODE_ANSWER"
    NODE_LAGGING = "ANCHOR_NODE_LAGGING"
    NODES_DISAGREE = "ANCHOR_NODES_DISAGREE"
    WRONG_NETWORK = "ANCHOR_WRONG_NETWORK"
    REFUSED = "ANCHOR_REFUSED"
    SPEND_CEILING = "ANCHOR_SPEND_CEILING"
    BALANCE_LOW = "ANCHOR_BALANCE_LOW"
    FINALITY_STALLED = "ANCHOR_FINALITY_STALLED"
    CONFLICT = "ANCHOR_CONFLICT"
    NOT_FOUND = "ANCHOR_NOT_FOUND"
    MISMATCH = "ANCHOR_MISMATCH"
    TOKEN_INVALID = "ANCHOR_TOKEN_INVALID"  # noqa: S105 - the name of an error
    JOURNAL = "ANCHOR_JOURNAL"
    NOT_CONFIGURED = "ANCHOR_NOT_CONFIGURED"


class AnchorError(Exception):
    """A backend cannot do, or does not confirm, what it was asked. `problem` may hold a node's own words."""

    def __init__(self, code: AnchorCode, backend: str, problem: str) -> None:
        super().__init__(f"{backend}: {problem}")
        self.code = code
        self.backend = backend
        self.problem = problem
