"""Issuers' signing keys: make, rotate, revoke; and the trust bundle that tells verifiers of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

from tagcore.cosignature import WitnessPolicy
from tagcore.entries import KeyChange
from tagcore.errors import TrustError
from tagcore.keys import IssuerKey, KeyStatus, Signer, fingerprint
from tagcore.log_trust import AnchorPolicy, LogTrust
from tagcore.note import parse_verifier_key
from tagcore.states import Role
from tagcore.trust import Issuer, TrustBundle, format_trust, parse_trust
from tagserver.ports import (
    Clock,
    IssuerKeyRecord,
    KeyId,
    KeyPurpose,
    Keystore,
    Organisation,
    OrgId,
    Store,
    Transaction,
    TrustFile,
)
from tagserver.ports.log_keys import log_keys
from tagserver.services.access import audit
from tagserver.services.errors import Refusal, ServiceError
from tagserver.services.log_entries import log_issuer_key

DEFAULT_LIFETIME = timedelta(days=2 * 365)
"""How long a key signs: labels printed meanwhile stay good after it, so a short life costs nothing but a
slot.
"""

SHORTEST_LIFETIME = timedelta(days=1)
LONGEST_LIFETIME = timedelta(days=50 * 365)

SLOTS = 256


class Keys:
    """Signing keys of issuers. Private halves stay in the keystore."""

    def __init__(self, *, store: Store, keystore: Keystore, clock: Clock) -> None:
        self._store = store
        self._keystore = keystore
        self._clock = clock

    def create(self, org_id: str, *, lifetime: timedelta = DEFAULT_LIFETIME) -> IssuerKeyRecord:
        """A new active key in the organisation's next slot; slots are never used again.

        The private half is durable before the public record is written: a crash between leaves a sealed key
        that nothing names, never a record that cannot sign. Raises: ServiceError NOT_FOUND, ROLE_MISSING for
        anybody but a producer, INPUT_INVALID for a lifetime outside 1 day to 50 years, KEY_SLOTS_USED_UP.
        """
        if not SHORTEST_LIFETIME <= lifetime <= LONGEST_LIFETIME:
            raise ServiceError(Refusal.INPUT_INVALID, "a key lives 1 day to 50 years", field="lifetime")
        with self._store.read() as transaction:
            organisation = transaction.organisations.find(OrgId(org_id))
            if organisation is None:
                raise ServiceError(Refusal.NOT_FOUND, f"no organisation {org_id!r}")
            if organisation.role is not Role.PRODUCER:
                raise ServiceError(Refusal.ROLE_MISSING, f"{org_id} is no producer: it has nothing to sign")
            slot = _next_slot(transaction, organisation.id)
        now = self._clock()
        key_id = self._free_id(org_id, slot)
        public_key = self._keystore.create_signing_key(key_id, KeyPurpose.ISSUER, at=now).public_key
        record = IssuerKeyRecord(
            id=key_id,
            org_id=OrgId(org_id),
            slot=slot,
            public_key=public_key,
            not_before=now,
            not_after=now + lifetime,
            status=KeyStatus.ACTIVE,
            created_at=now,
        )
        with self._store.write() as transaction:
            transaction.keys.add(record)
            log_issuer_key(transaction, record, KeyChange.ADDED, now)
            audit(transaction, None, now, "key.create", key_id, slot=str(slot))
        return record

    def rotate(self, org_id: str, *, lifetime: timedelta = DEFAULT_LIFETIME) -> IssuerKeyRecord:
        """A new key; the organisation's older active ones retire: they sign no more and stay good for
        checking.
        """
        record = self.create(org_id, lifetime=lifetime)
        now = self._clock()
        with self._store.write() as transaction:
            for older in transaction.keys.of_organisation(OrgId(org_id)):
                if older.status is KeyStatus.ACTIVE and older.id != record.id:
                    retired = transaction.keys.set_status(older.id, KeyStatus.RETIRED, at=now)
                    log_issuer_key(transaction, retired, KeyChange.RETIRED, now)
                    audit(transaction, None, now, "key.retire", older.id)
        return record

    def revoke(self, key_id: str) -> IssuerKeyRecord:
        """All tags of this key stop being believed, at once here and elsewhere with the next trust bundle."""
        now = self._clock()
        with self._store.write() as transaction:
            before = transaction.keys.find(KeyId(key_id))
            record = transaction.keys.set_status(KeyId(key_id), KeyStatus.REVOKED, at=now)
            if before is not None and before.status is not KeyStatus.REVOKED:
                log_issuer_key(transaction, record, KeyChange.REVOKED, now)
            audit(transaction, None, now, "key.revoke", key_id)
        return record

    def of(self, org_id: str) -> tuple[IssuerKeyRecord, ...]:
        """An organisation's keys in order of slot."""
        with self._store.read() as transaction:
            return transaction.keys.of_organisation(OrgId(org_id))

    def _free_id(self, org_id: str, slot: int) -> KeyId:
        """An id that no sealed key has yet: a crash may have left one behind."""
        sealed = self._keystore.keys()
        taken = {key.id for key in sealed}
        wanted = [f"{org_id}-{slot}", *(f"{org_id}-{slot}-{again}" for again in range(2, 100))]
        return next(KeyId(name) for name in wanted if name not in taken)


