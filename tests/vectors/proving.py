"""A proof and what verifiers pin for it: a batch of five, a log of seven entries, three witnesses, four anchors."""

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from hashlib import sha256

from tagcore import merkle
from tagcore.checkpoint import Checkpoint, sign_checkpoint
from tagcore.commitment import commitment_of, format_commitment
from tagcore.cosignature import WitnessPolicy, cosign
from tagcore.entries import BatchEntry, EventsEntry, KeyChange, KeyEntry, KeyRole, format_entry
from tagcore.identity import Identity
from tagcore.journal import JournalLine, format_line, sign_line
from tagcore.log_proof import LogProof, format_log_proof
from tagcore.log_trust import AnchorPolicy, LogTrust, PinnedChain
from tagcore.manifest import Manifest, sign_manifest
from tagcore.note import COSIGNATURE_V1, ED25519, Note, VerifierKey, format_note
from tagcore.proof_file import Anchor, Proof, format_proof
from tagcore.receipts import Backend, ChainReceipt, Inclusion, JournalReceipt, Receipt
from tagcore.tag import Profile, Tag, format_url, leaf_bytes, signing_bytes
from tests.vectors.cast import BUNDLE, CASES, TestKey, key_of

ORIGIN = "id.example.com/log"
AT = datetime(2026, 6, 15, 12, 30, tzinfo=UTC)
LOG = TestKey("origintag test vectors: log")
OLD_LOG = TestKey("origintag test vectors: log, former")
JOURNAL = TestKey("origintag test vectors: journal")
WITNESSES = tuple(TestKey(f"origintag test vectors: witness {number}") for number in range(3))
STRANGER = TestKey("origintag test vectors: stranger")
PRODUCER = key_of("distillery", 0)
INDEX = 3
"""Of the tag in its batch."""
LOG_INDEX = 4
"""Of the batch's entry in the log."""


def log_key(key: TestKey = LOG, origin: str = ORIGIN) -> VerifierKey:
    """The key as verifiers pin it."""
    return VerifierKey(name=origin, algorithm=ED25519, public_key=key.public_key)


WITNESS_KEYS = tuple(
    VerifierKey(name=f"w{number}.example.org", algorithm=COSIGNATURE_V1, public_key=key.public_key)
    for number, key in enumerate(WITNESSES)
)
THOR = PinnedChain(backend=Backend.VECHAIN, network="test", genesis=sha256(b"thor").digest())
ETHER = PinnedChain(backend=Backend.EVM, network="test", genesis=sha256(b"ether").digest())
LOG_TRUST = LogTrust(
    origin=ORIGIN,
    keys=(log_key(), log_key(OLD_LOG)),
    witnesses=WitnessPolicy(threshold=2, witnesses=WITNESS_KEYS),
    anchors=AnchorPolicy(threshold=2, chains=(THOR, ETHER), journal=JOURNAL.public_key),
)
TRUST = replace(BUNDLE, logs=(LOG_TRUST,))


def reader(leaves: list[bytes]) -> merkle.NodeReader:
    """A reader over the leaf hashes of a tree of fewer than 256."""

    def read(level: int, start: int, stop: int) -> bytes:
        assert level == 0
        return b"".join(leaves[start:stop])

    return read


def tags() -> tuple[Tag, ...]:
    """The batch's: the first of the tag vectors with other serials."""
    first = CASES[0].tag.identity
    identities = (
        Identity.checked(
            gtin=first.gtin, lot=first.lot, serial=f"4T7QMZ9C1R5K{last}", expiry=first.expiry, slot=0
        )
        for last in "ABCDE"
    )
    return tuple(Tag(identity=one, signature=PRODUCER.sign(signing_bytes(one))) for one in identities)


