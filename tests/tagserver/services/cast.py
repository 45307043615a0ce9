"""The fixed cast of the services' tests, in an office: every service over real adapters, a clock that is set."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256, shake_256
from itertools import count
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tagcore.gs1 import Gtin, check_digit, parse_expiry, parse_gtin
from tagcore.history import Place, Thresholds
from tagcore.keys import Signer
from tagcore.states import Action, Role
from tagcore.tag import Profile, Tag, signing_bytes
from tagserver.chain.journal import Journal
from tagserver.config import Secret
from tagserver.keystore import KeyDirectory, ScryptCost
from tagserver.log.directory import TileDirectory
from tagserver.log.keeper import TileLogKeeper
from tagserver.log.tree import TileTree
from tagserver.log.witness_client import Answer, WitnessUnreachableError
from tagserver.ports import (
    Batch,
    KeyId,
    KeyPurpose,
    Organisation,
    OrgId,
    Product,
    SigningKey,
)
from tagserver.services.access import Access, Caller, operator
from tagserver.services.anchor_plan import Plan
from tagserver.services.anchoring import Anchoring
from tagserver.services.auditing import Auditing
from tagserver.services.issue import Issuing, Order
from tagserver.services.keys import Keys, Trust
from tagserver.services.log_creation import LogCreation
from tagserver.services.log_rotation import LogRotation
from tagserver.services.log_standing import LogStandings
from tagserver.services.logs import Logs
from tagserver.services.lookup import Lookup
from tagserver.services.own_scans import OwnScans
from tagserver.services.passwords import Argon2Cost
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
from tagserver.services.tags import Press
from tagserver.services.units import RangeOutcome, Report, Units
from tagserver.services.verify import Verification, Verifying
from tagserver.services.viewers import Sight
from tagserver.services.witnessing import Witnessing
from tagserver.store import LeafDirectory, SerialDirectory, SqlStore, TrustBundleFile, open_engine

NOW = datetime(2026, 3, 1, 12, 30, 15, 123456, tzinfo=UTC)
HOST = "ID.EXAMPLE.COM"
ORIGIN = "id.example.com/log"
WITNESS = "id.example.com/witness"
RIVAL_HOST = "TAGS.EXAMPLE.ORG"

DISTILLERY = OrgId("distillery")
RIVAL = OrgId("rival")
WHOLESALER = OrgId("wholesaler")
HOSPITAL = OrgId("hospital")
INSPECTOR = OrgId("inspector")
ADMIN = OrgId("admin")


def gtin_of(body: str) -> Gtin:
    """The GTIN with these 13 digits in front of its check digit."""
    return parse_gtin(body + check_digit(body))


GTIN = gtin_of("0950600013435")
BOX_GTIN = gtin_of("0950600013436")
RIVAL_GTIN = gtin_of("0952000100001")

ORGANISATIONS = (
    Organisation(
        id=DISTILLERY,
        name="The distillery",
        role=Role.PRODUCER,
        created_at=NOW,
        prefixes=("9506000",),
        hosts=(HOST,),
    ),
    Organisation(
        id=RIVAL,
        name="The rival",
        role=Role.PRODUCER,
        created_at=NOW,
        prefixes=("9520001",),
        hosts=(RIVAL_HOST,),
    ),
    Organisation(id=WHOLESALER, name="The wholesaler", role=Role.DISTRIBUTOR, created_at=NOW),
    Organisation(id=HOSPITAL, name="The hospital", role=Role.HOSPITAL, created_at=NOW),
    Organisation(id=INSPECTOR, name="The inspector", role=Role.INSPECTOR, created_at=NOW),
    Organisation(id=ADMIN, name="The admin", role=Role.ADMIN, created_at=NOW),
)
PRODUCTS = (
    Product(gtin=GTIN, org_id=DISTILLERY, name="Baijiu 52 %", size="500 ml", created_at=NOW),
    Product(gtin=BOX_GTIN, org_id=DISTILLERY, name="Baijiu, gift box", created_at=NOW),
    Product(gtin=RIVAL_GTIN, org_id=RIVAL, name="Other baijiu", created_at=NOW),
)

CHEAP = ScryptCost(n=2**10, r=1, p=1)
CHEAP_ARGON2 = Argon2Cost(passes=1, memory_kib=8, lanes=1)
SECRET = Secret("secret", "a secret that tests share")
PASSPHRASE = Secret("passphrase", "a passphrase for tests")
ROOT = KeyId("root-1")
SERIALS = KeyId("serial-1")
LEASE = timedelta(seconds=60)
MAX_COUNT = 100_000


class SetClock:
    """A clock that stands where it was set."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now

    def advance(self, step: timedelta) -> None:
        """Forwards, or back."""
        self.now += step


