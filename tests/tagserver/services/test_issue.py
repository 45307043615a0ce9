from datetime import timedelta
from functools import partial

import pytest

from tagcore.errors import Gs1SyntaxError
from tagcore.evidence import Ours, Signature
from tagcore.gs1 import parse_expiry
from tagcore.manifest import format_manifest, verify_manifest
from tagcore.merkle import leaf_hash
from tagcore.reading import check_signature, read
from tagcore.tag import Profile, leaf_bytes, parse_url
from tagserver.ports import (
    BatchNumber,
    BatchStatus,
    IdempotencyConflictError,
    LeafFileError,
    OrgId,
    Scope,
)
from tagserver.services.access import Caller
from tagserver.services.errors import AccessError, Refusal, ServiceError
from tagserver.services.issue import Order, Progress
from tagserver.services.manifest import manifest_of
from tagserver.store import LeafDirectory
from tests.tagserver.services.cast import (
    DISTILLERY,
    HOSPITAL,
    HOST,
    LEASE,
    MAX_COUNT,
    RIVAL,
    RIVAL_GTIN,
    Office,
    an_order,
    gtin_of,
    naive_root,
    new_producer,
    new_product,
    root_from_path,
)
from tests.tagserver.store.cast import all_at_once


def refusal(office: Office, order: Order, org: OrgId = DISTILLERY, key: str = "key") -> ServiceError:
    with pytest.raises(ServiceError) as caught:
        office.services.issuing.request(office.caller(org), order, idempotency_key=key)
    return caught.value


def test_a_batch_is_queued_then_issued_with_all_that_was_asked_for(any_office: Office) -> None:
    created = any_office.services.issuing.request(
        any_office.caller(), an_order(7, profile=Profile.COMPACT), idempotency_key="key"
    )
    assert (created.is_new, created.batch.status, created.batch.done) == (True, BatchStatus.QUEUED, 0)
    issued = any_office.services.issuing.work_once(owner="worker")
    assert issued is not None
    assert (issued.number, issued.status, issued.done) == (created.batch.number, BatchStatus.ISSUED, 7)
    assert (issued.gtin, issued.lot, issued.expiry) == (an_order().gtin, "LOT1", parse_expiry("271231"))
    assert (issued.host, issued.profile, issued.slot) == (HOST, Profile.COMPACT, 0)
    assert any_office.services.issuing.work_once(owner="worker") is None


def test_a_repeated_request_finds_the_first_ones_batch(any_office: Office) -> None:
    first = any_office.issue(an_order(), key="key")
    again = any_office.services.issuing.request(any_office.caller(), an_order(), idempotency_key="key")
    assert (again.is_new, again.batch) == (False, first)
    assert any_office.services.issuing.of(any_office.caller()) == (first,)
    names = sorted(path.name for path in (any_office.folder / "batches").iterdir())
    assert names == [f"{first.number}.leaves", f"{first.number}.nodes"]


def test_requests_that_arrive_together_make_one_batch(any_office: Office) -> None:
    def request() -> BatchNumber:
        created = any_office.services.issuing.request(any_office.caller(), an_order(), idempotency_key="key")
        return created.batch.number

    assert len(set(all_at_once([request] * 6))) == 1
    assert len(any_office.services.issuing.of(any_office.caller())) == 1


@pytest.mark.parametrize(
    "other",
    [
        an_order(6),
        an_order(lot="LOT2"),
        an_order(expiry=None),
        an_order(profile=Profile.COMPACT),
        an_order(host=HOST),
        an_order(serials=("A", "B", "C", "D", "E")),
    ],
    ids=["count", "lot", "expiry", "profile", "host", "serials"],
)
def test_the_same_key_for_another_order_is_a_conflict(office: Office, other: Order) -> None:
    office.issue(an_order(), key="key")
    with pytest.raises(IdempotencyConflictError):
        office.services.issuing.request(office.caller(), other, idempotency_key="key")
    assert len(office.services.issuing.of(office.caller())) == 1


