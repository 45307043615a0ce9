"""A proof file judged offline: the pinned trust and the time in, what it proves or the step that refuses it out.

docs/spec/log.md, section 8. A proof that holds makes no match, for it knows no recall, state or copy: the verdict is
then that of the signature alone. No clock, no socket.
"""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from scanner.errors import ProofFileUnreadableError
from scanner.timestamps import check_token
from tagcore.errors import DocumentError, ProofError
from tagcore.evidence import Failed, Proven
from tagcore.proof import ProvenTag, verify_proof
from tagcore.proof_file import MAX_PROOF_BYTES, parse_proof
from tagcore.trust import TrustBundle


@dataclass(frozen=True, slots=True, kw_only=True)
class ProofAnswer:
    """What became of a proof file: `tag` is the URL that it speaks of ("" if it cannot be read), and either `proven`
    or `problem`, whose step is set.
    """

    tag: str
    proven: ProvenTag | None
    problem: ProofError | None

    @property
    def finding(self) -> Proven | Failed:
        """The evidence for a verdict."""
        if self.problem is None or self.problem.step is None:
            return Proven()
        return Failed(step=self.problem.step)


def load_proof(path: Path) -> bytes:
    """The file's bytes. Raises: ProofFileUnreadableError when there is no such file, or it is larger than any proof."""
    try:
        with path.open("rb") as file:
            data = file.read(MAX_PROOF_BYTES + 2)
    except OSError as error:
        raise ProofFileUnreadableError(error.strerror or str(error)) from error
    if len(data) > MAX_PROOF_BYTES + 1:
        raise ProofFileUnreadableError(f"it has more than {MAX_PROOF_BYTES} bytes")
    return data


def check_proof(data: bytes, trust: TrustBundle, now: datetime) -> ProofAnswer:
    """What `data` proves to somebody who believes `trust` at `now` (aware); total over all bytes."""
    try:
        proven = verify_proof(data, trust, now, check=check_token)
    except ProofError as error:
        return ProofAnswer(tag=_tag(data), proven=None, problem=error)
    return ProofAnswer(tag=_tag(data), proven=proven, problem=None)


def _tag(data: bytes) -> str:
    try:
        return parse_proof(data)[0].tag
    except DocumentError:
        return ""
