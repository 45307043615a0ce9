"""Who may do what: forms of other pages, other organisations' things, other roles."""

import re
from pathlib import Path

import pytest

from tagcore.history import Place
from tagserver.ports import Report, ReportReason
from tagserver.services.reports import Complaint
from tagserver.services.viewers import Sight
from tests.tagserver.web.cast import DISTRIBUTOR, GTIN, INSPECTOR, OTHER_PRODUCER, Stage
from tests.tagserver.web.console.cast import LOGIN, PASSWORD, staff, stranger

DOCUMENT = Path(__file__).parents[4] / "docs" / "api.md"


def filed(stage: Stage, serial: str | None = None) -> Report:
    complaint = Complaint(gtin=GTIN, serial=serial, reason=ReportReason.OPENED, text="The seal was <torn>.")
    return stage.services.reports.file(complaint, Sight(viewer=bytes(16), place=Place(country="SG")))


def test_every_route_of_the_console_stands_in_the_documentation(stage: Stage) -> None:
    rules = [rule for rule in stage.app.url_map.iter_rules() if rule.endpoint.startswith("console_")]
    assert len(rules) > 30
    text = DOCUMENT.read_text(encoding="utf-8")
    for rule in rules:
        path = re.sub(r"<(?:[^<>:]+:)?(\w+)>", r"{\1}", rule.rule)
        assert f"`{path}`" in text, path


def test_no_form_is_taken_without_the_token_of_its_page(stage: Stage) -> None:
    stage.register()
    stage.issue()
    person, other = staff(stage), staff(stage, login="second@example.com")
    person.opens("/console/batches/1")
    own = person.form("/console/log-out").fields["csrf"]
    other.opens("/console")
    foreign = other.form("/console/log-out").fields["csrf"]
    posts = [
        rule.rule
        for rule in stage.app.url_map.iter_rules()
        if rule.endpoint.startswith("console_") and "POST" in (rule.methods or ())
    ]
    assert len(posts) > 15
    for rule in posts:
        path = re.sub(r"<gtin:gtin>", GTIN, re.sub(r"<int:number>", "1", rule))
        path = re.sub(r"<\w+>", "x" * 43, path)
        for token in ("", "x" * 43, foreign):
            answer = person.client.post(path, data={"csrf": token}, headers={"Accept": "text/html"})
            assert answer.status_code == 403, path
            assert "FORM_REFUSED" in answer.text
    crossed = person.client.post(
        "/console/account/sessions/end-others", data={"csrf": own}, headers={"Sec-Fetch-Site": "cross-site"}
    )
    assert crossed.status_code == 403
    assert person.client.post("/console/account/sessions/end-others", data={"csrf": own}).status_code == 303


def test_a_log_in_form_of_another_browser_is_refused(stage: Stage) -> None:
    staff(stage)
    one, two = stranger(stage), stranger(stage)
    one.opens("/console/log-in")
    two.opens("/console/log-in")
    stolen = one.form("/console/log-in").fields["csrf"]
    assert two.sends("/console/log-in", csrf=stolen, login=LOGIN, password=PASSWORD).status_code == 403


def test_every_inner_page_sends_strangers_to_the_door(stage: Stage) -> None:
    for rule in stage.app.url_map.iter_rules():
        is_inner = rule.endpoint.startswith("console_") and not rule.endpoint.startswith("console_door")
        if is_inner and "GET" in (rule.methods or ()):
            path = re.sub(r"<gtin:gtin>", GTIN, re.sub(r"<int:number>", "1", rule.rule))
            path = re.sub(r"<any[^>]*>", "svg", re.sub(r"<\w+>", "x", path))
            answer = stage.client().get(path)
            assert answer.headers["Location"].startswith("/console/log-in?next="), path


@pytest.mark.parametrize(
    "path",
    [
        "/console/batches/1",
        "/console/batches/1/labels",
        "/console/batches/1/specimen.svg",
        "/console/scans?batch=1",
        f"/console/scans?gtin={GTIN}",
        f"/console/products/{GTIN}",
    ],
)
def test_what_belongs_to_another_producer_is_refused(stage: Stage, path: str) -> None:
    stage.register()
    stage.issue()
    person = staff(stage, OTHER_PRODUCER)
    assert person.opens(path).status_code == 403


