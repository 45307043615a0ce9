"""What the specification's tables say is what the code does."""

from pathlib import Path

import pytest

from tagcore.reasons import MEANINGS, Code, Level
from tagcore.states import FINAL, IN_TRADE, TRANSITIONS, Action, State

FOLDER = Path(__file__).parents[2] / "docs" / "spec"
ROWS = [
    [cell.strip() for cell in line.strip("|\n").split("|")]
    for line in (FOLDER / "verdicts.md").read_text(encoding="utf-8").splitlines()
    if line.startswith("| ")
]
SETS = {
    "in trade": IN_TRADE,
    "live": frozenset(State) - FINAL,
    "all but destroyed": frozenset(State) - {State.DESTROYED, State.VOID},
}


def test_every_code_has_its_row_in_the_order_of_the_code() -> None:
    rows = [(row[0], row[1], row[2]) for row in ROWS if row[1] in set(Code)]
    assert rows == [(str(MEANINGS[code].rule), code.value, MEANINGS[code].level.name) for code in Code]


def test_every_level_has_its_row() -> None:
    assert [(row[0], row[1]) for row in ROWS if row[1] in Level.__members__] == [
        (str(level.value), level.name) for level in Level
    ]


@pytest.mark.parametrize("action", TRANSITIONS)
def test_every_action_has_its_row(action: Action) -> None:
    rule = TRANSITIONS[action]
    ((_, sources, target, roles),) = [row for row in ROWS if row[0] == f"`{action}`"]
    words = sources.split(", ")
    states = frozenset[State]().union(*(SETS.get(word, {word}) for word in words))
    if words[0] == "all but destroyed":
        states -= {State.VOID}
    assert states == rule.sources
    assert target == rule.target
    assert set(roles.split(", ")) == set(rule.roles)
