"""How an anchor's state moves: a table, and nothing but the table decides.

prepared ──> signed ──> submitted ──> included ──> finalized
               ^            |  ^          |
               |            v  `──────────┤ the block was replaced: submitted again
               |         dropped          |
               |            |             |
               `── expired <┴─────────────┤      reverted, expired: signed anew, or given up
               `── reverted <─────────────'      failed: given up; later prepared again, if nothing newer came
"""

from __future__ import annotations

from enum import StrEnum

from tagserver.ports.anchors import AnchorState, Observation, Sighting


class Happening(StrEnum):
    """What happens to an anchor: to it here (signed, sent, given up, renewed), or seen outside."""

    SIGNED = "signed"
    SENT = "sent"
    GIVEN_UP = "given_up"
    RENEWED = "renewed"
    SEEN_ABSENT = "seen_absent"
    SEEN_PENDING = "seen_pending"
    SEEN_INCLUDED = "seen_included"
    SEEN_FINALIZED = "seen_finalized"
    SEEN_REVERTED = "seen_reverted"
    SEEN_EXPIRED = "seen_expired"


_S, _H = AnchorState, Happening

_SEEN = {
    _H.SEEN_PENDING: _S.SUBMITTED,
    _H.SEEN_INCLUDED: _S.INCLUDED,
    _H.SEEN_FINALIZED: _S.FINALIZED,
    _H.SEEN_REVERTED: _S.REVERTED,
    _H.SEEN_EXPIRED: _S.EXPIRED,
}
"""Whatever we thought before, what is seen outside is so: a crash may have hidden that bytes were sent."""

TRANSITIONS: dict[AnchorState, dict[Happening, AnchorState]] = {
    _S.PREPARED: {_H.SIGNED: _S.SIGNED, _H.GIVEN_UP: _S.FAILED},
    _S.SIGNED: {**_SEEN, _H.SEEN_ABSENT: _S.SIGNED, _H.SENT: _S.SUBMITTED, _H.GIVEN_UP: _S.FAILED},
    # Signed again while submitted: the same nonce with higher fees.
    _S.SUBMITTED: {**_SEEN, _H.SEEN_ABSENT: _S.DROPPED, _H.SENT: _S.SUBMITTED, _H.SIGNED: _S.SIGNED},
    _S.DROPPED: {
        **_SEEN,
        _H.SEEN_ABSENT: _S.DROPPED,
        _H.SENT: _S.SUBMITTED,
        _H.SIGNED: _S.SIGNED,
        _H.GIVEN_UP: _S.FAILED,
    },
    _S.INCLUDED: {**_SEEN, _H.SEEN_ABSENT: _S.SUBMITTED},
    _S.REVERTED: {**_SEEN, _H.SEEN_ABSENT: _S.SUBMITTED, _H.SIGNED: _S.SIGNED, _H.GIVEN_UP: _S.FAILED},
    _S.EXPIRED: {_H.SIGNED: _S.SIGNED, _H.GIVEN_UP: _S.FAILED},
    _S.FINALIZED: {},
    # Given up is what none of whose attempts can be included any more: a new one is the only one.
    _S.FAILED: {_H.RENEWED: _S.PREPARED},
}

_HAPPENINGS = {
    Sighting.ABSENT: _H.SEEN_ABSENT,
    Sighting.PENDING: _H.SEEN_PENDING,
    Sighting.INCLUDED: _H.SEEN_INCLUDED,
    Sighting.FINALIZED: _H.SEEN_FINALIZED,
    Sighting.REVERTED: _H.SEEN_REVERTED,
    Sighting.EXPIRED: _H.SEEN_EXPIRED,
}


def next_state(state: AnchorState, happening: Happening) -> AnchorState:
    """Where `happening` leads. Raises ValueError where the table has nothing: a mistake of ours, not of a node."""
    following = TRANSITIONS[state].get(happening)
    if following is None:
        raise ValueError(f"an anchor that is {state} cannot be {happening}")
    return following


def happening_of(observation: Observation) -> Happening:
    """What an observation is to the table."""
    return _HAPPENINGS[observation.sighting]
