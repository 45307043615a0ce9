"""The composition root: the only place that names concrete adapters, the clock and the random source."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from sqlalchemy import Engine
from sqlalchemy.exc import ArgumentError

from tagserver.anchor_backends import ChainKeys, backends_of, places_of, plan_of, policy_of
from tagserver.config import (
    SETTINGS,
    SETTINGS_FILE,
    ConfigCode,
    ConfigError,
    Secret,
    Settings,
    format_settings_file,
    load_settings,
)
from tagserver.imaging.pool import WorkerPool, reader_command
from tagserver.keystore import KeyDirectory
from tagserver.log.directory import TileDirectory
from tagserver.log.keeper import TileLogKeeper
from tagserver.log.tree import TileTree
from tagserver.log.witness_client import ask_witness
from tagserver.ports import (
    KeyId,
    KeyPurpose,
    KeystoreCode,
    KeystoreError,
    SigningKey,
    TileStore,
    TileStoreError,
)
from tagserver.services.access import Access
from tagserver.services.anchor_receipts import Receipts
from tagserver.services.anchoring import Anchoring
from tagserver.services.auditing import Auditing
from tagserver.services.issue import Issuing
from tagserver.services.keys import Keys, Trust
from tagserver.services.log_creation import LogCreation
from tagserver.services.log_rotation import LogRotation
from tagserver.services.log_standing import LogStandings
from tagserver.services.logs import Logs
from tagserver.services.lookup import Lookup
from tagserver.services.own_scans import OwnScans
from tagserver.services.past import Pasts
from tagserver.services.people import people_of
from tagserver.services.printing import Printing
from tagserver.services.products import Products
from tagserver.services.proofs import Proofs
from tagserver.services.recalls import Recalls
from tagserver.services.remaking import Remaking
from tagserver.services.reports import Reports
from tagserver.services.retention import Retention
from tagserver.services.suite import Services
from tagserver.services.units import Units
from tagserver.services.verify import Verifying
from tagserver.services.witnessing import Witnessing
from tagserver.store import (
    LeafDirectory,
    SerialDirectory,
    SqlStore,
    TrustBundleFile,
    open_engine,
    require_current,
    upgrade,
)
from tagserver.store.durable import write_whole

if TYPE_CHECKING:
    from flask import Flask

SERIAL_KEY = KeyId("serial-1")
ROOT_KEY = KeyId("root-1")


def utc_now() -> datetime:
    """The real clock."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Folders:
    """What stands where in a workspace."""

    home: Path

    @property
    def keys(self) -> Path:
        """Sealed signing keys and the serial key."""
        return self.home / "keys"

    @property
    def root(self) -> Path:
        """The sealed root key; may be taken away once the trust bundle is signed."""
        return self.home / "root"

    @property
    def batches(self) -> Path:
        """Leaf hashes and supplied serials."""
        return self.home / "batches"

    @property
    def log(self) -> Path:
        """The log's files, unless they are in a bucket."""
        return self.home / "log"

    @property
    def journal(self) -> Path:
        """Anchors that only this server attests."""
        return self.home / "journal.jsonl"

    @property
    def trust(self) -> Path:
        """The signed trust bundle."""
        return self.home / "trust.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class NewSecrets:
    """What a new workspace is sealed with, given or made up; `made_up` names the latter."""

    passphrase: Secret
    root_passphrase: Secret
    secret: Secret
    made_up: tuple[str, ...]


def new_secrets(environ: Mapping[str, str]) -> NewSecrets:
    """The secrets that the environment gives; the others are made up, 256 bits each.

    Raises: ConfigError, for whatever the new workspace's own settings would be refused for.
    """
    given = _settings_without_workspace(environ)
    secrets_given = {
        "passphrase": given.passphrase,
        "root_passphrase": given.root_passphrase,
        "secret": given.secret,
    }
    made_up = tuple(name for name, secret in secrets_given.items() if not secret.is_given)
    made = {name: Secret(name, secrets.token_urlsafe(32)) for name in made_up}
    return NewSecrets(**{**secrets_given, **made}, made_up=made_up)


def _settings_without_workspace(environ: Mapping[str, str]) -> Settings:
    """What the environment says, over a settings file that says only what it must."""
    with TemporaryDirectory() as folder:
        least = {"tag_host": "LOCALHOST", "root_key": bytes(32).hex()}
        (Path(folder) / SETTINGS_FILE).write_text(format_settings_file(least), encoding="utf-8")
        return load_settings(Path(folder), environ)


