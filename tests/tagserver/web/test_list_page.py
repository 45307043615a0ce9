import csv
import io
from pathlib import Path
from urllib.parse import unquote

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tagserver.config import Settings
from tagserver.ports.imaging import ImageCode, ImageRefusedError, SeenSymbol
from tagserver.web.routes.list_page import MOST_AT_ONCE, MOST_IN_PART, MOST_PHOTOGRAPHS
from tests.tagserver.web.cast import HOST, Stage
from tests.tagserver.web.conftest import Template, open_stage

CORNERS = ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0))


def urls(stage: Stage, count: int = 5) -> list[str]:
    """The printed addresses of an active batch."""
    stage.register()
    batch = stage.issue(count=count)
    return [f"HTTPS://{HOST}{path}" for path in stage.paths(batch)]


def paste(stage: Stage, *lines: str) -> TestResponse:
    """What the form answers to pasted lines."""
    return stage.client().post("/bulk", data={"list": "\n".join(lines)})


def part(stage: Stage, text: str, **headers: str) -> TestResponse:
    """What the script gets for a part of a list."""
    return stage.client().post("/bulk/part", data=text.encode(), content_type="text/csv", headers=headers)


def report_of(page: TestResponse) -> list[list[str]]:
    """The report that the page offers."""
    link = page.text.partition("data:text/csv;charset=utf-8,")[2].partition('"')[0]
    return list(csv.reader(io.StringIO(unquote(link).removeprefix("\ufeff"))))


def seen(*texts: str) -> tuple[SeenSymbol, ...]:
    return tuple(SeenSymbol(text=text, corners=CORNERS, stage="plain") for text in texts)


def photographs(count: int) -> list[tuple[io.BytesIO, str]]:
    return [(io.BytesIO(b"a picture"), f"{number}.jpg") for number in range(count)]


def test_a_pasted_list_is_answered_with_the_ones_to_look_at_first(stage: Stage) -> None:
    good, *_ = urls(stage)
    page = paste(stage, good, "https://elsewhere.example/x")
    assert page.status_code == 200
    assert "2 codes checked" in page.text
    assert page.text.index("https://elsewhere.example/x") < page.text.index("1 matches the producer's record")
    assert "1 to look at" in page.text


def test_a_code_that_stands_in_the_list_twice_is_said(stage: Stage) -> None:
    good, other, *_ = urls(stage)
    page = paste(stage, good, other, good)
    assert "1 code stands in the list more than once" in page.text
    assert page.text.count("2 times in this list") == 2


def test_a_csv_file_is_taken_with_its_header(stage: Stage) -> None:
    good, *_ = urls(stage)
    file = io.BytesIO(f"place,url\r\nshelf,{good}\r\n".encode())
    page = stage.client().post("/bulk", data={"file": (file, "list.csv")})
    assert "1 code checked" in page.text
    assert report_of(page)[1][2] == "match"


def test_the_report_holds_every_line_in_the_lists_order(stage: Stage) -> None:
    good, *_ = urls(stage)
    header, first, second, third = report_of(paste(stage, "=1+1", good, "hello"))
    assert header[:4] == ["line", "input", "level", "code"]
    assert [row[2] for row in (first, second, third)] == ["not_ours", "match", "not_ours"]
    assert first[1] == "'=1+1"


def test_several_photographs_are_read_and_one_that_cannot_be_is_a_line_of_its_own(stage: Stage) -> None:
    good, other, *_ = urls(stage)
    stage.eyes.seen = seen(good, other)
    page = stage.client().post("/bulk", data={"images": photographs(2)})
    assert "4 codes checked" in page.text
    stage.eyes.seen = ImageRefusedError(ImageCode.UNREADABLE, "the picture is damaged")
    assert "the picture is damaged" in stage.client().post("/bulk", data={"images": photographs(1)}).text
    stage.eyes.seen = ()
    assert "no code was found" in stage.client().post("/bulk", data={"images": photographs(1)}).text


@pytest.mark.parametrize(
    ("data", "status", "said"),
    [
        ({}, 422, "No codes were found"),
        ({"list": "a,b\nc,d"}, 422, "No codes were found"),
        ({"list": "x\n" * (MOST_AT_ONCE + 1)}, 413, "That is too much at once"),
        ({"images": photographs(MOST_PHOTOGRAPHS + 1)}, 413, "That is too much at once"),
    ],
)
def test_a_form_that_cannot_be_taken_says_why(stage: Stage, data: object, status: int, said: str) -> None:
    page = stage.client().post("/bulk", data=data)
    assert page.status_code == status
    assert said in page.text


def test_a_body_that_is_too_large_is_told_on_the_page(template: Template, settings: Settings) -> None:
    with open_stage(settings, template.tokens, max_body_bytes=1_000) as stage:
        page = stage.client().post("/bulk", data={"list": "x" * 5_000}, content_type="multipart/form-data")
    assert page.status_code == 413
    assert "That is too much at once" in page.text


def test_the_script_gets_rows_in_words_for_a_part(stage: Stage) -> None:
    good, *_ = urls(stage)
    rows = part(stage, f"{good}\nhello").json["rows"]  # type: ignore[index] # it is JSON
    assert [row["kind"] for row in rows] == ["match", "not_ours"]
    assert [row["line"] for row in rows] == [1, 2]
    assert rows[0]["path"] == good.removeprefix(f"HTTPS://{HOST}")
    assert rows[1]["given"] == "hello"


def test_a_part_is_small(stage: Stage) -> None:
    refused = part(stage, "x\n" * (MOST_IN_PART + 1), Accept="application/json")
    assert refused.status_code == 413
    assert refused.json["code"] == "LIST_TOO_LONG"  # type: ignore[index] # it is JSON


def test_the_script_sends_photographs_one_by_one(stage: Stage) -> None:
    good, *_ = urls(stage)
    stage.eyes.seen = seen(good)
    one = stage.client().post("/bulk/photo", data={"images": photographs(1)})
    assert [row["kind"] for row in one.json["rows"]] == ["match"]  # type: ignore[index] # it is JSON
    assert stage.client().post("/bulk/photo", data={"images": photographs(2)}).status_code == 422


@pytest.mark.parametrize("path", ["/bulk", "/bulk/part", "/bulk/photo"])
def test_another_sites_page_cannot_send_the_form(stage: Stage, path: str) -> None:
    client: FlaskClient = stage.client()
    assert client.post(path, headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403


def test_the_public_is_told_what_consumers_are_told(stage: Stage) -> None:
    stage.register(markets=("JP",))
    batch = stage.issue()
    where = {"CF-IPCountry": "CN"}
    address = f"HTTPS://{HOST}{stage.paths(batch)[0]}"
    answer = stage.client().post("/bulk", data={"list": address}, headers=where)
    assert "MARKET_DIVERSION" not in answer.text


def test_the_page_works_without_script_and_says_what_it_takes(stage: Stage) -> None:
    page = stage.client().get("/bulk").text
    assert f"up to {MOST_AT_ONCE} codes" in page
    assert '<form class="fields" id="form" action="/bulk" method="post" enctype="multipart/form-data"' in page


def test_every_module_that_the_page_loads_is_there(stage: Stage) -> None:
    folder = Path(__file__).parents[3] / "static" / "js" / "bulk"
    for module in folder.glob("*.js"):
        assert stage.client().get(f"/static/js/bulk/{module.name}").status_code == 200
