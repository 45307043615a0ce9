from collections.abc import Callable
from functools import partial

import pytest

from tagcore.tag import leaf_bytes
from tagserver.ports import Batch, BatchStatus, SerialSource
from tagserver.services import serial_lists
from tagserver.services.errors import Refusal, ServiceError
from tagserver.services.issue import Order
from tests.tagserver.services.cast import (
    BOX_GTIN,
    SERIALS,
    Office,
    an_order,
    naive_root,
    of_serials,
    root_from_path,
)
from tests.tagserver.store.cast import all_at_once


def refusal(office: Office, order: Order, key: str = "another") -> ServiceError:
    with pytest.raises(ServiceError) as caught:
        office.services.issuing.request(office.caller(), order, idempotency_key=key)
    return caught.value


def request(office: Office, order: Order, key: str) -> Batch | ServiceError:
    try:
        return office.services.issuing.request(office.caller(), order, idempotency_key=key).batch
    except ServiceError as error:
        return error


def test_tags_carry_the_producers_serials_in_their_order(any_office: Office) -> None:
    serials = ("B-2", "a/1", "Z", "0", "x" * 20)
    batch = any_office.issue(of_serials(*serials))
    assert batch.serial_source is SerialSource.SUPPLIED
    assert tuple(tag.identity.serial for tag in any_office.tags(batch)) == serials
    assert batch.root == naive_root([leaf_bytes(tag) for tag in any_office.tags(batch)])


def test_units_with_the_producers_serials_are_found_and_have_their_paths(any_office: Office) -> None:
    batch = any_office.issue(of_serials(*(f"S{number}" for number in range(300))))
    for index, tag in list(enumerate(any_office.tags(batch)))[::37]:
        unit = any_office.services.pasts.of(None, batch.gtin, tag.identity.serial).state.unit
        assert (unit.batch, unit.index) == (batch.number, index)
        path = any_office.services.printing.path(batch.number, index)
        assert root_from_path(leaf_bytes(tag), index, 300, path) == batch.root
    with pytest.raises(ServiceError) as caught:
        any_office.services.pasts.of(None, batch.gtin, "S300")
    assert caught.value.code is Refusal.NOT_FOUND


def test_units_are_not_found_before_their_batch_is_issued(office: Office) -> None:
    request(office, of_serials("A"), "key")
    with pytest.raises(ServiceError):
        office.services.pasts.of(None, of_serials("A").gtin, "A")


@pytest.mark.parametrize(
    ("serials", "message"),
    [
        (("A", "B", "A"), "serial 3: A is there twice"),
        (("A", ""), "serial 2: serial has 0 characters, want 1 to 20"),
        (("A", "x" * 21), "serial 2: serial has 21 characters, want 1 to 20"),
        (("A B",), "serial 1: serial has the character ' ', which GS1 character set 82 lacks"),
        (("好",), "serial 1: serial has the character '好', which GS1 character set 82 lacks"),
        (("..",), "serial 1: serial is '..', which no URL can carry"),
    ],
)
def test_a_list_that_breaks_the_rules_is_refused_with_the_place(
    office: Office, serials: tuple[str, ...], message: str
) -> None:
    found = refusal(office, of_serials(*serials))
    assert (found.code, str(found), found.field) == (Refusal.SERIALS_INVALID, message, "serials")
    assert not office.services.issuing.of(office.caller())


def test_as_many_serials_as_tags_are_wanted(office: Office) -> None:
    found = refusal(office, an_order(3, serials=("A", "B")))
    assert (found.code, str(found)) == (Refusal.SERIALS_INVALID, "got 2 serials for 3 tags")


def test_a_serial_of_another_batch_is_taken(any_office: Office) -> None:
    first = any_office.issue(of_serials("A", "B"))
    found = refusal(any_office, of_serials("C", "B", lot="OTHER"))
    assert found.code is Refusal.SERIAL_TAKEN
    assert str(found) == f"serial B is in batch {first.number} already"
    assert any_office.services.issuing.of(any_office.caller()) == (first,)


def test_a_serial_of_a_batch_that_only_waits_is_taken_too(office: Office) -> None:
    request(office, of_serials("A"), "key")
    assert refusal(office, of_serials("A", lot="OTHER")).code is Refusal.SERIAL_TAKEN


def test_a_few_serials_are_looked_up_in_a_large_batch(office: Office) -> None:
    office.issue(of_serials(*(f"S{number}" for number in range(2 * serial_lists.LOOKUP_COST + 1))))
    assert refusal(office, of_serials("NEW", "S80", lot="OTHER")).code is Refusal.SERIAL_TAKEN
    assert isinstance(request(office, of_serials("NEW", "S99", lot="OTHER"), "fine"), Batch)


