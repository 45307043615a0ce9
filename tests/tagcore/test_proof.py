import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tagcore.anchoring import Anchoring, Attestation, Standing
from tagcore.canonical import canonical_json
from tagcore.cosignature import WitnessPolicy
from tagcore.errors import DocumentError, ProofError, Step
from tagcore.log_trust import AnchorPolicy
from tagcore.proof import ProvenTag, verify_proof
from tagcore.proof_file import digest_of, format_proof, parse_proof
from tagcore.receipts import ChainReceipt, Inclusion, Receipt, TimestampReceipt
from tests.vectors.cast import BUNDLE, NOW
from tests.vectors.proving import (
    AT,
    ETHER,
    INDEX,
    LOG_INDEX,
    LOG_TRUST,
    OLD_LOG,
    ORIGIN,
    STRANGER,
    THOR,
    TRUST,
    WITNESS_KEYS,
    Story,
    chain_receipt,
)
from tests.vectors.unproven import DATA, PROOF, STORY, unproven

ATTACKS = tuple(unproven())
TOKEN = TimestampReceipt(token=b"token")


def failing_step(data: bytes) -> Step | None:
    with pytest.raises(ProofError) as caught:
        verify_proof(data, TRUST, NOW)
    return caught.value.step


def step_or_none(data: bytes) -> Step | str | None:
    """The failing step, None when none fails, and a word when a failure names no step."""
    try:
        verify_proof(data, TRUST, NOW)
    except ProofError as error:
        return error.step or "no step"
    return None


def test_a_good_proof_shows_what_it_proves() -> None:
    proven = verify_proof(DATA, TRUST, NOW)
    assert (proven.tag, proven.issuer, proven.index) == (STORY.tag, "Example Distillery", INDEX)
    assert (proven.manifest, proven.log_index) == (STORY.manifest, LOG_INDEX)
    assert proven.checkpoint == STORY.checkpoint(7)
    assert (proven.witnesses, proven.is_witnessed) == ((WITNESS_KEYS[0], WITNESS_KEYS[2]), True)
    assert [finding.standing for finding in proven.anchors] == [
        Standing.CLAIMED,
        Standing.CLAIMED,
        Standing.SELF_ATTESTED,
    ]
    assert proven.anchoring is Anchoring.CLAIMED


def test_a_newline_at_the_end_is_no_damage() -> None:
    assert verify_proof(DATA + b"\n", TRUST, NOW) == verify_proof(DATA, TRUST, NOW)


@pytest.mark.parametrize(("attack", "step", "data"), ATTACKS, ids=[attack for attack, _, _ in ATTACKS])
def test_refuses_at_the_step_that_is_meant(attack: str, step: Step, data: bytes) -> None:
    assert failing_step(data) is step


def test_every_step_is_attacked() -> None:
    assert {step for _, step, _ in ATTACKS} == set(Step)


def test_every_attack_has_a_name_of_its_own() -> None:
    assert len({name for name, _, _ in ATTACKS}) == len(ATTACKS)


def test_refuses_a_file_with_a_bit_of_any_byte_changed_and_names_the_step() -> None:
    steps = set()
    for place in range(len(DATA)):
        data = bytearray(DATA)
        data[place] ^= 1 << place % 8
        steps.add(failing_step(bytes(data)))
    assert None not in steps
    assert steps >= {Step.FORMAT, Step.TAG_SIGNATURE, Step.BATCH_INCLUSION, Step.LOG_INCLUSION, Step.DIGEST}


def sealed(document: dict[str, Any]) -> bytes:
    return canonical_json({**document, "digest": digest_of(document).hex()})


def without_digest() -> dict[str, Any]:
    return {name: value for name, value in json.loads(DATA).items() if name != "digest"}


@pytest.mark.parametrize("name", ["tag", "entry", "log_proof"])
def test_refuses_a_changed_character_even_when_the_digest_is_made_again(name: str) -> None:
    document = without_digest()
    text = document[name]
    for place in range(len(text)):
        other = "A" if text[place] != "A" else "B"
        changed = sealed({**document, name: text[:place] + other + text[place + 1 :]})
        assert failing_step(changed) not in (None, Step.DIGEST)


def test_refuses_a_file_cut_anywhere() -> None:
    for length in range(len(DATA)):
        assert failing_step(DATA[:length]) is Step.FORMAT


@given(st.binary() | st.text().map(lambda text: json.dumps({"tag": text}).encode()))
def test_any_bytes_raise_only_our_error(data: bytes) -> None:
    assert failing_step(data) is Step.FORMAT


JUNK = (
    st.none()
    | st.booleans()
    | st.integers(-5, 2**53 - 1)
    | st.text(max_size=5)
    | st.sampled_from(["AA==", "A" * 43 + "=", "e30="])
    | st.lists(st.text(max_size=3), max_size=2)
    | st.dictionaries(st.text("ab", max_size=2), st.integers(0, 9), max_size=1)
)


@given(st.data())
def test_a_file_with_any_value_exchanged_and_sealed_again_raises_only_our_error(data: st.DataObject) -> None:
    document = without_digest()
    part: Any = document
    while True:
        step = data.draw(st.sampled_from(sorted(part) if isinstance(part, dict) else range(len(part))))
        if not isinstance(part[step], dict | list) or not part[step] or data.draw(st.booleans()):
            part[step] = data.draw(JUNK)
            break
        part = part[step]
    try:
        file = sealed(document)
    except ValueError:
        return
    assert step_or_none(file) in (None, *Step)


def test_writes_nothing_that_does_not_read_back() -> None:
    with pytest.raises(ValueError, match="does not fit"):
        format_proof(replace(PROOF, index=-1))


