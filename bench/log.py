"""The log: a batch of a million tags becomes one entry, and a tag of it is proven in a log of a million entries.

What is not measured is made quickly: all but the measured tags of the batch are random leaves, and all but the first
entries of the log are small ones, written straight into its folder. Processor time of this process, on one core.
"""

import statistics
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from secrets import token_bytes
from tempfile import TemporaryDirectory
from typing import Any, cast

from bench.figure import Figure
from tagcore.checkpoint import Checkpoint, sign_checkpoint
from tagcore.frontier import Frontier, format_frontier
from tagcore.gs1 import parse_gtin
from tagcore.merkle import HASH_BYTES, TILE_WIDTH, leaf_hash, tile_roots
from tagcore.note import format_note
from tagcore.states import Role
from tagcore.tag import Profile, leaf_bytes
from tagcore.tiles import entries_path, format_entry_bundle, tile_path, tiles_of_size
from tagserver.bootstrap import (
    SERIAL_KEY,
    Folders,
    create_workspace,
    new_secrets,
    open_app,
    prepare_store,
    utc_now,
)
from tagserver.config import Settings, load_settings
from tagserver.keystore import KeyDirectory
from tagserver.ports import (
    Batch,
    KeyPurpose,
    Lease,
    Organisation,
    OrgId,
    Product,
    SigningKey,
    StoredCheckpoint,
)
from tagserver.services.access import operator
from tagserver.services.issue import Order
from tagserver.services.suite import Services
from tagserver.services.tags import Press, url
from tagserver.store import LeafDirectory, SerialDirectory, SqlStore, open_engine

TAGS = 1_000_000
ENTRIES = 1_000_000
PROOFS = 300
GTIN = parse_gtin("09520001000010")
PRODUCER = OrgId("bench")
ENVIRON = {
    "ORIGINTAG_PASSPHRASE": "only for measuring",
    "ORIGINTAG_ROOT_PASSPHRASE": "only for measuring",
    "ORIGINTAG_SECRET": "only for measuring",
    "ORIGINTAG_VERIFICATIONS_PER_MINUTE": "0",
}