def test_serials_are_compared_with_every_part_of_a_long_list(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(serial_lists, "READ_AT_ONCE", 3)
    office.issue(of_serials(*"ABCDEFG"))
    assert refusal(office, of_serials("X", "G", lot="OTHER")).code is Refusal.SERIAL_TAKEN


def test_another_product_may_have_the_same_serials(office: Office) -> None:
    office.issue(of_serials("A", "B"))
    assert office.issue(of_serials("A", "B", gtin=BOX_GTIN)).status is BatchStatus.ISSUED


def test_serials_of_a_batch_that_failed_are_free_again(office: Office) -> None:
    queued = office.services.issuing.request(office.caller(), of_serials("A"), idempotency_key="key").batch
    office.services.keys.revoke(queued.key_id)
    assert office.services.issuing.work_on(queued.number, owner="w").status is BatchStatus.FAILED
    office.services.keys.create(office.caller().org_id)
    again = office.issue(of_serials("A", lot="AGAIN"))
    assert again.status is BatchStatus.ISSUED
    unit = office.services.pasts.of(None, again.gtin, "A").state.unit
    assert unit.batch == again.number


def test_a_serial_that_this_system_generated_for_the_product_is_taken(any_office: Office) -> None:
    generated = any_office.issue(an_order(3))
    serial = any_office.tags(generated)[1].identity.serial
    found = refusal(any_office, of_serials("A", serial))
    assert found.code is Refusal.SERIAL_TAKEN
    assert str(found) == f"serial {serial} is one that this system generated for batch {generated.number}"


@pytest.mark.parametrize(
    ("place", "gtin"),
    [
        ((1, 3), an_order().gtin),  # beyond that batch's last tag
        ((1, 0), BOX_GTIN),  # that batch is of another product
        ((0, 0), an_order().gtin),
        ((4_000_000_000, 0), an_order().gtin),  # no such batch
        ((2, 0), an_order().gtin),  # the list's own batch, which generates none
    ],
)
def test_a_serial_that_only_looks_like_a_generated_one_is_accepted(
    office: Office, place: tuple[int, int], gtin: str
) -> None:
    office.issue(an_order(3))
    serial = office.keystore.serial_cipher(SERIALS).encrypt(*place)
    batch = office.issue(of_serials(serial, gtin=type(an_order().gtin)(gtin)))
    assert (batch.number, batch.status) == (2, BatchStatus.ISSUED)
    assert office.services.pasts.of(None, batch.gtin, serial).state.unit.batch == 2


def test_a_repeated_list_finds_its_own_batch_and_not_its_own_serials(any_office: Office) -> None:
    first = request(any_office, of_serials("A", "B"), "key")
    assert request(any_office, of_serials("A", "B"), "key") == first


def test_of_lists_that_arrive_together_and_share_a_serial_one_is_accepted(any_office: Office) -> None:
    lists = [of_serials("SHARED", f"OWN{number}", lot=f"LOT{number}") for number in range(6)]
    tasks: list[Callable[[], Batch | ServiceError]] = [
        partial(request, any_office, order, order.lot) for order in lists
    ]
    results = all_at_once(tasks)
    accepted = [result for result in results if isinstance(result, Batch)]
    codes = [result.code for result in results if isinstance(result, ServiceError)]
    assert (len(accepted), codes) == (1, [Refusal.SERIAL_TAKEN] * 5)


def test_lists_that_arrive_together_and_share_nothing_are_all_accepted(any_office: Office) -> None:
    lists = [of_serials(f"OWN{number}", lot=f"LOT{number}") for number in range(5)]
    tasks: list[Callable[[], Batch | ServiceError]] = [
        partial(request, any_office, order, order.lot) for order in lists
    ]
    results = all_at_once(tasks)
    assert len({result.number for result in results if isinstance(result, Batch)}) == 5


def test_the_long_comparison_leaves_the_store_free_for_writers(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    office.issue(of_serials("A", "B"))
    written: list[str] = []
    compared = serial_lists.SerialLists._taken

    def slow(self: serial_lists.SerialLists, *arguments: object) -> object:
        with office.store.write() as transaction:
            transaction.audit.count(action="", subject="")
        written.append("somebody else")
        return compared(self, *arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(serial_lists.SerialLists, "_taken", slow)
    office.issue(of_serials("C", lot="OTHER"))
    assert written == ["somebody else"]


def test_addresses_of_supplied_serials_reach_the_list_for_printing_houses(office: Office) -> None:
    batch = office.issue(of_serials("A+1", "B"))
    assert [url.rpartition("/21/")[2].partition("?")[0] for url in office.urls(batch)] == ["A%2B1", "B"]
