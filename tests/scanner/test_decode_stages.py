"""The order of the stages, what each is given, and what becomes of a code that two of them read."""

from collections.abc import Iterable

import numpy as np

from scanner.decode import STAGES, Corners, Scene, Symbol, decode
from tests.scanner.drawing import draw_qr, on_paper

BLANK = np.full((100, 100), 255, np.uint8)
MORE = on_paper(draw_qr("LEFT TO READ"), gap=60)
"""A picture on which finder patterns are left, so that all stages run."""


def square(left: float, top: float, side: float) -> Corners:
    return (left, top), (left + side, top), (left + side, top + side), (left, top + side)


def read_as(text: str, corners: Corners, stage: str) -> Symbol:
    return Symbol(text=text, payload=text.encode(), corners=corners, stage=stage)


class Scripted:
    """A stage that reads what the test says, and remembers what it was given."""

    def __init__(self, name: str, *reads: tuple[str, Corners]) -> None:
        self.name = name
        self._reads = reads
        self.given: list[str] = []

    def read(self, scene: Scene) -> Iterable[Symbol]:
        self.given = [symbol.text for symbol in scene.found]
        return [read_as(text, corners, self.name) for text, corners in self._reads]


def test_zxing_comes_first_and_no_name_is_there_twice() -> None:
    names = [stage.name for stage in STAGES]
    assert names[0] == "zxing"
    assert len(set(names)) == len(names)


def test_a_stage_is_given_what_the_former_ones_found() -> None:
    first, second = Scripted("first", ("A", square(0, 0, 10))), Scripted("second", ("B", square(50, 50, 10)))
    assert [symbol.text for symbol in decode(MORE, stages=(first, second))] == ["A", "B"]
    assert (first.given, second.given) == ([], ["A"])


def test_a_code_read_twice_is_told_once() -> None:
    first = Scripted("first", ("A", square(0, 0, 20)), ("A", square(1, 1, 20)))
    second = Scripted("second", ("A", square(2, 1, 19)))
    assert [symbol.stage for symbol in decode(BLANK, stages=(first, second))] == ["first"]


def test_the_earlier_stage_is_believed_about_a_place() -> None:
    first, second = Scripted("first", ("A", square(0, 0, 20))), Scripted("second", ("X", square(1, 1, 20)))
    assert [symbol.text for symbol in decode(BLANK, stages=(first, second))] == ["A"]


def test_two_codes_of_one_text_side_by_side_are_two() -> None:
    stage = Scripted("only", ("A", square(0, 0, 20)), ("A", square(30, 0, 20)))
    assert len(decode(BLANK, stages=(stage,))) == 2


def test_the_other_stages_are_spared_when_no_finder_patterns_are_left() -> None:
    first, second = Scripted("first", ("A", square(0, 0, 10))), Scripted("second", ("B", square(50, 50, 10)))
    assert [symbol.text for symbol in decode(BLANK, stages=(first, second))] == ["A"]
    assert second.given == []


def test_the_first_symbol_is_enough_when_one_is_asked_for() -> None:
    first = Scripted("first", ("A", square(0, 0, 10)), ("B", square(20, 0, 10)))
    second = Scripted("second", ("C", square(50, 50, 10)))
    assert [symbol.text for symbol in decode(MORE, stages=(first, second), first=True)] == ["A"]


def test_no_stage_begins_once_the_time_is_over() -> None:
    first = Scripted("first", ("A", square(0, 0, 10)))
    assert decode(MORE, stages=(first,), seconds=0) == ()
    assert [symbol.text for symbol in decode(MORE, stages=(first,), seconds=60)] == ["A"]
