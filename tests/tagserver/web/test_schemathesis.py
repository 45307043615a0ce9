"""Requests that schemathesis makes up from the OpenAPI document, against the application over a real store."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, cast

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, strategies
from hypothesis import settings as hypothesis_settings
from schemathesis import Case, GenerationMode
from schemathesis.checks import CHECKS, CheckFunction, load_all_checks
from schemathesis.core.failures import FailureGroup
from schemathesis.core.result import Ok
from schemathesis.schemas import APIOperation, BaseSchema

from tagserver.config import Settings
from tests.tagserver.web.cast import GTIN, PRODUCER, Stage
from tests.tagserver.web.conftest import Template, open_stage

EXAMPLES = 40
"""Requests an operation: what CI has time for. More find more; `make test` is to stay quick."""

Operation = APIOperation[Any, Any, Any, Any]
Request = Case[Any]
JsonValue = str | int

UNLIMITED = {
    "requests_per_minute": 0,
    "verifications_per_minute": 0,
    "pictures_per_minute": 0,
    "lists_per_minute": 0,
    "token_requests_per_minute": 0,
}

CHECKED = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
)


@pytest.fixture
def open_house(template: Template, settings: Settings) -> Iterator[Stage]:
    """A server that counts no requests, with a product."""
    with open_stage(settings, template.tokens, **UNLIMITED) as stage:
        stage.register()
        yield stage


def document(stage: Stage) -> BaseSchema:
    """The application's own description of itself, without "any other status": each has to be foreseen."""
    described = stage.call(None, "GET", "/openapi.json").get_json()
    for item in described["paths"].values():
        for method in item.keys() & {"get", "post", "put"}:
            del item[method]["responses"]["default"]
    schema = schemathesis.openapi.from_dict(described)
    schema.app = stage.app
    return schema


def operations(schema: BaseSchema) -> list[Operation]:
    """All of them. Raises: AttributeError for one that is described wrongly."""
    return [cast("Ok[Operation]", found).ok() for found in schema.get_all_operations()]


def aimed(case: Request, known: Mapping[str, JsonValue]) -> None:
    """Let the made-up request speak of things that are there: a random GTIN is none, four times in five."""
    for name, value in known.items():
        if name in case.path_parameters:
            case.path_parameters[name] = value
        if isinstance(case.body, dict) and name in case.body:
            case.body[name] = value


def problems_of(operation: Operation, headers: Mapping[str, str], known: Mapping[str, JsonValue]) -> str:
    """What schemathesis has to say of an operation, "" for nothing."""
    checks = cast("list[CheckFunction]", CHECKS.get_by_names(CHECKED))
    cases = strategies.one_of(
        operation.as_strategy(generation_mode=GenerationMode.POSITIVE),
        operation.as_strategy(generation_mode=GenerationMode.NEGATIVE),
    )

    @seed(2026)
    @given(case=cases, is_aimed=strategies.booleans())
    @hypothesis_settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        phases=(Phase.explicit, Phase.generate),
        suppress_health_check=list(HealthCheck),
    )
    def holds(case: Request, *, is_aimed: bool) -> None:
        if is_aimed:
            aimed(case, known)
        case.call_and_validate(headers=dict(headers), checks=checks)

    try:
        holds()
    except FailureGroup as found:
        return f"{operation.label}\n{found}"
    return ""


def test_no_made_up_request_breaks_the_server_or_its_description(open_house: Stage) -> None:
    load_all_checks()
    batch = open_house.issue()
    known: dict[str, JsonValue] = {
        "gtin": GTIN,
        "number": batch.number,
        "serial": open_house.serials(batch)[0],
    }
    headers = {"Authorization": f"Bearer {open_house.tokens[PRODUCER]}"}
    found = operations(document(open_house))
    assert len(found) > 20
    problems = [problems_of(operation, headers, known) for operation in found]
    assert not any(problems), "\n\n".join(filter(None, problems))
