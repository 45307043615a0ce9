from datetime import timedelta

import pytest

from tagcore.errors import Gs1SyntaxError
from tagcore.reasons import Code
from tagserver.ports import OrgId, Recall, RecallKind
from tagserver.services.errors import AccessError, Refusal, ServiceError
from tagserver.services.recalls import RecallOrder
from tests.tagserver.services.cast import (
    DISTILLERY,
    GTIN,
    HOSPITAL,
    INSPECTOR,
    NOW,
    RIVAL,
    Office,
    an_order,
    gtin_of,
)


def recall_order(**more: object) -> RecallOrder:
    plain: dict[str, object] = {
        "gtin": GTIN,
        "lot": None,
        "serial": None,
        "kind": RecallKind.RECALL,
        "reason": "glass splinters",
        "instructions": "",
    }
    return RecallOrder(**{**plain, **more})  # type: ignore[arg-type] # a test names fields that exist


def recall(office: Office, org: OrgId = DISTILLERY, **more: object) -> Recall:
    return office.services.recalls.order(office.caller(org), recall_order(**more))


def headlines(office: Office, *urls: str) -> list[Code]:
    return [office.verify(url).verdict.headline.code for url in urls]


def test_a_recalled_lot_is_recalled_at_once_and_other_lots_are_not(any_office: Office) -> None:
    one = any_office.urls(any_office.released(an_order(lot="LOT1")))
    other = any_office.urls(any_office.released(an_order(lot="LOT2")))
    recall(any_office, lot="LOT1")
    assert headlines(any_office, one[0], one[4], other[0]) == [Code.RECALLED, Code.RECALLED, Code.FIRST_SCAN]


def test_a_unit_or_a_whole_product_can_be_recalled(any_office: Office) -> None:
    batch = any_office.released()
    urls = any_office.urls(batch)
    unit = recall(any_office, serial=any_office.tags(batch)[1].identity.serial)
    assert headlines(any_office, urls[0], urls[1]) == [Code.FIRST_SCAN, Code.RECALLED]
    any_office.services.recalls.lift(any_office.caller(), unit.id)
    recall(any_office)
    assert headlines(any_office, urls[2]) == [Code.RECALLED]


def test_a_withdrawal_is_called_one_and_gives_way_to_a_recall(office: Office) -> None:
    url = office.urls(office.released())[0]
    recall(office, kind=RecallKind.WITHDRAW, reason="wrong leaflet")
    assert headlines(office, url) == [Code.WITHDRAWN]
    recall(office, lot="LOT1")
    office.clock.advance(timedelta(days=1))
    recall(office, kind=RecallKind.WITHDRAW, reason="again")
    verdict = office.verify(url).verdict
    assert verdict.headline.code is Code.RECALLED
    assert verdict.headline.detail["reason"] == "glass splinters"


def test_the_producers_own_instructions_are_shown_then_the_products_then_a_general_one(
    office: Office,
) -> None:
    url = office.urls(office.released())[0]
    recall(office)
    assert "Take it back" in office.verify(url).verdict.headline.detail["instructions"]
    office.clock.advance(timedelta(minutes=1))
    recall(office, instructions=" Pour it away. ")
    assert office.verify(url).verdict.headline.detail["instructions"] == "Pour it away."


def test_a_lifted_recall_is_over_and_stays_on_record(any_office: Office) -> None:
    url = any_office.urls(any_office.released())[0]
    ordered = recall(any_office)
    lifted = any_office.services.recalls.lift(any_office.caller(), ordered.id)
    assert lifted.lifted_at == NOW
    assert headlines(any_office, url) == [Code.FIRST_SCAN]
    assert any_office.services.recalls.of(GTIN) == (lifted,)


def test_only_who_ordered_a_recall_lifts_it(office: Office) -> None:
    office.issue()
    by_inspector = recall(office, INSPECTOR)
    for org in (DISTILLERY, RIVAL):
        with pytest.raises(AccessError) as caught:
            office.services.recalls.lift(office.caller(org), by_inspector.id)
        assert caught.value.code is Refusal.NOT_YOURS
    assert office.services.recalls.lift(office.caller(INSPECTOR), by_inspector.id).lifted_at


def test_a_producer_recalls_its_own_products_and_an_inspector_any(office: Office) -> None:
    assert recall(office, INSPECTOR).by_org == INSPECTOR
    for org, code in ((RIVAL, Refusal.NOT_YOURS), (HOSPITAL, Refusal.SCOPE_MISSING)):
        with pytest.raises(AccessError) as caught:
            recall(office, org)
        assert caught.value.code is code


def test_a_lot_without_tags_is_refused_so_that_a_mistyped_one_is_noticed(office: Office) -> None:
    office.issue(an_order(lot="LOT1"))
    with pytest.raises(ServiceError) as caught:
        recall(office, lot="L0T1")
    assert (caught.value.code, caught.value.field) == (Refusal.NOT_FOUND, "lot")


def test_units_without_a_lot_can_be_recalled_as_such(office: Office) -> None:
    without = office.urls(office.released(an_order(lot="")))[0]
    other = office.urls(office.released(an_order(lot="LOT1")))[0]
    recall(office, lot="")
    assert headlines(office, without, other) == [Code.RECALLED, Code.FIRST_SCAN]


@pytest.mark.parametrize("reason", ["", " \n ", "x" * 5001, "a\0b"])
def test_a_recall_has_a_reason_for_people_to_read(office: Office, reason: str) -> None:
    with pytest.raises(ServiceError) as caught:
        recall(office, reason=reason)
    assert (caught.value.code, caught.value.field) == (Refusal.INPUT_INVALID, "reason")


@pytest.mark.parametrize("more", [{"lot": "L" * 21}, {"serial": "S" * 21}, {"serial": ""}, {"lot": "\0"}])
def test_what_is_recalled_could_be_on_a_label(office: Office, more: dict[str, object]) -> None:
    with pytest.raises(Gs1SyntaxError):
        office.services.recalls.order(office.caller(), recall_order(**more))


def test_what_does_not_exist_is_not_recalled_nor_lifted(office: Office) -> None:
    with pytest.raises(ServiceError) as caught:
        recall(office, gtin=gtin_of("0950600099999"))
    assert caught.value.code is Refusal.NOT_FOUND
    with pytest.raises(ServiceError) as caught:
        office.services.recalls.lift(office.caller(), "0123456789abcdef")
    assert caught.value.code is Refusal.NOT_FOUND


def test_recalls_are_in_the_audit_trail(office: Office) -> None:
    ordered = recall(office)
    office.services.recalls.lift(office.caller(), ordered.id)
    actions = [(entry.action, entry.detail["recall"]) for entry in office.services.access.trail(limit=2)]
    assert actions == [("recall.lift", ordered.id), ("recall.recall", ordered.id)]
