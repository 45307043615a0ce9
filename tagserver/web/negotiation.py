"""Page or JSON: one resource answers people and programs."""

from __future__ import annotations

from flask import Request

HTML = "text/html"
JSON = "application/json"
PROBLEM = "application/problem+json"


def prefers_json(request: Request) -> bool:
    """Whether a program asks. Without a preference the answer is a page: a telephone's camera opened the address."""
    accept = request.accept_mimetypes
    best = accept.best_match([HTML, JSON, PROBLEM], default=HTML)
    return best != HTML and accept[best] > accept[HTML]


def wants_page(request: Request) -> bool:
    """Whether an error is best told on a page: never under /v1, elsewhere to whoever does not prefer JSON."""
    return not request.path.startswith("/v1/") and not prefers_json(request)