def test_reads_back_what_was_written() -> None:
    assert parse_proof(DATA) == (PROOF, True)
    with pytest.raises(DocumentError):
        parse_proof(DATA + b" ")


# ---- what is pinned


def test_a_bundle_without_logs_confirms_no_proof() -> None:
    with pytest.raises(ProofError, match="no log") as caught:
        verify_proof(DATA, BUNDLE, NOW)
    assert caught.value.step is Step.CHECKPOINT_SIGNATURE


def test_checkpoints_of_a_former_key_stay_good_while_it_is_listed() -> None:
    data = Story(log_signer=OLD_LOG).data()
    assert verify_proof(data, TRUST, NOW).checkpoint.origin == ORIGIN
    without = replace(TRUST, logs=(replace(LOG_TRUST, keys=LOG_TRUST.keys[:1]),))
    with pytest.raises(ProofError) as caught:
        verify_proof(data, without, NOW)
    assert caught.value.step is Step.CHECKPOINT_SIGNATURE


def test_a_key_that_was_revoked_since_condemns_the_proof() -> None:
    revoked = replace(BUNDLE.issuers[0].keys[2], slot=0, public_key=BUNDLE.issuers[0].keys[0].public_key)
    issuer = replace(BUNDLE.issuers[0], keys=(revoked,))
    with pytest.raises(ProofError, match="revoked") as caught:
        verify_proof(DATA, replace(TRUST, issuers=(issuer,)), NOW)
    assert caught.value.step is Step.TAG_SIGNATURE


def test_without_a_witness_policy_a_log_is_unwitnessed_whoever_cosigned() -> None:
    trust = replace(TRUST, logs=(replace(LOG_TRUST, witnesses=WitnessPolicy()),))
    for data in (DATA, Story(cosigners=()).data()):
        proven = verify_proof(data, trust, NOW)
        assert (proven.witnesses, proven.is_witnessed) == ((), False)


# ---- anchors


def attest(receipt: Receipt, commitment: bytes, policy: AnchorPolicy) -> Attestation | None:
    """A node that knows every transaction, and an authority for every token."""
    assert len(commitment) == 89
    assert policy.threshold
    by = receipt.backend.value if isinstance(receipt, ChainReceipt) else "authority"
    return Attestation(by=by, at=AT)


def refuse(receipt: Receipt, commitment: bytes, policy: AnchorPolicy) -> Attestation | None:
    raise ProofError("no such transaction")


def with_receipts(*receipts: Receipt, **changes: Any) -> bytes:  # noqa: ANN401 (fields by name)
    return replace(STORY, receipts=receipts, **changes).data()


@pytest.mark.parametrize("size", [5, 6, 7, 9])
def test_an_anchor_may_be_of_an_earlier_or_a_later_log(size: int) -> None:
    story = replace(STORY, anchored_size=size, size=7)
    if size > 7:
        story = replace(STORY, anchored_size=7, size=6)
    assert len(verify_proof(story.data(), TRUST, NOW).anchors) == 3


@pytest.mark.parametrize(
    ("data", "check", "want"),
    [
        (DATA, attest, Anchoring.ANCHORED),
        (with_receipts(), attest, Anchoring.PENDING),
        (with_receipts(chain_receipt(THOR)), attest, Anchoring.CLAIMED),
        (with_receipts(chain_receipt(THOR), chain_receipt(THOR)), attest, Anchoring.CLAIMED),
        (with_receipts(chain_receipt(THOR), TOKEN), attest, Anchoring.ANCHORED),
        (
            with_receipts(chain_receipt(THOR), chain_receipt(ETHER, Inclusion.INCLUDED)),
            attest,
            Anchoring.CLAIMED,
        ),
        (with_receipts(STORY.journal_receipt()), attest, Anchoring.PENDING),
        (with_receipts(TOKEN), None, Anchoring.CLAIMED),
    ],
)
def test_anchored_is_said_of_enough_verified_and_final_receipts_only(
    data: bytes, check: Callable[..., Attestation | None] | None, want: Anchoring
) -> None:
    proven = verify_proof(data, TRUST, NOW, check=check) if check else verify_proof(data, TRUST, NOW)
    assert proven.anchoring is want


def test_without_a_policy_nothing_is_anchored() -> None:
    trust = replace(TRUST, logs=(replace(LOG_TRUST, anchors=AnchorPolicy()),))
    proven = verify_proof(DATA, trust, NOW, check=attest)
    assert {finding.standing for finding in proven.anchors} == {Standing.UNPINNED}
    assert proven.anchoring is Anchoring.PENDING


def test_a_receipt_of_a_network_that_is_not_pinned_counts_for_nothing() -> None:
    elsewhere = replace(chain_receipt(THOR), network="other")
    (finding,) = verify_proof(with_receipts(elsewhere), TRUST, NOW, check=refuse).anchors
    assert finding.standing is Standing.UNPINNED


def test_a_receipt_that_a_node_refutes_makes_the_proof_fail() -> None:
    with pytest.raises(ProofError, match="no such transaction") as caught:
        verify_proof(DATA, TRUST, NOW, check=refuse)
    assert caught.value.step is Step.ANCHORS


def test_a_line_by_another_key_is_no_word_of_the_operators() -> None:
    assert failing_step(with_receipts(STORY.journal_receipt(STRANGER))) is Step.ANCHORS


def test_a_proof_made_after_the_keys_window_still_holds() -> None:
    late: ProvenTag = verify_proof(DATA, TRUST, datetime(2031, 1, 1, tzinfo=UTC))
    assert late.issuer == "Example Distillery"
