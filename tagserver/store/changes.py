"""The columns that every event has, of one unit or of a range."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Row

from tagcore.states import Action, Standing, State
from tagserver.ports import Change

STANDING_COLUMNS = ("state", "previous", "since", "by_org", "place", "country")


def columns_of_standing(standing: Standing) -> dict[str, Any]:
    """Raises ValueError when the standing does not say since when and by whom: only a base state may not."""
    if standing.since is None or standing.party is None:
        raise ValueError("a change of state needs its time and its party")
    return {
        "state": standing.state.value,
        "previous": None if standing.previous is None else standing.previous.value,
        "since": standing.since,
        "by_org": standing.party,
        "place": standing.place,
        "country": standing.country,
    }


def columns_of_change(change: Change) -> dict[str, Any]:
    """Raises ValueError as `columns_of_standing` does."""
    return {"action": change.action.value, "note": change.note, **columns_of_standing(change.to)}


def standing_from_row(row: Row[Any]) -> Standing:
    """The reverse of `columns_of_standing`."""
    return Standing(
        state=State(row.state),
        since=row.since,
        party=row.by_org,
        place=row.place,
        country=row.country,
        previous=None if row.previous is None else State(row.previous),
    )


def change_from_row(row: Row[Any]) -> Change:
    """The reverse of `columns_of_change`."""
    return Change(action=Action(row.action), to=standing_from_row(row), note=row.note)
