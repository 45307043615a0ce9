"""Anchors at a time-stamping authority (RFC 3161): it signs that it saw the commitment at a time.

Nobody has to be asked again: the token is evidence by itself, checked with the authority's pinned certificates.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from hashlib import sha256, sha512

from cryptography.x509 import Certificate, ObjectIdentifier
from rfc3161_client import (
    HashAlgorithm,
    TimestampRequestBuilder,
    TimeStampResponse,
    VerificationError,
    VerifierBuilder,
    decode_timestamp_response,
)

from tagserver.chain.transport import Transport
from tagserver.ports import AnchorCode, AnchorError
from tagserver.ports.anchors import Confirmation, Health, Observation, Sighting, SignedAnchor

NAME = "rfc3161"
OK = 200


class TimeStamping:
    """Implements `tagserver.ports.anchors.AnchorBackend`. `roots` are pinned; `policy` may be.

    `transport` leads to the authority's own address.
    """

    def __init__(
        self, transport: Transport, *, roots: tuple[Certificate, ...], policy: ObjectIdentifier | None
    ) -> None:
        self._transport = transport
        self._roots = roots
        self._policy = policy

    @property
    def name(self) -> str:
        """As in receipts."""
        return NAME

    @property
    def replace_after(self) -> timedelta | None:
        """Never: a request costs nothing and can be sent again."""
        return None

    def health(self) -> Health:
        """Nothing to ask: an authority is tried when it is needed."""
        return Health(key=self._transport.host)

    def sign(
        self, commitment: bytes, *, replacing: tuple[SignedAnchor, ...], after: SignedAnchor | None
    ) -> SignedAnchor:
        """The request, with a nonce of its own."""
        del replacing, after
        request = TimestampRequestBuilder(
            data=commitment, hash_algorithm=HashAlgorithm.SHA512, nonce=True, cert_req=True
        ).build()
        raw = request.as_bytes()
        details = {"nonce": str(request.nonce), "imprint": sha512(commitment).hexdigest()}
        return SignedAnchor(id=sha256(raw).hexdigest(), raw=raw, details=details)

    def submit(self, signed: SignedAnchor) -> Observation:
        """The token, checked. Raises AnchorError NODE_UNAVAILABLE, REFUSED, TOKEN_INVALID."""
        answer = self._transport.post("", signed.raw, "application/timestamp-query")
        if answer.status != OK:
            raise self._transport.unavailable(f"status {answer.status}")
        response = _parse(answer.body)
        if response.status != 0:
            problem = f"status {response.status}: {'; '.join(response.status_string)}"[:300]
            raise AnchorError(AnchorCode.REFUSED, NAME, problem)
        imprint = bytes.fromhex(str(signed.details["imprint"]))
        self._verify(response, imprint, nonce=int(signed.details["nonce"]))
        return Observation(
            sighting=Sighting.FINALIZED,
            id=signed.id,
            is_final=True,
            evidence=answer.body,
            at=_time_of(response),
        )

    def observe(self, attempts: tuple[SignedAnchor, ...]) -> Observation:
        """An authority keeps nothing that could be asked for."""
        del attempts
        return Observation(sighting=Sighting.ABSENT)

    def confirm(self, commitment: bytes, *, tx_id: str, evidence: bytes) -> Confirmation:
        """Check the token again, at its own time: certificates that have ended since were good then."""
        response = _parse(evidence)
        self._verify(response, sha512(commitment).digest(), nonce=None)
        return Confirmation(id=tx_id, at=_time_of(response), is_final=True, sender=self._transport.host)

    def _verify(self, response: TimeStampResponse, imprint: bytes, *, nonce: int | None) -> None:
        """1. status, signature and chain at the token's time; 2. nonce; 3. policy; 4. purpose; 5. imprint."""
        verifier = VerifierBuilder(roots=list(self._roots), policy_id=self._policy, nonce=nonce).build()
        try:
            verifier.verify(response, imprint)
        except (VerificationError, ValueError) as error:
            raise AnchorError(AnchorCode.TOKEN_INVALID, NAME, str(error)) from None


def _parse(data: bytes) -> TimeStampResponse:
    try:
        return decode_timestamp_response(data)
    except ValueError as error:
        raise AnchorError(AnchorCode.TOKEN_INVALID, NAME, f"not an answer of RFC 3161: {error}") from None


def _time_of(response: TimeStampResponse) -> datetime:
    at = response.tst_info.gen_time
    return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)
