"""Watching a video: each code once, in the order of appearance."""

from pathlib import Path

import cv2
import numpy as np
import pytest

from scanner.camera import watch
from scanner.errors import CameraError
from tests.scanner.drawing import draw_qr

SIZE = (320, 320)


def film(path: Path, *scenes: str | None) -> Path:
    """Three frames a scene; None is an empty one."""
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), 10, SIZE)
    assert writer.isOpened()
    for scene in scenes:
        frame = np.full((SIZE[1], SIZE[0]), 255, np.uint8)
        if scene is not None:
            code = draw_qr(scene, module_pixels=8)
            frame[20 : 20 + code.shape[0], 20 : 20 + code.shape[1]] = code
        for _ in range(3):
            writer.write(cv2.cvtColor(frame, cv2.COLOR_GRAY2BGR))
    writer.release()
    return path


def test_tells_each_code_once(tmp_path: Path) -> None:
    path = film(tmp_path / "film.avi", None, "ONE", "TWO", None, "ONE")
    assert [symbol.text for symbol in watch(str(path))] == ["ONE", "TWO"]


def test_closing_the_iterator_ends_the_watch(tmp_path: Path) -> None:
    codes = watch(str(film(tmp_path / "film.avi", "ONE", "TWO")))
    assert next(codes).text == "ONE"
    codes.close()
    assert next(codes, None) is None


def test_a_camera_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(CameraError) as caught:
        next(watch(str(tmp_path / "missing.avi")))
    assert caught.value.code == "CAMERA_UNAVAILABLE"