def test_nothing_of_another_producer_is_changed_by_a_form(stage: Stage) -> None:
    stage.register()
    batch, report = stage.issue(active=False), filed(stage)
    person = staff(stage, OTHER_PRODUCER)
    person.opens("/console/recalls/new")
    token = person.form("/console/log-out").fields["csrf"]
    forms = {
        "/console/batches/1/events": ({"action": "activate"}, 403),
        "/console/batches/1/labels": ({"form": "pdf"}, 403),
        f"/console/products/{GTIN}": ({"name": "Mine"}, 403),
        "/console/batches/new": ({"gtin": GTIN, "count": "1", "profile": "compact"}, 403),
        "/console/recalls/new": ({"gtin": GTIN, "kind": "recall", "reason": "x", "sure": "yes"}, 403),
        f"/console/reports/{report.id}/close": ({"reason": "x"}, 404),
        f"/console/reports/{report.id}/take": ({}, 404),
    }
    for path, (typed, status) in forms.items():
        assert person.client.post(path, data={"csrf": token, **typed}).status_code == status, path
    assert stage.services.products.find(GTIN).name != "Mine"
    assert stage.services.recalls.of(GTIN) == ()
    assert stage.services.issuing.find(batch.number).range_seq == 0
    assert person.opens(f"/console/reports/{report.id}").status_code == 404


def test_a_distributor_reports_an_event_of_a_unit_and_sees_no_producers_pages(stage: Stage) -> None:
    stage.register()
    serial = stage.serials(stage.issue())[0]
    person = staff(stage, DISTRIBUTOR)
    text = person.opens("/console").text
    assert "Look up a unit" in text
    assert "/console/products" not in text
    assert person.opens("/console/products").status_code == 403
    assert person.opens("/console/scans").status_code == 403
    person.opens(f"/console/units?gtin={GTIN}&serial={serial.lower()}")
    assert "somebody" not in person.page.text
    person.sends("/console/units", action="sell", place="Shop 7", country="sg")
    assert "Noted: Sell." in person.page.text
    assert "Sold" in person.page.text
    answer = person.sends("/console/units", action="dispense", place="Kept place")
    assert answer.status_code == 422
    assert 'value="Kept place"' in answer.text
    assert "There is no unit" in person.opens(f"/console/units?gtin={GTIN}&serial=NONE").text


def test_an_inspector_sees_the_history_and_recalls_anybodys_product(stage: Stage) -> None:
    stage.register()
    batch = stage.issue()
    stage.client().get(stage.paths(batch)[0])
    person = staff(stage, INSPECTOR)
    text = person.opens(f"/console/units?gtin={GTIN}&serial={stage.serials(batch)[0]}").text
    assert "Matches the producer&#39;s record" in text
    person.opens("/console/recalls/new")
    person.sends("/console/recalls/new", gtin=GTIN, reason="Found in a market")
    person.sends("/console/recalls/new", sure="yes")
    assert "Found in a market" in person.opens(f"/console/recalls?gtin={GTIN}").text


def test_a_report_is_looked_into_and_closed_with_a_reason(stage: Stage) -> None:
    stage.register()
    report = filed(stage, stage.serials(stage.issue())[0])
    person = staff(stage)
    assert "open reports" in person.opens("/console").text
    person.opens(f"/console/reports/{report.id}")
    assert "The seal was &lt;torn&gt;." in person.page.text
    person.sends(f"/console/reports/{report.id}/take")
    assert "In whose hands" in person.page.text
    answer = person.sends(f"/console/reports/{report.id}/close")
    assert answer.status_code == 422
    person.sends(f"/console/reports/{report.id}/close", reason="A tear in transport.")
    assert "The report is closed" in person.page.text
    assert "A tear in transport." in person.opens(f"/console/reports/{report.id}").text


def test_scans_are_listed_by_product_and_by_batch(stage: Stage) -> None:
    stage.register()
    first, second = stage.issue(lot="A"), stage.issue(lot="B")
    stage.client().get(stage.paths(first)[0])
    person = staff(stage)
    serial = stage.serials(first)[0]
    for path in ("/console/scans", f"/console/scans?gtin={GTIN}", f"/console/scans?batch={first.number}"):
        assert serial in person.opens(path).text
    assert serial not in person.opens(f"/console/scans?batch={second.number}").text
    assert person.opens("/console/scans?batch=99").status_code == 404
    assert person.opens("/console/scans?gtin=1").status_code == 422


def test_pages_are_read_in_chinese_too(stage: Stage) -> None:
    person = staff(stage)
    answer = person.client.get("/console", headers={"Accept-Language": "zh-CN", "Accept": "text/html"})
    assert 'lang="zh-Hans"' in answer.text
