import json
import logging
from collections.abc import Iterator

import pytest
from werkzeug.test import TestResponse

from tagserver.config import ConfigError, Secret, Settings
from tagserver.web import rate_counter, rates
from tagserver.web.rate_counter import RateCounter
from tagserver.web.rate_memory import ProcessMemory
from tagserver.web.rates import network_of
from tests.tagserver.web.cast import DISTRIBUTOR, PRODUCER, Stage
from tests.tagserver.web.conftest import Template, open_stage


@pytest.fixture
def strict(template: Template, settings: Settings) -> Iterator[Stage]:
    """A server that lets an address ask for two things of each kind."""
    with open_stage(
        settings,
        template.tokens,
        requests_per_minute=2,
        verifications_per_minute=2,
        pictures_per_minute=2,
        token_requests_per_minute=4,
    ) as opened:
        yield opened


def verify(stage: Stage, address: str = "192.0.2.1", token: str = "") -> TestResponse:
    """One verification from `address`."""
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    return stage.client().post(
        "/v1/verify", json={"text": "hello"}, headers=headers, environ_base={"REMOTE_ADDR": address}
    )


def test_a_request_beyond_the_budget_is_refused_with_a_problem_that_says_when_to_come_back(
    strict: Stage,
) -> None:
    answers = [verify(strict) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert answers[-1].mimetype == "application/problem+json"
    assert json.loads(answers[-1].data)["code"] == "TOO_MANY_REQUESTS"
    assert 1 <= int(answers[-1].headers["Retry-After"]) <= 60


def test_a_refused_person_is_told_on_a_page_that_it_says_nothing_about_the_pack(strict: Stage) -> None:
    pages = [strict.client().get("/check?gtin=09506000134352&serial=A") for _ in range(3)]
    assert pages[-1].status_code == 429
    assert "This says nothing about any pack" in pages[-1].text


def test_each_address_has_a_budget_of_its_own(strict: Stage) -> None:
    assert [verify(strict, f"192.0.2.{last}").status_code for last in range(5)] == [200] * 5


def test_a_household_of_ipv6_addresses_has_one_budget(strict: Stage) -> None:
    answers = [verify(strict, f"2001:db8:1:2::{last}").status_code for last in range(3)]
    assert answers == [200, 200, 429]
    assert verify(strict, "2001:db8:1:3::1").status_code == 200


def test_each_kind_of_work_has_a_budget_of_its_own(strict: Stage) -> None:
    for _ in range(3):
        verify(strict)
    assert strict.client().get("/", environ_base={"REMOTE_ADDR": "192.0.2.1"}).status_code == 200


def test_a_token_spends_its_organisations_budget_and_not_its_addresss(strict: Stage) -> None:
    mine, others = strict.tokens[DISTRIBUTOR], strict.tokens[PRODUCER]
    from_everywhere = [verify(strict, f"192.0.2.{last}", mine).status_code for last in range(5)]
    assert from_everywhere == [200, 200, 200, 200, 429]
    assert verify(strict, token=others).status_code == 200
    assert verify(strict).status_code == 200


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/static/css/site.css"])
def test_what_watches_the_server_and_files_of_pages_are_free(strict: Stage, path: str) -> None:
    client = strict.client()
    assert {client.get(path).status_code for _ in range(5)} == {200}


def test_nought_is_no_limit(template: Template, settings: Settings) -> None:
    with open_stage(settings, template.tokens, verifications_per_minute=0) as stage:
        assert {verify(stage).status_code for _ in range(20)} == {200}


class Unreachable(ProcessMemory):
    """What is asked, and never answers."""

    asked = 0

    def incr(self, key: str, expiry: int) -> int:
        self.asked += 1
        raise ConnectionError


def test_a_counter_that_does_not_answer_keeps_nobody_from_verifying(
    template: Template, settings: Settings, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    unreachable = Unreachable()
    monkeypatch.setattr(rates, "storage_from_string", lambda _address: unreachable)
    secret = Secret("rate_limit_storage", "redis://:hidden@127.0.0.1:1/0")
    with open_stage(
        settings, template.tokens, rate_limit_storage=secret, verifications_per_minute=2
    ) as stage:
        # It counts by itself meanwhile, and does not wait for the other each time.
        assert [verify(stage).status_code for _ in range(3)] == [200, 200, 429]
    assert unreachable.asked == 1
    assert "ConnectionError" in caplog.text
    assert "hidden" not in caplog.text


def test_a_counter_that_was_away_is_asked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rate_counter, "RETRY_SECONDS", 0.0)
    unreachable = Unreachable()
    counter = RateCounter(unreachable)
    assert [counter.spend("a", 1, 60) > 0 for _ in range(3)] == [False, True, True]
    assert unreachable.asked == 3


def test_a_counter_whose_client_is_not_installed_is_said_at_the_start(
    template: Template, settings: Settings
) -> None:
    secret = Secret("rate_limit_storage", "redis://:hidden@127.0.0.1:1/0")
    with pytest.raises(ConfigError, match="pip install redis") as refused:
        open_stage(settings, template.tokens, rate_limit_storage=secret).__enter__()
    assert "hidden" not in str(refused.value)


def test_no_log_tells_an_address(strict: Stage, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        for _ in range(4):
            verify(strict, "192.0.2.77")
    assert "192.0.2.77" not in caplog.text


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"),
        ("fe80::1%eth0", "fe80::"),
        ("unix", "unix"),
    ],
)
def test_an_address_stands_for_its_network(address: str, network: str) -> None:
    assert network_of(address) == network


def test_a_window_ends_and_begins_anew() -> None:
    now = [1000.0]
    windows = ProcessMemory(clock=lambda: now[0])
    assert [windows.incr("a", 60) for _ in range(3)] == [1, 2, 3]
    assert windows.get_expiry("a") == 1060
    now[0] = 1060
    assert windows.incr("a", 60) == 1


def test_counters_in_memory_stay_few() -> None:
    now = [1000.0]
    windows = ProcessMemory(clock=lambda: now[0], max_keys=10)
    for number in range(10):
        windows.incr(f"old {number}", 60)
    now[0] = 1061
    windows.incr("new", 60)
    assert len(windows) == 1
    for number in range(10):
        windows.incr(f"many {number}", 60)
    assert len(windows) == 1