class Randomness:
    """Bytes that look random, the same in each run, none twice; a test can look for them afterwards."""

    def __init__(self, seed: bytes) -> None:
        self._calls = count()
        self._seed = seed
        self.given: list[bytes] = []

    def __call__(self, length: int) -> bytes:
        self.given.append(shake_256(b"%b %d" % (self._seed, next(self._calls))).digest(length))
        return self.given[-1]


@dataclass(frozen=True, kw_only=True)
class Office:
    """All services over one store and one folder."""

    folder: Path
    database_url: str
    store: SqlStore
    keystore: KeyDirectory
    root: SigningKey
    clock: SetClock
    randomness: Randomness
    services: Services

    def caller(self, org_id: OrgId = DISTILLERY) -> Caller:
        """The operator, acting for an organisation."""
        return operator(self.services.access.organisation(org_id))

    def issue(self, order: Order | None = None, *, key: str | None = None, org: OrgId = DISTILLERY) -> Batch:
        """An issued batch."""
        asked = order or an_order()
        queued = self.services.issuing.request(
            self.caller(org), asked, idempotency_key=key or repr((asked.gtin, asked.lot, asked.count))
        )
        return self.services.issuing.work_on(queued.batch.number, owner="test")

    def released(self, order: Order | None = None, *, org: OrgId = DISTILLERY) -> Batch:
        """An issued batch, activated."""
        batch = self.issue(order, org=org)
        self.report_range(batch, Action.ACTIVATE, org=org)
        return batch

    def report_range(
        self,
        batch: Batch,
        action: Action,
        first: int = 0,
        last: int | None = None,
        *,
        org: OrgId = DISTILLERY,
    ) -> RangeOutcome:
        """A report on labels of a batch."""
        return self.services.units.report_range(
            self.caller(org), batch.number, Report(action=action), first=first, last=last
        )

    def tags(self, batch: Batch) -> list[Tag]:
        """The batch's tags, derived apart from what issues and prints them."""
        press = Press(
            cipher=self.keystore.serial_cipher(SERIALS),
            indexes=SerialDirectory(self.folder / "batches"),
            signer=self.keystore.signing_key(batch.key_id, KeyPurpose.ISSUER),
        )
        return list(press.tags(batch, 0, batch.count))

    def urls(self, batch: Batch) -> list[str]:
        """The addresses in the batch's symbols."""
        job = self.services.printing.job(self.caller(batch.org_id), batch.number, form="csv")
        return [url for _, url in job.tags()]

    def verify(self, text: str, viewer: Sight | None = None) -> Verification:
        """What a person is told who scans `text`."""
        return self.services.verifying.verify_text(text, viewer or sight("anybody"))


