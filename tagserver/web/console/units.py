"""One unit by its numbers: where it stands, its history as far as the caller may see it, and events of it."""

from __future__ import annotations

from apiflask import APIBlueprint
from flask import Response, request

from tagcore.gs1 import Gtin, gtin_from_any, parse_serial
from tagcore.serials import normalise_typed
from tagcore.states import Action
from tagserver.ports import Scope
from tagserver.services.access import require_scope
from tagserver.services.errors import Refusal, ServiceError
from tagserver.services.units import Report
from tagserver.web.console.draft import Draft
from tagserver.web.console.form_key import idempotency_key_of, new_form_key
from tagserver.web.console.unit_words import actions_of
from tagserver.web.console.visitor import guard_inner, show, who
from tagserver.web.surroundings import here

blueprint = APIBlueprint("console_units", __name__, url_prefix="/console/units", enable_openapi=False)
blueprint.before_request(guard_inner)


@blueprint.get("")
def unit() -> Response:
    """The form for the numbers; with them, the unit."""
    return _page(Draft(values={name: request.args.get(name, "") for name in ("gtin", "serial")}))


@blueprint.post("")
def report() -> Response:
    """An event of the unit."""
    draft = Draft.of(request)
    require_scope(who(), Scope.EVENTS)
    numbers = _numbers(draft)
    action = next(
        (action for action in actions_of(who().organisation.role) if action == draft.text("action")), None
    )
    if action is None:
        draft.note("action", "CHOICE_INVALID")
    done = None
    if numbers is not None and action is not None and draft.is_good:
        with draft.told():
            done = _reported(draft, action, *numbers)
    return _page(draft, done=done)


def _reported(draft: Draft, action: Action, gtin: Gtin, serial: str) -> Action:
    report = Report(
        action=action,
        place=draft.text("place") or None,
        country=draft.text("country").upper() or None,
        note=draft.text("note"),
        idempotency_key=idempotency_key_of(draft),
    )
    here().services.units.report(who(), gtin, serial, report)
    return action


def _page(draft: Draft, done: Action | None = None) -> Response:
    caller, services = who(), here().services
    require_scope(caller, Scope.EVENTS)
    past = product = None
    is_asked = bool(draft.text("gtin") or draft.text("serial"))
    numbers = _numbers(draft) if is_asked else None
    if numbers is not None:
        try:
            past = services.pasts.of(caller, *numbers)
            product = services.products.find(numbers[0])
        except ServiceError as error:
            if error.code is not Refusal.NOT_FOUND:
                raise
            draft.note("serial", "UNIT_MISSING")
    return show(
        "unit.html",
        draft.status,
        draft=draft,
        past=past,
        product=product,
        actions=actions_of(caller.organisation.role, past.state.standing.state) if past else (),
        form_key=new_form_key(),
        done=done,
    )


def _numbers(draft: Draft) -> tuple[Gtin, str] | None:
    gtin = draft.parsed("gtin", gtin_from_any)
    serial = draft.parsed("serial", lambda text: parse_serial(normalise_typed(text)))
    return (gtin, serial) if gtin is not None and serial is not None else None
