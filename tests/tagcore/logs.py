"""A log of a few entries, its key and three witnesses, for tests of notes, checkpoints and proofs."""

from datetime import UTC, datetime

from tagcore.checkpoint import Checkpoint, sign_checkpoint
from tagcore.note import COSIGNATURE_V1, ED25519, VerifierKey
from tests.vectors.cast import TestKey

ORIGIN = "id.example.com/log"
AT = datetime(2026, 7, 1, 12, tzinfo=UTC)
LOG = TestKey("origintag test vectors: log")
LOG_KEY = VerifierKey(name=ORIGIN, algorithm=ED25519, public_key=LOG.public_key)
WITNESSES = tuple(TestKey(f"origintag test vectors: witness {number}") for number in range(3))
WITNESS_KEYS = tuple(
    VerifierKey(name=f"w{number}.example.org", algorithm=COSIGNATURE_V1, public_key=key.public_key)
    for number, key in enumerate(WITNESSES)
)
CHECKPOINT = Checkpoint(origin=ORIGIN, size=7, root=bytes(range(32)))
NOTE = sign_checkpoint(CHECKPOINT, LOG)
