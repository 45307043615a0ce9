"""The door: set-up link, log-in, second step and log-out."""

from __future__ import annotations

from apiflask import APIBlueprint
from flask import Response, request

from tagserver.services.errors import Refusal, ServiceError
from tagserver.web.console.browser import browser_in_words
from tagserver.web.console.cookies import forget_session, session_token, set_session
from tagserver.web.console.draft import WHOLE, Draft
from tagserver.web.console.visitor import HOME, LOG_IN, go, guard_open, inside, present_session, show
from tagserver.web.surroundings import here

blueprint = APIBlueprint("console_door", __name__, url_prefix="/console", enable_openapi=False)
blueprint.before_request(guard_open)


@blueprint.get("/log-in")
def log_in() -> Response:
    """The form; whoever is in already goes on."""
    if present_session() is not None:
        return go(inside(request.args.get("next", HOME)))
    return show("log-in.html", draft=Draft(), next=inside(request.args.get("next", HOME)))


@blueprint.post("/log-in")
def send_log_in() -> Response:
    """A session, or the code's turn."""
    draft, onward = Draft.of(request), inside(request.form.get("next", HOME))
    with draft.told(fields={"login": WHOLE, "password": WHOLE}):
        started = here().services.sessions.log_in(
            draft.values.get("login", ""),
            draft.values.get("password", ""),
            address=address(),
            agent=browser_in_words(request.user_agent.string),
        )
        response = show("code.html", draft=Draft(), next=onward) if started.needs_code else go(onward)
        set_session(response, request, started.token)
        return response
    return show("log-in.html", draft.status, draft=draft, next=onward)


@blueprint.post("/code")
def send_code() -> Response:
    """The second step: a code of the app, or a recovery code."""
    draft, onward = Draft.of(request), inside(request.form.get("next", HOME))
    token = session_token(request)
    if token is None:
        return go(LOG_IN, said="late")
    try:
        with draft.told(otherwise="code"):
            started = here().services.sessions.confirm_code(token, draft.text("code"), address=address())
            response = go(onward)
            set_session(response, request, started.token)
            return response
    except ServiceError as error:
        if error.code is not Refusal.SESSION_INVALID:
            raise
        response = go(LOG_IN, said="late")
        forget_session(response, request)
        return response
    return show("code.html", draft.status, draft=draft, next=onward)


@blueprint.get("/set-up/<token>")
def set_up(token: str) -> Response:
    """The page of a one-time link; looking at it uses nothing up."""
    return _set_up_page(token, Draft())


@blueprint.post("/set-up/<token>")
def send_set_up(token: str) -> Response:
    """The password is chosen; the log-in is next."""
    draft = Draft.of(request)
    if draft.values.get("password") != draft.values.get("again"):
        draft.note("again", "PASSWORDS_DIFFER")
    else:
        with draft.told(otherwise="password"):
            here().services.accounts.set_up(token, draft.values.get("password", ""))
            return go(LOG_IN, said="set-up")
    return _set_up_page(token, draft)


def address() -> str:
    """Of the client, for throttling; kept as a keyed hash only."""
    return request.remote_addr or ""


def _set_up_page(token: str, draft: Draft) -> Response:
    try:
        account = here().services.accounts.by_link(token)
    except ServiceError as error:
        if error.code is not Refusal.SETUP_LINK_INVALID:
            raise
        return show("set-up-over.html", 410)
    return show("set-up.html", draft.status, draft=draft, account=account, token=token)
