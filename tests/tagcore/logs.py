"""A checkpoint of the test vectors' log with the log's own signature, for tests of notes and cosignatures."""

from tagcore.checkpoint import Checkpoint, sign_checkpoint
from tests.vectors.proving import AT, LOG, ORIGIN, WITNESS_KEYS, WITNESSES, log_key

__all__ = ["AT", "CHECKPOINT", "LOG", "LOG_KEY", "NOTE", "ORIGIN", "WITNESSES", "WITNESS_KEYS"]

LOG_KEY = log_key()
CHECKPOINT = Checkpoint(origin=ORIGIN, size=7, root=bytes(range(32)))
NOTE = sign_checkpoint(CHECKPOINT, LOG)
