"""A producer's whole path: set-up link, log-in, product, batch, labels, activation, recall."""

import re
from io import BytesIO

from PIL import Image

from tagserver.ports import BatchStatus
from tagserver.services.access import Caller, operator
from tests.tagserver.web.cast import FREE_GTIN, PRODUCER, Stage
from tests.tagserver.web.console.cast import LOGIN, PASSWORD, Person, invited, staff, stranger

NEW_BATCH = "/console/batches/new"


def picture() -> tuple[BytesIO, str]:
    out = BytesIO()
    Image.new("RGB", (40, 60), "maroon").save(out, "PNG")
    out.seek(0)
    return out, "pack.png"


def with_product(stage: Stage) -> Person:
    stage.register()
    return staff(stage)


def issue(person: Person, **typed: str) -> None:
    person.opens(NEW_BATCH)
    person.sends(NEW_BATCH, **{"count": "5", "lot": "L1", **typed})  # type: ignore[arg-type] # names of fields


def test_from_the_set_up_link_to_downloaded_labels(stage: Stage) -> None:
    person, link = stranger(stage), invited(stage)
    person.opens(link)
    person.sends(link, password=PASSWORD, again=PASSWORD)
    assert "Your password is set" in person.page.text
    person.sends("/console/log-in", login=LOGIN, password=PASSWORD)
    assert "Begin here" in person.page.text

    person.opens("/console/products/new")
    person.sends(
        "/console/products/new", gtin=FREE_GTIN, name="Aged Vinegar", size="250 ml", picture=picture()
    )
    assert "The product is registered." in person.page.text
    assert stage.services.products.find(FREE_GTIN).image is not None

    person.opens(f"{NEW_BATCH}?gtin={FREE_GTIN}")
    person.sends(NEW_BATCH, lot="L26-1", expiry="2028-12-31", count="12")
    assert person.page.request.path == "/console/batches/1"
    assert "Activate all 12 units" in person.page.text
    person.sends("/console/batches/1/events")
    assert "Active" in person.page.text
    assert "Activate all" not in person.page.text

    person.opens("/console/batches/1/labels")
    assert "No labels of this batch were made yet" in person.page.text
    answer = person.sends("/console/batches/1/labels", form="pdf", first="3", count="4", cut_marks="yes")
    assert answer.mimetype == "application/pdf"
    assert answer.data.startswith(b"%PDF")
    assert 'filename="batch-1-labels-3-6.pdf"' in answer.headers["Content-Disposition"]
    assert "made 1 time before" in person.opens("/console/batches/1/labels").text


def test_labels_come_in_every_format(stage: Stage) -> None:
    person = with_product(stage)
    issue(person)
    kinds = {"svg": "application/zip", "png": "application/zip", "zpl": "application/zpl", "csv": "text/csv"}
    for form, kind in kinds.items():
        person.opens("/console/batches/1/labels")
        stock = "thermal-60x40-300" if form == "zpl" else "avery-l7163"
        assert person.sends("/console/batches/1/labels", form=form, stock=stock).mimetype == kind
    person.opens("/console/batches/1/labels")
    single = person.sends("/console/batches/1/labels", form="png", count="1")
    assert single.mimetype == "image/png"


def test_a_specimen_is_shown_and_is_no_label(stage: Stage) -> None:
    person = with_product(stage)
    issue(person)
    for form, kind in (("svg", "image/svg+xml"), ("png", "image/png")):
        answer = person.client.get(f"/console/batches/1/specimen.{form}?stock=avery-l7163")
        assert (answer.status_code, answer.mimetype) == (200, kind)
    assert person.client.get("/console/batches/1/specimen.svg?stock=nothing").status_code == 422
    assert "No labels of this batch were made yet" in person.opens("/console/batches/1").text


def test_a_form_that_is_sent_twice_issues_once(stage: Stage) -> None:
    person = with_product(stage)
    person.opens(NEW_BATCH)
    form = person.form(NEW_BATCH)
    for _ in range(2):
        answer = person.client.post(NEW_BATCH, data={**form.fields, "count": "5"})
        assert answer.headers["Location"].startswith("/console/batches/1?")
    changed = person.client.post(NEW_BATCH, data={**form.fields, "count": "7"})
    assert changed.status_code == 409
    assert "sent before, with other values" in changed.text
    assert 'value="7"' in changed.text
    assert form.fields["once"] not in changed.text


def test_own_serials_are_issued_from_a_list(stage: Stage) -> None:
    person = with_product(stage)
    issue(person, count="", serials=(BytesIO(b"serial\nA1\nA2\nA3\n"), "serials.csv"))  # type: ignore[arg-type] # a file
    batch = stage.services.issuing.find(1)  # type: ignore[arg-type] # a number as pages write it
    assert batch.count == 3
    assert stage.serials(batch) == ["A1", "A2", "A3"]


