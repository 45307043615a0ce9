"""The log's key is changed: both sign for a while, then the former is retired, or revoked."""

import subprocess
import sys
from pathlib import Path

import pytest

from scanner.proof import check_proof
from tagcore.entries import KeyChange, KeyEntry, KeyRole, parse_entry
from tagcore.errors import ProofError, Step
from tagcore.evidence import Failed, Proven
from tagcore.keys import KeyStatus, fingerprint
from tagcore.note import VerifierKey, format_verifier_key, parse_note
from tagcore.proof import ProvenTag, verify_proof
from tagcore.trust import TrustBundle, format_trust, parse_trust
from tagserver.log.cosigning import RETRY_AFTER
from tagserver.services.errors import Refusal, ServiceError
from tests.tagcore.test_reference import VERIFIER, ask
from tests.tagserver.log.checking import CheckedLog, check_log, in_folder
from tests.tagserver.log.test_forks import add, back_up, restore
from tests.tagserver.log.test_witnesses import Pair, pair
from tests.tagserver.services.cast import Office, open_office

__all__ = ["pair"]

PROGRAMS = (VERIFIER, Path(__file__).parents[2] / "front" / "proof_lines.mjs")
"""The verifier in plain Node, and the page's own modules."""


def rotate(office: Office) -> tuple[VerifierKey, VerifierKey]:
    """(former key, new key); the log was taken on with both."""
    former = office.services.logs.status().key
    new = office.services.log_rotation.rotate().key
    office.services.logs.run()
    return former, new


def end(office: Office, key: VerifierKey, change: KeyChange) -> None:
    rotation = office.services.log_rotation
    ending = rotation.retire if change is KeyChange.RETIRED else rotation.revoke
    ending(format_verifier_key(key))
    office.services.logs.run()


def signers(office: Office, *keys: VerifierKey) -> list[VerifierKey]:
    note = parse_note((office.folder / "log" / "checkpoint").read_bytes())
    return [key for key in keys if any(line.claims(key) for line in note.signatures)]


def bundle(office: Office) -> TrustBundle:
    office.services.trust.sign(office.root)
    published = office.services.trust.published()
    assert published is not None
    return parse_trust(published, office.root.public_key)


def proof(office: Office) -> bytes:
    """Of a new batch."""
    batch = office.issue()
    office.services.logs.run()
    return office.services.proofs.of_text(office.urls(batch)[0])


def verify(office: Office, data: bytes, trust: TrustBundle) -> ProvenTag:
    return verify_proof(data, trust, office.clock())


def published(office: Office) -> CheckedLog:
    return check_log(in_folder(office.folder / "log"), office.services.logs.status().key.public_key)


def test_both_keys_sign_until_the_former_is_retired(any_logged: Office) -> None:
    any_logged.services.logs.run()
    before = bundle(any_logged)
    old_proof = proof(any_logged)
    former, new = rotate(any_logged)
    assert signers(any_logged, former, new) == [former, new]
    after = bundle(any_logged)
    (log,) = after.logs
    assert log.keys == (new, former)
    for trust in (before, after):
        verify(any_logged, proof(any_logged), trust)
    end(any_logged, former, KeyChange.RETIRED)
    assert signers(any_logged, former, new) == [new]
    new_proof = proof(any_logged)
    retired = bundle(any_logged)
    for data in (old_proof, new_proof):
        verify(any_logged, data, retired)
    with pytest.raises(ProofError) as caught:
        verify(any_logged, new_proof, before)
    assert caught.value.step is Step.CHECKPOINT_SIGNATURE
    assert any_logged.services.auditing.audit().difference is None


def test_each_change_is_an_entry_of_the_log(logged: Office) -> None:
    former, new = rotate(logged)
    end(logged, former, KeyChange.RETIRED)
    end(logged, former, KeyChange.REVOKED)
    entries = [parse_entry(data) for data in published(logged).entries]
    changes = [
        (entry.change, entry.public_key)
        for entry in entries
        if isinstance(entry, KeyEntry) and entry.role is KeyRole.LOG
    ]
    assert changes == [
        (KeyChange.ADDED, former.public_key),
        (KeyChange.ADDED, new.public_key),
        (KeyChange.RETIRED, former.public_key),
        (KeyChange.REVOKED, former.public_key),
    ]


def test_what_a_revoked_key_alone_signed_is_refused_with_the_next_bundle(logged: Office) -> None:
    stolen_proof = proof(logged)
    kept = (logged.folder / "log" / "checkpoint").read_bytes()
    former, new = rotate(logged)
    overlapping = proof(logged)
    end(logged, former, KeyChange.REVOKED)
    trust = bundle(logged)
    assert [log.keys for log in trust.logs] == [(new,)]
    with pytest.raises(ProofError) as caught:
        verify(logged, stolen_proof, trust)
    assert caught.value.step is Step.CHECKPOINT_SIGNATURE
    for data in (overlapping, proof(logged)):
        verify(logged, data, trust)
    assert logged.services.auditing.audit(kept).difference is None


