"""POST /v1/verify/bulk: lists in three forms, answered item by item in three forms."""

from __future__ import annotations

import csv
import http.client
import io
import json
import tracemalloc
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from werkzeug.test import TestResponse

from tagcore.gs1 import Gtin
from tagserver.ports import OrgId, ScanRecord, StoreUnavailableError
from tagserver.services import bulk as bulk_service
from tagserver.services.access import operator
from tagserver.services.bulk import CHUNK
from tagserver.services.verify import Verifying
from tests.tagserver.web.cast import DISTRIBUTOR, GTIN, HOSPITAL, PRODUCER, Stage
from tests.tagserver.web.test_servers import served

NDJSON = "application/x-ndjson"
CSV = "text/csv"
BULK = "/v1/verify/bulk"


def check(
    stage: Stage,
    body: object,
    *,
    kind: str = "application/json",
    accept: str = "application/json",
    who: OrgId | None = DISTRIBUTOR,
    key: str | None = None,
) -> TestResponse:
    data = body if isinstance(body, (bytes, str)) else json.dumps(body)
    headers = {} if key is None else {"Idempotency-Key": key}
    return stage.call(who, "POST", BULK, data=data, content_type=kind, accept=accept, headers=headers)


def answer(stage: Stage, body: object, **options: Any) -> dict[str, Any]:  # noqa: ANN401 (handed on)
    response = check(stage, body, **options)
    assert response.status_code == 200, response.text
    found: dict[str, Any] = response.get_json()
    return found


def lines(response: TestResponse) -> list[dict[str, Any]]:
    return [json.loads(line) for line in response.text.splitlines()]


def codes(items: list[dict[str, Any]]) -> list[str]:
    return [(item["verdict"]["headline"] if item["verdict"] else item["error"])["code"] for item in items]


def scans(stage: Stage, serial: str) -> tuple[ScanRecord, ...]:
    caller = operator(stage.services.access.organisation(PRODUCER))
    past = stage.services.pasts.of(caller, Gtin(GTIN), serial)
    assert past.scans is not None
    return past.scans


@pytest.fixture
def urls(stage: Stage) -> list[str]:
    stage.register()
    return stage.addresses(stage.issue(count=6))


def test_items_are_answered_in_the_order_given(stage: Stage, urls: list[str]) -> None:
    asked = [urls[3], "https://elsewhere.example/", urls[0], urls[5], urls[1]]
    found = answer(stage, [{"text": text} for text in asked])
    assert [item["index"] for item in found["items"]] == [0, 1, 2, 3, 4]
    assert [item["input"] for item in found["items"]] == [{"text": text} for text in asked]
    assert codes(found["items"]) == ["FIRST_SCAN", "FOREIGN_CODE", *["FIRST_SCAN"] * 3]
    first = found["items"][0]
    assert first["tag"]["serial"] in urls[3]
    assert (first["product"], first["state"], first["error"]) == ("Red Sorghum Baijiu 52 %", "active", None)
    assert found["summary"] == {
        "items": 5,
        "levels": {"match": 4, "not_ours": 1},
        "codes": {"FIRST_SCAN": 4, "FOREIGN_CODE": 1},
        "errors": {},
        "signals": {},
        "repeated_units": 0,
    }


def test_one_bad_item_spoils_no_other(stage: Stage, urls: list[str]) -> None:
    bad = [
        5,
        None,
        {"text": "x", "gtin": GTIN},
        {"gtin": "123", "serial": "A"},
        {"extra": 1},
        {"text": "\ud800"},
    ]
    found = answer(stage, {"items": [{"text": urls[0]}, *bad, urls[1]]})
    expected = [
        "FIRST_SCAN", "INPUT_INVALID", "INPUT_INVALID", "INPUT_INVALID", "GTIN_INVALID", "INPUT_INVALID",
        "INPUT_INVALID", "FIRST_SCAN",
    ]  # fmt: skip
    assert codes(found["items"]) == expected
    assert found["items"][4]["error"]["field"] == "gtin"
    assert found["items"][4]["input"] == '{"gtin": "123", "serial": "A"}'
    assert found["items"][4]["verdict"] is None
    assert found["summary"]["errors"] == {"INPUT_INVALID": 5, "GTIN_INVALID": 1}


