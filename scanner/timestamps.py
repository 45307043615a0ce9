"""Time-stamping tokens of a proof, checked offline with the certificates that the trust bundle pins.

RFC 3161; docs/spec/log.md, section 7. A token is judged at its own time: a certificate that has ended since was good
then. Chains need a node, so their receipts are not checked here.
"""

from datetime import UTC
from hashlib import sha256

from cryptography.x509 import Certificate, load_der_x509_certificate
from rfc3161_client import (
    TimeStampResponse,
    VerificationError,
    VerifierBuilder,
    decode_timestamp_response,
)

from tagcore.anchoring import Attestation
from tagcore.errors import ProofError
from tagcore.log_trust import AnchorPolicy
from tagcore.receipts import Receipt, TimestampReceipt


def check_token(receipt: Receipt, commitment: bytes, policy: AnchorPolicy) -> Attestation | None:
    """Which pinned authority saw `commitment`, and when; None for a chain's receipt, and when none is pinned.

    Raises: ProofError when the token is of none of the pinned authorities, or of something else.
    """
    if not isinstance(receipt, TimestampReceipt) or not policy.authorities:
        return None
    response = _parse(receipt.token)
    problem = "its certificate cannot be read"
    for der in policy.authorities:
        try:
            VerifierBuilder(roots=[_certificate(der)]).build().verify_message(response, commitment)
        except (VerificationError, ValueError) as error:
            problem = str(error)
            continue
        at = response.tst_info.gen_time
        moment = at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)
        return Attestation(by=f"authority {sha256(der).hexdigest()[:16]}", at=moment)
    raise ProofError(f"the time-stamping token is of no authority that is believed here: {problem}")


def _parse(token: bytes) -> TimeStampResponse:
    try:
        return decode_timestamp_response(token)
    except ValueError as error:
        raise ProofError(f"the time-stamping token cannot be read: {error}") from error


def _certificate(der: bytes) -> Certificate:
    return load_der_x509_certificate(der)
