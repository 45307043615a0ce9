"""One code checked as fully as can be: by this device, by the server where there is one, and by the worse of both."""

from dataclasses import dataclass, replace
from datetime import datetime

from scanner.answer import Answer, answer_of
from scanner.online import Server, Silence
from scanner.proof import ProofAnswer
from scanner.verify import verify
from tagcore.errors import Step
from tagcore.evidence import Cause, Failed, Proven
from tagcore.findings import failed_proof
from tagcore.reasons import Level
from tagcore.trust import TrustBundle
from tagcore.verdict import Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Checker:
    """What there is to check with; with neither, codes are only told apart by their form."""

    trust: TrustBundle | None = None
    server: Server | None = None

    def check(self, text: str, now: datetime, *, proof: Proven | Failed | None = None) -> Answer:
        """The verdict on a scanned text. A server that is silent makes it "cannot check", or what is worse.

        `proof` is what became of the tag's proof file, checked by this device.
        """
        if self.server is None:
            return answer_of(verify(text, self.trust, now, proof=proof))
        answer = self.server.verify(text)
        if isinstance(answer, Silence):
            device = verify(text, self.trust, now, missing=Cause.OUTAGE, proof=proof)
            return answer_of(device, note=answer.why)
        if self.trust is None:
            return answer
        return worse_of(answer_of(verify(text, self.trust, now, proof=proof)), answer)


def answer_to_proof(proof: ProofAnswer, checker: Checker, now: datetime) -> Answer:
    """The verdict on a proof file and its code. A file that is none speaks of no code that could be checked."""
    if isinstance(proof.finding, Failed) and proof.finding.step is Step.FORMAT:
        return answer_of(Verdict((failed_proof(Step.FORMAT),)))
    return checker.check(proof.tag, now, proof=proof.finding)


def worse_of(device: Answer, server: Answer) -> Answer:
    """The server knows more, so its answer stands, unless the pinned keys speak against the code.

    A server that was taken over cannot make a forged signature match.
    """
    if device.level <= max(Level.UNCHECKED, server.level):
        return server
    findings = device.findings + tuple(
        finding for finding in server.findings if finding.code not in {own.code for own in device.findings}
    )
    note = f"the server said {server.title!r}; this device's pinned keys say otherwise"
    return replace(device, findings=findings, note=note, record=server.record)
