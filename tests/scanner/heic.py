"""A writer of HEIC files, for tests: no library that may be kept here writes them, for HEVC encoders are GPL.

It compresses nothing: every 16 x 16 block is an HEVC coding unit of raw samples (`pcm_flag`), so that no transform
and hardly any arithmetic coding is needed. ITU-T H.265 (2021-08), clauses in comments; ISO/IEC 23008-12 for the file.
"""

import struct
from collections.abc import Iterable

import numpy as np

from scanner.images import GrayImage

_BLOCK = 16
_LPS_RANGE = (
    240, 227, 216, 205, 195, 185, 175, 166, 158, 150, 142, 135, 128, 122, 116, 110, 104, 99, 94, 89, 85, 80, 76, 72,
    69, 65, 62, 59, 56, 53, 50, 48, 45, 43, 41, 39, 37, 35, 33, 31, 30, 28, 27, 25, 24, 23, 22, 21, 20, 19, 18, 17,
    16, 15, 14, 14, 13, 12, 12, 11, 11, 10, 9,
)  # fmt: skip
"""rangeTabLps of 9.3.4.3.2: the column of qRangeIdx 3, pStateIdx 0 to 62."""
_PROFILE = bytes([0x01, 0x60, 0, 0, 0, 0x90, 0, 0, 0, 0, 0, 93])
"""7.3.3: Main, progressive, frames only, level 3.1: 12 bytes, as in the file's hvcC."""


