"""The switch in the header: remember the reader's language and show the same page again."""

from __future__ import annotations

from apiflask import APIBlueprint
from flask import Response, request

from tagserver.web.languages import parse_language, remember_language
from tagserver.web.local_path import local_path

blueprint = APIBlueprint("language", __name__, enable_openapi=False)


@blueprint.post("/language")
def choose() -> Response:
    """Back to `back`, in `lang` from now on; what is no language of ours changes nothing."""
    response = Response(status=303, headers={"Location": local_path(request.form.get("back", "/"))})
    language = parse_language(request.form.get("lang", ""))
    if language is not None:
        remember_language(response, language, secure=request.is_secure)
    return response
