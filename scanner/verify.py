"""The offline check: a scanned text, the pinned trust and the time in, a verdict out.

docs/spec/verdicts.md. Signature and expiry are all that can be known without the record, so the best verdict here is
"signature only": it never says that a tag matches the record. No clock, no socket.
"""

from datetime import datetime

from scanner.symbol import Symbol
from tagcore.evidence import Cause, Evidence, Failed, NotConsulted, NotOurs, Ours, Proven, Reading
from tagcore.reading import check_signature, read
from tagcore.reasons import Code
from tagcore.trust import TrustBundle
from tagcore.verdict import Verdict, decide


def verify(
    scanned: str | Symbol,
    trust: TrustBundle | None,
    now: datetime,
    *,
    missing: Cause | None = None,
    proof: Proven | Failed | None = None,
) -> Verdict:
    """What `scanned` is worth by its signature alone; total over all texts.

    `trust` None: no signature can be checked. `now` is aware, and also decides whether `trust` is stale.
    `missing` says why the record was not asked; None: on purpose. `proof` is what became of the tag's proof file.
    """
    reading = _read(scanned.text if isinstance(scanned, Symbol) else scanned, trust)
    signature = check_signature(reading.tag, trust, now) if isinstance(reading, Ours) and trust else None
    return decide(
        Evidence(
            now=now,
            reading=reading,
            signature=signature,
            record=NotConsulted(cause=missing),
            trust_problem=Cause.STALE_TRUST if trust is not None and trust.is_stale(now) else None,
            proof=proof,
        )
    )


def _read(text: str, trust: TrustBundle | None) -> Reading:
    """Without trust nobody knows which hosts are ours: then "looks like ours, but malformed" cannot be said."""
    reading = read(text, trust)
    if trust is None and isinstance(reading, NotOurs) and reading.code is Code.MALFORMED:
        return NotOurs(code=Code.FOREIGN_CODE, text=text, why=reading.why)
    return reading