def test_a_large_batch_is_left_to_the_workers_and_shows_its_progress(stage: Stage) -> None:
    person = with_product(stage)
    issue(person, count="200")
    assert "progress.js" in person.page.text
    assert '<noscript><meta http-equiv="refresh"' in person.page.text
    assert person.opens("/console/batches/1/specimen.svg").status_code == 200
    assert "not issued yet" in person.opens("/console/batches/1/labels").text
    done = stage.services.issuing.work_once(owner="test")
    assert done is not None
    assert done.status is BatchStatus.ISSUED
    assert "Activate all 200 units" in person.opens("/console/batches/1").text


def test_nothing_typed_is_lost_when_a_field_is_wrong(stage: Stage) -> None:
    person = with_product(stage)
    person.opens(NEW_BATCH)
    answer = person.sends(NEW_BATCH, lot="bad lot", count="many", expiry="2028-12-31")
    assert answer.status_code == 422
    for kept in ('value="bad lot"', 'value="many"', 'value="2028-12-31"'):
        assert kept in answer.text
    assert answer.text.count('aria-invalid="true"') == 2
    person.opens("/console/products/new")
    answer = person.sends("/console/products/new", gtin="123", name="Kept", description="one\ntwo")
    assert 'value="Kept"' in answer.text
    assert "one\ntwo" in answer.text
    answer = person.sends("/console/products/new", gtin="9521234543213", name="Kept")
    assert answer.status_code == 403
    assert "under none of your company prefixes" in answer.text


def test_a_product_is_changed_and_its_picture_refused_by_name(stage: Stage) -> None:
    person = with_product(stage)
    page = "/console/products/09506000134352"
    person.opens(page)
    person.sends(page, name="Baijiu, 52 %", markets="cn, sg")
    assert "Saved." in person.page.text
    product = stage.services.products.find(stage.services.products.of(_caller(stage))[0].gtin)
    assert (product.name, product.markets) == ("Baijiu, 52 %", ("CN", "SG"))
    answer = person.sends(page, picture=(BytesIO(b"no picture"), "x.png"))
    assert answer.status_code == 415
    assert "Choose a JPEG, PNG or WebP picture" in answer.text


def test_ranges_are_activated_and_voided(stage: Stage) -> None:
    person = with_product(stage)
    issue(person, count="10")
    events = "/console/batches/1/events"
    person.sends(events, action="activate", first="1", last="6")
    assert "Printed, not active <strong>4</strong>" in person.page.text
    person.sends(events, action="void", first="2", last="3")
    assert "It cannot be undone" in person.page.text
    person.sends(events)
    assert "Void <strong>2</strong>" in person.page.text
    person.sends(events, action="activate", first="", last="")
    assert "Done for a part of the range" in person.page.text
    answer = person.sends(events, action="activate", first="8", last="99")
    assert answer.status_code == 422
    answer = person.sends(events, action="activate", first="8", last="2")
    assert "The last is before the first" in answer.text


def test_a_lot_is_recalled_after_a_second_look_and_the_recall_lifted(stage: Stage) -> None:
    person = with_product(stage)
    issue(person)
    new = "/console/recalls/new"
    person.opens(f"{new}?gtin=09506000134352&lot=L1")
    answer = person.sends(new, reason="")
    assert answer.status_code == 422
    person.sends(new, reason="Glass splinters", instructions="Bring it back.")
    assert "Glass splinters" in person.page.text
    assert stage.services.recalls.of(stage.services.issuing.find(1).gtin) == ()  # type: ignore[arg-type] # as above
    person.sends(new, sure="yes")
    assert "in force" in person.page.text
    assert "Glass splinters" in person.opens("/console/batches/1").text
    person.opens("/console/recalls")
    lift = re.findall(r'action="(/console/recalls/\w+/lift)"', person.page.text)[0]
    person.sends(lift)
    assert "Lift this recall?" in person.page.text
    person.sends(lift, sure="yes")
    assert "The recall is lifted" in person.page.text


def test_a_recall_of_a_lot_without_tags_is_refused_at_its_field(stage: Stage) -> None:
    person = with_product(stage)
    new = "/console/recalls/new"
    person.opens(new)
    person.sends(new, gtin="09506000134352", lot="NONE", reason="x")
    answer = person.sends(new, sure="yes")
    assert answer.status_code == 404
    assert 'value="NONE"' in answer.text
    assert "have the lot" in answer.text


def test_the_trail_tells_who_did_what(stage: Stage) -> None:
    person = with_product(stage)
    issue(person)
    text = person.opens("/console/trail").text
    assert "Ordered a batch" in text
    assert "Liu Wei" in text


def _caller(stage: Stage) -> Caller:
    return operator(stage.services.access.organisation(PRODUCER))
