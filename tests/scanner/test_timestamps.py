"""Time-stamping tokens in a proof, made by a real authority and checked offline with its pinned certificate."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import load_pem_x509_certificate
from rfc3161_client import HashAlgorithm, TimestampRequestBuilder

from scanner.proof import check_proof
from scanner.timestamps import check_token
from tagcore.anchoring import Anchoring, Standing
from tagcore.commitment import commitment_of, format_commitment
from tagcore.errors import ProofError, Step
from tagcore.evidence import Failed
from tagcore.log_trust import AnchorPolicy
from tagcore.receipts import TimestampReceipt
from tagcore.trust import TrustBundle
from tests.tsa import Authority, establish
from tests.vectors.cast import NOW
from tests.vectors.proving import LOG_TRUST, THOR, TRUST, chain_receipt
from tests.vectors.unproven import STORY

COMMITMENT = format_commitment(commitment_of(STORY.checkpoint(STORY.anchored_size)))


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Authority]:
    """An authority by name, each with a root of its own."""
    made: dict[str, Authority] = {}

    def authority(name: str) -> Authority:
        if name not in made:
            made[name] = establish(tmp_path_factory.mktemp(name))
        return made[name]

    return authority


Found = Callable[[str], Authority]


def token(authority: Authority, message: bytes = COMMITMENT) -> TimestampReceipt:
    request = TimestampRequestBuilder(
        data=message, hash_algorithm=HashAlgorithm.SHA512, nonce=True, cert_req=True
    ).build()
    return TimestampReceipt(token=authority.reply(request.as_bytes()))


def der(path: Path) -> bytes:
    return load_pem_x509_certificate(path.read_bytes()).public_bytes(Encoding.DER)


def policy_of(*authorities: Authority) -> AnchorPolicy:
    return AnchorPolicy(threshold=1, authorities=tuple(der(authority.root) for authority in authorities))


def trusting(policy: AnchorPolicy) -> TrustBundle:
    return replace(TRUST, logs=(replace(LOG_TRUST, anchors=policy),))


def test_a_token_tells_who_saw_the_commitment_and_when(found: Found) -> None:
    attestation = check_token(token(found("own")), COMMITMENT, policy_of(found("own")))
    assert attestation is not None
    assert attestation.by.startswith("authority ")
    assert abs(datetime.now(UTC) - attestation.at) < timedelta(minutes=5)


def test_it_may_be_of_any_of_the_pinned_authorities(found: Found) -> None:
    policy = policy_of(found("other"), found("own"))
    by = {found(name).root: check_token(token(found(name)), COMMITMENT, policy) for name in ("own", "other")}
    assert len({attestation.by for attestation in by.values() if attestation}) == 2


def test_a_proof_with_such_a_token_is_anchored(found: Found) -> None:
    data = replace(STORY, receipts=(token(found("own")),)).data()
    proven = check_proof(data, trusting(policy_of(found("own"))), NOW).proven
    assert proven is not None
    assert [finding.standing for finding in proven.anchors] == [Standing.VERIFIED]
    assert proven.anchoring is Anchoring.ANCHORED


def test_a_token_of_another_authority_makes_the_proof_fail(found: Found) -> None:
    data = replace(STORY, receipts=(token(found("other")),)).data()
    answer = check_proof(data, trusting(policy_of(found("own"))), NOW)
    assert answer.finding == Failed(step=Step.ANCHORS)


def test_a_token_about_something_else_is_refused(found: Found) -> None:
    with pytest.raises(ProofError, match="no authority"):
        check_token(token(found("own"), b"something else"), COMMITMENT, policy_of(found("own")))


@pytest.mark.parametrize("place", [60, -300, -1])
def test_a_changed_token_is_refused(found: Found, place: int) -> None:
    data = bytearray(token(found("own")).token)
    data[place] ^= 1
    with pytest.raises(ProofError):
        check_token(TimestampReceipt(token=bytes(data)), COMMITMENT, policy_of(found("own")))


def test_bytes_that_are_no_token_are_refused(found: Found) -> None:
    with pytest.raises(ProofError, match="cannot be read"):
        check_token(TimestampReceipt(token=b"x"), COMMITMENT, policy_of(found("own")))


def test_a_pinned_certificate_that_is_none_vouches_for_nothing(found: Found) -> None:
    policy = AnchorPolicy(threshold=1, authorities=(b"no certificate",))
    with pytest.raises(ProofError, match="no authority"):
        check_token(token(found("own")), COMMITMENT, policy)


def test_where_no_authority_is_pinned_a_token_is_a_claim() -> None:
    assert check_token(TimestampReceipt(token=b"x"), COMMITMENT, AnchorPolicy()) is None


def test_a_chain_takes_a_node() -> None:
    policy = AnchorPolicy(threshold=1, authorities=(b"any",))
    assert check_token(chain_receipt(THOR), COMMITMENT, policy) is None