class _Bits:
    """RBSP bits: u(n) of 7.2, and the exponential Golomb codes of 9.2."""

    def __init__(self) -> None:
        self._bits = ""

    def u(self, *fields: tuple[int, int]) -> "_Bits":
        """(value, number of bits)."""
        self._bits += "".join(format(value, f"0{length}b") for value, length in fields)
        return self

    def golomb(self, *values: int) -> "_Bits":
        for value in values:
            code = format(value + 1, "b")
            self._bits += "0" * (len(code) - 1) + code
        return self

    def ended(self) -> bytes:
        """With the stop bit, to whole bytes."""
        bits = self._bits + "1"
        bits += "0" * (-len(bits) % 8)
        return int(bits, 2).to_bytes(len(bits) // 8, "big")


def _nal(kind: int, payload: bytes) -> bytes:
    """7.3.1, with the bytes that keep start codes out (7.4.2)."""
    out, zeros = bytearray([kind << 1, 1]), 0
    for byte in payload:
        if zeros >= 2 and byte <= 3:
            out.append(3)
            zeros = 0
        out.append(byte)
        zeros = zeros + 1 if byte == 0 else 0
    return bytes(out)


def _parameter_sets(width: int, height: int) -> tuple[bytes, bytes, bytes]:
    profile = [(byte, 8) for byte in _PROFILE]
    video = _Bits().u((0, 4), (3, 2), (0, 6), (0, 3), (1, 1), (0xFFFF, 16), *profile, (1, 1)).golomb(0, 0, 0)
    video.u((0, 6)).golomb(0).u((0, 2))  # 7.3.2.1
    sequence = (
        _Bits().u((0, 4), (0, 3), (1, 1), *profile).golomb(0, 1, width, height).u((0, 1)).golomb(0, 0, 0)
    )
    sequence.u((1, 1)).golomb(0, 0, 0, 1, 0, 0, 2, 0, 0)  # blocks of 16, transforms of 4 to 16
    sequence.u((0, 3), (1, 1), (7, 4), (7, 4)).golomb(1, 0).u((1, 1)).golomb(0).u(
        (0, 5)
    )  # raw samples of 8 bits: 7.3.2.2
    picture = (
        _Bits()
        .golomb(0, 0)
        .u((0, 7))
        .golomb(0, 0, 0)
        .u((0, 3))
        .golomb(0, 0)
        .u((0, 7), (1, 1), (0, 1), (1, 1), (0, 2))
    )
    picture.golomb(0).u((0, 2))  # no deblocking: 7.3.2.3
    return _nal(32, video.ended()), _nal(33, sequence.ended()), _nal(34, picture.ended())


def _slice(luma: GrayImage) -> bytes:
    """7.3.8: one slice of all blocks. Each begins with its 9 last bits of arithmetic code, then its samples."""
    chroma = bytes([128]) * (_BLOCK * _BLOCK // 2)
    data = bytearray(_Bits().u((1, 1), (0, 1)).golomb(0, 2, 0).ended())
    blocks = (
        luma[y : y + _BLOCK, x : x + _BLOCK].tobytes()
        for y in range(0, luma.shape[0], _BLOCK)
        for x in range(0, luma.shape[1], _BLOCK)
    )
    for count, block in enumerate(blocks):
        # 9.3.4.3: a fresh engine (range 510), less 2 for "the slice goes on", less the improbable part of part_mode,
        # whose context starts in state 0; then pcm_flag ends the code at range - 2, its last bit 1.
        span = (508 if count else 510) - _LPS_RANGE[min(count, 62)]
        data += ((span - 2 | 1) << 7).to_bytes(2, "big") + block + chroma
    data += ((508 | 1) << 7).to_bytes(2, "big")
    return _nal(19, bytes(data))


def _box(kind: bytes, *parts: bytes) -> bytes:
    body = b"".join(parts)
    return struct.pack(">I", len(body) + 8) + kind + body


def _decoder_configuration(sets: Iterable[bytes]) -> bytes:
    """ISO/IEC 14496-15, 8.3.3.1."""
    arrays = [struct.pack(">BHH", 0x80 | one[0] >> 1, 1, len(one)) + one for one in sets]
    fixed = b"\x01" + _PROFILE + b"\xf0\x00\xfc\xfd\xf8\xf8\x00\x00\x0f"
    return _box(b"hvcC", fixed, bytes([len(arrays)]), *arrays)


def write_heic(
    pixels: GrayImage, *, quarter_turns: int = 0, exif: bytes = b"", size: tuple[int, int] = (0, 0)
) -> bytes:
    """A HEIC file of `pixels`, sides multiples of 16, to be shown turned by `quarter_turns` anti-clockwise.

    `exif` is a TIFF block; `size` is a false (width, height) for the header.
    """
    height, width = pixels.shape
    coded = _slice(np.ascontiguousarray(pixels))
    items = [(b"hvc1", struct.pack(">I", len(coded)) + coded)]
    if exif:
        items.append((b"Exif", bytes(4) + exif))
    shown = size if size != (0, 0) else (width, height)
    properties = [
        _decoder_configuration(_parameter_sets(width, height)),
        _box(b"ispe", bytes(4), struct.pack(">II", *shown)),
        _box(b"irot", bytes([quarter_turns])),
    ]
    head = _box(b"ftyp", b"heic", bytes(4), b"mif1", b"heic")
    length = len(_meta(items, properties, 0))
    return (
        head + _meta(items, properties, len(head) + length + 8) + _box(b"mdat", *(body for _, body in items))
    )


def _meta(items: list[tuple[bytes, bytes]], properties: list[bytes], offset: int) -> bytes:
    """ISO/IEC 14496-12, 8.11, with the items' bytes one after the other from `offset`."""
    entries, places = b"", b""
    for number, (kind, body) in enumerate(items, 1):
        entries += _box(b"infe", b"\x02\x00\x00\x00", struct.pack(">HH", number, 0), kind, b"\x00")
        places += struct.pack(">HHHII", number, 0, 1, offset, len(body))
        offset += len(body)
    references = (
        _box(b"iref", bytes(4), _box(b"cdsc", struct.pack(">HHH", 2, 1, 1))) if len(items) > 1 else b""
    )
    association = (
        bytes(4) + struct.pack(">IHB", 1, 1, len(properties)) + bytes([0x81, 2, 0x83][: len(properties)])
    )
    return _box(
        b"meta",
        bytes(4),
        _box(b"hdlr", bytes(8), b"pict", bytes(13)),
        _box(b"pitm", bytes(4), b"\x00\x01"),
        _box(b"iloc", bytes(4), b"\x44\x00", struct.pack(">H", len(items)), places),
        _box(b"iinf", bytes(4), struct.pack(">H", len(items)), entries),
        references,
        _box(b"iprp", _box(b"ipco", *properties), _box(b"ipma", association)),
    )