def test_ndjson_has_one_answer_a_line_and_the_summary_last(stage: Stage, urls: list[str]) -> None:
    body = f'{{"text": "{urls[0]}"}}\n\nnot json\n{{"text": NaN}}\r\n"{urls[1]}"'
    response = check(stage, body, kind=NDJSON, accept=NDJSON)
    assert response.mimetype == NDJSON
    *items, last = lines(response)
    assert codes(items) == ["FIRST_SCAN", "INPUT_INVALID", "INPUT_INVALID", "FIRST_SCAN"]
    assert items[1]["input"] == "not json"
    assert last["summary"]["items"] == 4


def test_csv_takes_a_column_of_texts_among_others(stage: Stage, urls: list[str]) -> None:
    body = f'\ufeffshelf;URL\r\nA1;"{urls[0]}"\r\n\r\nA2;\r\nA3;{urls[1]}\r\n'
    found = answer(stage, body.encode(), kind=CSV)
    assert codes(found["items"]) == ["FIRST_SCAN", "INPUT_INVALID", "FIRST_SCAN"]
    assert found["items"][1]["input"] == "A2,"


def test_csv_takes_columns_of_numbers(stage: Stage, urls: list[str]) -> None:
    serial = urls[0].partition("/21/")[2][:13]
    body = f"gtin,serial,lot,expiry\n{GTIN[1:]},{serial.lower()},L26-0914,\n"
    body += f"{GTIN},{serial},WRONG,\n9.5E+12,{serial},,\n"
    found = answer(stage, body, kind=CSV)
    assert codes(found["items"]) == ["RECORD_ONLY", "BATCH_MISMATCH", "GTIN_INVALID"]
    assert found["items"][0]["input"] == {"gtin": GTIN[1:], "serial": serial.lower(), "lot": "L26-0914"}


def test_csv_without_a_header_is_a_list_of_texts(stage: Stage, urls: list[str]) -> None:
    assert codes(answer(stage, "\n".join(urls[:2]), kind=CSV)["items"]) == ["FIRST_SCAN"] * 2


def test_csv_answers_harmless_rows_and_the_summary_last(stage: Stage, urls: list[str]) -> None:
    body = "\n".join(json.dumps({"text": text}) for text in ('=HYPERLINK("x")', "@a,b\nc", urls[0], urls[0]))
    response = check(stage, body, kind=NDJSON, accept="text/csv")
    assert response.mimetype == CSV
    header, *rows, last = csv.reader(io.StringIO(response.text))
    first = dict(zip(header, rows[0], strict=True))
    assert (first["index"], first["input"], first["code"]) == ("0", '\'=HYPERLINK("x")', "FOREIGN_CODE")
    assert rows[1][1] == "'@a,b\nc"
    third = dict(zip(header, rows[2], strict=True))
    assert (third["gtin"], third["state"], third["signals"]) == (GTIN, "active", "DUPLICATE_IN_BATCH")
    assert (len(last), last[0], json.loads(last[-1])["items"]) == (len(header), "summary", 4)


def test_a_bad_item_has_its_error_in_the_csv(stage: Stage) -> None:
    response = check(stage, "[{}]", accept=CSV)
    header, row, _ = csv.reader(io.StringIO(response.text))
    found = dict(zip(header, row, strict=True))
    assert (found["input"], found["level"], found["error"]) == ("{}", "", "INPUT_INVALID")


def test_the_same_unit_twice_marks_both(stage: Stage, urls: list[str]) -> None:
    serial = urls[1].partition("/21/")[2][:13]
    items = [
        urls[0],
        urls[1],
        {"gtin": GTIN, "serial": serial},
        urls[1].replace("HTTPS://ID.EXAMPLE.COM", "https://id.example.com"),
        "x",
        "x",
    ]
    found = answer(stage, items)
    marks = [item["signals"] for item in found["items"]]
    signal = {"code": "DUPLICATE_IN_BATCH", "detail": {"first_index": "1", "times": "3"}}
    assert marks == [[], [signal], [signal], [signal], [], []]
    assert found["summary"]["signals"] == {"DUPLICATE_IN_BATCH": 3}
    assert found["summary"]["repeated_units"] == 1


