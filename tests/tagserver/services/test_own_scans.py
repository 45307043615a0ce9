"""What a producer sees of the scans of its products."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tagcore.gs1 import Gtin
from tagcore.history import Place
from tagcore.reasons import Level
from tagserver.ports import BatchNumber, ScanRecord
from tagserver.services import own_scans as module
from tagserver.services.errors import AccessError, ServiceError
from tagserver.services.own_scans import OwnScans, ScanMark, Selection
from tests.tagserver.services.cast import BOX_GTIN, DISTILLERY, GTIN, NOW, RIVAL, WHOLESALER, Office, an_order

SECOND = timedelta(seconds=1)
SCAN = ScanRecord(
    gtin=GTIN,
    serial="S",
    at=NOW,
    viewer=None,
    org_id=None,
    place=Place(country="CN"),
    reliable_place=False,
    level=Level.MATCH,
    headline="FIRST_SCAN",
    counted=True,
)


def add(office: Office, *scans: ScanRecord) -> tuple[ScanRecord, ...]:
    with office.store.write() as transaction:
        for scan in scans:
            transaction.scans.add(scan)
    return scans


def serials(office: Office, selection: Selection, *, limit: int = 100) -> list[list[str]]:
    """Of all pages."""
    own, caller, pages, mark = office.services.own_scans, office.caller(), [], None
    while True:
        page = own.page(caller, selection, after=mark, limit=limit)
        pages.append([one.scan.serial for one in page.scans])
        mark = page.following
        if mark is None:
            return pages


@pytest.fixture
def own(office: Office) -> OwnScans:
    office.released()
    office.released(an_order(gtin=BOX_GTIN))
    return office.services.own_scans


def test_scans_of_all_products_come_newest_first(office: Office, own: OwnScans) -> None:
    add(
        office,
        *(replace(SCAN, serial=f"S{n}", at=NOW + n * SECOND, gtin=(GTIN, BOX_GTIN)[n % 2]) for n in range(5)),
    )
    assert serials(office, Selection()) == [["S4", "S3", "S2", "S1", "S0"]]
    assert serials(office, Selection(gtin=BOX_GTIN)) == [["S3", "S1"]]


@pytest.mark.parametrize("limit", [1, 2, 3, 7])
def test_pages_leave_none_out_and_repeat_none_even_within_a_microsecond(
    office: Office, own: OwnScans, limit: int
) -> None:
    made = [replace(SCAN, serial=f"S{n}", gtin=gtin) for gtin in (GTIN, BOX_GTIN) for n in range(4)]
    add(
        office,
        *made,
        *made,
        replace(SCAN, serial="LATE", at=NOW + SECOND),
        replace(SCAN, serial="EARLY", at=NOW - SECOND),
    )
    pages = serials(office, Selection(), limit=limit)
    found = [serial for page in pages for serial in page]
    assert all(len(page) == limit for page in pages[:-1])
    assert (found[0], found[-1]) == ("LATE", "EARLY")
    assert sorted(found[1:-1]) == sorted(scan.serial for scan in made * 2)


def test_days_and_verdicts_choose(office: Office, own: OwnScans) -> None:
    add(
        office,
        *(replace(SCAN, serial=f"S{n}", at=NOW + n * SECOND, level=level) for n, level in enumerate(Level)),
    )
    since, until = NOW + SECOND, NOW + 3 * SECOND
    assert serials(office, Selection(since=since, until=until)) == [["S2", "S1"]]
    assert serials(office, Selection(since=until)) == [["S5", "S4", "S3"]]
    assert serials(office, Selection(flagged=True)) == [["S5", "S4", "S3"]]


def test_a_batch_chooses_by_its_serials_generated_or_supplied(office: Office) -> None:
    first = office.released()
    second = office.released(an_order(count=2, serials=("OWN-1", "OWN-2")))
    tags = [office.tags(batch)[0].identity.serial for batch in (first, second)]
    add(office, *(replace(SCAN, serial=serial) for serial in (*tags, "NONE")))
    assert serials(office, Selection(batch=second.number)) == [[tags[1]]]
    assert serials(office, Selection(batch=second.number, gtin=BOX_GTIN)) == [[]]
    page = office.services.own_scans.page(office.caller(), Selection())
    assert {one.scan.serial: one.batch and one.batch.number for one in page.scans} == {
        tags[0]: first.number,
        tags[1]: second.number,
        "NONE": None,
    }


def test_sums_tell_what_they_amount_to(office: Office, own: OwnScans) -> None:
    add(
        office,
        SCAN,
        replace(SCAN, at=NOW + SECOND, level=Level.CAUTION, place=Place(country="VN")),
        replace(SCAN, serial="T", level=Level.STOP, place=None),
    )
    sums = own.sums(office.caller(), Selection())
    assert (sums.scans, len(sums.labels), sums.flagged, sums.is_cut) == (3, 2, 2, False)
    assert dict(sums.countries) == {"CN": 1, "VN": 1}


def test_what_a_page_looks_through_is_bounded_and_the_next_page_goes_on(
    office: Office, own: OwnScans, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "LOOKED_THROUGH", 4)
    levels = [Level.STOP] + [Level.MATCH] * 9 + [Level.STOP]
    add(
        office,
        *(replace(SCAN, serial=f"S{n}", at=NOW - n * SECOND, level=level) for n, level in enumerate(levels)),
    )
    assert serials(office, Selection(flagged=True)) == [["S0"], [], ["S10"]]
    sums = own.sums(office.caller(), Selection())
    assert (sums.scans, sums.is_cut) == (4, True)


def test_every_scan_is_read_for_a_file(
    office: Office, own: OwnScans, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "HISTORY_LIMIT", 40)
    add(office, *(replace(SCAN, serial=f"S{n}", at=NOW + n * SECOND) for n in range(200)))
    found = [one.scan.serial for one in own.every(office.caller(), Selection())]
    assert found == [f"S{n}" for n in reversed(range(200))]


def test_nobody_reads_the_scans_of_others(office: Office, own: OwnScans) -> None:
    for org, selection in (
        (RIVAL, Selection(gtin=GTIN)),
        (RIVAL, Selection(batch=BatchNumber(1))),
    ):
        for read in (own.page, own.sums, own.every):
            with pytest.raises(AccessError):
                read(office.caller(org), selection)
    add(office, SCAN)
    for org in (RIVAL, WHOLESALER):
        assert own.page(office.caller(org), Selection()).scans == ()
    assert len(own.page(office.caller(DISTILLERY), Selection()).scans) == 1


def test_a_product_or_batch_that_never_was_is_told(office: Office, own: OwnScans) -> None:
    for selection in (Selection(gtin=Gtin("09506000134383")), Selection(batch=BatchNumber(99))):
        with pytest.raises(ServiceError):
            own.page(office.caller(), selection)


def test_a_mark_of_an_unknown_product_is_a_place_all_the_same(office: Office, own: OwnScans) -> None:
    (scan,) = add(office, SCAN)
    for gtin, found in ((Gtin("00000000000000"), 0), (Gtin("99999999999999"), 1)):
        page = own.page(office.caller(), Selection(), after=ScanMark(spot=scan.spot, gtin=gtin))
        assert len(page.scans) == found
