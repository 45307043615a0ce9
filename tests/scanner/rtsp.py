"""A network camera that speaks RTSP (RFC 2326) and sends Motion JPEG in RTP (RFC 2435) over the same connection."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from itertools import count
from socketserver import StreamRequestHandler, ThreadingTCPServer

FRAMES_A_SECOND = 25
CLOCK = 90_000
PIECE_BYTES = 1_400
TABLES_FOLLOW = 255

SDP = """v=0
o=- 0 0 IN IP4 127.0.0.1
s=camera
t=0 0
m=video 0 RTP/AVP 26
c=IN IP4 127.0.0.1
a=control:track
"""


@dataclass(frozen=True, kw_only=True)
class Scan:
    """What of a baseline JPEG (4:2:0, the standard's Huffman tables) goes on the wire."""

    width: int
    height: int
    tables: bytes
    entropy_coded: bytes


def parse(jpeg: bytes) -> Scan:
    """ISO/IEC 10918-1, annex B: quantisation tables, size, and the data behind the start of scan."""
    at, tables, width, height = 2, b"", 0, 0
    while True:
        marker, length = jpeg[at + 1], int.from_bytes(jpeg[at + 2 : at + 4], "big")
        part = jpeg[at + 4 : at + 2 + length]
        if marker == 0xDB:
            tables += b"".join(part[place + 1 : place + 65] for place in range(0, len(part), 65))
        elif marker == 0xC0:
            height, width = int.from_bytes(part[1:3], "big"), int.from_bytes(part[3:5], "big")
            assert part[7] == 0x22, "chroma halved both ways"
        elif marker == 0xDA:
            return Scan(width=width, height=height, tables=tables, entropy_coded=jpeg[at + 2 + length : -2])
        at += 2 + length


def packets(scan: Scan, number: Iterator[int], timestamp: int) -> Iterator[bytes]:
    """RTP packets of one frame."""
    data, offset = scan.entropy_coded, 0
    while offset < len(data):
        piece = data[offset : offset + PIECE_BYTES]
        is_last = offset + len(piece) == len(data)
        header = bytes([0x80, 26 | is_last << 7]) + (next(number) & 0xFFFF).to_bytes(2, "big")
        header += (timestamp & 0xFFFFFFFF).to_bytes(4, "big") + b"CAM1"
        header += offset.to_bytes(4, "big") + bytes([1, TABLES_FOLLOW, scan.width // 8, scan.height // 8])
        if offset == 0:
            header += b"\0\0" + len(scan.tables).to_bytes(2, "big") + scan.tables
        yield header + piece
        offset += len(piece)


class Camera(ThreadingTCPServer):
    """Shows frame after frame to whoever plays it."""

    daemon_threads = True

    def __init__(self, frame: Callable[[int], bytes]) -> None:
        self.frame = frame
        super().__init__(("127.0.0.1", 0), Session)


class Session(StreamRequestHandler):
    """One viewer."""

    server: Camera

    def handle(self) -> None:
        with suppress(OSError):
            while request := self._request():
                method, headers = request
                self._answer(method, headers)
                if method == "PLAY":
                    threading.Thread(target=self._play, daemon=True).start()
                if method == "TEARDOWN":
                    return

    def _request(self) -> tuple[str, dict[str, str]] | None:
        line = self.rfile.readline()
        while line[:1] == b"$":  # the viewer's own reports, in between
            self.rfile.read(int.from_bytes(line[2:4], "big") - len(line) + 4)
            line = self.rfile.readline()
        headers = {}
        while (header := self.rfile.readline().decode()).strip():
            name, _, value = header.partition(":")
            headers[name.strip().lower()] = value.strip()
        return (line.decode().split()[0], headers) if line.strip() else None

    def _answer(self, method: str, headers: dict[str, str]) -> None:
        body = SDP.replace("\n", "\r\n").encode() if method == "DESCRIBE" else b""
        lines = ["RTSP/1.0 200 OK", f"CSeq: {headers['cseq']}", "Session: 1", f"Content-Length: {len(body)}"]
        if method == "OPTIONS":
            lines.append("Public: OPTIONS, DESCRIBE, SETUP, PLAY, TEARDOWN")
        if method == "DESCRIBE":
            lines.append("Content-Type: application/sdp")
        if method == "SETUP":
            lines.append("Transport: RTP/AVP/TCP;unicast;interleaved=0-1")
        self.connection.sendall("\r\n".join([*lines, "", ""]).encode() + body)

    def _play(self) -> None:
        numbers = count()
        with suppress(OSError):
            for number in count():
                scan = parse(self.server.frame(number))
                for packet in packets(scan, numbers, number * CLOCK // FRAMES_A_SECOND):
                    self.connection.sendall(b"$\0" + len(packet).to_bytes(2, "big") + packet)
                time.sleep(1 / FRAMES_A_SECOND)


@contextmanager
def camera(frame: Callable[[int], bytes]) -> Iterator[str]:
    """The address of a camera; `frame` gives the JPEG of a number, its sides multiples of 8."""
    with Camera(frame) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"rtsp://127.0.0.1:{server.server_address[1]}/stream"
        with suppress(OSError):
            server.socket.shutdown(socket.SHUT_RDWR)
        server.shutdown()
        thread.join()
