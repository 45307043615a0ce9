import pytest
from hypothesis import given
from hypothesis import strategies as st

from tagcore.errors import ProofError
from tagcore.log_proof import MAX_LOG_PROOF_BYTES, LogProof, format_log_proof, parse_log_proof

PROOF = LogProof(index=7, path=(bytes(32), bytes(range(32))), checkpoint=b"origin\n8\nroot\n\nsignatures\n")
DATA = format_log_proof(PROOF)


def test_is_the_text_of_the_specification() -> None:
    assert DATA == (
        b"c2sp.org/tlog-proof@v1\nindex 7\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n"
        b"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n\norigin\n8\nroot\n\nsignatures\n"
    )


@pytest.mark.parametrize(
    "proof",
    [PROOF, LogProof(index=0, path=(), checkpoint=b""), LogProof(index=2**62, path=(), checkpoint=b"x")],
)
def test_reads_back(proof: LogProof) -> None:
    assert parse_log_proof(format_log_proof(proof)) == proof


@pytest.mark.parametrize(
    ("attack", "data"),
    [
        ("empty", b""),
        ("too large", DATA + b"x" * MAX_LOG_PROOF_BYTES),
        ("another header", DATA.replace(b"@v1", b"@v2")),
        ("no index", b"c2sp.org/tlog-proof@v1\n\nx"),
        ("extra line", DATA.replace(b"index 7", b"extra AA==\nindex 7")),
        ("leading zero", DATA.replace(b"index 7", b"index 07")),
        ("no number", DATA.replace(b"index 7", b"index ")),
        ("beyond 63 bits", DATA.replace(b"index 7", b"index 9223372036854775807")),
        ("no empty line", DATA.replace(b"\n\n", b"\n")),
        ("carriage return", DATA.replace(b"index 7\n", b"index 7\r\n")),
        ("short hash", DATA.replace(b"A" * 43 + b"=", b"AA==")),
        ("not base 64", DATA.replace(b"A" * 43 + b"=", b"?" * 43 + b"=")),
        ("not UTF-8", DATA.replace(b"A" * 43 + b"=", b"\xff" * 43 + b"=")),
        ("64 hashes", format_log_proof(LogProof(index=0, path=(bytes(32),) * 64, checkpoint=b""))),
    ],
)
def test_refuses_a_log_proof(attack: str, data: bytes) -> None:
    with pytest.raises(ProofError):
        parse_log_proof(data)


@given(st.binary() | st.binary().map(lambda rest: b"c2sp.org/tlog-proof@v1\nindex 1\n" + rest))
def test_any_bytes_are_read_back_or_raise_only_our_error(data: bytes) -> None:
    try:
        proof = parse_log_proof(data)
    except ProofError:
        return
    assert format_log_proof(proof) == data
