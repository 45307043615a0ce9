import inspect

import pytest

from tagcore import errors
from tagcore.errors import InputError, TagcoreError, TransitionError

ALL = [
    kind
    for _, kind in inspect.getmembers(errors, inspect.isclass)
    if issubclass(kind, TagcoreError) and kind.__module__ == errors.__name__
]


def test_every_error_has_a_code_of_its_own() -> None:
    codes = [kind.code for kind in ALL]
    assert len(set(codes)) == len(codes)


@pytest.mark.parametrize("kind", ALL)
def test_every_error_is_drawn_in_the_tree(kind: type[TagcoreError]) -> None:
    drawn = errors.__doc__ or ""
    assert kind.__name__ in drawn
    assert kind in (TagcoreError, InputError) or kind.code in drawn


def test_a_refused_transition_says_what_and_why() -> None:
    error = TransitionError("sold", "ship", "the state does not allow it")
    assert str(error) == "ship is refused for a unit that is sold: the state does not allow it"
    assert (error.state, error.action, error.why) == ("sold", "ship", "the state does not allow it")
