"""What can happen to a unit: states, actions, and the table that says which action leads where.

docs/spec/verdicts.md, "States". The words are those of GS1's EPCIS vocabulary (CBV 2.0, dispositions and business
steps) where it has one. An undoing is allowed only to the party that acted, at the place where it acted, within
ten days; a lock may be lifted at any time.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from tagcore.errors import TransitionError

UNDO_WINDOW = timedelta(days=10)
"""Commission Delegated Regulation (EU) 2016/161, article 13(1)(b)."""


class State(StrEnum):
    """Where a unit stands."""

    PRINTED = "printed"
    ACTIVE = "active"
    SHIPPED = "shipped"
    RECEIVED = "received"
    DISPENSED = "dispensed"
    SOLD = "sold"
    OPENED = "opened"
    SAMPLE = "sample"
    EXPORTED = "exported"
    LOCKED = "locked"
    STOLEN = "stolen"
    DESTROYED = "destroyed"
    VOID = "void"
    RECALLED = "recalled"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"


class Action(StrEnum):
    """What a party reports of a unit."""

    ACTIVATE = "activate"
    SHIP = "ship"
    RECEIVE = "receive"
    DISPENSE = "dispense"
    SELL = "sell"
    OPEN = "open"
    SAMPLE = "sample"
    EXPORT = "export"
    LOCK = "lock"
    REPORT_STOLEN = "report_stolen"
    DESTROY = "destroy"
    VOID = "void"
    RECALL = "recall"
    WITHDRAW = "withdraw"
    EXPIRE = "expire"
    UNDO = "undo"


class Role(StrEnum):
    """What kind of party an organisation is."""

    PRODUCER = "producer"
    DISTRIBUTOR = "distributor"
    HOSPITAL = "hospital"
    INSPECTOR = "inspector"
    ADMIN = "admin"


IN_TRADE = frozenset({State.ACTIVE, State.SHIPPED, State.RECEIVED})
FINAL = frozenset({State.STOLEN, State.DESTROYED, State.VOID, State.RECALLED, State.WITHDRAWN, State.EXPIRED})
"""Never undone. A stolen or recalled unit may still be destroyed."""
UNDOABLE = frozenset(
    {State.DISPENSED, State.SOLD, State.OPENED, State.SAMPLE, State.EXPORTED, State.LOCKED}
)  # fmt: skip

_LIVE = frozenset(State) - FINAL
_HANDLERS = frozenset({Role.PRODUCER, Role.DISTRIBUTOR, Role.HOSPITAL})
_ALL = frozenset(Role) - {Role.ADMIN}


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """An action's row of the table: from which states, to which, and for whom."""

    sources: frozenset[State]
    target: State
    roles: frozenset[Role]


TRANSITIONS: dict[Action, Rule] = {
    action: Rule(sources=sources, target=target, roles=roles)
    for action, sources, target, roles in (
        (Action.ACTIVATE, frozenset({State.PRINTED}), State.ACTIVE, frozenset({Role.PRODUCER})),
        (Action.SHIP, IN_TRADE, State.SHIPPED, _HANDLERS),
        (Action.RECEIVE, IN_TRADE, State.RECEIVED, _HANDLERS),
        (Action.DISPENSE, IN_TRADE, State.DISPENSED, frozenset({Role.HOSPITAL})),
        (Action.SELL, IN_TRADE, State.SOLD, frozenset({Role.PRODUCER, Role.DISTRIBUTOR})),
        (Action.OPEN, IN_TRADE | {State.SOLD, State.DISPENSED}, State.OPENED, _HANDLERS),
        (Action.SAMPLE, IN_TRADE, State.SAMPLE, _ALL),
        (Action.EXPORT, IN_TRADE, State.EXPORTED, frozenset({Role.PRODUCER, Role.DISTRIBUTOR})),
        (Action.LOCK, IN_TRADE | {State.PRINTED}, State.LOCKED, _ALL),
        (Action.REPORT_STOLEN, _LIVE, State.STOLEN, _ALL),
        (Action.DESTROY, frozenset(State) - {State.DESTROYED, State.VOID}, State.DESTROYED, _ALL),
        (Action.VOID, frozenset({State.PRINTED, State.ACTIVE}), State.VOID, frozenset({Role.PRODUCER})),
        (Action.RECALL, _LIVE | {State.EXPIRED}, State.RECALLED, frozenset({Role.PRODUCER, Role.INSPECTOR})),
        (
            Action.WITHDRAW,
            _LIVE | {State.EXPIRED},
            State.WITHDRAWN,
            frozenset({Role.PRODUCER, Role.INSPECTOR}),
        ),
        (Action.EXPIRE, _LIVE, State.EXPIRED, _ALL),
    )
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """A unit's state, since when (aware), who brought it there, where (and in which ISO 3166 country), what it was."""

    state: State
    since: datetime | None = None
    party: str | None = None
    place: str | None = None
    country: str | None = None
    previous: State | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """Who acts: the organisation's id, its role, the place (a GLN or the organisation's own name) and its country."""

    party: str
    role: Role
    place: str | None = None
    country: str | None = None


def allowed_roles(action: Action) -> frozenset[Role]:
    """The roles that may ever do `action`. An undoing is open to all who may act: the same party is required."""
    return _ALL if action is Action.UNDO else TRANSITIONS[action].roles


def next_standing(current: Standing, action: Action, actor: Actor, now: datetime) -> Standing:
    """Where the unit stands after `actor` did `action` at `now` (aware).

    Raises: TransitionError when the table, the role or a condition of an undoing is against it.
    """
    if actor.role not in allowed_roles(action):
        raise TransitionError(current.state, action, f"a {actor.role} may not do it")
    if action is Action.UNDO:
        return _undone(current, actor, now)
    rule = TRANSITIONS[action]
    if current.state not in rule.sources:
        raise TransitionError(current.state, action, "the state does not allow it")
    return _standing(rule.target, current.state, actor, now)


def _undone(current: Standing, actor: Actor, now: datetime) -> Standing:
    if current.state not in UNDOABLE or current.previous is None:
        raise TransitionError(current.state, Action.UNDO, "this state is never undone")
    if current.party != actor.party:
        raise TransitionError(current.state, Action.UNDO, "only the party that acted may undo it")
    if current.state is not State.LOCKED:
        _check_place_and_time(current, actor, now)
    return _standing(current.previous, None, actor, now)  # nothing before it: an undoing is never undone


def _check_place_and_time(current: Standing, actor: Actor, now: datetime) -> None:
    if current.place != actor.place:
        raise TransitionError(current.state, Action.UNDO, "only at the place where it was done")
    if current.since is None or now - current.since > UNDO_WINDOW:
        raise TransitionError(current.state, Action.UNDO, f"only within {UNDO_WINDOW.days} days")


def _standing(state: State, previous: State | None, actor: Actor, now: datetime) -> Standing:
    return Standing(
        state=state,
        since=now,
        party=actor.party,
        place=actor.place,
        country=actor.country,
        previous=previous,
    )