def test_idempotency_keys_of_two_producers_are_strangers(office: Office) -> None:
    mine = office.issue(an_order(), key="key")
    theirs = office.issue(an_order(gtin=RIVAL_GTIN), key="key", org=RIVAL)
    assert mine.number != theirs.number


def test_a_repeated_request_is_answered_after_its_key_was_retired_and_revoked(office: Office) -> None:
    first = office.issue(an_order(), key="key")
    office.services.keys.rotate(DISTILLERY)
    for key in office.services.keys.of(DISTILLERY):
        office.services.keys.revoke(key.id)
    again = office.services.issuing.request(office.caller(), an_order(), idempotency_key="key")
    assert (again.is_new, again.batch.number) == (False, first.number)
    assert refusal(office, an_order(), key="another").code is Refusal.NO_SIGNING_KEY
    assert len(office.services.issuing.of(office.caller())) == 1


def test_a_product_that_nobody_registered_has_no_tags(office: Office) -> None:
    found = refusal(office, an_order(gtin=gtin_of("0950600099999")))
    assert (found.code, found.field) == (Refusal.NOT_FOUND, "gtin")


def test_another_producers_product_is_refused(office: Office) -> None:
    found = refusal(office, an_order(gtin=RIVAL_GTIN))
    assert isinstance(found, AccessError)
    assert found.code is Refusal.NOT_YOURS


def test_issuing_needs_its_scope(office: Office) -> None:
    organisation = office.services.access.organisation(DISTILLERY)
    caller = Caller(organisation=organisation, token_id=None, scopes=frozenset(Scope) - {Scope.BATCHES})
    with pytest.raises(AccessError) as caught:
        office.services.issuing.request(caller, an_order(), idempotency_key="key")
    assert caught.value.code is Refusal.SCOPE_MISSING
    assert refusal(office, an_order(), HOSPITAL).code is Refusal.SCOPE_MISSING


def test_without_any_key_nothing_is_issued(office: Office) -> None:
    office.services.access.add_organisation(new_producer())
    caller = office.caller(OrgId("newcomer"))
    office.services.products.register(caller, new_product())
    found = refusal(office, an_order(gtin=new_product().gtin), OrgId("newcomer"))
    assert found.code is Refusal.NO_SIGNING_KEY


def test_a_retired_key_signs_no_new_batch(office: Office) -> None:
    newer = office.services.keys.rotate(DISTILLERY)
    assert office.issue().key_id == newer.id


def test_a_revoked_key_signs_no_new_batch(office: Office) -> None:
    office.services.keys.revoke("distillery-0")
    assert refusal(office, an_order()).code is Refusal.NO_SIGNING_KEY


def test_a_key_signs_up_to_its_last_moment_and_not_after(office: Office) -> None:
    (key,) = office.services.keys.of(DISTILLERY)
    office.clock.now = key.not_after - timedelta(microseconds=1)
    assert office.issue(key="in time").status is BatchStatus.ISSUED
    office.clock.now = key.not_after
    assert refusal(office, an_order()).code is Refusal.NO_SIGNING_KEY


def test_the_newest_of_several_keys_signs(office: Office) -> None:
    newer = office.services.keys.create(DISTILLERY)
    assert (office.issue().slot, newer.slot) == (1, 1)


def test_a_key_revoked_while_the_batch_waited_fails_the_batch(office: Office) -> None:
    queued = office.services.issuing.request(office.caller(), an_order(), idempotency_key="key").batch
    office.services.keys.revoke(queued.key_id)
    failed = office.services.issuing.work_on(queued.number, owner="worker")
    assert failed.status is BatchStatus.FAILED
    assert failed.failure is not None
    assert failed.failure.startswith("NO_SIGNING_KEY: key distillery-0 was revoked")
    assert not list((office.folder / "batches").iterdir())