def check_new_workspace(home: Path, chosen: Mapping[str, str | int | float]) -> None:
    """Raises: KeystoreError EXISTS when `home` is a workspace; ConfigError for a value that is refused later.

    A workspace whose root key was taken away, as it should be, would otherwise get another one.
    """
    if (home / SETTINGS_FILE).exists():
        raise KeystoreError(KeystoreCode.EXISTS)
    for setting in SETTINGS:
        if setting.name in chosen:
            try:
                setting.parse(chosen[setting.name])
            except ValueError as error:
                raise ConfigError(ConfigCode.INVALID, setting.name, str(error)) from None


def create_workspace(home: Path, chosen: Mapping[str, str | int | float], made: NewSecrets) -> bytes:
    """Make folders, keystores, the root key and the serial key; the root's public key (32 bytes).

    The settings file comes last: a folder without it is no workspace yet. Raises: as `check_new_workspace`;
    KeystoreError EXISTS when keys are left of an attempt that was cut short.
    """
    check_new_workspace(home, chosen)
    folders, now = Folders(home=home), utc_now()
    folders.batches.mkdir(parents=True, exist_ok=True)
    root = KeyDirectory.create(folders.root, made.root_passphrase, random=secrets.token_bytes)
    public_key = root.create_signing_key(ROOT_KEY, KeyPurpose.ROOT, at=now).public_key
    KeyDirectory.create(folders.keys, made.passphrase, random=secrets.token_bytes).create_serial_key(
        SERIAL_KEY, at=now
    )
    text = format_settings_file({**chosen, "root_key": public_key.hex()})
    write_whole(home / SETTINGS_FILE, [text.encode("utf-8")])
    return public_key


def prepare_store(settings: Settings) -> None:
    """Bring the database to this program's schema."""
    engine = _open_engine(settings)
    store = SqlStore(engine)
    try:
        with store.read():
            pass  # an outage is told as one
        upgrade(engine)
    finally:
        store.close()


def create_log(settings: Settings) -> str:
    """Make the log of a workspace that has none; its origin. Harmless to repeat."""
    with open_services(settings) as services:
        return services.logs.create().origin


def root_signer(settings: Settings) -> SigningKey:
    """The root key, opened. Raises: KeystoreError when it is not here; ConfigError without its passphrase."""
    keystore = KeyDirectory(
        Folders(home=settings.home).root, settings.root_passphrase, random=secrets.token_bytes
    )
    return keystore.signing_key(ROOT_KEY, KeyPurpose.ROOT)


def chain_keys(settings: Settings) -> ChainKeys:
    """The keys that pay for anchors. Raises: ConfigError without the passphrase, when one is opened."""
    keystore = KeyDirectory(Folders(home=settings.home).keys, settings.passphrase, random=secrets.token_bytes)
    return ChainKeys(keystore=keystore, clock=utc_now)


@contextmanager
def open_services(settings: Settings) -> Iterator[Services]:
    """All verbs over this workspace, until the block ends.

    Raises: KeystoreError, ConfigError (no passphrase, no such kind of database), StoreUnavailableError,
    StoreVersionError.
    """
    with _opened_store(settings) as store:
        yield _services(settings, Folders(home=settings.home), store)


@contextmanager
def open_app(settings: Settings) -> Iterator[tuple[Flask, Services]]:
    """The web application over this workspace and the verbs behind it, until the block ends.

    Not for sharing over a fork. Raises: as `open_services`; ConfigError without the setting `secret`.
    """
    from tagserver.web.app import create_app  # half of what a command would load in vain

    command = reader_command(
        max_bytes=settings.max_image_bytes,
        max_pixels=settings.max_image_pixels,
        trust=Folders(home=settings.home).trust,
    )
    with _opened_store(settings) as store, WorkerPool(command) as reader:
        services = _services(settings, Folders(home=settings.home), store)
        app = create_app(
            services,
            settings,
            reader,
            is_ready=store.is_healthy,
            clock=utc_now,
            random_bytes=secrets.token_bytes,
        )
        yield app, services


@contextmanager
def _opened_store(settings: Settings) -> Iterator[SqlStore]:
    engine = _open_engine(settings)
    store = SqlStore(engine)
    try:
        with store.read():
            require_current(engine)
        yield store
    finally:
        store.close()


def _open_engine(settings: Settings) -> Engine:
    try:
        return open_engine(settings.database_url.reveal())
    except (ValueError, ArgumentError):
        # The address holds a password, so what was wrong with it is not told.
        raise ConfigError(
            ConfigCode.INVALID, "database_url", "want sqlite:///PATH or postgresql://USER:PASSWORD@HOST/NAME"
        ) from None