LEAVES = [merkle.leaf_hash(leaf_bytes(tag)) for tag in tags()]
PATH = merkle.inclusion_proof(INDEX, len(LEAVES), reader(LEAVES))
MANIFEST = Manifest(
    number=12,
    gtin=CASES[0].tag.identity.gtin,
    lot="LOT1",
    expiry=CASES[0].tag.identity.expiry,
    count=len(LEAVES),
    slot=0,
    root=merkle.root_of_tree(len(LEAVES), reader(LEAVES)),
    issued_at=AT,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """All that a proof is made of. Change one thing, and everything behind it is made, and signed, again."""

    tag: Tag = field(default_factory=lambda: tags()[INDEX])
    host: str = "ID.EXAMPLE.COM"
    index: int = INDEX
    path: tuple[bytes, ...] = PATH
    manifest: Manifest = MANIFEST
    manifest_signer: TestKey = PRODUCER
    entry: bytes | None = None
    log_index: int = LOG_INDEX
    size: int = 7
    origin: str = ORIGIN
    log_signer: TestKey = LOG
    cosigners: tuple[int, ...] = (0, 2)
    receipts: tuple[Receipt, ...] | None = None
    anchored_size: int = 6

    def entries(self) -> list[bytes]:
        """The log's: keys and blocks around the batch."""
        batch = BatchEntry(
            manifest=self.manifest, signature=sign_manifest(self.manifest, self.manifest_signer)
        )
        key = KeyEntry(
            change=KeyChange.ADDED,
            role=KeyRole.ISSUER,
            name="Example Distillery",
            slot=0,
            public_key=PRODUCER.public_key,
            at=AT,
        )
        blocks = (EventsEntry(block=number, count=1, root=bytes(32), at=AT) for number in range(6))
        others = [format_entry(key), *map(format_entry, blocks)]
        others[LOG_INDEX] = format_entry(batch) if self.entry is None else self.entry
        return others

    @staticmethod
    def batch_reader() -> merkle.NodeReader:
        """Of the batch's tree."""
        return reader(LEAVES)

    def checkpoint(self, size: int) -> Checkpoint:
        """The log at `size`."""
        return Checkpoint(origin=self.origin, size=size, root=merkle.root_of_tree(size, self.read()))

    def read(self) -> merkle.NodeReader:
        return reader([merkle.leaf_hash(entry) for entry in self.entries()])

    def note(self) -> Note:
        """The checkpoint that the proof leads to, signed and cosigned."""
        note = sign_checkpoint(self.checkpoint(self.size), self.log_signer)
        lines = (cosign(note, WITNESS_KEYS[number].name, WITNESSES[number], AT) for number in self.cosigners)
        return replace(note, signatures=(*note.signatures, *lines))

    def anchors(self) -> tuple[Anchor, ...]:
        old, new = sorted((self.anchored_size, self.size))
        consistency = () if old == new else merkle.consistency_proof(old, new, self.read())
        root = self.checkpoint(self.anchored_size).root
        receipts = self.own_receipts() if self.receipts is None else self.receipts
        return tuple(
            Anchor(size=self.anchored_size, root=root, consistency=consistency, receipt=receipt)
            for receipt in receipts
        )

    def own_receipts(self) -> tuple[Receipt, ...]:
        return (chain_receipt(THOR), chain_receipt(ETHER), self.journal_receipt())

    def journal_receipt(self, signer: TestKey = JOURNAL) -> JournalReceipt:
        commitment = format_commitment(commitment_of(self.checkpoint(self.anchored_size)))
        line = JournalLine(number=1, previous=bytes(32), at=AT, commitment=commitment, key=signer.public_key)
        return JournalReceipt(line=format_line(sign_line(line, signer)).decode())

    def proof(self) -> Proof:
        path = merkle.inclusion_proof(LOG_INDEX, self.size, self.read())
        log_proof = LogProof(index=self.log_index, path=path, checkpoint=format_note(self.note()))
        return Proof(
            tag=format_url(self.tag, self.host, Profile.DIGITAL_LINK),
            index=self.index,
            path=self.path,
            entry=self.entries()[LOG_INDEX],
            log_proof=format_log_proof(log_proof),
            anchors=self.anchors(),
        )

    def data(self) -> bytes:
        return format_proof(self.proof())


def chain_receipt(chain: PinnedChain, state: Inclusion = Inclusion.FINALIZED) -> ChainReceipt:
    """What a node would have told; no such transaction exists."""
    return ChainReceipt(
        backend=chain.backend,
        network=chain.network,
        genesis=chain.genesis,
        transaction=sha256(b"transaction").digest(),
        to=bytes(20),
        number=1234,
        block=sha256(b"block").digest(),
        time=AT,
        state=state,
    )