def test_a_batch_whose_key_was_retired_while_it_waited_is_still_issued(office: Office) -> None:
    queued = office.services.issuing.request(office.caller(), an_order(), idempotency_key="key").batch
    office.services.keys.rotate(DISTILLERY)
    assert office.services.issuing.work_on(queued.number, owner="worker").slot == 0


def test_a_batch_whose_key_is_gone_from_the_keystore_fails_and_says_why(office: Office) -> None:
    queued = office.services.issuing.request(office.caller(), an_order(), idempotency_key="key").batch
    (office.folder / "keys" / "distillery-0.key.json").unlink()
    failed = office.services.issuing.work_on(queued.number, owner="worker")
    assert failed.failure == "KEYSTORE_KEY_MISSING: no such key (key 'distillery-0')"


@pytest.mark.parametrize("host", ["EVIL.EXAMPLE.COM", "TAGS.EXAMPLE.ORG", "not a host", "\ud800"])
def test_a_host_that_is_not_the_producers_is_refused(office: Office, host: str) -> None:
    found = refusal(office, an_order(host=host))
    assert (found.code, found.field) == (Refusal.NO_HOST, "host")


def test_a_host_is_the_same_in_small_letters(office: Office) -> None:
    assert office.issue(an_order(host="id.example.com")).host == HOST


def test_a_producer_without_hosts_cannot_issue(office: Office) -> None:
    office.services.access.add_organisation(new_producer(hosts=()))
    office.services.keys.create("newcomer")
    office.services.products.register(office.caller(OrgId("newcomer")), new_product())
    found = refusal(office, an_order(gtin=new_product().gtin), OrgId("newcomer"))
    assert (found.code, str(found)) == (Refusal.NO_HOST, "no host is none of your hosts: you have none")


@pytest.mark.parametrize("count", [-1, 0, MAX_COUNT + 1, 2**64])
def test_a_batch_has_at_least_one_tag_and_at_most_the_limit(office: Office, count: int) -> None:
    found = refusal(office, an_order(count))
    assert (found.code, found.field) == (Refusal.BATCH_TOO_LARGE, "count")


@pytest.mark.parametrize("lot", ["A" * 21, "LOT 1", "..", "批号", "LOT\0"])
def test_a_lot_that_breaks_gs1s_rules_is_refused(office: Office, lot: str) -> None:
    with pytest.raises(Gs1SyntaxError):
        office.services.issuing.request(office.caller(), an_order(lot=lot), idempotency_key="key")


@pytest.mark.parametrize("lot", ["", "A" * 20, "a/b-1.%", "+-*"])
def test_every_lot_that_gs1_allows_is_issued_and_verifies(office: Office, lot: str) -> None:
    url = office.urls(office.issue(an_order(1, lot=lot)))[0]
    assert parse_url(url)[2].identity.lot == lot
    assert office.verify(url).dossier.unit is not None


@pytest.mark.parametrize("key", ["", "   ", "k" * 201, "a\0b", "a\nb", "\ud800"])
def test_an_idempotency_key_is_one_line_of_1_to_200_characters(office: Office, key: str) -> None:
    found = refusal(office, an_order(), key=key)
    assert (found.code, found.field) == (Refusal.INPUT_INVALID, "idempotency_key")


def test_batches_are_found_by_number_and_listed_newest_first(office: Office) -> None:
    first, second = office.issue(an_order(lot="A")), office.issue(an_order(lot="B"))
    issuing = office.services.issuing
    assert issuing.of(office.caller()) == (second, first)
    assert issuing.of(office.caller(), before=second.number) == (first,)
    assert issuing.of(office.caller(RIVAL)) == ()
    with pytest.raises(ServiceError) as caught:
        issuing.find(BatchNumber(99))
    assert caught.value.code is Refusal.NOT_FOUND


