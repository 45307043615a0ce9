"""A witness's HTTP interface: one request, add-checkpoint (C2SP tlog-witness), in an application of its own.

It shares nothing with the site: no pages, no tokens, no cookies.
"""

from __future__ import annotations

import logging

from flask import Flask, Response, request
from werkzeug.exceptions import HTTPException

from tagcore.witnessing import MAX_SUBMISSION_BYTES
from tagserver.ports import StoreUnavailableError
from tagserver.services.witnessing import TEXT, Witnessing

log = logging.getLogger("tagserver.web")


def create_witness_app(witnessing: Witnessing) -> Flask:
    """The WSGI application."""
    app = Flask("tagserver.web.witness", static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = MAX_SUBMISSION_BYTES

    def add_checkpoint() -> Response:
        answer = witnessing.add_checkpoint(request.get_data())
        return Response(answer.body, answer.status, content_type=answer.media_type)

    def failed(error: Exception) -> Response:
        if isinstance(error, HTTPException):
            return Response(f"{error.name}\n", error.code or 500, content_type=TEXT)
        log.error("add-checkpoint: %s", type(error).__name__)
        status = 503 if isinstance(error, StoreUnavailableError) else 500
        return Response("the witness failed; nothing was signed\n", status, content_type=TEXT)

    app.add_url_rule("/add-checkpoint", view_func=add_checkpoint, methods=["POST"])
    app.register_error_handler(Exception, failed)
    return app
