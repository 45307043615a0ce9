"""A checkpoint as it is handed out: the log's own signature, then the witnesses'."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from tagcore.note import format_note, parse_note, parse_signature_line
from tagserver.ports.log import Cosignature


def cosigned(note: bytes, cosignatures: Sequence[Cosignature]) -> bytes:
    """The note with the witnesses' lines after the log's own."""
    own = parse_note(note)
    lines = tuple(parse_signature_line(one.line) for one in cosignatures)
    return format_note(replace(own, signatures=(*own.signatures, *lines)))
