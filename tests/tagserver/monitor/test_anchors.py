"""What a log says about its anchors is looked up, and has to be about this very log."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from tagcore.anchoring import Attestation
from tagcore.checkpoint import Checkpoint, parse_checkpoint
from tagcore.commitment import commitment_of, format_commitment
from tagcore.errors import ProofError
from tagcore.log_trust import AnchorPolicy, PinnedChain
from tagcore.note import parse_note
from tagcore.proof_file import Anchor
from tagcore.receipts import Backend, ChainReceipt, Inclusion, Receipt
from tagserver.monitor import Alarm, Look, Monitor
from tagserver.monitor.anchoring import PATH, AnchorWatch, format_anchors, parse_anchors
from tests.tagserver.monitor.cast import NOW, Served, batch, trust

GENESIS = b"\x01" * 32
POLICY = AnchorPolicy(
    threshold=1, chains=(PinnedChain(backend=Backend.VECHAIN, network="main", genesis=GENESIS),)
)
RECEIPT = ChainReceipt(
    backend=Backend.VECHAIN,
    network="main",
    genesis=GENESIS,
    transaction=b"\x02" * 32,
    to=b"\x03" * 20,
    number=12,
    block=b"\x04" * 32,
    time=datetime(2026, 7, 1, 11, tzinfo=UTC),
    state=Inclusion.FINALIZED,
)


class Chain:
    """A chain that holds some commitments, as a check sees it; `is_silent` when no node answers."""

    def __init__(self, *commitments: bytes, is_silent: bool = False) -> None:
        self._commitments = commitments
        self._is_silent = is_silent

    def __call__(self, receipt: Receipt, commitment: bytes, policy: AnchorPolicy) -> Attestation | None:
        assert isinstance(receipt, ChainReceipt)
        assert policy == POLICY
        if self._is_silent:
            return None
        if commitment not in self._commitments:
            raise ProofError("the transaction holds another commitment")
        return Attestation(by=receipt.network, at=receipt.time)


def head_of(place: Served) -> Checkpoint:
    return parse_checkpoint(parse_note((place.log.folder / "checkpoint").read_bytes()).text)


def anchor(checkpoint: Checkpoint, receipt: ChainReceipt = RECEIPT) -> Anchor:
    return Anchor(size=checkpoint.size, root=checkpoint.root, consistency=(), receipt=receipt)


def on_chain(checkpoint: Checkpoint) -> Chain:
    return Chain(format_commitment(commitment_of(checkpoint)))


def watching(place: Served, chain: Chain) -> Monitor:
    return replace(place.monitor(trusting=trust(anchors=POLICY)), anchors=AnchorWatch(check=chain))


def listed(place: Served, *anchors: Anchor) -> None:
    (place.log.folder / PATH).write_bytes(format_anchors(anchors))


def codes(look: Look) -> list[Alarm]:
    return [finding.alarm for finding in look.findings]


@pytest.fixture
def first(place: Served) -> Checkpoint:
    """The log's first checkpoint, which was anchored; the log has grown since."""
    place.log.append([batch(1), batch(2)])
    checkpoint = head_of(place)
    place.log.append([batch(number) for number in range(3, 300)])
    return checkpoint


def test_an_anchor_that_is_where_it_is_said_to_be_is_no_finding(place: Served, first: Checkpoint) -> None:
    listed(place, anchor(first))
    assert watching(place, on_chain(first)).look(NOW).findings == ()


def test_an_anchor_of_the_newest_checkpoint_is_no_finding(place: Served, first: Checkpoint) -> None:
    newest = head_of(place)
    assert newest.size > first.size
    listed(place, anchor(newest))
    assert watching(place, on_chain(newest)).look(NOW).findings == ()


def test_without_a_policy_nothing_is_asked(place: Served, first: Checkpoint) -> None:
    assert first.size == 2
    assert place.monitor().look(NOW).findings == ()


def test_finds_that_there_are_no_anchors(place: Served, first: Checkpoint) -> None:
    assert codes(watching(place, on_chain(first)).look(NOW)) == [Alarm.ANCHORS_MISSING]


def test_finds_an_anchor_of_another_tree(place: Served, first: Checkpoint) -> None:
    other = replace(first, root=b"\x09" * 32)
    listed(place, anchor(other))
    look = watching(place, on_chain(other)).look(NOW)
    assert codes(look) == [Alarm.ANCHOR_WRONG, Alarm.ANCHORS_MISSING]
    assert look.exit_status == 3


def test_finds_an_anchor_that_is_not_on_the_chain(place: Served, first: Checkpoint) -> None:
    listed(place, anchor(first))
    assert codes(watching(place, Chain()).look(NOW)) == [Alarm.ANCHOR_WRONG, Alarm.ANCHORS_MISSING]


def test_finds_an_anchor_on_another_network_of_the_same_name(place: Served, first: Checkpoint) -> None:
    listed(place, anchor(first, replace(RECEIPT, genesis=b"\x07" * 32)))
    look = watching(place, on_chain(first)).look(NOW)
    assert codes(look) == [Alarm.ANCHOR_WRONG, Alarm.ANCHORS_MISSING]
    assert "another network" in look.findings[0].problem


def test_a_claim_that_no_node_confirms_does_not_count(place: Served, first: Checkpoint) -> None:
    listed(place, anchor(first))
    look = watching(place, Chain(is_silent=True)).look(NOW)
    assert codes(look) == [Alarm.ANCHORS_MISSING]
    assert "claimed" in look.findings[0].problem


def test_an_anchor_that_is_not_final_does_not_count(place: Served, first: Checkpoint) -> None:
    listed(place, anchor(first, replace(RECEIPT, state=Inclusion.INCLUDED)))
    assert codes(watching(place, on_chain(first)).look(NOW)) == [Alarm.ANCHORS_MISSING]


def test_an_anchor_of_a_later_tree_waits_for_the_next_look(place: Served, first: Checkpoint) -> None:
    listed(place, anchor(first), anchor(replace(first, size=10_000)))
    assert watching(place, on_chain(first)).look(NOW).findings == ()


def test_finds_that_the_log_grew_for_a_day_without_an_anchor(place: Served, first: Checkpoint) -> None:
    listed(place, anchor(first))
    later = RECEIPT.time + timedelta(days=1, seconds=1)
    assert codes(watching(place, on_chain(first)).look(later)) == [Alarm.ANCHORS_MISSING]
    newest = head_of(place)
    listed(place, anchor(newest))
    assert watching(place, on_chain(newest)).look(later).findings == ()


@pytest.mark.parametrize("data", [b"", b"[]", b'{"anchors":[],"type":"other","version":1}'])
def test_a_list_that_cannot_be_read_is_a_finding(place: Served, first: Checkpoint, data: bytes) -> None:
    (place.log.folder / PATH).write_bytes(data)
    assert codes(watching(place, on_chain(first)).look(NOW))[0] is Alarm.ANCHORS_MISSING


def test_a_list_reads_back_as_it_was_written(first: Checkpoint) -> None:
    assert parse_anchors(format_anchors((anchor(first),))) == (anchor(first),)