def figures() -> Iterator[Figure]:
    """The tree of a batch, a proof's time and size, and proofs a second of one worker."""
    with TemporaryDirectory() as folder:
        home = Path(folder)
        create_workspace(home, {"tag_host": "ID.EXAMPLE.COM"}, new_secrets(ENVIRON))
        settings = load_settings(home, ENVIRON)
        prepare_store(settings)
        with open_app(settings) as (app, services):
            tools = _Tools.of(settings)
            batch, lease, signer = _ordered(services, tools)
            addresses, leaves = _tags(tools, batch, signer)
            seconds = _issue(services, tools, batch, lease, signer, leaves)
            del leaves
            _fill_log(settings, services, tools)
            took, size = _prove(services, addresses)
            rate = _serve(app.test_client(), addresses)
        tools.store.close()
    yield Figure(
        figure="batch_million_tree_seconds",
        value=seconds,
        unit="s",
        against=f"leaf hashes, tree, files, manifest, entry and transaction of {TAGS:,} tags given",
    )
    where = f"a tag of {TAGS:,} in a log of {ENTRIES:,} entries"
    yield Figure(figure="proof_ms", value=took, unit="ms", against=f"{where}, the median of {PROOFS}")
    yield Figure(figure="proof_bytes", value=size, unit="B", against=f"{where}, without receipts")
    yield Figure(
        figure="proof_requests_per_second_worker",
        value=rate,
        unit="requests/s",
        against="the application's own time for a request, one thread, no network",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Tools:
    """What the bench reaches past the services for."""

    store: SqlStore
    keystore: KeyDirectory
    leaves: LeafDirectory
    folders: Folders

    @classmethod
    def of(cls, settings: Settings) -> "_Tools":
        """Over the same workspace."""
        folders = Folders(home=settings.home)
        return cls(
            store=SqlStore(open_engine(settings.database_url.reveal())),
            keystore=KeyDirectory(folders.keys, settings.passphrase, random=token_bytes),
            leaves=LeafDirectory(folders.batches),
            folders=folders,
        )


def _ordered(services: Services, tools: _Tools) -> tuple[Batch, Lease, SigningKey]:
    """A producer's batch, leased to this process."""
    services.access.add_organisation(
        Organisation(
            id=PRODUCER,
            name="Bench",
            role=Role.PRODUCER,
            created_at=utc_now(),
            prefixes=("9520001",),
            hosts=("ID.EXAMPLE.COM",),
        )
    )
    services.keys.create(PRODUCER)
    caller = operator(services.access.organisation(PRODUCER))
    services.products.register(
        caller, Product(gtin=GTIN, org_id=PRODUCER, name="Baijiu", created_at=utc_now())
    )
    order = Order(gtin=GTIN, lot="L26-0914", expiry=None, count=TAGS, profile=Profile.DIGITAL_LINK)
    batch = services.issuing.request(caller, order, idempotency_key="bench").batch
    with tools.store.write() as transaction:
        lease = transaction.batches.claim(owner="bench", now=utc_now(), duration=timedelta(hours=1))
    assert lease is not None
    return batch, lease, tools.keystore.signing_key(batch.key_id, KeyPurpose.ISSUER)


def _tags(tools: _Tools, batch: Batch, signer: SigningKey) -> tuple[list[str], list[bytes]]:
    """The addresses of the tags to be proven, and every tag's leaf: random bytes for all the others."""
    press = Press(
        cipher=tools.keystore.serial_cipher(SERIAL_KEY),
        indexes=SerialDirectory(tools.folders.batches),
        signer=signer,
    )
    addresses: list[str] = []
    noise = token_bytes(160)
    leaves = [number.to_bytes(8) + noise[:128] for number in range(TAGS)]
    for index in range(0, TAGS, TAGS // PROOFS):
        (tag,) = press.tags(batch, index, index + 1)
        leaves[index] = leaf_bytes(tag)
        addresses.append(url(tag, batch))
    return addresses[:PROOFS], leaves


def _issue(
    services: Services, tools: _Tools, batch: Batch, lease: Lease, signer: SigningKey, leaves: Sequence[bytes]
) -> float:
    """What issuing does once the tags are signed; its processor seconds."""
    begun = time.process_time()
    with tools.leaves.writer(batch.number, count=batch.count, acknowledged=0) as writer:
        writer.append(b"".join([leaf_hash(leaf) for leaf in leaves]))
        root = writer.finish()
    cast("Any", services.issuing)._finish(lease, batch, signer, root)  # noqa: SLF001 - the part that is measured
    return time.process_time() - begun


def _fill_log(settings: Settings, services: Services, tools: _Tools) -> None:
    """The entries that there are, and small ones up to ENTRIES, with a signed checkpoint over them."""
    state = services.logs.create()
    services.logs.run()
    with tools.store.read() as transaction:
        real = [entry.data for entry in transaction.log.entries(0, 100)]
    entries = real + [b'{"bench":%d}' % number for number in range(ENTRIES - len(real))]
    hashes = [leaf_hash(entry) for entry in entries]
    levels = [b"".join(hashes)]
    while len(levels[-1]) >= TILE_WIDTH * HASH_BYTES:
        levels.append(tile_roots(levels[-1]))
    for tile in tiles_of_size(ENTRIES):
        data = levels[tile.level][tile.start * HASH_BYTES : tile.stop * HASH_BYTES]
        _put(tools.folders.log / tile_path(tile.level, tile.index, tile.width), data)
        if tile.level == 0:
            bundle = format_entry_bundle(entries[tile.start : tile.stop])
            _put(tools.folders.log / entries_path(tile.index, tile.width), bundle)
    frontier = Frontier().grown(hashes)
    checkpoint = Checkpoint(origin=settings.log_origin, size=ENTRIES, root=frontier.root)
    note = sign_checkpoint(checkpoint, tools.keystore.signing_key(state.key_id, KeyPurpose.LOG))
    stored = StoredCheckpoint(size=ENTRIES, root=frontier.root, note=format_note(note), at=utc_now())
    with tools.store.write() as transaction:
        transaction.log.adopt_checkpoint(stored, format_frontier(frontier))
        transaction.log.note_published(ENTRIES)


def _put(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)


def _prove(services: Services, addresses: Sequence[str]) -> tuple[float, int]:
    """The median milliseconds of a proof, and the largest one's bytes."""
    took, largest = [], 0
    for address in addresses:
        begun = time.process_time()
        proof = services.proofs.of_text(address)
        took.append((time.process_time() - begun) * 1000)
        largest = max(largest, len(proof))
    return statistics.median(took), largest


def _serve(client: Any, addresses: Sequence[str]) -> float:  # noqa: ANN401 - Flask's test client
    """Requests a second of processor time."""
    paths = [f"/v1/units/{GTIN}/{address.split('/21/')[1].partition('?')[0]}/proof" for address in addresses]
    begun = time.process_time()
    for path, address in zip(paths, addresses, strict=True):
        response = client.get(path, query_string={"tag": address})
        assert response.status_code == 200, response.get_data(as_text=True)
    return len(addresses) / (time.process_time() - begun)