@pytest.mark.parametrize("count", [1, 2, 3, 255, 256, 257, 4096, 4097])
def test_the_root_is_the_one_that_rfc_6962_gives_for_the_tags_derived_again(
    office: Office, count: int
) -> None:
    batch = office.issue(an_order(count))
    assert batch.root == naive_root([leaf_bytes(tag) for tag in office.tags(batch)])


def test_every_tag_has_a_merkle_path_to_the_root(office: Office) -> None:
    batch = office.issue(an_order(300))
    leaves = LeafDirectory(office.folder / "batches")
    for index, tag in enumerate(office.tags(batch)):
        path = office.services.printing.path(batch.number, index)
        assert leaves.leaf(batch.number, index) == leaf_hash(leaf_bytes(tag))
        assert root_from_path(leaf_bytes(tag), index, 300, path) == batch.root


def test_the_manifest_is_signed_by_the_issuers_key(any_office: Office) -> None:
    batch = any_office.issue()
    (key,) = any_office.services.keys.of(DISTILLERY)
    assert batch.root is not None
    assert batch.issued_at is not None
    assert batch.manifest_signature is not None
    manifest = manifest_of(batch, batch.root, batch.issued_at)
    verify_manifest(manifest, batch.manifest_signature, key.public_key)
    assert format_manifest(manifest) == {
        "type": "origintag-batch",
        "batch": batch.number,
        "gtin": batch.gtin,
        "lot": "LOT1",
        "expiry": "271231",
        "count": 5,
        "slot": 0,
        "root": batch.root.hex(),
        "issued": "2026-03-01T12:30:15Z",
    }


def test_labels_made_again_carry_the_very_same_tags(office: Office) -> None:
    batch = office.issue(an_order(40))
    assert office.urls(batch) == office.urls(batch)
    assert [parse_url(url)[2] for url in office.urls(batch)] == office.tags(batch)


@pytest.mark.parametrize("profile", Profile)
def test_every_tag_of_a_batch_is_canonical_and_verifies_with_the_trust_in_force(
    office: Office, profile: Profile
) -> None:
    trust = office.services.trust.now_in_force()
    for url in office.urls(office.issue(an_order(200, profile=profile))):
        reading = read(url, trust)
        assert isinstance(reading, Ours)
        assert reading.profile is profile
        assert check_signature(reading.tag, trust, office.clock()).outcome is Signature.VALID


def test_serials_of_a_batch_are_all_different_and_not_in_order(office: Office) -> None:
    serials = [tag.identity.serial for tag in office.tags(office.issue(an_order(1000)))]
    assert len(set(serials)) == 1000
    assert serials != sorted(serials)


def test_twenty_thousand_tags_take_at_most_40_bytes_of_disk_each(office: Office) -> None:
    def used() -> int:
        with office.store.write() as transaction:  # whatever was written has left the caches
            transaction.audit.count(action="", subject="")
        return sum(path.stat().st_size for path in office.folder.rglob("*") if path.is_file())

    before = used()
    office.issue(an_order(20_000))
    assert used() - before <= 40 * 20_000


def test_progress_is_told_and_acknowledged_chunk_by_chunk(office: Office) -> None:
    queued = office.services.issuing.request(office.caller(), an_order(5_000), idempotency_key="key").batch
    told: list[tuple[int, int, int]] = []

    def progress(done: int, total: int) -> None:
        told.append((done, total, office.services.issuing.find(queued.number).done))

    office.services.issuing.work_on(queued.number, owner="worker", progress=progress)
    assert told == [(4096, 5_000, 4096), (5_000, 5_000, 5_000)]


class WorkerDiedError(BaseException):
    """The end of a worker, in its own process."""


def die_after(chunks: int) -> Progress:
    calls = iter(range(chunks))

    def progress(_done: int, _total: int) -> None:
        if next(calls, None) is None:
            raise WorkerDiedError

    return progress