def test_scanner_page_and_reference_verifier_follow(logged: Office) -> None:
    """Over signatures of the former key, of both, of the new one, and over a revocation."""
    before = bundle(logged)
    proofs = [proof(logged)]
    former, _ = rotate(logged)
    proofs.append(proof(logged))
    end(logged, former, KeyChange.RETIRED)
    proofs.append(proof(logged))
    retired = bundle(logged)
    end(logged, former, KeyChange.REVOKED)
    revoked = bundle(logged)
    refused = Failed(step=Step.CHECKPOINT_SIGNATURE)
    for trust, wanted in (
        (before, [Proven(), Proven(), refused]),
        (retired, [Proven(), Proven(), Proven()]),
        (revoked, [refused, Proven(), Proven()]),
    ):
        assert [check_proof(data, trust, logged.clock()).finding for data in proofs] == wanted
        outcomes = [found.step.value if isinstance(found, Failed) else "VALID" for found in wanted]
        for program in PROGRAMS:
            assert by_node(program, logged, proofs, trust) == outcomes


def by_node(program: Path, office: Office, proofs: list[bytes], trust: TrustBundle) -> list[str]:
    """What `program` says in Node."""
    known = {
        "trust": format_trust(trust, office.root).decode(),
        "root_key": office.root.public_key.hex(),
        "now": office.clock().strftime("%Y-%m-%dT%H:%M:%SZ"),
    }
    answers = ask([{**known, "proof_file": data.decode()} for data in proofs], program=program)
    return [str(answer["outcome"]) for answer in answers]


def test_the_newest_key_cannot_be_ended_and_nobody_else_s(logged: Office) -> None:
    former, new = rotate(logged)
    rotation = logged.services.log_rotation
    for ending in (rotation.retire, rotation.revoke):
        with pytest.raises(ServiceError, match="newest") as caught:
            ending(format_verifier_key(new))
        assert caught.value.code is Refusal.INPUT_INVALID
        with pytest.raises(ServiceError) as caught:
            ending("no such key")
        assert caught.value.code is Refusal.NOT_FOUND
    rotation.retire(fingerprint(former.public_key))
    with pytest.raises(ServiceError, match="retired already"):
        rotation.retire(fingerprint(former.public_key))
    rotation.revoke(fingerprint(former.public_key))
    with pytest.raises(ServiceError, match="revoked already"):
        rotation.revoke(fingerprint(former.public_key))


def test_a_rotation_killed_before_any_durable_step_is_done_by_the_next(any_logged: Office) -> None:
    any_logged.services.logs.run()
    program = [sys.executable, "-m", "tests.tagserver.log.dying_rotation"]
    killed = subprocess.run(
        [*program, any_logged.folder, any_logged.database_url],
        check=True,
        capture_output=True,
        text=True,
        timeout=170,
    )
    assert int(killed.stdout) >= 3
    any_logged.services.logs.run()
    known = any_logged.services.log_rotation.keys()
    assert [one.status for one in known] == [KeyStatus.ACTIVE, KeyStatus.ACTIVE]
    keys = [one.key for one in known]
    assert signers(any_logged, *keys) == keys
    published(any_logged)


def test_a_backup_from_before_the_rotation_takes_in_the_new_key(logged: Office, tmp_path: Path) -> None:
    logged.services.logs.run()
    back_up(logged, tmp_path / "saved.db")
    logged = open_office(logged.folder, logged.database_url, seed=b"a later run")
    former, new = rotate(logged)
    end(logged, former, KeyChange.RETIRED)
    restored = restore(logged, tmp_path / "saved.db")
    assert restored.services.logs.adopt() == 2
    assert restored.services.logs.status().key == new
    add(restored, "goes on")
    restored.services.logs.run()
    assert signers(restored, former, new) == [new]
    published(restored)


def test_a_witness_follows_over_the_change(pair: Pair) -> None:
    former, new = rotate(pair.office)
    assert pair.problem() == ""
    pair.witness.services.witnessing.rekey(format_verifier_key(new))
    end(pair.office, former, KeyChange.RETIRED)
    assert (pair.problem(), len(pair.cosigners())) == ("", 1)
    verify(pair.office, proof(pair.office), bundle(pair.office))


def test_while_a_witness_knows_the_former_key_alone_no_revoked_signature_is_handed_out(pair: Pair) -> None:
    batch = pair.office.issue()
    pair.office.services.logs.run()
    (url, *_) = pair.office.urls(batch)
    pair.office.services.proofs.of_text(url)
    former = pair.office.services.logs.status().key
    new = pair.office.services.log_rotation.rotate().key
    end(pair.office, former, KeyChange.REVOKED)
    assert "another key" in pair.problem()
    with pytest.raises(ServiceError) as caught:
        pair.office.services.proofs.of_text(url)
    assert caught.value.code is Refusal.PROOF_PENDING
    pair.witness.services.witnessing.rekey(format_verifier_key(new))
    pair.office.clock.advance(RETRY_AFTER)
    pair.office.services.logs.run()
    verify(pair.office, pair.office.services.proofs.of_text(url), bundle(pair.office))
