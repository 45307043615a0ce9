"""Anchors at a real time-stamping authority (`openssl ts`)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.x509 import Certificate, ObjectIdentifier, load_pem_x509_certificate

from tagserver.chain.rfc3161 import TimeStamping
from tagserver.ports import AnchorCode, AnchorError, Store
from tagserver.ports.anchors import AnchorState, Sighting, SignedAnchor
from tests.proxy import proxied
from tests.tagserver.chain.cast import Office, commitment, transport
from tests.tsa import POLICY, Authority, establish, serving


def root(authority: Authority) -> Certificate:
    return load_pem_x509_certificate(authority.root.read_bytes())


def stamping(authority: Authority, *, url: str = "", policy: str | None = POLICY) -> TimeStamping:
    return TimeStamping(
        transport(url or authority.url, "rfc3161"),
        roots=(root(authority),),
        policy=None if policy is None else ObjectIdentifier(policy),
    )


def request(backend: TimeStamping, size: int = 1) -> SignedAnchor:
    return backend.sign(commitment(size), replacing=(), after=None)


def refused(backend: TimeStamping, signed: SignedAnchor) -> AnchorError:
    with pytest.raises(AnchorError) as caught:
        backend.submit(signed)
    return caught.value


def test_a_token_is_checked_stored_and_confirmed(authority: Authority, store: Store) -> None:
    office = Office(store=store, backends=(stamping(authority),))
    office.log.grow(3)
    office.run()
    anchor = office.anchor(3)
    assert anchor.state is AnchorState.FINALIZED
    confirmed = office.anchoring.confirm(anchor)
    assert abs(datetime.now(UTC) - confirmed.at) < timedelta(minutes=10)
    assert (confirmed.is_final, confirmed.block) == (True, None)
    assert anchor.observation is not None
    assert anchor.observation.at == confirmed.at, "pages tell the token's own time"


def test_authority_down_the_same_request_is_sent_again(authority: Authority, store: Store) -> None:
    office = Office(store=store, backends=(stamping(authority),))
    office.log.grow(4)
    authority.is_down = True
    try:
        office.run()
    finally:
        authority.is_down = False
    before = office.anchor(4)
    assert (before.state, office.status.alarm) == (AnchorState.SIGNED, AnchorCode.NODE_UNAVAILABLE)
    office.run()
    assert office.anchor(4).state is AnchorState.FINALIZED
    assert authority.queries[-1] == before.attempts[0].signed.raw


def test_a_token_for_another_request_is_refused_by_its_nonce(authority: Authority) -> None:
    with proxied(authority.port) as proxy:
        backend = stamping(authority, url=proxy.url)
        first = request(backend)
        old = authority.reply(first.raw)
        proxy.change = lambda _, __, ___: old
        error = refused(backend, request(backend))
    assert (error.code, "Nonce" in error.problem) == (AnchorCode.TOKEN_INVALID, True)


def test_a_token_under_another_policy_is_refused(authority: Authority) -> None:
    error = refused(stamping(authority, policy="1.2.3.4"), request(stamping(authority)))
    assert (error.code, "Policy" in error.problem) == (AnchorCode.TOKEN_INVALID, True)


def test_a_token_of_another_authority_is_refused(authority: Authority, tmp_path: Path) -> None:
    with serving(establish(tmp_path)) as other:
        error = refused(stamping(authority, url=other.url), request(stamping(authority)))
    assert error.code is AnchorCode.TOKEN_INVALID


def test_a_token_of_a_certificate_for_another_purpose_is_refused(tmp_path: Path) -> None:
    with serving(establish(tmp_path, purpose="server")) as other:
        error = refused(stamping(other), request(stamping(other)))
    assert error.code in {AnchorCode.TOKEN_INVALID, AnchorCode.NODE_UNAVAILABLE}


def test_a_token_about_something_else_is_no_confirmation(authority: Authority) -> None:
    backend = stamping(authority)
    token = backend.submit(request(backend, 1)).evidence
    with pytest.raises(AnchorError, match="Mismatch") as caught:
        backend.confirm(commitment(2), tx_id="", evidence=token)
    assert caught.value.code is AnchorCode.TOKEN_INVALID


def test_a_changed_bit_anywhere_in_the_signed_part_is_noticed(authority: Authority) -> None:
    backend = stamping(authority)
    token = backend.submit(request(backend, 1)).evidence
    honest = backend.confirm(commitment(1), tx_id="", evidence=token)
    outcomes = {outcome(backend, changed_at(token, place)) for place in range(60, len(token), 41)}
    # Outside of what is signed a change may do nothing: then nothing that is told differs either.
    assert outcomes <= {AnchorCode.TOKEN_INVALID, honest.at}
    assert AnchorCode.TOKEN_INVALID in outcomes


def changed_at(token: bytes, place: int) -> bytes:
    return token[:place] + bytes([token[place] ^ 1]) + token[place + 1 :]


def outcome(backend: TimeStamping, token: bytes) -> AnchorCode | datetime:
    try:
        return backend.confirm(commitment(1), tx_id="", evidence=token).at
    except AnchorError as error:
        return error.code


def test_a_token_stays_good_when_the_certificates_have_ended(tmp_path: Path) -> None:
    """They are checked at the token's own time; this root ends tomorrow, the token is of today."""
    with serving(establish(tmp_path, days=1)) as brief:
        backend = stamping(brief)
        token = backend.submit(request(backend)).evidence
        assert backend.confirm(commitment(1), tx_id="", evidence=token).is_final


@pytest.mark.parametrize("answer", [b"", b"nonsense", b"0\x03\x02\x01\x00"])
def test_refuses_an_answer_that_is_none(authority: Authority, answer: bytes) -> None:
    with proxied(authority.port) as proxy:
        proxy.change = lambda _, __, ___: answer
        backend = stamping(authority, url=proxy.url)
        assert refused(backend, request(backend)).code is AnchorCode.TOKEN_INVALID


def test_a_refusal_is_told_in_the_authoritys_words(authority: Authority) -> None:
    with proxied(authority.port) as proxy:
        # PKIStatusInfo with status 2 (rejection), RFC 3161, 2.4.2
        proxy.change = lambda _, __, ___: bytes.fromhex("30053003020102")
        backend = stamping(authority, url=proxy.url)
        error = refused(backend, request(backend))
    assert error.code in {AnchorCode.REFUSED, AnchorCode.TOKEN_INVALID}


def test_nothing_can_be_looked_up_at_an_authority(authority: Authority) -> None:
    backend = stamping(authority)
    assert backend.observe((request(backend),)).sighting is Sighting.ABSENT
    assert backend.replace_after is None
    assert backend.health().key.startswith("127.0.0.1")
