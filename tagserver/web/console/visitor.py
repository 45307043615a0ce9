"""Who is at the console: the session behind a request's cookie, and the guard before every page and form."""

from __future__ import annotations

from base64 import urlsafe_b64encode
from collections.abc import Mapping
from http import HTTPStatus
from urllib.parse import urlencode

from flask import Response, g, make_response, redirect, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from tagserver.services.access import Caller
from tagserver.services.errors import Refusal, ServiceError
from tagserver.services.sessions import Session
from tagserver.web.console.cookies import forget_session, session_token, set_visitor, visitor_token
from tagserver.web.console.csrf import check_form, form_token
from tagserver.web.console.draft import Draft
from tagserver.web.console.menu import menu
from tagserver.web.surroundings import here

HOME = "/console"
LOG_IN = "/console/log-in"


def guard_open() -> None:
    """Before pages without a session: forms are bound to the browser."""
    _resume()
    if request.method == "POST":
        check_form(request, here().viewer_secret, visitor_token(request))


def guard_inner() -> AnyResponse | None:
    """Before all other pages: whoever has no session is sent to log in, and forms are bound to the session."""
    _resume()
    if request.method == "POST":
        if g.console_session is None:
            return _ended()
        check_form(request, here().viewer_secret, session_token(request))
        return None
    if g.console_session is None:
        return redirect(
            f"{LOG_IN}?{urlencode({'next': request.full_path.rstrip('?')})}", HTTPStatus.SEE_OTHER
        )
    return None


def present_session() -> Session | None:
    """The session of this request, None before the log-in."""
    found = g.get("console_session")
    assert found is None or isinstance(found, Session)
    return found


def own_session() -> Session:
    """The session of a page that is shown in one only."""
    found = present_session()
    assert found is not None, "the guard lets nobody in without a session"
    return found


def who() -> Caller:
    """The person at the console as services know it."""
    return here().services.accounts.caller(own_session())


def show(template: str, /, status: int = 200, **context: object) -> Response:
    """A page of the console: its frame knows who is there, what the menu holds, and what forms carry."""
    session = present_session()
    known: Mapping[str, object] = {
        "session": session,
        "menu": menu(here().services.accounts.caller(session)) if session else (),
        "said": request.args.get("said", ""),
    }
    if session is not None:
        binding = session_token(request) or ""
        fresh = None
    else:
        binding = fresh = visitor_token(request) or _new_token()
    token = form_token(here().viewer_secret, binding)
    response = make_response(
        render_template(f"console/{template}", **{**known, "csrf": token, **context}), status
    )
    if fresh is not None:
        set_visitor(response, request, fresh)
    draft = context.get("draft")
    if isinstance(draft, Draft) and draft.retry_after is not None:
        response.headers["Retry-After"] = str(60 * draft.wait_minutes)
    response.headers["X-Robots-Tag"] = "noindex"
    return response


def go(path: str, *, said: str = "") -> Response:
    """To another page after a form was carried out; `said` is what that page confirms."""
    query = f"{'&' if '?' in path else '?'}{urlencode({'said': said})}" if said else ""
    return make_response(redirect(path + query, HTTPStatus.SEE_OTHER))


def inside(path: str) -> str:
    """`path` if it is a page of the console, else the console's first page: a link never leads out of it."""
    is_inner = path == HOME or path.startswith((f"{HOME}/", f"{HOME}?"))
    return path if is_inner and path.isascii() and path.isprintable() and "\\" not in path else HOME


def _resume() -> None:
    token = session_token(request)
    g.console_session = None
    if token is not None:
        try:
            g.console_session = here().services.sessions.resume(token)
        except ServiceError as error:
            if error.code is not Refusal.SESSION_INVALID:
                raise


def _ended() -> Response:
    response = show("ended.html", HTTPStatus.UNAUTHORIZED)
    forget_session(response, request)
    return response


def _new_token() -> str:
    return urlsafe_b64encode(here().random_bytes(32)).decode("ascii").rstrip("=")
