"""What a producer knows to be its own: whose entries it looks after, and which batches it ordered."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar

from tagcore.gs1 import Gtin
from tagcore.trust import Issuer, TrustBundle

_ROOT = re.compile(r"[0-9a-f]{64}", re.ASCII)


class ExpectedFileError(Exception):
    """The list of expected batches cannot be read as one."""

    code: ClassVar[str] = "EXPECTED_FILE"


@dataclass(frozen=True, slots=True, kw_only=True)
class Expectations:
    """The producers that are looked after (their names in the trust bundle), and the roots of their batches."""

    producers: frozenset[str] = frozenset()
    roots: frozenset[bytes] = frozenset()

    def looks_after(self, gtin: Gtin, trust: TrustBundle) -> Issuer | None:
        """The producer that owns `gtin`, when it is one of ours."""
        issuer = trust.issuer(gtin)
        return issuer if issuer is not None and issuer.name in self.producers else None


def parse_expected(lines: Iterable[str]) -> frozenset[bytes]:
    """Roots of batches, one a line in 64 hex digits; what follows on the line, empty lines and `#` are for people.

    Raises: ExpectedFileError.
    """
    roots = set()
    for number, line in enumerate(lines, 1):
        word = line.partition("#")[0].strip().partition(" ")[0].rstrip(",")
        if not word:
            continue
        if not _ROOT.fullmatch(word):
            raise ExpectedFileError(f"line {number}: got {word[:70]!r}, want a root as 64 hex digits")
        roots.add(bytes.fromhex(word))
    return frozenset(roots)