def test_units_apart_by_more_than_a_chunk_are_still_the_same(stage: Stage, urls: list[str]) -> None:
    between = ["elsewhere"] * (2 * CHUNK)
    found = answer(stage, [urls[0], *between, urls[0]])
    assert [len(found["items"][index]["signals"]) for index in (0, 1, -1)] == [1, 0, 1]


def test_each_item_is_recorded_as_the_organisations_scan(stage: Stage, urls: list[str]) -> None:
    answer(
        stage,
        {
            "place": {"country": "CN"},
            "items": [{"text": urls[0]}, {"text": urls[1], "place": {"country": "FR"}}],
        },
    )
    serials = [url.partition("/21/")[2][:13] for url in urls]
    (first,), (second,) = scans(stage, serials[0]), scans(stage, serials[1])
    assert (first.org_id, second.org_id) == (DISTRIBUTOR, DISTRIBUTOR)
    assert first.place is not None
    assert second.place is not None
    assert (first.place.country, second.place.country) == ("CN", "FR")


@pytest.mark.parametrize(
    "body", ['{"items": ["a"], "place": {"country": "CN"}}', '{"place": null, "items": ["a"]}']
)
def test_the_place_comes_before_or_after_the_items(stage: Stage, body: str) -> None:
    assert answer(stage, body)["summary"]["items"] == 1


def test_a_repeated_request_records_no_scan_twice(stage: Stage, urls: list[str]) -> None:
    serial = urls[0].partition("/21/")[2][:13]
    first = check(stage, [urls[0]], key="pallet-7")
    again = check(stage, [urls[0]], key="pallet-7")
    assert "Idempotent-Replayed" not in first.headers
    assert again.headers["Idempotent-Replayed"] == "true"
    assert codes(again.get_json()["items"]) == ["FIRST_SCAN"]
    assert len(scans(stage, serial)) == 1
    check(stage, [urls[0]], key="pallet-8")
    assert len(scans(stage, serial)) == 2


def test_a_key_stands_for_one_list(stage: Stage, urls: list[str]) -> None:
    check(stage, [urls[0]], key="pallet-7")
    other = check(stage, [urls[1]], key="pallet-7")
    assert other.status_code == 409
    assert other.get_json()["code"] == "IDEMPOTENCY_CONFLICT"
    assert check(stage, [urls[1]], key="pallet-7", who=HOSPITAL).status_code == 200
    assert check(stage, [urls[1]], key="with space").get_json()["code"] == "IDEMPOTENCY_KEY_INVALID"


