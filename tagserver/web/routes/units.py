"""Units: what happened to one, and what a party reports of it."""

from __future__ import annotations

from apiflask import APIBlueprint
from flask import Response, request

from tagcore.gs1 import Gtin
from tagcore.reasons import Level
from tagserver.ports import ScanRecord, UnitEvent, UnitState
from tagserver.ports.units import RangeState
from tagserver.services.commitments import Commitment
from tagserver.services.event_facts import range_subject, unit_subject
from tagserver.services.past import Past
from tagserver.services.units import Report
from tagserver.web.auth import caller, required_caller
from tagserver.web.idempotency import idempotency_key
from tagserver.web.presenting import present_state
from tagserver.web.rates import Budget, spends
from tagserver.web.schemas.units import (
    CommitmentOut,
    EventIn,
    EventOut,
    PastOut,
    ProofQuery,
    ScanOut,
    TotalsOut,
    UnitOut,
)
from tagserver.web.surroundings import here

blueprint = APIBlueprint("units", __name__, url_prefix="/v1/units", tag="Units")


@blueprint.get("/<gtin:gtin>/<serial:serial>/history")
@blueprint.output(PastOut)
@blueprint.doc(
    summary="Read a unit's history",
    description="Totals for everybody who knows the serial; single scans and events for its producer and for "
    "inspectors, with a token of scope `history`. A slash in the serial is written `%2F`.",
)
def history(gtin: Gtin, serial: str) -> PastOut:
    """Looking at a history is no scan."""
    return _past(here().services.pasts.of(caller(), gtin, serial))


@blueprint.get("/<gtin:gtin>/<serial:serial>/proof")
@spends(Budget.VERIFICATIONS)
@blueprint.input(ProofQuery, location="query")
@blueprint.output({}, description="A proof file (docs/spec/log.md)")
@blueprint.doc(
    summary="Read a tag's proof file",
    description="All that is needed to check the tag offline: its batch, the log's entry, checkpoint and witnesses, "
    "receipts of anchors. `tag` is the tag's text as printed: a proof holds the tag's signature, so it is given to "
    "whoever has that. Without it, the producer's token of scope `labels` is needed.",
    responses={
        409: "The batch waits for its place in the log",
        422: "No tag of this unit, or not a genuine one",
    },
)
def proof(gtin: Gtin, serial: str, query_data: ProofQuery) -> Response:
    """Reading a proof is no scan."""
    proofs = here().services.proofs
    if query_data.tag is not None:
        data = proofs.of_text(query_data.tag, gtin=gtin, serial=serial)
    else:
        data = proofs.of_unit(required_caller(), gtin, serial)
    return Response(data, mimetype="application/json")


@blueprint.post("/<gtin:gtin>/<serial:serial>/events")
@blueprint.input(EventIn)
@blueprint.output(UnitOut)
@blueprint.doc(
    summary="Report an event of a unit",
    description="The state table decides. With an `Idempotency-Key` header a repeated report is done once. Needs "
    "the scope `events`.",
    security="Token",
    responses={403: "Not yours, or not in your token's scopes", 409: "The unit's state does not allow it"},
)
def report(gtin: Gtin, serial: str, json_data: EventIn) -> UnitOut:
    """The unit's new standing."""
    state = here().services.units.report(required_caller(), gtin, serial, to_report(json_data))
    return _unit(state)


def to_report(event: EventIn) -> Report:
    """The event as the service takes it, with the request's idempotency key."""
    return Report(
        action=event.action,
        place=event.place,
        country=event.country,
        note=event.note,
        idempotency_key=idempotency_key(request, required=False),
    )


def _unit(state: UnitState) -> UnitOut:
    unit = state.unit
    return UnitOut(
        gtin=unit.gtin, serial=unit.serial, batch=unit.batch, index=unit.index, state=present_state(state)
    )


def _past(past: Past) -> PastOut:
    totals = past.totals
    return PastOut(
        unit=_unit(past.state),
        totals=TotalsOut(
            scans=totals.scans,
            distinct_viewers=totals.distinct_viewers,
            countries=dict(totals.countries),
            first_seen=totals.first_seen,
            last_seen=totals.last_seen,
            capped=totals.is_capped,
        ),
        scans=None if past.scans is None else [_scan(scan) for scan in past.scans],
        events=None if past.events is None else _events(past),
    )


def _scan(scan: ScanRecord) -> ScanOut:
    return ScanOut(
        at=scan.at,
        country=scan.place.country if scan.place else None,
        organisation=scan.org_id,
        verdict=scan.headline,
        level=Level(scan.level).name.lower(),
        counted=scan.counted,
    )


def _events(past: Past) -> list[EventOut]:
    """Newest first, those without a time last."""
    unit = past.state.unit
    events = [
        *(_event(past, event, unit_subject(unit)) for event in past.events or ()),
        *(_event(past, event, range_subject(unit.batch)) for event in past.range_events or ()),
    ]
    return sorted(events, key=lambda event: event.at.timestamp() if event.at else 0.0, reverse=True)


def _event(past: Past, event: UnitEvent | RangeState, subject: str) -> EventOut:
    change, standing = event.change, event.change.to
    span = (event.first, event.last) if isinstance(event, RangeState) else (None, None)
    commitment = past.commitments.get((subject, event.seq))
    return EventOut(
        at=standing.since,
        action=change.action,
        state=standing.state,
        organisation=standing.party,
        place=standing.place,
        country=standing.country,
        note=change.note,
        seq=event.seq,
        first=span[0],
        last=span[1],
        previous=standing.previous,
        commitment=None if commitment is None else _commitment(commitment),
    )


def _commitment(commitment: Commitment) -> CommitmentOut:
    return CommitmentOut(
        salt=commitment.salt.hex(),
        leaf=commitment.leaf.hex(),
        block=commitment.block,
        place=commitment.place,
        count=commitment.count,
        path=[node.hex() for node in commitment.path],
        log_index=commitment.log_index,
    )
