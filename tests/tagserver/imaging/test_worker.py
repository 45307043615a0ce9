"""The scanner's own worker behind the pool: real pictures, real limits."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from io import BytesIO

import numpy as np
import pytest
from PIL import Image
from qrcode.image.pil import PilImage
from qrcode.main import QRCode

from scanner import worker
from tagserver.imaging.pool import WorkerPool, reader_command
from tagserver.labels.content import url_shape
from tagserver.labels.qr import encode
from tagserver.labels.redrawing import redrawn
from tagserver.ports.imaging import ImageCode, ImageRefusedError

HEAD = "HTTPS://ID.EXAMPLE.COM/01/09506000134352/21/1234567890123?s="
MEASURED = {name: value for name, value in os.environ.items() if name.startswith("COVERAGE_")}
"""Workers are started bare; what the tests' own measuring needs is added."""


def photograph(*texts: str, kind: str = "PNG") -> bytes:
    """QR codes side by side."""
    codes = []
    for text in texts:
        maker = QRCode(box_size=6)
        maker.add_data(text)
        codes.append(maker.make_image(image_factory=PilImage).get_image().convert("L"))
    width = sum(code.width for code in codes) or 100
    picture = Image.new("L", (width, max((code.height for code in codes), default=100)), 255)
    left = 0
    for code in codes:
        picture.paste(code, (left, 0))
        left += code.width
    out = BytesIO()
    picture.save(out, kind)
    return out.getvalue()


@pytest.fixture(scope="module")
def pool() -> Iterator[WorkerPool]:
    """The real reader with small limits."""
    command = reader_command(max_bytes=200_000, max_pixels=4_000_000, memory_mb=1_000)
    with WorkerPool(command, size=1, seconds=30, environment=MEASURED) as opened:
        yield opened


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_symbols_are_read_with_where_and_how(pool: WorkerPool, kind: str) -> None:
    seen = pool.read(photograph("HTTPS://ID.EXAMPLE.COM/1", "hello", kind=kind))
    assert sorted(symbol.text for symbol in seen) == ["HTTPS://ID.EXAMPLE.COM/1", "hello"]
    for symbol in seen:
        assert symbol.stage
        assert len(set(symbol.corners)) == 4


def test_a_picture_without_a_symbol_has_none(pool: WorkerPool) -> None:
    assert pool.read(photograph()) == ()


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"hello", ImageCode.FORMAT_UNSUPPORTED),
        (b"", ImageCode.FORMAT_UNSUPPORTED),
        (photograph("x")[:300], ImageCode.UNREADABLE),
        (b"\xff\xd8\xff" + bytes(200_000), ImageCode.TOO_LARGE),
    ],
)
def test_hostile_bytes_are_refused_and_the_next_picture_is_read(
    pool: WorkerPool, data: bytes, code: ImageCode
) -> None:
    with pytest.raises(ImageRefusedError) as refused:
        pool.read(data)
    assert refused.value.code is code
    assert pool.read(photograph("next"))[0].text == "next"


def test_a_bomb_is_refused_by_its_header(pool: WorkerPool) -> None:
    out = BytesIO()
    Image.new("1", (3_000, 3_000)).save(out, "PNG")
    with pytest.raises(ImageRefusedError) as refused:
        pool.read(out.getvalue())
    assert refused.value.code is ImageCode.TOO_MANY_PIXELS


def test_a_picture_that_needs_more_memory_than_allowed_is_refused() -> None:
    out = BytesIO()
    Image.new("RGBA", (6_000, 6_000), (0, 0, 0, 9)).save(out, "PNG")
    command = reader_command(max_bytes=10_000_000, max_pixels=100_000_000, memory_mb=150)
    pool = WorkerPool(command, size=1, seconds=60, environment=MEASURED)
    with pool, pytest.raises(ImageRefusedError) as refused:
        pool.read(out.getvalue())
    assert refused.value.code in {ImageCode.TOO_MANY_PIXELS, ImageCode.UNREADABLE, ImageCode.CRASHED}


def test_without_the_decoders_the_reader_is_missing() -> None:
    blocked = "import sys; sys.modules['zxingcpp'] = None; from scanner.worker import main; sys.exit(main())"
    command = (sys.executable, "-c", blocked, "--max-bytes", "1", "--max-pixels", "1")
    with WorkerPool(command) as pool, pytest.raises(ImageRefusedError) as refused:
        pool.read(b"x")
    assert refused.value.code is ImageCode.READER_MISSING
    assert "origintag[scanner]" in str(refused.value)


def test_what_a_decoder_prints_does_not_disturb_the_answers() -> None:
    noisy = (
        "import os, sys; from scanner import worker\n"
        "def read(data, limits, knowledge):\n"
        "    os.write(1, b'warning from a library'); print('and another', flush=True)\n"
        "    return {'symbols': []}\n"
        "worker.read = read; sys.exit(worker.main())"
    )
    command = (sys.executable, "-c", noisy, "--max-bytes", "1", "--max-pixels", "1")
    with WorkerPool(command) as pool:
        assert pool.read(b"x") == ()


def test_half_a_message_ends_the_worker_in_peace() -> None:
    command = reader_command(max_bytes=100, max_pixels=100, memory_mb=0)
    for message in (b"", b"\0\0", b"\0\0\0\x09abc"):
        done = subprocess.run(command, input=message, capture_output=True, timeout=60, check=False)
        assert done.returncode == 0
        assert [json.loads(line) for line in done.stdout.splitlines()] == [{"ready": True}]


def test_what_is_expected_is_recognised_on_the_next_picture_and_no_later(pool: WorkerPool) -> None:
    """Half of the symbol is gone; four others of the same structure mark what is secret."""
    text = HEAD + "31415926535897932384626433832795" * 5
    expected = tuple(redrawn(text, [HEAD + pair * 80 for pair in ("27", "18", "90", "46")], name="it"))
    drawn = encode(text, shape=url_shape(text)).modules.copy()
    drawn[9:-9, 20:] = False
    light = np.where(np.pad(drawn, 8), 0, 255).astype(np.uint8)
    out = BytesIO()
    Image.fromarray(np.kron(light, np.ones((7, 7), np.uint8))).save(out, "PNG")
    assert pool.read(out.getvalue()) == ()
    (symbol,) = pool.read(out.getvalue(), expected)
    assert symbol.text == "it"
    assert symbol.likeness is not None
    assert 0.3 < symbol.likeness.agreeing < 1
    assert pool.read(out.getvalue()) == ()


def test_pictures_are_answered_in_order() -> None:
    messages = b"".join(len(data).to_bytes(4, "big") + data for data in (b"a", b"bc", b""))
    answers = BytesIO()
    worker.serve(BytesIO(messages), answers, lambda data, _: {"symbols": [data.decode()]})
    assert [json.loads(line)["symbols"] for line in answers.getvalue().splitlines()] == [["a"], ["bc"], [""]]
