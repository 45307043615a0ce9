"""Where the processor's time of one verification goes, part by part, in one thread without a server around it.

Stopwatches are put around the parts of the real application while it answers. It is the thread's own processor time:
waiting for the disk or for another process is left out.
"""

import json
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from flask import Flask
from werkzeug.test import EnvironBuilder, run_wsgi_app

from bench.figure import Figure
from bench.peers.hello import app as hello
from bench.serving import addresses, workspace
from tagserver.bootstrap import open_app
from tagserver.config import load_settings
from tagserver.services import verify as verifying
from tagserver.store import SqlStore
from tagserver.web.routes import verify as route

TIMES = 500

PARTS: dict[str, tuple[object, str]] = {
    "signature": (verifying, "check_signature"),
    "record": (verifying.Verifying, "_consult_all"),
    "writing": (SqlStore, "record"),
    "answer": (route, "present"),
}
"""By name: the signature; the record's questions and the verdict; the scan's own transaction; the answer's words."""

Watch = list[float]


def figures() -> Iterator[Figure]:
    """The whole over Flask's hello, and the share of each part in the whole."""
    with TemporaryDirectory() as folder, ExitStack() as watching:
        home = Path(folder) / "workspace"
        environ = workspace(home, 2 * TIMES)
        tags = addresses(environ, Path(folder) / "addresses.csv")
        app, _ = watching.enter_context(open_app(load_settings(home, environ)))
        least = _median(_asked(hello, "/hello", tags[:TIMES]))
        _asked(app, "/v1/verify", tags[:TIMES])
        watches = {name: watching.enter_context(_watched(*place)) for name, place in PARTS.items()}
        whole = _median(_asked(app, "/v1/verify", tags[TIMES:]))
    signature, record, writing, answer = (_median(watches[name]) for name in PARTS)
    rest = whole - least - signature - record - writing - answer
    of = f"one verification, {whole * 1e6:,.0f} us of one core"
    yield Figure(figure="request_over_hello", value=whole / least, unit="", against=of)
    yield Figure(figure="request_share_flask", value=100 * least / whole, unit="%", against=of)
    yield Figure(figure="request_share_signature", value=100 * signature / whole, unit="%", against=of)
    yield Figure(figure="request_share_record", value=100 * record / whole, unit="%", against=of)
    yield Figure(figure="request_share_writing", value=100 * writing / whole, unit="%", against=of)
    yield Figure(figure="request_share_answer", value=100 * answer / whole, unit="%", against=of)
    yield Figure(figure="request_share_rest", value=100 * rest / whole, unit="%", against=of)


def _median(watch: Watch) -> float:
    return statistics.median(watch)


def _asked(app: Flask, path: str, tags: Sequence[str]) -> Watch:
    """Seconds that each request took."""
    took = []
    for tag in tags:
        body = json.dumps({"text": tag})
        environ = EnvironBuilder(
            path, method="POST", data=body, content_type="application/json"
        ).get_environ()
        environ["HTTP_USER_AGENT"] = "Bench/1.0"
        started = time.thread_time()
        answer, status, _ = run_wsgi_app(app, environ, buffered=True)
        took.append(time.thread_time() - started)
        if not status.startswith("200"):
            raise RuntimeError(f"got {status} {b''.join(answer)[:200]!r}, want 200")
    return took


@contextmanager
def _watched(owner: object, name: str) -> Iterator[Watch]:
    """The function `name` of a module or a class with a stopwatch around it, until the block ends."""
    work: Callable[..., object] = getattr(owner, name)
    took: Watch = []

    def timed(*arguments: Any, **named: Any) -> object:  # noqa: ANN401 - whatever the original takes
        started = time.thread_time()
        try:
            return work(*arguments, **named)
        finally:
            took.append(time.thread_time() - started)

    setattr(owner, name, timed)
    try:
        yield took
    finally:
        setattr(owner, name, work)
