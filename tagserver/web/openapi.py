"""The OpenAPI document: made from the routes and schemas, completed here, and laid out for the page /docs."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, cast

from apiflask import APIFlask
from flask import current_app

from tagserver.labels.presets import ROLLS, SHEETS
from tagserver.web import errors
from tagserver.web.idempotency import HEADER
from tagserver.web.schemas.batches import BatchIn
from tagserver.web.schemas.bulk import BulkIn
from tagserver.web.schemas.problem import ProblemOut
from tagserver.web.schemas.verification import PlaceIn

Document = dict[str, Any]

DESCRIPTION = (
    "Signed tags for genuine goods: issue, print, verify. A verdict never says that a thing is genuine; it says how "
    "it compares with the producer's record, and why. Errors are problem details (RFC 9457) with stable codes."
)

_BINARY = {"type": "string", "format": "binary"}
_PICTURES = ("image/jpeg", "image/png", "image/webp", "image/heic")
_GROUPS = ("Verify", "Units", "Products", "Batches", "Recalls", "Log", "Service")
"""In the order in which people look for them."""

_METHODS = ("get", "post", "put")
_PROBLEM = {"$ref": "#/components/schemas/Problem"}
_PAGE = {"type": "string"}
_TAGS = ("/01/{rest}", "/{number}")
"""Where people get a page and programs JSON."""

_WATCHING = ("/healthz", "/readyz", "/.well-known/tag-trust.json")
"""Not counted by `rates`."""

_OWN_CODES = {
    "IDEMPOTENCY_KEY_MISSING": 400,
    "IDEMPOTENCY_KEY_INVALID": 400,
    "LOG_NOT_PUBLISHED": 404,
    "TRUST_NOT_PUBLISHED": 404,
    "BATCH_FAILED": 500,
    "FORM_REFUSED": 403,
}
"""Codes that routes raise by themselves."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One operation, for the page."""

    method: str
    path: str
    summary: str
    description: str
    needs_token: bool
    parameters: tuple[Mapping[str, Any], ...]
    bodies: tuple[tuple[str, str], ...]
    responses: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Documentation:
    """The page: operations by group, codes of problems, names of sheets and rolls."""

    groups: tuple[tuple[str, tuple[Operation, ...]], ...]
    codes: Mapping[str, int]
    sheets: tuple[str, ...]


def install(app: APIFlask) -> None:
    """Describe the application, and complete what APIFlask cannot know."""
    app.config.update(
        DESCRIPTION=DESCRIPTION,
        AUTO_SERVERS=False,
        AUTO_OPERATION_ID=True,
        HTTP_ERROR_SCHEMA=ProblemOut.model_json_schema(),
        VALIDATION_ERROR_SCHEMA=ProblemOut.model_json_schema(),
        LICENSE={"name": "Apache-2.0", "identifier": "Apache-2.0"},
        SECURITY_SCHEMES={
            "Token": {"type": "http", "scheme": "bearer", "description": "Made by `tagserver token create`."}
        },
    )
    app.spec_processor(_completed)


def documentation() -> Documentation:
    """The document of the present application, laid out."""
    spec = cast("Document", cast("APIFlask", current_app).spec)
    groups: dict[str, list[Operation]] = {}
    for path, method, operation in _operations(spec):
        groups.setdefault(operation["tags"][0], []).append(_laid_out(spec, path, method, operation))
    return Documentation(
        groups=tuple((name, tuple(groups[name])) for name in sorted(groups, key=_GROUPS.index)),
        codes=all_codes(),
        sheets=(*SHEETS, *ROLLS),
    )


def all_codes() -> dict[str, int]:
    """Every code that a problem can carry, and its status."""
    return dict(sorted({**errors.known_codes(), **_OWN_CODES}.items()))


def _completed(generated: Document | str) -> Document:
    """Bodies that come in several kinds, the idempotency header, and the media type of problems."""
    spec = cast("Document", generated)
    schemas = spec["components"]["schemas"]
    schemas["Problem"] = _adopted(
        schemas, "Problem", ProblemOut.model_json_schema(ref_template=_ref("Problem"))
    )
    batch = _adopted(schemas, "BatchIn", BatchIn.model_json_schema(ref_template=_ref("BatchIn")))
    schemas["BatchIn"] = batch
    form = {
        **batch,
        "properties": {**batch["properties"], "serials": _BINARY},
        "required": ["gtin", "serials"],
    }
    order = spec["paths"]["/v1/batches"]["post"]
    order["requestBody"] = _body(
        {"application/json": {"$ref": "#/components/schemas/BatchIn"}, "multipart/form-data": form}
    )
    place = PlaceIn.model_json_schema()["properties"]
    photo = {"type": "object", "required": ["image"], "properties": {"image": _BINARY, **place}}
    verify = spec["paths"]["/v1/verify/image"]["post"]
    verify["requestBody"] = _body({"multipart/form-data": photo, **dict.fromkeys(_PICTURES, _BINARY)})
    _complete_bulk(spec["paths"]["/v1/verify/bulk"]["post"], schemas)
    picture = spec["paths"]["/v1/products/{gtin}/picture"]["put"]
    picture["requestBody"] = _body(dict.fromkeys(_PICTURES[:3], _BINARY))
    order["parameters"].append(_idempotency(required=True))
    for path in _TAGS:
        spec["paths"][path]["get"]["responses"]["200"]["content"]["text/html"] = {"schema": _PAGE}
    for path in ("/v1/batches/{number}/events", "/v1/units/{gtin}/{serial}/events"):
        spec["paths"][path]["post"]["parameters"].append(_idempotency(required=False))
    for path, _, operation in _operations(spec):
        _foresee(path, operation)
        _mend_responses(path, operation)
    for name in ("HTTPError", "ValidationError"):
        schemas.pop(name, None)
    return spec


