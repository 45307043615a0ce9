"""Somebody says that something is wrong."""

from dataclasses import replace

import pytest

from tagserver.ports import Report, ReportReason, ReportStatus
from tagserver.services.access import operator
from tests.tagserver.web.cast import FREE_GTIN, GTIN, PRODUCER, Stage

PAGE = {"Accept": "text/html"}
FILLED = {
    "gtin": GTIN,
    "serial": "A-1",
    "verdict": "SEEN_ELSEWHERE",
    "reason": "looks_different",
    "text": "The cap is blue.\r\nBought at the station.",
    "contact": "li@example.com",
}


def filed(stage: Stage) -> list[Report]:
    caller = operator(stage.services.access.organisation(PRODUCER))
    return list(stage.services.reports.of(caller))


def test_a_verdict_page_leads_to_the_form_with_its_numbers_filled_in(stage: Stage) -> None:
    stage.register()
    batch = stage.issue()
    serial = stage.serials(batch)[0]
    page = stage.client().get(stage.paths(batch)[0], headers=PAGE).text
    path = f"/report?gtin={GTIN}&serial={serial}&verdict=FIRST_SCAN"
    assert f'href="{path.replace("&", "&amp;")}"' in page
    form = stage.client().get(path, headers=PAGE)
    assert form.status_code == 200
    assert "Red Sorghum Baijiu 52 %" in form.text
    for name, value in (("gtin", GTIN), ("serial", serial), ("verdict", "FIRST_SCAN")):
        assert f'<input type="hidden" name="{name}" value="{value}">' in form.text


def test_a_foreign_code_leads_to_an_empty_form(stage: Stage) -> None:
    page = stage.client().get("/01/x", headers=PAGE).text
    assert 'href="/report?verdict=MALFORMED"' in page
    form = stage.client().get("/report?verdict=%3Cb%3E&gtin=%22%3E%3Cb%3E", headers=PAGE).text
    assert "<b>" not in form
    assert 'name="verdict" value=""' in form
    assert 'id="gtin"' in form


def test_a_report_is_stored_for_the_producer(stage: Stage) -> None:
    stage.register()
    client = stage.client()
    answer = client.post("/report", data=FILLED, headers={**PAGE, "Sec-Fetch-Site": "same-origin"})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/report/sent")
    assert "your report was sent" in client.get("/report/sent", headers=PAGE).text
    (report,) = filed(stage)
    assert (report.gtin, report.serial, report.verdict) == (GTIN, "A-1", "SEEN_ELSEWHERE")
    assert report.reason is ReportReason.LOOKS_DIFFERENT
    assert report.text == "The cap is blue.\nBought at the station."
    assert (report.contact, report.status) == ("li@example.com", ReportStatus.NEW)
    assert report.viewer is not None


def test_only_product_and_reason_are_wanted(stage: Stage) -> None:
    stage.register()
    answer = stage.client().post("/report", data={"gtin": GTIN[1:], "reason": "other"}, headers=PAGE)
    assert answer.status_code == 303
    (report,) = filed(stage)
    assert report == replace(report, serial=None, text="", contact="", verdict="")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"gtin": "95060"}, "8, 12, 13 or 14 digits"),
        ({"gtin": ""}, "8, 12, 13 or 14 digits"),
        ({"gtin": "04012345678901"}, "No producer here answers"),
        ({"serial": "x" * 21}, "1 to 20 characters"),
        ({"reason": ""}, "Choose what comes closest."),
        ({"reason": "nonsense"}, "Choose what comes closest."),
        ({"text": "x" * 2_001}, "At most 2,000 characters"),
        ({"text": "a\x00b"}, "signs that are no text"),
        ({"contact": "y" * 201}, "One line of at most 200 characters"),
        ({"contact": "a\nb"}, "One line of at most 200 characters"),
    ],
)
def test_what_is_wrong_is_said_and_what_was_typed_is_kept(
    stage: Stage, change: dict[str, str], said: str
) -> None:
    stage.register()
    answer = stage.client().post("/report", data={**FILLED, **change}, headers=PAGE)
    assert answer.status_code == 422
    assert said in answer.text
    assert 'aria-invalid="true"' in answer.text
    assert "Nothing was sent yet" in answer.text
    if "text" not in change:
        assert "The cap is blue.\nBought at the station.</textarea>" in answer.text
    if "contact" not in change:
        assert 'value="li@example.com"' in answer.text
    if "reason" not in change:
        assert 'value="looks_different" required checked' in answer.text
    assert filed(stage) == []


def test_a_form_that_comes_back_is_in_the_reader_s_language(stage: Stage) -> None:
    answer = stage.client().post("/report", data={}, headers={**PAGE, "Accept-Language": "zh"})
    assert answer.status_code == 422
    assert "请选择最接近的一项。" in answer.text
    assert "Choose" not in answer.text


def test_a_product_that_is_not_registered_is_asked_for_by_number(stage: Stage) -> None:
    form = stage.client().get(f"/report?gtin={FREE_GTIN}", headers=PAGE).text
    assert f'id="gtin" name="gtin" value="{FREE_GTIN}"' in form


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "https://[evil"},
    ],
)
def test_another_site_s_page_files_nothing(stage: Stage, headers: dict[str, str]) -> None:
    stage.register()
    answer = stage.client().post("/report", data=FILLED, headers={"Accept": "application/json", **headers})
    assert answer.status_code == 403
    assert answer.json is not None
    assert answer.json["code"] == "CROSS_SITE"
    assert filed(stage) == []


@pytest.mark.parametrize(
    "headers",
    [{}, {"Origin": "http://localhost"}, {"Origin": "https://id.example.com"}, {"Sec-Fetch-Site": "none"}],
)
def test_our_own_page_files(stage: Stage, headers: dict[str, str]) -> None:
    stage.register()
    assert stage.client().post("/report", data=FILLED, headers={**PAGE, **headers}).status_code == 303


def test_browsers_are_told_to_say_where_the_form_comes_from(stage: Stage) -> None:
    assert stage.client().get("/report").headers["Referrer-Policy"] == "same-origin"
    assert stage.client().get("/").headers["Referrer-Policy"] == "no-referrer"
