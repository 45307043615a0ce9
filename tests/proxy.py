"""A small HTTP proxy of the tests, in front of a real node: it can be down, lose answers, or change them.

So a test shows what a node cannot be told to do; what is behind the proxy is always the real one.
"""

from __future__ import annotations

import http.client
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

Change = Callable[[str, bytes, bytes], bytes]
"""Path, request's body, answer's body: the answer to give instead."""


@dataclass(kw_only=True)
class Proxy:
    """Settings that may be changed while it runs.

    What it `keeps` never reaches the node (503); of what it `loses_answer` the node's answer is lost. `requests` are
    the bodies that were passed on. Whoever passes one on does first what `enter` says.
    """

    target: tuple[str, int]
    port: int = 0
    is_down: bool = False
    keeps: Callable[[str, bytes], bool] = field(default=lambda _path, _body: False)
    loses_answer: Callable[[str, bytes], bool] = field(default=lambda _path, _body: False)
    change: Change = field(default=lambda _path, _asked, answered: answered)
    requests: list[tuple[str, bytes]] = field(default_factory=list)
    enter: Callable[[], None] = field(default=lambda: None)

    @property
    def url(self) -> str:
        """Where to ask."""
        return f"http://127.0.0.1:{self.port}"

    def pass_on(self, method: str, path: str, body: bytes, content_type: str) -> tuple[int, str, bytes]:
        """Ask the node itself."""
        self.enter()
        connection = http.client.HTTPConnection(*self.target, timeout=30)
        try:
            connection.request(method, path, body or None, {"Content-Type": content_type})
            answer = connection.getresponse()
            return answer.status, answer.getheader("Content-Type", ""), answer.read()
        finally:
            connection.close()


class Handler(BaseHTTPRequestHandler):
    """One request: passed on, then answered as the proxy is told."""

    proxy: Proxy
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self._handle(b"")

    def do_POST(self) -> None:
        self._handle(self.rfile.read(int(self.headers.get("Content-Length", "0"))))

    def log_message(self, *_: object) -> None:
        """Nothing to say."""

    def _handle(self, body: bytes) -> None:
        if self.proxy.is_down:
            self.close_connection = True
            return
        if self.proxy.keeps(self.path, body):
            self.send_error(503)
            return
        kind = self.headers.get("Content-Type", "application/json")
        try:
            status, answered_kind, answer = self.proxy.pass_on(self.command, self.path, body, kind)
        except OSError:  # the node itself is down
            self.close_connection = True
            return
        self.proxy.requests.append((self.path, body))
        if self.proxy.loses_answer(self.path, body):
            self.close_connection = True
            return
        answer = self.proxy.change(self.path, body, answer)
        self.send_response(status)
        self.send_header("Content-Type", answered_kind)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)


@contextmanager
def proxied(port: int) -> Iterator[Proxy]:
    """A proxy in front of `port`, until the block ends."""
    proxy = Proxy(target=("127.0.0.1", port))
    handler = type("OwnHandler", (Handler,), {"proxy": proxy})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        server.daemon_threads = True
        proxy.port = server.server_port
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        try:
            yield proxy
        finally:
            server.shutdown()
