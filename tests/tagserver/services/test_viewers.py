from datetime import UTC, datetime, timedelta, timezone

import pytest

from tagserver.services.viewers import (
    CELL_DEGREES,
    CELL_RADIUS_KM,
    HASH_BYTES,
    coarse_place,
    is_person,
    viewer_hash,
)

SECRET = b"a secret of the deployment's"
ROTATION = timedelta(days=30)
START = datetime.fromtimestamp(700 * ROTATION.total_seconds(), UTC)
"""The first moment of a period."""


def at(moment: datetime, token: str = "cookie 1", secret: bytes = SECRET) -> bytes:
    return viewer_hash(secret, token, moment, ROTATION)


def test_a_viewer_is_the_same_within_a_period_and_another_in_the_next() -> None:
    assert at(START) == at(START + ROTATION - timedelta(microseconds=1))
    assert at(START) != at(START + ROTATION)
    assert at(START) != at(START - timedelta(microseconds=1))


def test_a_period_is_the_same_in_every_time_zone() -> None:
    moment = START + timedelta(hours=1)
    assert at(moment) == at(moment.astimezone(timezone(timedelta(hours=-11))))


def test_viewers_and_deployments_are_told_apart() -> None:
    assert len({at(START), at(START, "cookie 2"), at(START, secret=b"another")}) == 3


@pytest.mark.parametrize("token", ["address 203.0.113.7 Mozilla/5.0", "", "\ud800", "名" * 1000])
def test_a_hash_has_16_bytes_and_holds_nothing_of_the_address(token: str) -> None:
    hashed = at(START, token)
    assert len(hashed) == HASH_BYTES
    assert b"203.0.113.7" not in hashed
    assert bytes([203, 0, 113, 7]) not in hashed


@pytest.mark.parametrize(
    "name",
    [
        "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605.1.15 Version/19.0 Safari/604.1",
        "Mozilla/5.0 (Linux; Android 16; Pixel 9) AppleWebKit/537.36 Chrome/141.0.0.0 Mobile Safari/537.36",
        "Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 Chrome/130 Mobile MicroMessenger/8.0.50",
        "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148 LinkedInApp/9.31",
        "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605.1.15 Twitter for iPhone/11.4",
        "Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 Chrome/141.0 Mobile Safari/537.36 Telegram-Android/11.5",
        "Mozilla/5.0 (Linux; Android 14; CUBOT_P80) AppleWebKit/537.36 Chrome/141.0 Mobile Safari/537.36",
        "Mozilla/5.0 (Linux; Android 14; Cubot P80) AppleWebKit/537.36 Chrome/141.0 Mobile Safari/537.36",
    ],
)
def test_browsers_are_people(name: str) -> None:
    assert is_person(name)


@pytest.mark.parametrize(
    "name",
    [
        "",
        "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
        "facebookexternalhit/1.1",
        "WhatsApp/2.23.20.0",
        "TelegramBot (like TwitterBot)",
        "Slackbot-LinkExpanding 1.0",
        "Slack-ImgProxy (+https://api.slack.com/robots)",
        "Mozilla/5.0 (compatible; Discordbot/2.0; +https://discordapp.com)",
        "LinkedInBot/1.0 (compatible; Mozilla/5.0)",
        "Pinterest/0.2 (+https://www.pinterest.com/bot.html)",
        "Mozilla/5.0 (Windows NT 6.1; WOW64) SkypeUriPreview Preview/0.5",
        "curl/8.5.0",
        "python-requests/2.32",
        "Mozilla/5.0 (compatible; Baiduspider/2.0)",
        "Mozilla/5.0 (compatible; bingbot/2.0)",
    ],
)
def test_previews_bots_and_scripts_are_not(name: str) -> None:
    assert not is_person(name)


def test_a_position_is_kept_as_the_middle_of_its_cell() -> None:
    place = coarse_place("CN", 39.9042, 116.4074, 0.02)
    assert place is not None
    assert (place.country, place.latitude, place.longitude) == ("CN", 39.75, 116.25)
    assert place.radius_km == CELL_RADIUS_KM + 0.02
    again = coarse_place("CN", 39.5001, 116.0001, 0.02)
    assert again == place


@pytest.mark.parametrize(("latitude", "longitude"), [(-90, -180), (90, 180), (0, 0), (-0.1, -0.1)])
def test_every_position_on_earth_has_a_cell(latitude: float, longitude: float) -> None:
    place = coarse_place(None, latitude, longitude)
    assert place is not None
    assert place.latitude is not None
    assert place.longitude is not None
    assert abs(place.latitude - latitude) <= CELL_DEGREES / 2
    assert abs(place.longitude - longitude) <= CELL_DEGREES / 2


@pytest.mark.parametrize(
    ("latitude", "longitude", "accuracy"),
    [
        (90.1, 0, 0),
        (0, 180.1, 0),
        (float("nan"), 0, 0),
        (0, float("inf"), 0),
        (0, 0, -1),
        (0, 0, 20_000),
        (0, 0, float("nan")),
    ],
)
def test_what_is_no_position_is_refused(latitude: float, longitude: float, accuracy: float) -> None:
    with pytest.raises(ValueError, match="latitude"):
        coarse_place("CN", latitude, longitude, accuracy)


def test_a_country_alone_is_a_place_and_nothing_is_none() -> None:
    place = coarse_place("CN", None, 3.0)
    assert place is not None
    assert (place.country, place.latitude, place.longitude) == ("CN", None, None)
    assert coarse_place(None, None, None) is None
    assert coarse_place("", None, None) is None
