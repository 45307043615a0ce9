"""A damaged label compared with the one that was made: its GTIN and serial are typed, for they stand beside the code.

What comes back is whether the photograph shows that label, never its signature. An answer "yes" or "no" is all that
somebody learns who covers parts of a photograph to guess at the rest, and it is given some twenty times a day.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from flask import request

from tagcore.gs1 import parse_gtin
from tagserver.labels.redrawing import redrawn
from tagserver.ports.imaging import ExpectedSymbol, SeenSymbol
from tagserver.services.errors import Refusal, ServiceError
from tagserver.web.rates import Rate, spend_on
from tagserver.web.surroundings import here

COMPARED = ("gtin", "serial")
"""The form's fields."""

A_DAY = Rate(most=20, seconds=86_400)
"""Comparisons with one unit's label, by whomever."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """What photographs are compared with; nothing, where no numbers were typed. `text` is the tag's own."""

    name: str = ""
    text: str = ""
    expected: tuple[ExpectedSymbol, ...] = ()

    def text_of(self, symbol: SeenSymbol) -> str:
        """What a symbol says: that of a recognised one is known here alone."""
        return self.text if symbol.likeness is not None and symbol.text == self.name else symbol.text


def asked_comparison() -> Comparison:
    """The comparison that a form's `gtin` and `serial` ask for.

    Raises: ServiceError INPUT_INVALID, NOT_FOUND; TooManyRequests; KeystoreError.
    """
    form: Mapping[str, str] = request.form if request.mimetype == "multipart/form-data" else {}
    number, serial = form.get("gtin", "").strip(), form.get("serial", "").strip()
    if not number and not serial:
        return Comparison()
    for field, value in (("gtin", number), ("serial", serial)):
        if not value:
            raise ServiceError(Refusal.INPUT_INVALID, "want gtin and serial, or neither", field=field)
    gtin = parse_gtin(number)
    remade = here().services.remaking.of(gtin, serial)
    spend_on(f"comparison {gtin} {serial}", A_DAY)
    name = f"(01){gtin}(21){serial}"
    return Comparison(
        name=name, text=remade.text, expected=tuple(redrawn(remade.text, remade.decoys, name=name))
    )
