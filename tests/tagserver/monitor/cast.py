"""A log that a monitor follows: the test vectors' producers, their batches, and a real HTTP server over its files."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from hashlib import sha256
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

from tagcore.checkpoint import open_checkpoint
from tagcore.cosignature import WitnessPolicy, cosign
from tagcore.entries import BatchEntry, KeyChange, KeyEntry, KeyRole, format_entry
from tagcore.gs1 import parse_gtin
from tagcore.keys import IssuerKey
from tagcore.log_trust import AnchorPolicy, LogTrust
from tagcore.manifest import Manifest, sign_manifest
from tagcore.note import Note, format_note
from tagcore.trust import Issuer, TrustBundle
from tagserver.monitor import Expectations, HttpFiles, Monitor, StateFile
from tests.strangers.writer import LogWriter
from tests.tagcore.logs import LOG, LOG_KEY, ORIGIN, WITNESS_KEYS, WITNESSES
from tests.vectors.cast import BOTTLE, EIGHT, ROOT, TestKey

NOW = datetime(2026, 7, 1, 12, tzinfo=UTC)
PRODUCER = "Good Olives"
GOOD = TestKey("monitor: the producer's key")
SECOND = TestKey("monitor: the producer's second key")
THIEF = TestKey("monitor: somebody else's key")


def issuer_key(slot: int, of: TestKey) -> IssuerKey:
    return IssuerKey(
        slot=slot,
        public_key=of.public_key,
        not_before=NOW - timedelta(days=30),
        not_after=NOW + timedelta(days=300),
    )


def trust(
    witnesses: WitnessPolicy | None = None, *, anchors: AnchorPolicy | None = None, lasting: bool = False
) -> TrustBundle:
    """The producer with keys in slots 1 and 2, another producer, and the log; `lasting`: it does not expire soon."""
    keys = (issuer_key(1, GOOD), issuer_key(2, SECOND))
    other = issuer_key(1, THIEF)
    return TrustBundle(
        version=1,
        issued=NOW - timedelta(days=1),
        expires=NOW + timedelta(days=36_500 if lasting else 30),
        root_key=ROOT.public_key,
        issuers=(
            Issuer(name=PRODUCER, gtins=(parse_gtin(BOTTLE),), hosts=("ID.EXAMPLE.COM",), keys=keys),
            Issuer(name="Other", gtins=(parse_gtin(EIGHT),), hosts=("ID.EXAMPLE.COM",), keys=(other,)),
        ),
        logs=(
            LogTrust(
                origin=ORIGIN,
                keys=(LOG_KEY,),
                witnesses=witnesses or WitnessPolicy(),
                anchors=anchors or AnchorPolicy(),
            ),
        ),
    )


def manifest(number: int, *, gtin: str = BOTTLE, slot: int = 1) -> Manifest:
    return Manifest(
        number=number,
        gtin=parse_gtin(gtin),
        lot="L1",
        expiry=None,
        count=10,
        slot=slot,
        root=sha256(f"batch {number}".encode()).digest(),
        issued_at=NOW - timedelta(hours=1),
    )


def batch(number: int, *, gtin: str = BOTTLE, slot: int = 1, signer: TestKey = GOOD) -> bytes:
    """The entry of a batch, signed by `signer` whatever the slot says."""
    made = manifest(number, gtin=gtin, slot=slot)
    return format_entry(BatchEntry(manifest=made, signature=sign_manifest(made, signer)))


def key(change: KeyChange, public_key: bytes, *, slot: int = 1) -> bytes:
    """The entry of a change to one of the producer's keys."""
    return format_entry(
        KeyEntry(change=change, role=KeyRole.ISSUER, name=PRODUCER, slot=slot, public_key=public_key, at=NOW)
    )


def expecting(*numbers: int) -> Expectations:
    """The producer ordered these batches."""
    return Expectations(
        producers=frozenset({PRODUCER}), roots=frozenset(manifest(number).root for number in numbers)
    )


class Served:
    """A log on disk, served on loopback, and monitors of it."""

    def __init__(self, folder: Path, url: str) -> None:
        self.folder = folder
        self.url = url
        self.files = HttpFiles(url, retry_seconds=(0.01,))
        self.pauses: list[float] = []
        (folder / "log").mkdir()
        self.log = LogWriter(folder / "log", ORIGIN, LOG)

    def monitor(
        self, *, expected: Expectations | None = None, trusting: TrustBundle | None = None
    ) -> Monitor:
        return Monitor(
            files=self.files,
            trust=trusting or trust(),
            expected=expected or Expectations(),
            state=StateFile(self.folder / "state"),
            pause=self.pauses.append,
        )

    def cosign(self, *places: int) -> None:
        """Have these witnesses cosign what is served."""
        checkpoint = self.log.folder / "checkpoint"
        _, note = open_checkpoint(checkpoint.read_bytes(), LOG_KEY)
        lines = tuple(cosign(note, WITNESS_KEYS[place].name, WITNESSES[place], NOW) for place in places)
        checkpoint.write_bytes(format_note(replace(note, signatures=note.signatures + lines)))

    def begin_again(self, entries: list[bytes]) -> Note:
        """Another log of the same name and key in the place of this one: a fork."""
        self.log.entries = []
        _, note = open_checkpoint(self.log.append(entries), LOG_KEY)
        return note


class _Quiet(SimpleHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (the base class names it)
        """Nothing on standard error."""


@contextmanager
def served(folder: Path) -> Iterator[Served]:
    """A log in `folder`, which a real server hands out."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=folder / "log"))
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        running = Served(folder, f"http://127.0.0.1:{server.server_port}")
        with running.files:
            yield running
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
