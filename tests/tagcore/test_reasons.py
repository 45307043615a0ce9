import string

import pytest

from tagcore.reasons import MEANINGS, Code, Level, Reason

# Published codes are append-only; a rule's number orders the headline.
RULES = {
    0: "CANNOT_CHECK SIGNATURE_ONLY RECORD_ONLY",
    1: "FOREIGN_CODE MALFORMED",
    2: "SIGNATURE_INVALID KEY_UNKNOWN KEY_REVOKED",
    3: "UNIT_UNKNOWN",
    4: "BATCH_UNKNOWN BATCH_MISMATCH EXPIRY_MISMATCH",
    5: "PROOF_INVALID",
    6: "RECALLED WITHDRAWN",
    7: "STOLEN DESTROYED BLOCKED VOID",
    8: "EXPIRED",
    9: "NOT_ACTIVATED",
    11: "DISPENSED_ELSEWHERE",
    12: "CLONE_SUSPECT",
    13: "SEEN_ELSEWHERE",
    14: "MARKET_DIVERSION",
    15: "USED FIRST_SCAN SEEN_BEFORE",
}


def test_every_published_code_keeps_its_rule() -> None:
    assert {code: rule for rule, codes in RULES.items() for code in codes.split()} == {
        code: MEANINGS[code].rule for code in Code
    }


def test_levels_are_the_published_numbers() -> None:
    assert {level.name: level.value for level in Level} == {
        "MATCH": 0,
        "UNCHECKED": 10,
        "NOT_OURS": 20,
        "CAUTION": 30,
        "SUSPECT": 40,
        "STOP": 50,
    }


def test_an_earlier_rule_is_never_milder_than_a_later_one() -> None:
    levels = [(MEANINGS[code].rule, MEANINGS[code].level) for code in Code if MEANINGS[code].rule > 1]
    assert all(level >= later for rule, level in levels for other, later in levels if rule < other)


def test_only_diversion_is_hidden_from_consumers() -> None:
    assert [code for code in Code if not MEANINGS[code].title] == [Code.MARKET_DIVERSION]


@pytest.mark.parametrize("code", Code)
def test_every_sentence_is_one(code: Code) -> None:
    meaning = MEANINGS[code]
    for sentence in (meaning.text, meaning.advice, meaning.professional):
        fields = [field for _, field, _, _ in string.Formatter().parse(sentence) if field is not None]
        assert all(field.isidentifier() for field in fields)
        assert "genuine" not in sentence


def test_a_reason_knows_its_row() -> None:
    reason = Reason(code=Code.EXPIRED)
    assert (reason.level, reason.meaning.rule, dict(reason.detail)) == (Level.STOP, 8, {})