def _services(settings: Settings, folders: Folders, store: SqlStore) -> Services:
    keystore = KeyDirectory(folders.keys, settings.passphrase, random=secrets.token_bytes)
    cipher = keystore.serial_cipher(SERIAL_KEY)
    leaves, indexes = LeafDirectory(folders.batches), SerialDirectory(folders.batches)
    lookup = Lookup(cipher=cipher, indexes=indexes)
    trust = Trust(
        store=store,
        clock=utc_now,
        file=TrustBundleFile(folders.trust),
        root_key=settings.root_key,
        valid_for=timedelta(days=settings.trust_valid_days),
        witness_threshold=settings.witness_threshold,
        anchors=lambda: policy_of(settings, ChainKeys(keystore=keystore, clock=utc_now)),
    )
    tiles = _tiles(settings, folders)
    tree = TileTree(tiles)
    keeper = TileLogKeeper(
        store=store,
        tiles=tiles,
        tree=tree,
        keystore=keystore,
        ask=ask_witness,
        clock=utc_now,
        block_age=timedelta(seconds=settings.log_block_seconds),
    )
    people = people_of(
        store, utc_now, secrets.token_bytes, secret=settings.secret, site_name=settings.site_name
    )
    return Services(
        access=Access(store=store, clock=utc_now, random_bytes=secrets.token_bytes),
        products=Products(store=store, clock=utc_now),
        keys=Keys(store=store, keystore=keystore, clock=utc_now),
        trust=trust,
        issuing=Issuing(
            store=store,
            keystore=keystore,
            leaves=leaves,
            indexes=indexes,
            cipher=cipher,
            clock=utc_now,
            max_count=settings.max_batch_count,
            lease=timedelta(seconds=settings.lease_seconds),
        ),
        printing=Printing(
            store=store, keystore=keystore, leaves=leaves, indexes=indexes, cipher=cipher, clock=utc_now
        ),
        units=Units(store=store, lookup=lookup, clock=utc_now, random_bytes=secrets.token_bytes),
        recalls=Recalls(store=store, clock=utc_now, random_bytes=secrets.token_bytes),
        pasts=Pasts(store=store, lookup=lookup),
        own_scans=OwnScans(store=store, lookup=lookup),
        verifying=Verifying(
            store=store,
            trust=trust,
            lookup=lookup,
            standings=LogStandings(tree=tree),
            clock=utc_now,
            thresholds=settings.thresholds,
        ),
        remaking=Remaking(store=store, keystore=keystore, cipher=cipher, indexes=indexes, lookup=lookup),
        retention=Retention(store=store, clock=utc_now, keep=timedelta(days=settings.scan_retention_days)),
        anchoring=Anchoring(
            store=store,
            checkpoints=keeper,
            backends=backends_of(
                settings, folders.journal, ChainKeys(keystore=keystore, clock=utc_now), utc_now
            ),
            plan=plan_of(settings),
            places=places_of(settings),
            root_at=tree.root,
            clock=utc_now,
        ),
        logs=Logs(
            store=store,
            tiles=tiles,
            creation=LogCreation(
                store=store,
                keystore=keystore,
                clock=utc_now,
                random_bytes=secrets.token_bytes,
                origin=settings.log_origin,
            ),
            keeper=keeper,
            clock=utc_now,
            threshold=settings.witness_threshold,
        ),
        log_rotation=LogRotation(store=store, keystore=keystore, clock=utc_now),
        proofs=Proofs(
            store=store,
            trust=trust,
            keystore=keystore,
            cipher=cipher,
            indexes=indexes,
            lookup=lookup,
            leaves=leaves,
            tree=tree,
            clock=utc_now,
            threshold=settings.witness_threshold,
            receipts=Receipts(tree=tree, places=places_of(settings)),
        ),
        witnessing=Witnessing(store=store, keystore=keystore, clock=utc_now, name=settings.witness_name),
        auditing=Auditing(store=store, tiles=tiles, tree=tree, leaves=leaves),
        accounts=people.accounts,
        sessions=people.sessions,
        totp=people.totp,
        reports=Reports(
            store=store,
            clock=utc_now,
            random_bytes=secrets.token_bytes,
            keep=timedelta(days=settings.report_retention_days),
        ),
    )


def _tiles(settings: Settings, folders: Folders) -> TileStore:
    """The log's files. Raises: TileStoreError, ConfigError without the packages for a bucket."""
    if not settings.log_store:
        try:
            folders.log.mkdir(exist_ok=True)
        except OSError as error:
            raise TileStoreError(error.strerror or type(error).__name__) from error
        return TileDirectory(folders.log)
    try:
        from tagserver.log.bucket import BucketAddress, TileBucket
    except ImportError:
        problem = "a bucket needs the extra s3: pip install 'origintag[s3]'"
        raise ConfigError(ConfigCode.INVALID, "log_store", problem) from None
    bucket, _, prefix = settings.log_store.removeprefix("s3://").partition("/")
    return TileBucket(
        BucketAddress(
            bucket=bucket,
            prefix=f"{prefix.strip('/')}/" if prefix.strip("/") else "",
            endpoint=settings.log_bucket_endpoint,
            region=settings.log_bucket_region,
        )
    )