def test_a_list_that_was_cut_off_goes_on_where_it_stood(
    stage: Stage, urls: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    serial = urls[5].partition("/21/")[2][:13]
    whole = Verifying.verify_chunk

    monkeypatch.setattr(bulk_service, "CHUNK", 2)
    monkeypatch.setattr(Verifying, "verify_chunk", failing_after(whole, 2))
    with pytest.raises(ZeroDivisionError):
        check(stage, urls, key="pallet-9").get_data()
    monkeypatch.setattr(Verifying, "verify_chunk", whole)
    assert len(scans(stage, urls[0].partition("/21/")[2][:13])) == 1
    assert scans(stage, serial) == ()
    check(stage, urls, key="pallet-9").get_data()
    assert [len(scans(stage, url.partition("/21/")[2][:13])) for url in urls] == [1] * 6


def failing_after(whole: Callable[..., Any], times: int) -> Callable[..., Any]:
    """`whole`, and after so many calls a fault of the program."""
    left = iter(range(times))

    def failing(*arguments: Any, **named: Any) -> Any:  # noqa: ANN401 (handed on)
        if next(left, None) is None:
            raise ZeroDivisionError
        return whole(*arguments, **named)

    return failing


def test_an_outage_in_the_middle_leaves_the_rest_unchecked(
    stage: Stage, urls: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = break_store_after(stage, monkeypatch, reads=1)
    monkeypatch.setattr(bulk_service, "CHUNK", 2)
    items = [*urls[:4], urls[4][:-10] + "0123456789", "elsewhere"]
    response = check(stage, items, accept=NDJSON)
    assert response.status_code == 200
    *found, last = lines(response)
    assert codes(found) == ["FIRST_SCAN"] * 2 + ["CANNOT_CHECK"] * 3 + ["FOREIGN_CODE"]
    assert last["summary"]["levels"] == {"match": 2, "unchecked": 3, "not_ours": 1}
    assert len(calls) == 2, "the store was asked again and again"


def test_an_outage_at_the_start_is_a_status_and_still_an_answer(
    stage: Stage, urls: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    break_store_after(stage, monkeypatch, reads=0)
    response = check(stage, urls[:1])
    assert response.status_code == 503
    assert codes(response.get_json()["items"]) == ["CANNOT_CHECK"]


def break_store_after(stage: Stage, monkeypatch: pytest.MonkeyPatch, *, reads: int) -> list[None]:
    """Let the store answer verifications so many times."""
    verifying = stage.services.verifying
    verifying._trust.now_in_force()
    real, calls = verifying._store, list[None]()

    class Breaking:
        write = real.write
        record = real.record

        def read(self) -> Any:  # noqa: ANN401 (what the store gives)
            calls.append(None)
            if len(calls) > reads:
                raise StoreUnavailableError
            return real.read()

    monkeypatch.setattr(verifying, "_store", Breaking())
    return calls


@pytest.mark.parametrize(("who", "status", "code"), [(None, 401, "TOKEN_MISSING"), (PRODUCER, 200, None)])
def test_a_token_is_needed(stage: Stage, who: OrgId | None, status: int, code: str | None) -> None:
    response = check(stage, ["x"], who=who)
    assert response.status_code == status
    assert response.get_json().get("code") == code


def test_the_tokens_scope_is_needed(stage: Stage) -> None:
    _, token = stage.services.access.create_token(DISTRIBUTOR, name="x", scopes=[], lifetime=None)
    response = stage.client().post(BULK, json=["x"], headers={"Authorization": f"Bearer {token}"})
    assert response.status_code == 403
    assert response.get_json()["code"] == "SCOPE_MISSING"


@pytest.mark.parametrize(
    ("body", "kind", "status", "code"),
    [
        ("[]", "application/json", 422, "INPUT_INVALID"),
        ("", NDJSON, 422, "INPUT_INVALID"),
        ("", CSV, 422, "INPUT_INVALID"),
        ("", "application/json", 400, "BAD_REQUEST"),
        ("{", "application/json", 400, "BAD_REQUEST"),
        ("{}", "application/json", 400, "BAD_REQUEST"),
        ("5", "application/json", 400, "BAD_REQUEST"),
        ('["a"', "application/json", 400, "BAD_REQUEST"),
        ('["a"] 1', "application/json", 400, "BAD_REQUEST"),
        ('["a",]', "application/json", 400, "BAD_REQUEST"),
        ('["a" "b"]', "application/json", 400, "BAD_REQUEST"),
        ("[NaN]", "application/json", 400, "BAD_REQUEST"),
        ('{"items": ["a"],}', "application/json", 400, "BAD_REQUEST"),
        ('{"items": {}}', "application/json", 400, "BAD_REQUEST"),
        ('{"items": ["a"], "items": ["b"]}', "application/json", 400, "BAD_REQUEST"),
        ('{"items": ["a"], "other": 1}', "application/json", 400, "BAD_REQUEST"),
        ('{"items" ["a"]}', "application/json", 400, "BAD_REQUEST"),
        ("[" * 100_000, "application/json", 400, "BAD_REQUEST"),
        (f'["{"x" * 70_000}"]', "application/json", 400, "BAD_REQUEST"),
        ('{"items": ["a"], "place": {"country": "cn"}}', "application/json", 422, "INPUT_INVALID"),
        ("name,address\na,b", CSV, 422, "INPUT_INVALID"),
        ("x", "text/plain", 415, "MEDIA_TYPE_UNSUPPORTED"),
    ],
)
def test_what_is_no_list_is_refused_before_anything_is_checked(
    stage: Stage, body: str, kind: str, status: int, code: str
) -> None:
    response = check(stage, body, kind=kind)
    assert (response.status_code, response.get_json()["code"]) == (status, code)


def test_a_line_that_is_too_long_is_one_bad_item(stage: Stage, urls: list[str]) -> None:
    for size in (63_990, 64_000, 64_001, 64_002, 200_000):
        body = f'"{urls[0]}"\n"{"x" * size}"\n"{urls[1]}"\n'
        found = answer(stage, body, kind=NDJSON)
        assert codes(found["items"]) == ["FIRST_SCAN", "INPUT_INVALID", "FIRST_SCAN"], size
        table = f"text\n{urls[0]}\n{'x' * size}\n{urls[1]}\n"
        assert codes(answer(stage, table, kind=CSV)["items"]) == ["FIRST_SCAN", "INPUT_INVALID", "FIRST_SCAN"]


def test_a_quote_that_is_never_closed_spoils_what_it_swallows(stage: Stage, urls: list[str]) -> None:
    body = f'text\n{urls[0]}\n"{"x" * 60_000}\n{"y" * 60_000}\n{"z" * 60_000}\n{urls[1]}\n'
    found = answer(stage, body, kind=CSV)
    assert codes(found["items"]) == ["FIRST_SCAN", "INPUT_INVALID", "FIRST_SCAN"]


def test_bytes_that_are_no_text_spoil_their_line(stage: Stage, urls: list[str]) -> None:
    body = b'"\xff\xfe"\n' + json.dumps(urls[0]).encode() + b"\n" + b"[" * 50_000
    found = answer(stage, body, kind=NDJSON)
    assert codes(found["items"]) == ["INPUT_INVALID", "FIRST_SCAN", "INPUT_INVALID"]
    assert found["items"][0]["input"] == '"??"'


def test_a_list_has_so_many_items_and_no_more(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bulk_service, "MAX_ITEMS", 3)
    assert answer(stage, ["x"] * 3)["summary"]["items"] == 3
    response = check(stage, ["x"] * 4)
    assert (response.status_code, response.get_json()["code"]) == (413, "LIST_TOO_LONG")


def test_a_list_has_so_many_bytes_and_no_more(stage: Stage) -> None:
    response = check(stage, b"x" * 20_100_000, kind=NDJSON)
    assert (response.status_code, response.get_json()["code"]) == (413, "BODY_TOO_LARGE")


@pytest.mark.parametrize(
    ("kind", "accept"), [("application/json", NDJSON), (NDJSON, CSV), (CSV, "application/json")]
)
def test_long_lists_fit_flat_memory(stage: Stage, kind: str, accept: str) -> None:
    """Texts that are not ours: what is measured is the way of a list, not the store. They alone have 3 MB.

    What the memory is compared with is the bytes: the forms beside the first have fewer and longer lines.
    """
    count = 10_000 if kind == NDJSON else 2_500
    texts = [f"https://elsewhere.example/{number:06}?{'x' * (2_750_000 // count)}" for number in range(count)]
    body = {
        "application/json": lambda: json.dumps(texts),
        NDJSON: lambda: "\n".join(map(json.dumps, texts)),
        CSV: lambda: "\n".join(["text", *texts]),
    }[kind]().encode()
    headers = {"Authorization": f"Bearer {stage.tokens[DISTRIBUTOR]}", "Accept": accept}
    check(stage, ["warm"], accept=accept)
    tracemalloc.start()
    try:
        response = stage.client().post(BULK, data=body, content_type=kind, headers=headers, buffered=False)
        with response:
            length = sum(len(piece) for piece in response.iter_encoded())
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert length > 3_000_000
    assert peak < 4_000_000


def test_a_warehouse_goes_through_a_real_server(stage: Stage) -> None:
    stage.register()
    urls = stage.addresses(stage.issue(count=1_000))
    body = "".join(json.dumps({"text": url}) + "\n" for url in [*urls, "broken", urls[0]]).encode()
    headers = {
        "Authorization": f"Bearer {stage.tokens[DISTRIBUTOR]}",
        "Content-Type": NDJSON,
        "Accept": NDJSON,
    }
    with served(stage) as port:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        connection.request("POST", BULK, body=pieces(body), headers=headers, encode_chunked=True)
        response = connection.getresponse()
        assert response.status == 200
        *items, last = [json.loads(line) for line in response]
        connection.close()
    assert [item["index"] for item in items] == list(range(1_002))
    assert codes(items)[-2:] == ["FOREIGN_CODE", "FIRST_SCAN"]
    assert last["summary"]["levels"] == {"match": 1_001, "not_ours": 1}
    assert last["summary"]["signals"] == {"DUPLICATE_IN_BATCH": 2}


def pieces(body: bytes) -> Iterator[bytes]:
    """As a client sends that does not know how long it will be."""
    yield from (body[start : start + 10_000] for start in range(0, len(body), 10_000))
