"""What may stand in a path: tags as they are printed, and serials, which may hold any of GS1's characters."""

from __future__ import annotations

from typing import Any

from flask import Flask
from werkzeug.routing import BaseConverter, ValidationError

from tagcore.errors import GtinError, InputError
from tagcore.gs1 import Gtin, parse_gtin, parse_serial


class GtinConverter(BaseConverter):
    """14 digits whose check digit is right; anything else is no such page."""

    regex = "[0-9]{14}"

    def to_python(self, value: str) -> Gtin:
        try:
            return parse_gtin(value)
        except GtinError as error:
            raise ValidationError from error


class SerialConverter(BaseConverter):
    """A serial, slashes included: `%2F` in a path is a slash by the time that WSGI hands it on."""

    regex = ".{1,20}"
    part_isolating = False

    def to_python(self, value: str) -> str:
        try:
            return parse_serial(value)
        except InputError as error:
            raise ValidationError from error

    def to_url(self, value: Any) -> str:  # noqa: ANN401 (as in the base class)
        return super().to_url(value).replace("/", "%2F")


class RestConverter(BaseConverter):
    """Everything to the path's end. Only `tagserver.web.target` knows it as it was sent."""

    regex = ".*"
    part_isolating = False


class CompactConverter(BaseConverter):
    """A compact tag's number: as many digits as one can have (docs/spec/tag-format.md)."""

    regex = "[0-9]{151,260}"


def install(app: Flask) -> None:
    """Register them, and leave doubled slashes alone: a serial may hold two."""
    app.url_map.merge_slashes = False
    app.url_map.converters.update(
        compact=CompactConverter, gtin=GtinConverter, rest=RestConverter, serial=SerialConverter
    )
