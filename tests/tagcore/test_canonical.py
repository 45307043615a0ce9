import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tagcore.canonical import Json, canonical_json

texts = st.text(st.characters(exclude_categories=["Cs"]))
values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | texts,
    lambda inner: st.lists(inner) | st.dictionaries(st.text(st.characters(max_codepoint=127)), inner),
    max_leaves=20,
)


@given(values)
def test_reads_back_as_the_same_value(value: Json) -> None:
    assert json.loads(canonical_json(value)) == value


def test_sorts_members_leaves_no_space_and_escapes_nothing_needlessly() -> None:
    assert (
        canonical_json({"b": [1, True, None], "a": "é\n\u2028"})
        == '{"a":"é\\n\u2028","b":[1,true,null]}'.encode()
    )


def test_tells_a_list_from_its_text_and_true_from_one() -> None:
    assert len({canonical_json(value) for value in (1, True, "1", [1])}) == 4


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (0.5, "float"),
        (float("nan"), "float"),
        ([1, {"a": 1.0}], "float"),
        (2**53, "beyond"),
        (-(2**53), "beyond"),
        ({"ä": 1}, "ASCII"),
        ("\ud800", "surrogates"),
    ],
)
def test_refuses_what_readers_disagree_on(value: Json, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        canonical_json(value)
