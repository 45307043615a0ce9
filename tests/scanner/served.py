"""A tag server in a thread of the test, on loopback: it gives the answers that the test scripted."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

Json = dict[str, object]


def verdict_json(
    level: str = "match", code: str = "FIRST_SCAN", *, reason_level: str | None = None, **more: object
) -> Json:
    """An answer of POST /v1/verify."""
    reason = {"code": code, "level": reason_level or level, "detail": {"viewers": "2"}, "text": "Because."}
    headline = {
        "code": code,
        "title": "Matches the producer's record",
        "text": "Nobody else has scanned it.",
        "advice": "Compare the pack.",
    }
    verdict = {"level": level, "headline": headline, "reasons": [reason]}
    return {
        "verdict": verdict,
        "tag": {"serial": "4T7QMZ9C1R5KD"},
        "product": None,
        "batch": None,
        "history": None,
    } | more


class TagServer:
    """What to answer to each path, and what was asked."""

    def __init__(self) -> None:
        self.url = ""
        self.answers: dict[str, tuple[int, bytes]] = {}
        self.asked: list[tuple[str, object]] = []

    def answer(self, path: str, body: Json | bytes, status: int = 200) -> None:
        self.answers[path] = status, body if isinstance(body, bytes) else json.dumps(body).encode()


@contextmanager
def serving() -> Iterator[TagServer]:
    """A server that answers 404 to whatever was not scripted."""
    script = TagServer()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            length = int(self.headers.get("Content-Length", "0"))
            script.asked.append((self.path, json.loads(self.rfile.read(length))))
            self._answer()

        def do_GET(self) -> None:
            script.asked.append((self.path, None))
            self._answer()

        def _answer(self) -> None:
            status, body = script.answers.get(self.path, (404, b"{}"))
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (the library's name)
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        script.url = f"http://127.0.0.1:{server.server_address[1]}"
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield script
        finally:
            server.shutdown()
            thread.join()
