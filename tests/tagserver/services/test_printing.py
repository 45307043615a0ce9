import pytest

from tagcore.tag import parse_url
from tagserver.ports import Batch, BatchNumber, OrgId
from tagserver.services.errors import AccessError, Refusal, ServiceError
from tagserver.services.printing import PrintJob
from tests.tagserver.services.cast import DISTILLERY, HOSPITAL, HOST, RIVAL, Office, an_order


def job(
    office: Office, batch: Batch, first: int = 0, count: int | None = None, org: OrgId = DISTILLERY
) -> PrintJob:
    return office.services.printing.job(
        office.caller(org), batch.number, form="pdf", first=first, count=count
    )


def refusal(office: Office, batch: Batch, first: int, count: int | None) -> Refusal:
    with pytest.raises(ServiceError) as caught:
        job(office, batch, first, count)
    return caught.value.code


def test_a_job_gives_each_tag_with_its_address(office: Office) -> None:
    batch = office.issue()
    pairs = list(job(office, batch).tags())
    assert [tag for tag, _ in pairs] == office.tags(batch)
    assert all(parse_url(url)[0] == HOST and parse_url(url)[2] == tag for tag, url in pairs)


@pytest.mark.parametrize(("first", "count", "want"), [(0, 1, [0]), (3, None, [3, 4]), (1, 2, [1, 2])])
def test_a_job_may_be_a_part_of_its_batch(
    office: Office, first: int, count: int | None, want: list[int]
) -> None:
    batch = office.issue()
    tags = office.tags(batch)
    assert [tag for tag, _ in job(office, batch, first, count).tags()] == [tags[index] for index in want]


@pytest.mark.parametrize(("first", "count"), [(-1, 1), (0, 0), (0, 6), (4, 2), (5, None), (0, -1)])
def test_a_part_lies_in_the_batch(office: Office, first: int, count: int | None) -> None:
    assert refusal(office, office.issue(), first, count) is Refusal.INPUT_INVALID


def test_each_rendering_is_in_the_trail_before_the_first_label_and_says_how_often_before(
    any_office: Office,
) -> None:
    batch = any_office.issue()
    assert [job(any_office, batch, 1, 2).times_before for _ in range(3)] == [0, 1, 2]
    (entry, *_) = any_office.services.access.trail(action="labels.render", limit=1)
    assert (entry.subject, entry.org_id) == (str(batch.number), DISTILLERY)
    assert entry.detail == {"form": "pdf", "first": "1", "count": "2"}
    assert any_office.issue(an_order(lot="LOT2")).number != batch.number


def test_a_refused_job_is_not_in_the_trail(office: Office) -> None:
    batch = office.issue()
    refusal(office, batch, 0, 6)
    assert office.services.access.trail(action="labels.render") == ()


def test_labels_are_handed_to_the_batchs_producer_only(office: Office) -> None:
    batch = office.issue()
    for org, code in ((RIVAL, Refusal.NOT_YOURS), (HOSPITAL, Refusal.SCOPE_MISSING)):
        with pytest.raises(AccessError) as caught:
            job(office, batch, org=org)
        assert caught.value.code is code


def test_only_issued_batches_are_printed(office: Office) -> None:
    queued = office.services.issuing.request(office.caller(), an_order(), idempotency_key="key").batch
    assert refusal(office, queued, 0, None) is Refusal.BATCH_NOT_ISSUED
    with pytest.raises(ServiceError) as caught:
        office.services.printing.job(office.caller(), BatchNumber(99), form="pdf")
    assert caught.value.code is Refusal.NOT_FOUND


def test_labels_of_a_retired_key_are_printed_and_of_a_revoked_one_no_more(office: Office) -> None:
    batch = office.issue()
    office.services.keys.rotate(DISTILLERY)
    assert job(office, batch).count == 5
    office.services.keys.revoke(batch.key_id)
    assert refusal(office, batch, 0, None) is Refusal.NO_SIGNING_KEY
