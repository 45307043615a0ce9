"""One's own account: password, second step, recovery codes, sessions."""

from __future__ import annotations

from apiflask import APIBlueprint
from flask import Response, request

from tagserver.ports import SessionId
from tagserver.web.console.cookies import forget_session, session_token, set_session
from tagserver.web.console.door import address
from tagserver.web.console.draft import WHOLE, Draft
from tagserver.web.console.qr_picture import qr_picture
from tagserver.web.console.visitor import LOG_IN, go, guard_inner, own_session, show
from tagserver.web.surroundings import here

blueprint = APIBlueprint("console_account", __name__, url_prefix="/console", enable_openapi=False)
blueprint.before_request(guard_inner)

PAGE = "/console/account"


@blueprint.post("/log-out")
def log_out() -> Response:
    """The session ends here and on the server."""
    here().services.sessions.end(session_token(request) or "")
    response = go(LOG_IN, said="out")
    forget_session(response, request)
    response.headers["Clear-Site-Data"] = '"cache"'
    return response


@blueprint.get("/account")
def account() -> Response:
    """Everything about one's own account."""
    return _page(Draft())


@blueprint.post("/account/password")
def password() -> Response:
    """A new password ends all sessions and begins this one anew."""
    draft = Draft.of(request)
    if draft.values.get("password") != draft.values.get("again"):
        draft.note("again", "PASSWORDS_DIFFER")
        return _page(draft)
    with draft.told(otherwise="current"):
        started = here().services.accounts.change_password(
            own_session(),
            current=draft.values.get("current", ""),
            new=draft.values.get("password", ""),
            address=address(),
        )
        response = go(PAGE, said="password")
        set_session(response, request, started.token)
        return response
    return _page(draft)


@blueprint.post("/account/second-step")
def begin_second_step() -> Response:
    """Show the secret, once the password is shown again."""
    draft = Draft.of(request)
    with draft.told(fields={"password": "totp_password"}, otherwise="totp_password"):
        enrolment = here().services.totp.begin(
            own_session(), password=draft.values.get("totp_password", ""), address=address()
        )
        return show("second-step.html", enrolment=enrolment, picture=qr_picture(enrolment.uri), draft=Draft())
    return _page(draft)


@blueprint.post("/account/second-step/on")
def second_step_on() -> Response:
    """A first code shows that the app has the secret; recovery codes are shown this once."""
    draft = Draft.of(request)
    with draft.told(otherwise="code"):
        codes = here().services.totp.enable(own_session(), draft.text("code"), address=address())
        return show("recovery.html", codes=codes)
    return show("second-step.html", draft.status, enrolment=None, picture=None, draft=draft)


@blueprint.post("/account/second-step/off")
def second_step_off() -> Response:
    """Without a second step again."""
    draft = Draft.of(request)
    with draft.told(otherwise="off_code"):
        here().services.totp.disable(own_session(), draft.text("off_code"), address=address())
        return go(PAGE, said="second-step-off")
    return _page(draft)


@blueprint.post("/account/recovery")
def renew_recovery() -> Response:
    """New recovery codes; the old ones are void."""
    draft = Draft.of(request)
    with draft.told(otherwise="renew_code"):
        codes = here().services.totp.renew_recovery(
            own_session(), draft.text("renew_code"), address=address()
        )
        return show("recovery.html", codes=codes)
    return _page(draft)


@blueprint.post("/account/sessions/end-others")
def end_others() -> Response:
    """All sessions but this one."""
    here().services.sessions.end_others(own_session())
    return go(PAGE, said="others")


@blueprint.post("/account/sessions/<session_id>/end")
def end_session(session_id: str) -> Response:
    """One session; it may be this one."""
    draft = Draft.of(request)
    with draft.told(otherwise=WHOLE):
        here().services.sessions.revoke(own_session(), SessionId(session_id))
    return go(PAGE, said="ended")


def _page(draft: Draft) -> Response:
    session, services = own_session(), here().services
    is_on = services.totp.is_on(session)
    return show(
        "account.html",
        draft.status,
        draft=draft,
        is_on=is_on,
        recovery_left=services.totp.recovery_left(session) if is_on else 0,
        sessions=services.sessions.open(session),
    )
