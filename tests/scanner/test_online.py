"""Asking a server: an answer in the agreed form, or silence; never a match that nobody gave."""

import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from scanner.answer import Answer
from scanner.errors import TrustUpdateUnavailableError
from scanner.online import Server, ServerUrlError, Silence
from tagcore.reasons import Level
from tests.scanner.served import TagServer, verdict_json

Change = Callable[[dict[str, Any]], object]


def ask(server: TagServer, text: str = "TEXT") -> Answer | Silence:
    with Server(server.url) as asked:
        return asked.verify(text)


def test_gives_the_servers_answer(tag_server: TagServer) -> None:
    tag_server.answer("/v1/verify", verdict_json(product={"name": "Baijiu"}))
    answer = ask(tag_server, "HTTPS://ID.EXAMPLE.COM/1")
    assert tag_server.asked == [("/v1/verify", {"text": "HTTPS://ID.EXAMPLE.COM/1"})]
    assert isinstance(answer, Answer)
    assert (answer.level, answer.code, answer.by) == (Level.MATCH, "FIRST_SCAN", "server")
    assert answer.title == "Matches the producer's record"
    assert answer.findings[0].detail == {"viewers": "2"}
    assert answer.text == "Nobody else has scanned it."
    assert answer.record == {"tag": {"serial": "4T7QMZ9C1R5KD"}, "product": {"name": "Baijiu"}}


@pytest.mark.parametrize("status", [204, 301, 404, 422, 429, 500, 503])
def test_another_status_is_silence_even_with_a_match_in_the_body(tag_server: TagServer, status: int) -> None:
    tag_server.answer("/v1/verify", b"" if status == 204 else verdict_json(), status)
    answer = ask(tag_server)
    assert answer == Silence(f"the server answered with status {status}")


CHANGES: dict[str, Change] = {
    "no verdict": lambda answer: answer.pop("verdict"),
    "verdict is text": lambda answer: answer.update(verdict="match"),
    "unknown level": lambda answer: answer["verdict"].update(level="fine"),
    "level is a number": lambda answer: answer["verdict"].update(level=0),
    "no headline": lambda answer: answer["verdict"].pop("headline"),
    "headline without title": lambda answer: answer["verdict"]["headline"].pop("title"),
    "no reasons": lambda answer: answer["verdict"].update(reasons=[]),
    "reasons is an object": lambda answer: answer["verdict"].update(reasons={}),
    "reason without text": lambda answer: answer["verdict"]["reasons"][0].pop("text"),
    "a match for a bad reason": lambda answer: answer["verdict"]["reasons"][0].update(level="stop"),
    "tag is a list": lambda answer: answer.update(tag=[]),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_an_answer_of_another_form_is_silence(tag_server: TagServer, change: Change) -> None:
    answer = verdict_json()
    change(answer)
    tag_server.answer("/v1/verify", answer)
    silence = ask(tag_server)
    assert isinstance(silence, Silence)
    assert "not understood" in silence.why


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b"null", b"\xff\xfe", b"[" * 100_000])
def test_another_body_is_silence(tag_server: TagServer, body: bytes) -> None:
    tag_server.answer("/v1/verify", body)
    assert isinstance(ask(tag_server), Silence)


def test_an_endless_answer_is_cut_off(tag_server: TagServer) -> None:
    tag_server.answer("/v1/verify", json.dumps(verdict_json()).encode() + b" " * 1024 * 1024)
    answer = ask(tag_server)
    assert isinstance(answer, Silence)
    assert "bytes" in answer.why


def test_a_server_that_is_down_is_silence(tag_server: TagServer) -> None:
    with Server("http://127.0.0.1:1") as server:
        assert server.verify("TEXT") == Silence("the server cannot be reached (ConnectError)")


@pytest.mark.parametrize("error", [httpx.ReadTimeout("slow"), httpx.RemoteProtocolError("garbage")])
def test_a_slow_or_broken_server_is_silence(error: Exception) -> None:
    def fail(request: httpx.Request) -> httpx.Response:
        raise error

    with Server("https://id.example.com", transport=httpx.MockTransport(fail)) as server:
        assert isinstance(server.verify("TEXT"), Silence)


@pytest.mark.parametrize(
    "url",
    [
        "id.example.com",
        "ftp://id.example.com",
        "https://",
        "https://a/?q=1",
        "https://a/#x",
        "https://\x00",
        "",
    ],
)
def test_refuses_what_is_no_server_address(url: str) -> None:
    with pytest.raises(ServerUrlError):
        Server(url)


def test_refuses_plain_http_to_another_machine_unless_asked_for() -> None:
    for url in ("http://id.example.com", "http://192.0.2.1:8000"):
        with pytest.raises(ServerUrlError, match="https"):
            Server(url)
        with Server(url, unsafe_plain_http=True):
            pass
    for url in (
        "http://127.0.0.1:8000",
        "http://localhost:8000/",
        "http://[::1]:8000",
        "https://id.example.com/x/",
    ):
        with Server(url):
            pass


def test_keeps_the_path_of_a_server_below_another() -> None:
    seen: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(str(request.url))
        return httpx.Response(200, json=verdict_json())

    with Server("https://example.com/tags/", transport=httpx.MockTransport(answer)) as server:
        assert isinstance(server.verify("TEXT"), Answer)
    assert seen == ["https://example.com/tags/v1/verify"]


def test_fetches_the_trust_bundle_as_bytes(tag_server: TagServer) -> None:
    tag_server.answer("/.well-known/tag-trust.json", b"bundle")
    with Server(tag_server.url) as server:
        assert server.fetch_trust() == b"bundle"
        tag_server.answers.clear()
        with pytest.raises(TrustUpdateUnavailableError, match="404"):
            server.fetch_trust()
