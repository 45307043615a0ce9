"""A label drawn again is the one that was printed, and marks what only its signature settles."""

import pytest

from scanner.decode.matching import unpacked
from tagserver.labels.content import url_shape
from tagserver.labels.qr import Encoder
from tagserver.labels.redrawing import redrawn
from tagserver.labels.segments import Level
from tagserver.ports.imaging import ExpectedSymbol

HEAD = "HTTPS://ID.EXAMPLE.COM/01/09506000134352/21/1234567890123?93="
URL = HEAD + "31415926535897932384626433832795" * 5
DECOYS = tuple(HEAD + pair * 80 for pair in ("27", "18", "90", "46"))


@pytest.fixture(params=list(Level))
def level(request: pytest.FixtureRequest) -> Level:
    found: Level = request.param
    return found


def of_level(level: Level) -> ExpectedSymbol:
    return list(redrawn(URL, DECOYS, name="it"))[list(Level).index(level)]


def test_it_is_the_printed_symbol(level: Level) -> None:
    (printed,) = Encoder(level, mask=0).encode([URL], [url_shape(URL)])
    symbol = of_level(level)
    assert (symbol.text, symbol.side) == ("it", printed.size)
    assert (unpacked(symbol.modules, symbol.side) == printed.modules).all()


def test_who_has_only_the_numbers_is_wrong_in_secret_modules_alone(level: Level) -> None:
    (forged,) = Encoder(level, mask=0).encode([DECOYS[1]], [url_shape(DECOYS[1])])
    symbol = of_level(level)
    differs = unpacked(symbol.modules, symbol.side) ^ forged.modules
    secret = unpacked(symbol.secret, symbol.side)
    assert differs.any()
    assert not (differs & ~secret).any()


def test_finder_patterns_and_the_address_are_no_secret(level: Level) -> None:
    symbol = of_level(level)
    secret = unpacked(symbol.secret, symbol.side)
    assert not secret[:8, :8].any()
    assert not secret[6].any()
    assert not secret[-2:, -2:].any()
    assert secret.mean() > 0.3


def test_a_decoy_of_another_structure_does_not_count() -> None:
    letters = HEAD + "AB" * 80
    assert list(redrawn(URL, (*DECOYS, letters), name="it")) == list(redrawn(URL, DECOYS, name="it"))
    assert list(redrawn(URL, (letters,), name="it")) == []
