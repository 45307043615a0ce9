"""What a party may report of units, in the order in which it happens."""

from __future__ import annotations

from tagcore.states import TRANSITIONS, UNDOABLE, Action, Role, State, allowed_roles


def actions_of(role: Role, state: State | None = None) -> tuple[Action, ...]:
    """The actions that this role may ever report; with `state`, those that may lead on from it."""
    return tuple(
        action
        for action in Action
        if role in allowed_roles(action) and (state is None or _leads_on(action, state))
    )


def _leads_on(action: Action, state: State) -> bool:
    return state in (UNDOABLE if action is Action.UNDO else TRANSITIONS[action].sources)
