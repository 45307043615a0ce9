"""Who looks, without knowing who."""

from datetime import timedelta

import pytest

from tagserver.config import Settings
from tagserver.ports import ScanRecord
from tests.tagserver.web.cast import BROWSER, GTIN, HOSPITAL, Stage
from tests.tagserver.web.conftest import Template, open_stage


def scans(stage: Stage, serial: str) -> tuple[ScanRecord, ...]:
    with stage.services.verifying._store.read() as transaction:
        return transaction.scans.history(GTIN, serial)


@pytest.fixture
def unit(stage: Stage) -> tuple[str, str]:
    """(path, serial) of an issued unit."""
    stage.register()
    batch = stage.issue()
    return stage.paths(batch)[0], stage.serials(batch)[0]


def test_a_page_sets_a_cookie_that_scripts_and_other_sites_cannot_use(
    stage: Stage, unit: tuple[str, str]
) -> None:
    cookie = stage.call(None, "GET", unit[0], accept="text/html").headers["Set-Cookie"]
    assert cookie.startswith("viewer=")
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Secure" not in cookie


def test_over_https_the_cookie_is_secure(stage: Stage, unit: tuple[str, str]) -> None:
    answer = stage.client().get(unit[0], base_url="https://id.example.com")
    assert "Secure" in answer.headers["Set-Cookie"]


def test_the_same_browser_is_one_viewer_and_counts_once(stage: Stage, unit: tuple[str, str]) -> None:
    client = stage.client()
    for _ in range(3):
        assert "nobody else yet" in client.get(unit[0]).text
    recorded = scans(stage, unit[1])
    assert len({scan.viewer for scan in recorded}) == 1
    assert [scan.counted for scan in recorded] == [False, False, True]


def test_two_browsers_are_two_viewers(stage: Stage, unit: tuple[str, str]) -> None:
    stage.client().get(unit[0])
    assert "1 other person" in stage.client().get(unit[0]).text


def test_a_cookie_that_we_did_not_make_is_replaced(stage: Stage, unit: tuple[str, str]) -> None:
    client = stage.client()
    client.set_cookie("viewer", "x" * 4_000)
    answer = client.get(unit[0])
    assert len(answer.headers["Set-Cookie"].split(";")[0]) == len("viewer=") + 32


def test_programs_without_cookies_are_known_by_address_and_name(stage: Stage, unit: tuple[str, str]) -> None:
    accept = {"Accept": "application/json"}
    for name in ("scanner/1", "scanner/1", "scanner/2"):
        stage.client(name).get(unit[0], headers=accept)
    recorded = scans(stage, unit[1])
    assert len({scan.viewer for scan in recorded}) == 2


def test_neither_address_nor_cookie_is_stored(stage: Stage, unit: tuple[str, str]) -> None:
    client = stage.client()
    client.get(unit[0], environ_overrides={"REMOTE_ADDR": "203.0.113.77"})
    cookie = client.get_cookie("viewer")
    assert cookie is not None
    stage.services.verifying._store._engine.dispose()  # type: ignore[attr-defined] # the real store
    kept = b"".join(file.read_bytes() for file in stage.settings.home.glob("origintag.db*"))
    assert b"203.0.113.77" not in kept
    assert cookie.value.encode() not in kept
    assert bytes.fromhex(cookie.value) not in kept


@pytest.mark.parametrize(
    ("user_agent", "headers"),
    [
        ("facebookexternalhit/1.1", {}),
        ("WhatsApp/2.23", {}),
        ("Mozilla/5.0 (compatible; Googlebot/2.1)", {}),
        ("curl/8.5", {}),
        ("", {}),
        (BROWSER, {"Sec-Purpose": "prefetch;prerender"}),
        (BROWSER, {"Purpose": "prefetch"}),
        (BROWSER, {"X-Purpose": "preview"}),
        (BROWSER, {"X-Moz": "prefetch"}),
    ],
)
def test_previews_bots_and_prefetching_do_not_count(
    stage: Stage, unit: tuple[str, str], user_agent: str, headers: dict[str, str]
) -> None:
    text = stage.client(user_agent).get(unit[0], headers=headers).text
    assert "does not count as a scan" in text
    assert [scan.counted for scan in scans(stage, unit[1])] == [False]


def test_head_does_not_count(stage: Stage, unit: tuple[str, str]) -> None:
    answer = stage.client().head(unit[0])
    assert answer.status_code == 200
    assert answer.data == b""
    assert not any(scan.counted for scan in scans(stage, unit[1]))


def test_an_organisation_is_one_viewer_whatever_it_looks_with(stage: Stage, unit: tuple[str, str]) -> None:
    for name in ("curl/8", BROWSER):
        headers = {"Authorization": f"Bearer {stage.tokens[HOSPITAL]}"}
        stage.client(name).get(unit[0], headers=headers)
    recorded = scans(stage, unit[1])
    assert {scan.org_id for scan in recorded} == {HOSPITAL}
    assert len({scan.viewer for scan in recorded}) == 1
    assert recorded[-1].counted


def test_of_a_position_only_a_coarse_cell_is_kept(stage: Stage, unit: tuple[str, str]) -> None:
    place = {"country": "CN", "latitude": 31.2304, "longitude": 121.4737, "accuracy_km": 2.0}
    stage.call(None, "POST", "/v1/verify", json={"text": f"HTTPS://ID.EXAMPLE.COM{unit[0]}", "place": place})
    kept = scans(stage, unit[1])[0].place
    assert kept is not None
    assert (kept.country, kept.latitude, kept.longitude) == ("CN", 31.25, 121.25)
    assert kept.radius_km == 42.0


@pytest.mark.parametrize(
    ("setting", "headers", "country"),
    [
        ("CF-IPCountry", {"CF-IPCountry": "cn"}, "CN"),
        ("CF-IPCountry", {"CF-IPCountry": "XX"}, None),
        ("CF-IPCountry", {"CF-IPCountry": "T1"}, None),
        ("CF-IPCountry", {}, None),
        ("", {"CF-IPCountry": "CN"}, None),
    ],
)
def test_a_country_is_believed_from_the_configured_header_alone(
    template: Template, settings: Settings, setting: str, headers: dict[str, str], country: str | None
) -> None:
    with open_stage(settings, template.tokens, country_header=setting) as stage:
        stage.register()
        batch = stage.issue()
        stage.client().get(stage.paths(batch)[0], headers=headers)
        place = scans(stage, stage.serials(batch)[0])[0].place
    assert (place.country if place else None) == country


@pytest.mark.parametrize(("hops", "viewers"), [(0, 1), (1, 2)])
def test_forwarded_addresses_are_believed_from_known_proxies_alone(
    template: Template, settings: Settings, hops: int, viewers: int
) -> None:
    with open_stage(settings, template.tokens, trusted_proxy_hops=hops) as stage:
        stage.register()
        batch = stage.issue()
        for address in ("203.0.113.1", "203.0.113.2"):
            headers = {"Accept": "application/json", "X-Forwarded-For": address}
            stage.client().get(stage.paths(batch)[0], headers=headers)
        recorded = scans(stage, stage.serials(batch)[0])
    assert len({scan.viewer for scan in recorded}) == viewers


def test_a_viewers_hash_changes_with_the_period(stage: Stage, unit: tuple[str, str]) -> None:
    client = stage.client()
    client.get(unit[0])
    here = stage.app.extensions["origintag"]
    later = here.clock() + timedelta(days=61)
    object.__setattr__(here, "clock", lambda: later)
    client.get(unit[0])
    assert len({scan.viewer for scan in scans(stage, unit[1])}) == 2
