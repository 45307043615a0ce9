"""Headers that every answer carries: what a page may load and do, and who may keep a copy."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from http import HTTPStatus

from flask import Flask, Response, request

_SOURCES: Mapping[str, str] = {
    "default-src": "'none'",
    "style-src": "'self'",
    "script-src": "'self'",
    "img-src": "'self'",
    "connect-src": "'self'",
    "font-src": "'self'",
    "form-action": "'self'",
    "frame-ancestors": "'none'",
    "base-uri": "'none'",
}


def _policy(sources: Mapping[str, str]) -> str:
    return "; ".join(f"{directive} {allowed}" for directive, allowed in sources.items())


CONTENT_SECURITY_POLICY = _policy(_SOURCES)

CAMERA_POLICY = _policy(
    {
        **_SOURCES,
        "script-src": "'self' 'wasm-unsafe-eval'",
        "worker-src": "'self'",
        "manifest-src": "'self'",
        "img-src": "'self' blob:",
    }
)
"""For the camera page and its worker alone: WebAssembly (which this word lets in, and no eval of texts), and the
picture that somebody chose shown to themselves.
"""

SERVICE_WORKER_POLICY = "default-src 'none'; connect-src 'self'"
"""It fetches from this origin, and loads no further script."""

CAMERA_PERMISSIONS = "camera=(self), geolocation=(), microphone=(), payment=(), usb=()"

ALWAYS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Referrer-Policy": "no-referrer",  # the address holds the tag
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}
"""Unless a view has said otherwise."""

STRICT_TRANSPORT_SECURITY = "max-age=63072000"
"""Two years. Not includeSubDomains: other names under this domain are not ours to decide on."""

RETRY_SECONDS = 5
"""Outages here are a locked database or a restart: over in seconds."""


def install(app: Flask) -> None:
    """Add them to every answer, errors included."""
    app.after_request(_add)


def allow_camera(response: Response) -> Response:
    """For the page that opens the camera: it may, and may decode what it sees."""
    response.headers["Content-Security-Policy"] = CAMERA_POLICY
    response.headers["Permissions-Policy"] = CAMERA_PERMISSIONS
    return response


def _add(response: Response) -> Response:
    present = {name.lower() for name, _ in response.headers}
    missing = [(name, value) for name, value in _wanted(response) if name.lower() not in present]
    response.headers.extend(missing)
    return response


def _wanted(response: Response) -> Iterator[tuple[str, str]]:
    yield from ALWAYS.items()
    if request.is_secure:
        yield "Strict-Transport-Security", STRICT_TRANSPORT_SECURITY
    if response.status_code == HTTPStatus.SERVICE_UNAVAILABLE:
        yield "Retry-After", str(RETRY_SECONDS)
