"""The order of the stages, what each is given, and what becomes of a code that two of them read."""

import time
from collections.abc import Iterable, Sequence

import cv2
import numpy as np
import pytest
import zxingcpp

from scanner.decode import STAGES, Corners, Symbol, decode
from scanner.decode.crowd import count_finder_patterns
from scanner.decode.opencv import OpencvStage
from scanner.images import GrayImage
from tests.scanner.drawing import draw_qr, on_paper

BLANK = np.full((100, 100), 255, np.uint8)


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

    def read(self, image: GrayImage, found: Sequence[Symbol]) -> Iterable[Symbol]:
        self.given = [symbol.text for symbol in found]
        return [read_as(text, corners, self.name) for text, corners in self._reads]


def test_zxing_comes_first_and_opencv_behind_it() -> None:
    assert [stage.name for stage in STAGES] == ["zxing", "opencv"]


def test_a_stage_is_given_what_the_former_ones_found() -> None:
    first, second = Scripted("first", ("A", square(0, 0, 10))), Scripted("second", ("B", square(50, 50, 10)))
    assert [symbol.text for symbol in decode(BLANK, stages=(first, second))] == ["A", "B"]
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


def test_opencv_reads_where_nothing_was_found() -> None:
    page = on_paper(draw_qr("BEHIND", module_pixels=8))
    (symbol,) = decode(page, stages=(OpencvStage(),))
    assert (symbol.text, symbol.payload, symbol.stage) == ("BEHIND", b"BEHIND", "opencv")
    assert np.allclose(symbol.corners, decode(page)[0].corners, atol=3)


def test_opencv_gives_corners_in_pixels_of_the_whole_picture() -> None:
    page = on_paper(draw_qr("LARGE", module_pixels=40), gap=900)
    assert max(page.shape) > 1600
    (symbol,) = decode(page, stages=(OpencvStage(),))
    assert np.allclose(symbol.corners, decode(page)[0].corners, atol=12)


def test_opencv_is_not_asked_when_something_was_found() -> None:
    known = read_as("A", square(0, 0, 5), "zxing")
    assert list(OpencvStage().read(on_paper(draw_qr("MORE")), [known])) == []


def test_opencv_gives_latin_1_bytes_as_text() -> None:
    (symbol,) = decode(draw_qr(b"gr\xfc\xdf"), stages=(OpencvStage(),))
    assert symbol.text == "grüß"


def test_opencv_gives_binary_payloads_whole() -> None:
    payload = b"\xff\xfe\x00abc\x80"
    binary = zxingcpp.create_barcode(payload, zxingcpp.BarcodeFormat.QRCode)  # names its bytes by an ECI
    drawing = np.array(binary.to_image(scale=6, add_quiet_zones=True))
    (symbol,) = decode(drawing, stages=(OpencvStage(),))
    assert (symbol.payload, symbol.text) == (payload, payload.decode("latin-1"))


def test_an_assertion_within_opencv_reads_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    class Failing:
        def detectAndDecodeBytesMulti(self, image: GrayImage) -> None:  # noqa: N802 (OpenCV's name)
            raise cv2.error("assertion")

    monkeypatch.setattr(cv2, "QRCodeDetectorAruco", Failing)
    assert decode(draw_qr("X"), stages=(OpencvStage(),)) == ()


def finder_patterns(step: int, module: int, side: int = 1600) -> GrayImage:
    page = np.full((side, side), 255, np.uint8)
    for y in range(10, side - 7 * module, step):
        for x in range(10, side - 7 * module, step):
            cv2.rectangle(page, (x, y), (x + 7 * module - 1, y + 7 * module - 1), 0, -1)
            cv2.rectangle(page, (x + module, y + module), (x + 6 * module - 1, y + 6 * module - 1), 255, -1)
            cv2.rectangle(
                page, (x + 2 * module, y + 2 * module), (x + 5 * module - 1, y + 5 * module - 1), 0, -1
            )
    return page


@pytest.mark.parametrize(("step", "module", "count"), [(400, 20, 16), (200, 10, 64), (60, 4, 729)])
def test_counts_finder_patterns(step: int, module: int, count: int) -> None:
    assert count_finder_patterns(finder_patterns(step, module)) == count


def test_counts_three_on_a_code_and_none_on_blank_paper() -> None:
    assert 3 <= count_finder_patterns(draw_qr("THREE")) <= 5
    assert count_finder_patterns(BLANK) == 0


def test_a_crowd_of_finder_patterns_is_given_up_in_time() -> None:
    crowd = finder_patterns(60, 4)  # OpenCV alone would take twenty seconds
    before = time.process_time()
    assert decode(crowd) == ()
    assert time.process_time() - before < 5
