"""A tag server's bulk check, scripted, in a thread of the test on loopback."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

from tests.scanner.served import Json, verdict_json

Script = Callable[[list[Json]], tuple[int, str, bytes]]
"""Items to status, media type and body."""

NDJSON = "application/x-ndjson"


class BulkServer:
    """What to answer, and what was asked: each question's headers and items."""

    def __init__(self) -> None:
        self.url = ""
        self.script: Script = matches
        self.asked: list[tuple[dict[str, str], list[Json]]] = []


def row(index: int, **more: object) -> Json:
    """An item's answer."""
    verdict = verdict_json()
    return {"index": index, "input": {}, "error": None, "product": "Baijiu", "state": "active"} | verdict | {
        "tag": None, "product": "Baijiu", "signals": []
    } | more  # fmt: skip


def body_of(rows: list[Json], *, summary: bool = True) -> bytes:
    """Rows as NDJSON."""
    last: list[Json] = [{"summary": {}}] if summary else []
    return b"".join(json.dumps(line).encode() + b"\n" for line in [*rows, *last])


def matches(items: list[Json]) -> tuple[int, str, bytes]:
    """Everything matches."""
    return 200, NDJSON, body_of([row(index) for index, _ in enumerate(items)])


@contextmanager
def bulk_serving() -> Iterator[BulkServer]:
    """A server that answers by its script."""
    told = BulkServer()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            data = self.rfile.read(int(self.headers.get("Content-Length", "0")))
            items = [json.loads(line) for line in data.splitlines()]
            told.asked.append((dict(self.headers), items))
            status, kind, body = told.script(items)
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (the library's name)
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        told.url = f"http://127.0.0.1:{server.server_address[1]}"
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield told
        finally:
            server.shutdown()
            thread.join()