def test_a_batch_whose_worker_died_goes_on_where_it_was_once_the_lease_ends(any_office: Office) -> None:
    issuing = any_office.services.issuing
    queued = issuing.request(any_office.caller(), an_order(5_000), idempotency_key="key").batch
    with pytest.raises(WorkerDiedError):
        issuing.work_on(queued.number, owner="dead", progress=die_after(0))
    left = issuing.find(queued.number)
    assert (left.status, left.done) == (BatchStatus.ISSUING, 4096)
    assert issuing.work_once(owner="heir") is None
    assert issuing.work_on(queued.number, owner="heir").status is BatchStatus.ISSUING
    any_office.clock.advance(LEASE)
    told: list[int] = []
    issued = issuing.work_on(queued.number, owner="heir", progress=lambda done, _: told.append(done))
    assert told == [5_000]
    assert issued.root == naive_root([leaf_bytes(tag) for tag in any_office.tags(issued)])


def test_a_worker_that_lost_its_lease_leaves_the_batch_to_its_heir(any_office: Office) -> None:
    issuing = any_office.services.issuing
    queued = issuing.request(any_office.caller(), an_order(5_000), idempotency_key="key").batch

    def be_overtaken(done: int, _total: int) -> None:
        if done == 4096:
            any_office.clock.advance(LEASE)
            with any_office.store.write() as transaction:
                assert transaction.batches.claim(
                    owner="heir", now=any_office.clock(), duration=LEASE, number=queued.number
                )

    left = issuing.work_on(queued.number, owner="slow", progress=be_overtaken)
    assert (left.status, left.done) == (BatchStatus.ISSUING, 4096)
    any_office.clock.advance(LEASE)
    assert issuing.work_on(queued.number, owner="third").status is BatchStatus.ISSUED


def test_a_worker_whose_predecessor_still_writes_says_so_and_does_no_harm(office: Office) -> None:
    issuing = office.services.issuing
    queued = issuing.request(office.caller(), an_order(5000), idempotency_key="key").batch
    leaves = LeafDirectory(office.folder / "batches")
    with leaves.writer(queued.number, count=5000, acknowledged=0), pytest.raises(LeafFileError):
        issuing.work_on(queued.number, owner="heir")
    office.clock.advance(LEASE)
    issued = issuing.work_on(queued.number, owner="heir")
    assert issued.root == naive_root([leaf_bytes(tag) for tag in office.tags(issued)])


def test_a_worker_that_is_interrupted_puts_the_batch_back_at_once(office: Office) -> None:
    issuing = office.services.issuing
    queued = issuing.request(office.caller(), an_order(5_000), idempotency_key="key").batch

    def interrupt(_done: int, _total: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        issuing.work_on(queued.number, owner="worker", progress=interrupt)
    assert issuing.find(queued.number).status is BatchStatus.QUEUED
    assert issuing.work_on(queued.number, owner="next").status is BatchStatus.ISSUED


def test_workers_at_once_issue_each_batch_once(any_office: Office) -> None:
    issuing = any_office.services.issuing
    for lot in "ABCDEF":
        issuing.request(any_office.caller(), an_order(50, lot=lot), idempotency_key=lot)

    def work(owner: str) -> list[BatchNumber]:
        done = []
        while (batch := issuing.work_once(owner=owner)) is not None:
            done.append(batch.number)
        return done

    results = all_at_once([partial(work, name) for name in ("a", "b", "c")])
    numbers = [number for result in results if isinstance(result, list) for number in result]
    assert len(numbers) == len(set(numbers)) == 6
    assert all(batch.status is BatchStatus.ISSUED for batch in issuing.of(any_office.caller()))


def test_issuing_is_in_the_audit_trail_once(office: Office) -> None:
    office.issue(key="key")
    office.services.issuing.request(office.caller(), an_order(), idempotency_key="key")
    actions = [entry.action for entry in office.services.access.trail(limit=2)]
    assert actions == ["batch.issued", "batch.request"]
    assert len(office.services.access.trail(action="batch.request")) == 1