def _complete_bulk(operation: Document, schemas: Document) -> None:
    """Three ways to write a list, and three to answer it."""
    whole = _adopted(schemas, "BulkIn", BulkIn.model_json_schema(ref_template=_ref("BulkIn")))
    schemas["BulkIn"] = whole
    lists = {"oneOf": [{"$ref": "#/components/schemas/BulkIn"}, whole["properties"]["items"]]}
    text: Document = {"type": "string"}
    operation["requestBody"] = _body(
        {"application/json": lists, "application/x-ndjson": text, "text/csv": text}
    )
    operation["responses"]["200"]["content"] |= {
        "application/x-ndjson": {"schema": text},
        "text/csv": {"schema": text},
    }
    operation.setdefault("parameters", []).append(_idempotency(required=False))


def _foresee(path: str, operation: Document) -> None:
    """The statuses that come of what an operation is: it has a body or a place in its path, it asks the store."""
    foreseen = {
        "401": "A token was sent that is not valid, or none that is needed",
        "503": "Not available now",
    }
    if path not in _WATCHING:
        foreseen["429"] = "Too many requests: `Retry-After` says when to come back"
    if operation.get("requestBody"):
        foreseen |= {"400": "Not a request that can be read", "413": "Too large", "415": "Of no known kind"}
    if operation.get("requestBody") or operation.get("parameters"):
        foreseen["422"] = "Something in it is not right: the code says what"
    if "{" in path or operation.get("requestBody"):
        foreseen["404"] = "There is no such thing"
    for status, description in foreseen.items():
        operation["responses"].setdefault(status, {"description": description})


def _mend_responses(path: str, operation: Document) -> None:
    problem = {errors.MEDIA_TYPE: {"schema": _PROBLEM}}
    if not path.startswith("/v1/"):
        problem["text/html"] = {"schema": _PAGE}
    verdict_on_outage = "503" if "Verify" in operation["tags"] else ""
    for status, response in operation["responses"].items():
        if status == verdict_on_outage:
            response["content"] = {
                **operation["responses"]["200"]["content"],
                **problem,
            }
        elif status == "503" and path == "/readyz":
            response["content"] = operation["responses"]["200"]["content"]
        elif status >= "400":
            response["content"] = problem
    if "202" in operation["responses"]:
        operation["responses"]["202"]["content"] = operation["responses"]["201"]["content"]
    operation["responses"].setdefault("default", {"description": "A problem", "content": problem})


def _operations(spec: Document) -> Iterator[tuple[str, str, Document]]:
    for path, item in spec["paths"].items():
        for method in _METHODS:
            if method in item:
                yield path, method, item[method]


def _laid_out(spec: Document, path: str, method: str, operation: Document) -> Operation:
    bodies = operation.get("requestBody", {}).get("content", {})
    return Operation(
        method=method.upper(),
        path=path,
        summary=operation.get("summary", ""),
        description=operation.get("description", ""),
        needs_token=bool(operation.get("security")),
        parameters=tuple(operation.get("parameters", ())),
        bodies=tuple((kind, _readable(spec, body["schema"])) for kind, body in bodies.items()),
        responses=tuple(
            (status, response.get("description", "") or HTTPStatus(int(status)).phrase)
            for status, response in operation["responses"].items()
            if status != "default"
        ),
    )


def _readable(spec: Document, schema: Document) -> str:
    if "$ref" in schema:
        schema = spec["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    return json.dumps(schema.get("properties", schema), indent=2, ensure_ascii=False)


def _idempotency(*, required: bool) -> Document:
    return {
        "name": HEADER,
        "in": "header",
        "required": required,
        "schema": {"type": "string", "pattern": "^[!-~]{1,200}$"},
        "description": "A name of your own for this request: repeating it is then safe.",
    }


def _body(kinds: Mapping[str, Document]) -> Document:
    return {"required": True, "content": {kind: {"schema": schema} for kind, schema in kinds.items()}}


def _ref(parent: str) -> str:
    return f"#/components/schemas/{parent}.{{model}}"


def _adopted(schemas: Document, parent: str, schema: Document) -> Document:
    """The schema, its inner definitions moved to where the references point."""
    for name, inner in schema.pop("$defs", {}).items():
        schemas[f"{parent}.{name}"] = inner
    return schema
