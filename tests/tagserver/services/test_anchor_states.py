"""Every transition of the table, and every pair that is none."""

from __future__ import annotations

import itertools

import pytest

from tagserver.ports.anchors import OVER, AnchorState, Observation, Sighting
from tagserver.services.anchor_states import TRANSITIONS, Happening, happening_of, next_state

S, H = AnchorState, Happening

# By hand, from the design: rows are states, and what is not named is refused.
LAWFUL = {
    (S.PREPARED, H.SIGNED): S.SIGNED,
    (S.PREPARED, H.GIVEN_UP): S.FAILED,
    (S.SIGNED, H.SENT): S.SUBMITTED,
    (S.SIGNED, H.GIVEN_UP): S.FAILED,
    (S.SIGNED, H.SEEN_ABSENT): S.SIGNED,
    (S.SUBMITTED, H.SENT): S.SUBMITTED,
    (S.SUBMITTED, H.SIGNED): S.SIGNED,
    (S.SUBMITTED, H.SEEN_ABSENT): S.DROPPED,
    (S.DROPPED, H.SENT): S.SUBMITTED,
    (S.DROPPED, H.SIGNED): S.SIGNED,
    (S.DROPPED, H.GIVEN_UP): S.FAILED,
    (S.DROPPED, H.SEEN_ABSENT): S.DROPPED,
    (S.INCLUDED, H.SEEN_ABSENT): S.SUBMITTED,
    (S.REVERTED, H.SEEN_ABSENT): S.SUBMITTED,
    (S.REVERTED, H.SIGNED): S.SIGNED,
    (S.REVERTED, H.GIVEN_UP): S.FAILED,
    (S.EXPIRED, H.SIGNED): S.SIGNED,
    (S.EXPIRED, H.GIVEN_UP): S.FAILED,
    (S.FAILED, H.RENEWED): S.PREPARED,
    **{
        (state, happening): to
        for state in (S.SIGNED, S.SUBMITTED, S.DROPPED, S.INCLUDED, S.REVERTED)
        for happening, to in (
            (H.SEEN_PENDING, S.SUBMITTED),
            (H.SEEN_INCLUDED, S.INCLUDED),
            (H.SEEN_FINALIZED, S.FINALIZED),
            (H.SEEN_REVERTED, S.REVERTED),
            (H.SEEN_EXPIRED, S.EXPIRED),
        )
    },
}


@pytest.mark.parametrize(("state", "happening"), tuple(itertools.product(AnchorState, Happening)))
def test_each_pair_leads_where_it_should_or_is_refused(state: AnchorState, happening: Happening) -> None:
    wanted = LAWFUL.get((state, happening))
    if wanted is None:
        with pytest.raises(ValueError, match="cannot be"):
            next_state(state, happening)
    else:
        assert next_state(state, happening) is wanted


def test_nothing_that_is_seen_leads_out_of_what_is_over() -> None:
    seen = {happening for happening in Happening if happening.value.startswith("seen_")}
    assert {state for state, ways in TRANSITIONS.items() if not set(ways) & seen} == OVER | {
        S.PREPARED,
        S.EXPIRED,
    }
    assert TRANSITIONS[S.FINALIZED] == {}


def test_every_state_can_be_reached_and_every_other_one_left() -> None:
    reached = {to for ways in TRANSITIONS.values() for to in ways.values()} | {S.PREPARED}
    assert reached == set(AnchorState)
    assert TRANSITIONS.keys() == set(AnchorState)


@pytest.mark.parametrize("sighting", tuple(Sighting))
def test_every_sighting_is_a_happening(sighting: Sighting) -> None:
    assert happening_of(Observation(sighting=sighting)).value == f"seen_{sighting}"


def test_nothing_is_signed_again_while_a_final_block_may_hold_it() -> None:
    assert H.SIGNED not in TRANSITIONS[S.INCLUDED]
    assert H.SIGNED not in TRANSITIONS[S.FINALIZED]
