"""The organisation's audit trail: who did what to what, and when."""

from __future__ import annotations

from apiflask import APIBlueprint
from flask import Response, request

from tagserver.web.console.visitor import guard_inner, show, who
from tagserver.web.surroundings import here

blueprint = APIBlueprint("console_trail", __name__, url_prefix="/console/trail", enable_openapi=False)
blueprint.before_request(guard_inner)

LENGTHS = (50, 200, 1_000)


@blueprint.get("")
def trail() -> Response:
    """The newest lines; own deeds only."""
    caller, services = who(), here().services
    asked = request.args.get("lines", type=int)
    length = asked if asked in LENGTHS else LENGTHS[0]
    return show(
        "trail.html",
        entries=services.access.trail(org_id=caller.org_id, limit=length),
        people={account.id: account.name for account in services.accounts.of_organisation(caller.org_id)},
        tokens={token.id: token.name for token in services.access.tokens(caller.org_id)},
        length=length,
        lengths=LENGTHS,
    )
