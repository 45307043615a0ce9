"""Fields that many requests share: parsed by tagcore on the way in, so that past here only right values move."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, TypeVar

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    WithJsonSchema,
)
from pydantic_core import PydanticCustomError

from tagcore.errors import InputError
from tagcore.gs1 import Expiry, Gtin, gtin_from_any, parse_expiry, parse_gtin, parse_lot, parse_serial
from tagcore.serials import normalise_typed

T = TypeVar("T")

COUNTRY_PATTERN = "^[A-Z]{2}$"


class Incoming(BaseModel):
    """A request's body or query: what it does not know it refuses, so that a misspelt field is noticed."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=False)


class Outgoing(BaseModel):
    """An answer."""

    model_config = ConfigDict(frozen=True)


def _parsed(parse: Callable[[str], T]) -> Callable[[Any], T]:
    """A validator that carries tagcore's stable code into the problem details."""

    def validate(value: Any) -> T:  # noqa: ANN401 (whatever the JSON held)
        if not isinstance(value, str):
            raise PydanticCustomError("INPUT_INVALID", "want text")
        try:
            return parse(value)
        except InputError as error:
            raise PydanticCustomError(error.code, "{why}", {"why": str(error)}) from error

    return validate


def _printable(text: str) -> str:
    if not text.isprintable():
        raise PydanticCustomError("INPUT_INVALID", "want one line of printable text")
    return text


def _paragraphs(text: str) -> str:
    if not all(line.isprintable() for line in text.replace("\r\n", "\n").split("\n")):
        raise PydanticCustomError("INPUT_INVALID", "want printable text")
    return text


def _text_schema(**more: object) -> WithJsonSchema:
    return WithJsonSchema({"type": "string", **more})


GtinField = Annotated[
    Gtin,
    BeforeValidator(_parsed(parse_gtin)),
    _text_schema(pattern="^[0-9]{14}$", examples=["09506000134352"], description="GTIN, 14 digits."),
]
TypedGtin = Annotated[
    Gtin,
    BeforeValidator(_parsed(gtin_from_any)),
    _text_schema(examples=["9506000134352"], description="GTIN of 8, 12, 13 or 14 digits."),
]
LotField = Annotated[
    str,
    BeforeValidator(_parsed(parse_lot)),
    _text_schema(maxLength=20, examples=["L26-0914"], description="Lot, GS1 character set 82."),
]
SerialField = Annotated[
    str,
    BeforeValidator(_parsed(parse_serial)),
    _text_schema(minLength=1, maxLength=20, description="Serial, GS1 character set 82."),
]
TypedSerial = Annotated[
    str,
    BeforeValidator(_parsed(lambda text: parse_serial(normalise_typed(text)))),
    _text_schema(description="Serial as typed: spaces and look-alike letters are put right."),
]
ExpiryField = Annotated[
    Expiry,
    BeforeValidator(_parsed(parse_expiry)),
    PlainSerializer(str, return_type=str),
    _text_schema(pattern="^[0-9]{6}$", examples=["271231"], description="YYMMDD; DD 00: end of the month."),
]
Country = Annotated[str, Field(pattern=COUNTRY_PATTERN, description="ISO 3166-1 alpha-2.", examples=["CN"])]
Line = Annotated[str, AfterValidator(_printable)]
Paragraphs = Annotated[str, AfterValidator(_paragraphs)]
