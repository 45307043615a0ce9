"""Events of a whole batch or a range of it: activate, void what was spoilt, and what else a producer reports."""

from __future__ import annotations

from apiflask import APIBlueprint
from flask import Response, request

from tagcore.states import Action, Role
from tagserver.ports import Batch, BatchNumber
from tagserver.services.units import Report
from tagserver.web.console.batches import batch_page, own_batch
from tagserver.web.console.draft import Draft
from tagserver.web.console.form_key import KEY_FIELD, idempotency_key_of
from tagserver.web.console.unit_words import actions_of
from tagserver.web.console.visitor import go, guard_inner, show, who
from tagserver.web.surroundings import here

blueprint = APIBlueprint(
    "console_batch_events", __name__, url_prefix="/console/batches", enable_openapi=False
)
blueprint.before_request(guard_inner)

UNDONE_NEVER = frozenset(
    {Action.VOID, Action.DESTROY, Action.REPORT_STOLEN, Action.RECALL, Action.WITHDRAW, Action.EXPIRE}
)
"""Asked about once more before they are done."""


@blueprint.post("/<int:number>/events")
def report(number: int) -> Response:
    """Judged run by run; what the state table keeps as it is, is told."""
    found, draft = own_batch(number), Draft.of(request)
    action = _action(draft)
    first, last = _range(draft, found)
    if action is not None and first is not None and last is not None and draft.is_good:
        if action in UNDONE_NEVER and not draft.text("sure"):
            return show(
                "sure.html", draft=draft, batch=found, action=action, first=first, last=last, key=KEY_FIELD
            )
        with draft.told(fields={"first": "first", "country": "country", "note": "note"}):
            outcome = here().services.units.report_range(
                who(),
                BatchNumber(number),
                Report(action=action, note=draft.text("note"), idempotency_key=idempotency_key_of(draft)),
                first=first - 1,
                last=last - 1,
            )
            return go(f"/console/batches/{number}", said="part" if outcome.refused else action.value)
    return batch_page(found, draft)


def _action(draft: Draft) -> Action | None:
    sent = draft.text("action")
    found = next((action for action in actions_of(Role.PRODUCER) if action == sent), None)
    if found is None:
        draft.note("action", "CHOICE_INVALID")
    return found


def _range(draft: Draft, batch: Batch) -> tuple[int | None, int | None]:
    """From 1, both included; an empty field means the batch's own end."""
    first = draft.number("first", most=batch.count)
    last = draft.number("last", most=batch.count)
    first, last = 1 if first is None else first, batch.count if last is None else last
    if draft.is_good and first > last:
        draft.note("last", "RANGE_INVALID")
    return first, last
