"""The API is described: by the document that the code makes, and by docs/api.md."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from tagserver.web.openapi import all_codes
from tagserver.web.schemas import batches, problem, products, recalls, service, units, verification
from tests.tagserver.web.cast import Stage

DOCUMENT = Path(__file__).parents[3] / "docs" / "api.md"


def document(stage: Stage) -> dict[str, Any]:
    answer = stage.call(None, "GET", "/openapi.json")
    assert answer.status_code == 200
    found: dict[str, Any] = answer.get_json()
    return found


def operations(spec: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, item in spec["paths"].items():
        for method, operation in item.items():
            if method != "parameters":
                yield method.upper(), path, operation


def test_every_operation_is_described(stage: Stage) -> None:
    found = list(operations(document(stage)))
    assert len(found) == 27
    for method, path, operation in found:
        assert operation["summary"], (method, path)
        assert operation["operationId"]
        assert operation["tags"]
        assert "default" in operation["responses"]
    names = [operation["operationId"] for _, _, operation in found]
    assert len(set(names)) == len(names)


def test_every_operation_stands_in_the_documentation(stage: Stage) -> None:
    described = set(
        re.findall(r"^\| `([A-Z]+ /[^`]*)` \|", DOCUMENT.read_text(encoding="utf-8"), re.MULTILINE)
    )
    assert described == {f"{method} {path}" for method, path, _ in operations(document(stage))}


def test_every_page_stands_in_the_documentation(stage: Stage) -> None:
    text = DOCUMENT.read_text(encoding="utf-8")
    hidden = [
        re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule)
        for rule in stage.app.url_map.iter_rules()
        if rule.endpoint.startswith(("pages.", "reports.", "language."))
    ]
    assert len(hidden) == 8
    for path in hidden:
        assert f"`{path}`" in text


def test_every_reference_leads_somewhere(stage: Stage) -> None:
    spec = document(stage)
    wanted = set(re.findall(r'"#/components/schemas/([^"]+)"', str(spec).replace("'", '"')))
    assert wanted
    assert wanted <= set(spec["components"]["schemas"])


def test_nothing_leads_to_another_origin(stage: Stage) -> None:
    assert not re.search(
        r"https?://(?!tools\.ietf|id\.example)", stage.call(None, "GET", "/openapi.json").text
    )


def test_routes_that_need_a_token_say_so(stage: Stage) -> None:
    for method, path, operation in operations(document(stage)):
        if "Token" in str(operation.get("security")):
            filled = path.replace("{gtin}", "09506000134352").replace("{form}", "pdf")
            filled = re.sub(r"\{number\}", "1", re.sub(r"\{(serial|recall_id)\}", "X", filled))
            body = {"action": "lock", "gtin": "09506000134352", "count": 1, "name": "n", "reason": "r"}
            fields = {
                "/v1/products": ("gtin", "name"),
                "/v1/recalls": ("gtin", "reason"),
                "/v1/batches": ("gtin", "count"),
            }
            chosen = {name: body[name] for name in fields.get(path, ("action",))}
            options: dict[str, Any] = {} if method == "GET" else {"json": chosen}
            assert stage.call(None, method, filled, **options).status_code == 401, path


def test_every_code_is_listed_for_people(stage: Stage) -> None:
    text = stage.call(None, "GET", "/docs", accept="text/html").text
    for code in all_codes():
        assert f'id="{code}"' in text


def test_every_model_is_complete() -> None:
    for module in (batches, problem, products, recalls, service, units, verification):
        for name in dir(module):
            model = getattr(module, name)
            if isinstance(model, type) and issubclass(model, BaseModel) and model is not BaseModel:
                assert model.model_json_schema(), name
