"""What a device says by itself, without the record: the sentences of its verdicts, for the page's script to fill in.

The codes are those of `tagcore.reasons`; `static/js/tag/judge.js` decides among them. Places in the sentences keep
their names in braces, and the script fills them with texts.
"""

from __future__ import annotations

from dataclasses import dataclass

from tagcore.evidence import Cause
from tagcore.reasons import MEANINGS, Code
from tagserver.web.catalogue import gettext, mark
from tagserver.web.verdict_page import Look, look

_AS_ELSEWHERE = (
    Code.FOREIGN_CODE,
    Code.MALFORMED,
    Code.SIGNATURE_INVALID,
    Code.KEY_UNKNOWN,
    Code.KEY_REVOKED,
    Code.RECALLED,
    Code.WITHDRAWN,
    Code.EXPIRED,
)

_SIGNATURE_ONLY = mark(
    "The code carries the signature of {issuer}, and no recall that this device knows of names it. State and earlier "
    "scans were not checked, and a copied label would pass this check too."
)

_CAUSES = {"no_trust": Cause.NO_TRUST, "stale": Cause.STALE_TRUST, "format": Cause.LATER_FORMAT}


@dataclass(frozen=True, slots=True, kw_only=True)
class OfflineVerdict:
    """One of the verdicts; `name` is its code, and the cause where it has one."""

    name: str
    kind: str
    look: Look
    title: str
    text: str
    advice: str


def offline_verdicts() -> tuple[OfflineVerdict, ...]:
    """All of them, in the reader's language."""
    cannot = MEANINGS[Code.CANNOT_CHECK]
    return (
        _verdict(Code.SIGNATURE_ONLY, text=gettext(_SIGNATURE_ONLY)),
        *(_verdict(code) for code in _AS_ELSEWHERE),
        *(
            _verdict(
                Code.CANNOT_CHECK,
                name=f"{Code.CANNOT_CHECK}-{name}",
                text=gettext(cannot.text).replace("{cause}", gettext(cause)),
            )
            for name, cause in _CAUSES.items()
        ),
    )


def _verdict(code: Code, *, name: str = "", text: str = "") -> OfflineVerdict:
    meaning = MEANINGS[code]
    return OfflineVerdict(
        name=name or code.value,
        kind=meaning.level.name.lower(),
        look=look(meaning.level),
        title=gettext(meaning.title),
        text=text or gettext(meaning.text),
        advice=gettext(meaning.advice),
    )
