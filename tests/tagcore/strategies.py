"""Hypothesis strategies for the values of tagcore."""

import string
from calendar import monthrange
from datetime import UTC, datetime, timedelta

from hypothesis import strategies as st

from tagcore.gs1 import CSET82, DOT_SEGMENTS, Expiry, Gtin, check_digit
from tagcore.identity import Identity
from tagcore.serials import ALPHABET
from tagcore.tag import Tag

_FIRST = datetime(2000, 1, 1, tzinfo=UTC)
_WHOLE_RANGE = datetime(2099, 1, 1, tzinfo=UTC) - _FIRST

moments = st.timedeltas(timedelta(), _WHOLE_RANGE).map(lambda since: _FIRST + since)
gtins = st.from_regex("[0-9]{13}", fullmatch=True, alphabet=string.digits).map(
    lambda body: Gtin(body + check_digit(body))
)
generated_serials = st.tuples(
    st.sampled_from(ALPHABET[:16]), st.text(ALPHABET, min_size=12, max_size=12)
).map("".join)


def _cset82(shortest: int) -> st.SearchStrategy[str]:
    return st.text(CSET82, min_size=shortest, max_size=20).filter(lambda text: text not in DOT_SEGMENTS)


def _expiry(year: int, month: int, day: int) -> Expiry:
    return Expiry(year, month, min(day, monthrange(2000 + year, month)[1]))


lots = _cset82(0) | st.text("-./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ", max_size=20).filter(
    lambda text: text not in DOT_SEGMENTS
)
serials = generated_serials | _cset82(1)
expiries = st.builds(_expiry, st.integers(0, 99), st.integers(1, 12), st.integers(0, 31))
slots = st.integers(0, 255)
identities = st.builds(
    Identity, gtin=gtins, lot=lots, serial=serials, expiry=st.none() | expiries, slot=slots
)
tags = st.builds(Tag, identity=identities, signature=st.binary(min_size=64, max_size=64))
hosts = st.from_regex(
    r"([A-Z0-9]([A-Z0-9-]{0,20}[A-Z0-9])?\.){0,4}[A-Z][A-Z0-9]{0,10}(:[1-9][0-9]{0,3})?", fullmatch=True
)