def open_office(
    folder: Path,
    database_url: str,
    *,
    seed: bytes = b"office",
    lease: timedelta = LEASE,
    witnesses: dict[str, Callable[[bytes], Answer]] | None = None,
    threshold: int = 0,
) -> Office:
    """The office in a folder that `furnish` made."""
    store, clock, randomness = SqlStore(open_engine(database_url)), SetClock(), Randomness(seed)
    keystore = KeyDirectory(folder / "keys", PASSPHRASE, random=randomness)
    root = keystore.signing_key(ROOT, KeyPurpose.ROOT)
    cipher = keystore.serial_cipher(SERIALS)
    leaves, indexes = LeafDirectory(folder / "batches"), SerialDirectory(folder / "batches")
    lookup = Lookup(cipher=cipher, indexes=indexes)
    trust = Trust(
        store=store,
        clock=clock,
        file=TrustBundleFile(folder / "trust.json"),
        root_key=root.public_key,
        valid_for=timedelta(days=90),
        witness_threshold=threshold,
    )
    printing = Printing(
        store=store, keystore=keystore, leaves=leaves, indexes=indexes, cipher=cipher, clock=clock
    )
    tiles = TileDirectory(folder / "log")
    asked = witnesses or {}
    tree = TileTree(tiles)
    keeper = TileLogKeeper(
        store=store,
        tiles=tiles,
        tree=tree,
        keystore=keystore,
        ask=lambda url, body: ask_among(asked, url, body),
        clock=clock,
        block_age=timedelta(seconds=60),
    )
    people = people_of(store, clock, randomness, secret=SECRET, site_name="Origin check", cost=CHEAP_ARGON2)
    services = Services(
        access=Access(store=store, clock=clock, random_bytes=randomness),
        products=Products(store=store, clock=clock),
        keys=Keys(store=store, keystore=keystore, clock=clock),
        trust=trust,
        issuing=Issuing(
            store=store,
            keystore=keystore,
            leaves=leaves,
            indexes=indexes,
            cipher=cipher,
            clock=clock,
            max_count=MAX_COUNT,
            lease=lease,
        ),
        printing=printing,
        units=Units(store=store, lookup=lookup, clock=clock, random_bytes=randomness),
        recalls=Recalls(store=store, clock=clock, random_bytes=randomness),
        pasts=Pasts(store=store, lookup=lookup),
        own_scans=OwnScans(store=store, lookup=lookup),
        remaking=Remaking(store=store, keystore=keystore, cipher=cipher, indexes=indexes, lookup=lookup),
        verifying=Verifying(
            store=store,
            trust=trust,
            lookup=lookup,
            standings=LogStandings(tree=tree),
            clock=clock,
            thresholds=Thresholds(),
        ),
        retention=Retention(store=store, clock=clock, keep=timedelta(days=90)),
        anchoring=Anchoring(
            store=store,
            checkpoints=keeper,
            backends=lambda: (Journal(folder / "journal.jsonl", key=lambda: root, clock=clock),),
            plan=Plan(interval=timedelta(minutes=10), finality_alarm=timedelta(hours=3), required=1),
            places={},
            root_at=tree.root,
            clock=clock,
        ),
        logs=Logs(
            store=store,
            tiles=tiles,
            creation=LogCreation(
                store=store, keystore=keystore, clock=clock, random_bytes=randomness, origin=ORIGIN
            ),
            keeper=keeper,
            clock=clock,
            threshold=threshold,
        ),
        log_rotation=LogRotation(store=store, keystore=keystore, clock=clock),
        proofs=Proofs(
            store=store,
            trust=trust,
            keystore=keystore,
            cipher=cipher,
            indexes=indexes,
            lookup=lookup,
            leaves=leaves,
            tree=tree,
            clock=clock,
            threshold=threshold,
        ),
        witnessing=Witnessing(store=store, keystore=keystore, clock=clock, name=WITNESS),
        auditing=Auditing(store=store, tiles=tiles, tree=tree, leaves=leaves),
        accounts=people.accounts,
        sessions=people.sessions,
        totp=people.totp,
        reports=Reports(store=store, clock=clock, random_bytes=randomness, keep=timedelta(days=180)),
    )
    return Office(
        folder=folder,
        database_url=database_url,
        store=store,
        keystore=keystore,
        root=root,
        clock=clock,
        randomness=randomness,
        services=services,
    )


def ask_among(witnesses: dict[str, Callable[[bytes], Answer]], url: str, body: bytes) -> Answer:
    """What the witness at `url` answers, of those that a test has set up."""
    if url not in witnesses:
        raise WitnessUnreachableError("nobody there")
    return witnesses[url](body)


def furnish(folder: Path) -> None:
    """Keys and folders of an empty office."""
    (folder / "batches").mkdir(parents=True)
    (folder / "log").mkdir()
    keystore = KeyDirectory.create(folder / "keys", PASSPHRASE, random=Randomness(b"keystore"), cost=CHEAP)
    keystore.create_signing_key(ROOT, KeyPurpose.ROOT, at=NOW)
    keystore.create_serial_key(SERIALS, at=NOW)