def signing_record(transaction: Transaction, org_id: OrgId, now: datetime) -> IssuerKeyRecord:
    """The organisation's newest key that may sign at `now`. Raises: ServiceError NO_SIGNING_KEY."""
    usable = [key for key in transaction.keys.of_organisation(org_id) if to_issuer_key(key).may_sign(now)]
    if not usable:
        raise ServiceError(Refusal.NO_SIGNING_KEY, f"{org_id} has no key that may sign now: make one")
    return usable[-1]


def to_issuer_key(record: IssuerKeyRecord) -> IssuerKey:
    """The part of a key's record that verifiers are told."""
    return IssuerKey(
        slot=record.slot,
        public_key=record.public_key,
        not_before=record.not_before,
        not_after=record.not_after,
        status=record.status,
        revoked_at=record.revoked_at,
    )


def _next_slot(transaction: Transaction, org_id: OrgId) -> int:
    slot = max((key.slot for key in transaction.keys.of_organisation(org_id)), default=-1) + 1
    if slot >= SLOTS:
        raise ServiceError(Refusal.KEY_SLOTS_USED_UP, f"{org_id} has used all {SLOTS} key slots")
    return slot


class Trust:
    """The trust bundle: built from the store, signed by the root key, served as a file."""

    def __init__(
        self,
        *,
        store: Store,
        clock: Clock,
        file: TrustFile,
        root_key: bytes,
        valid_for: timedelta,
        witness_threshold: int = 0,
        anchors: Callable[[], AnchorPolicy] = AnchorPolicy,
    ) -> None:
        self._store = store
        self._clock = clock
        self._file = file
        self._root_key = root_key
        self._valid_for = valid_for
        self._threshold = witness_threshold
        self._anchors = anchors
        self._cached: tuple[datetime, TrustBundle] | None = None

    def now_in_force(self, max_age: timedelta = timedelta(seconds=2)) -> TrustBundle:
        """What this server believes itself: the store's own records, read again after `max_age`.

        A revocation thus takes effect here before the root key has signed the next bundle. Raises:
        StoreUnavailableError: what was read longer ago is not believed.
        """
        now, cached = self._clock(), self._cached
        # A clock that was set back must not keep an old bundle in force.
        if cached is None or not timedelta(0) <= now - cached[0] < max_age:
            cached = self._cached = (now, self._build(version=1))
        return cached[1]

    def sign(self, root: Signer) -> TrustBundle:
        """Build the next version, sign it with the root key and put it in place of the former.

        Raises: ServiceError INPUT_INVALID when `root` is another root key than the pinned one; TrustError
        when the former bundle cannot be read, as then nobody knows the next version.
        """
        if root.public_key != self._root_key:
            message = (
                f"root key {fingerprint(root.public_key)}: want {fingerprint(self._root_key)}, as pinned"
            )
            raise ServiceError(Refusal.INPUT_INVALID, message)
        bundle = replace(self._build(version=self._last_version() + 1), logs=self._logs())
        self._file.write(format_trust(bundle, root))
        with self._store.write() as transaction:
            audit(transaction, None, bundle.issued, "trust.sign", str(bundle.version))
        return bundle

    def fallback(self) -> TrustBundle | None:
        """What this server believes while the store is out of reach: the published bundle, stale or not.

        It finds a signature that is wrong; that a key is unknown or good may have changed since.
        """
        try:
            data = self._file.read()
            return parse_trust(data, self._root_key) if data else None
        except (OSError, TrustError):
            return None

    def published(self) -> bytes | None:
        """The signed bundle as verifiers get it, None before the first."""
        return self._file.read()

    def _last_version(self) -> int:
        data = self._file.read()
        return parse_trust(data, self._root_key).version if data else 0

    def _logs(self) -> tuple[LogTrust, ...]:
        """What verifiers are told of this workspace's log.

        Raises: ServiceError when it has too few witnesses; ConfigError when it has too few places to anchor at.
        """
        with self._store.read() as transaction:
            state = transaction.log.state()
            if state is None:
                return ()
            known = transaction.witnesses.all() if self._threshold else ()
            keys = tuple(one.key for one in log_keys(transaction.log, state) if one.is_believed)
        if len(known) < self._threshold:
            message = f"witness_threshold is {self._threshold}, and the log has {len(known)} witnesses"
            raise ServiceError(Refusal.INPUT_INVALID, message, field="witness_threshold")
        witnesses = tuple(parse_verifier_key(witness.vkey) for witness in known)
        policy = WitnessPolicy(threshold=self._threshold, witnesses=witnesses)
        log = LogTrust(origin=state.origin, keys=keys, witnesses=policy, anchors=self._anchors())
        return (log,)

    def _build(self, *, version: int) -> TrustBundle:
        now = self._clock().replace(microsecond=0)
        with self._store.read() as transaction:
            issuers = tuple(
                _issuer(organisation, transaction)
                for organisation in transaction.organisations.all()
                if organisation.gtins or organisation.prefixes
            )
        return TrustBundle(
            version=version,
            issued=now,
            expires=now + self._valid_for,
            root_key=self._root_key,
            issuers=issuers,
        )


def _issuer(organisation: Organisation, transaction: Transaction) -> Issuer:
    return Issuer(
        name=organisation.name,
        gtins=organisation.gtins,
        prefixes=organisation.prefixes,
        hosts=organisation.hosts,
        keys=tuple(to_issuer_key(record) for record in transaction.keys.of_organisation(organisation.id)),
    )
