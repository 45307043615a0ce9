"""Watching a video or a stream: each code once, in the order of appearance."""

import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import cv2
import numpy as np
import pytest

from scanner.camera import Rate, watch
from scanner.errors import CameraError
from tests.scanner.drawing import draw_qr
from tests.scanner.rtsp import camera

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


class Stream(BaseHTTPRequestHandler):
    """A network camera's Motion JPEG: thirty frames a second, until the viewer goes."""

    scenes = ("ONE", "TWO")

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "multipart/x-mixed-replace; boundary=frame")
        self.end_headers()
        for number in range(600):
            jpeg = frame_of(self.scenes[number // 60 % 2])
            self.wfile.write(b"--frame\r\nContent-Type: image/jpeg\r\n")
            self.wfile.write(b"Content-Length: %d\r\n\r\n%s\r\n" % (len(jpeg), jpeg))
            time.sleep(1 / 30)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (the base class names it)
        """Nothing on standard error."""


class Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """A viewer who has gone is none."""


def frame_of(text: str) -> bytes:
    frame = np.full((SIZE[1], SIZE[0]), 255, np.uint8)
    code = draw_qr(text, module_pixels=8)
    frame[20 : 20 + code.shape[0], 20 : 20 + code.shape[1]] = code
    return cv2.imencode(".jpg", cv2.cvtColor(frame, cv2.COLOR_GRAY2BGR))[1].tobytes()


@pytest.fixture
def stream() -> Iterator[str]:
    server = Server(("127.0.0.1", 0), Stream)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/camera.mjpeg"
    server.shutdown()
    server.server_close()
    thread.join()


def test_a_stream_is_watched_as_it_goes_by_and_left_when_asked(stream: str) -> None:
    rate = Rate()
    codes = watch(stream, rate=rate)
    assert [next(codes).text, next(codes).text] == ["ONE", "TWO"]
    codes.close()
    assert rate.frames > 1
    assert rate.per_second > 0


def test_a_network_camera_is_watched_by_rtsp() -> None:
    with camera(lambda number: frame_of(Stream.scenes[number // 60 % 2])) as address:
        codes = watch(address)
        assert [next(codes).text, next(codes).text] == ["ONE", "TWO"]
        codes.close()


def test_the_rate_is_that_of_the_last_seconds() -> None:
    rate = Rate()
    assert rate.per_second == 0
    for now in (0.0, 10.0, 10.5, 11.0):
        rate.tick(now)
    assert (rate.frames, rate.per_second) == (4, 2.0)