def settle(office: Office) -> None:
    """Everybody arrives, producers get a key and register their products."""
    for organisation in ORGANISATIONS:
        office.services.access.add_organisation(organisation)
    for producer in (DISTILLERY, RIVAL):
        office.services.keys.create(producer)
    for product in PRODUCTS:
        office.services.products.register(office.caller(product.org_id), product)


def new_producer(**more: object) -> Organisation:
    """One that nobody knows yet."""
    plain = Organisation(
        id=OrgId("newcomer"),
        name="The newcomer",
        role=Role.PRODUCER,
        created_at=NOW,
        prefixes=("9521234",),
        hosts=("NEW.EXAMPLE.COM",),
    )
    return replace(plain, **more)  # type: ignore[arg-type] # a test names fields that exist


def new_product() -> Product:
    """The newcomer's."""
    return Product(gtin=gtin_of("0952123454321"), org_id=OrgId("newcomer"), name="New baijiu", created_at=NOW)


def an_order(count: int = 5, *, gtin: Gtin = GTIN, lot: str = "LOT1", **more: object) -> Order:
    """An order of the distillery's."""
    plain = Order(
        gtin=gtin, lot=lot, expiry=parse_expiry("271231"), count=count, profile=Profile.DIGITAL_LINK
    )
    return replace(plain, **more)  # type: ignore[arg-type] # a test names fields that exist


def of_serials(*serials: str, gtin: Gtin = GTIN, lot: str = "OWN") -> Order:
    """An order with the producer's own serials."""
    return an_order(len(serials), gtin=gtin, lot=lot, serials=serials)


def sight(who: str, place: Place | None = None, **more: object) -> Sight:
    """The look of one viewer."""
    plain = Sight(viewer=sha256(who.encode()).digest()[:16], place=place)
    return replace(plain, **more)  # type: ignore[arg-type] # a test names fields that exist


def naive_root(leaves: list[bytes]) -> bytes:
    """RFC 6962, 2.1, word for word: the Merkle tree hash of a list of entries."""
    if len(leaves) == 1:
        return sha256(b"\0" + leaves[0]).digest()
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    return sha256(b"\1" + naive_root(leaves[:split]) + naive_root(leaves[split:])).digest()


def root_from_path(leaf: bytes, index: int, size: int, path: tuple[bytes, ...]) -> bytes:
    """RFC 9162, 2.1.3.2: the root that an inclusion proof leads to."""
    node, last, value = index, size - 1, sha256(b"\0" + leaf).digest()
    for sibling in path:
        if node % 2 or node == last:
            value = sha256(b"\1" + sibling + value).digest()
            while not node % 2 and node:
                node, last = node // 2, last // 2
        else:
            value = sha256(b"\1" + value + sibling).digest()
        node, last = node // 2, last // 2
    assert last == 0
    return value


@dataclass(frozen=True)
class Forger:
    """Somebody with a key that nobody lists. Implements `tagcore.keys.Signer`."""

    private: Ed25519PrivateKey

    @classmethod
    def with_seed(cls, seed: bytes) -> Forger:
        """The key of 32 bytes that a test chose."""
        return cls(Ed25519PrivateKey.from_private_bytes(seed))

    @property
    def public_key(self) -> bytes:
        return self.private.public_key().public_bytes_raw()

    def sign(self, message: bytes) -> bytes:
        return self.private.sign(message)


def signed_by(signer: Signer, tag: Tag, **changes: object) -> Tag:
    """The tag with fields changed, and signed anew: only what was changed can be wrong with it."""
    identity = replace(tag.identity, **changes)  # type: ignore[arg-type] # a test names fields that exist
    return Tag(identity=identity, signature=signer.sign(signing_bytes(identity)))


def issuer_signer(office: Office, batch: Batch) -> SigningKey:
    """The key that a batch was signed with."""
    return office.keystore.signing_key(batch.key_id, KeyPurpose.ISSUER)
