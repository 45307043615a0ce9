"""Device and server together: the worse word stands."""

from scanner.check import Checker
from scanner.online import Server
from tagcore.reasons import Level
from tests.scanner.cast import NOW, bundle, forged_url, tag_url
from tests.scanner.served import TagServer, verdict_json


def test_offline_it_is_the_devices_word() -> None:
    answer = Checker(trust=bundle()).check(tag_url(), NOW)
    assert (answer.level, answer.code, answer.by) == (Level.UNCHECKED, "SIGNATURE_ONLY", "device")
    assert "Example Distillery" in answer.findings[0].text


def test_with_nothing_to_check_with_it_says_so() -> None:
    answer = Checker().check(tag_url(), NOW)
    assert (answer.level, answer.code) == (Level.UNCHECKED, "CANNOT_CHECK")
    assert "no list of producers' keys" in answer.findings[0].text


def test_the_servers_word_stands_where_the_signature_holds(tag_server: TagServer) -> None:
    tag_server.answer("/v1/verify", verdict_json("caution", "SEEN_ELSEWHERE"))
    with Server(tag_server.url) as server:
        answer = Checker(trust=bundle(), server=server).check(tag_url(), NOW)
    assert (answer.level, answer.by, answer.note) == (Level.CAUTION, "server", "")


def test_a_server_cannot_make_a_forgery_match(tag_server: TagServer) -> None:
    tag_server.answer("/v1/verify", verdict_json())
    with Server(tag_server.url) as server:
        answer = Checker(trust=bundle(), server=server).check(forged_url(), NOW)
    assert (answer.level, answer.code, answer.by) == (Level.STOP, "SIGNATURE_INVALID", "device")
    assert [finding.code for finding in answer.findings] == ["SIGNATURE_INVALID", "FIRST_SCAN"]
    assert "pinned keys" in answer.note


def test_without_pinned_keys_the_server_is_believed(tag_server: TagServer) -> None:
    tag_server.answer("/v1/verify", verdict_json())
    with Server(tag_server.url) as server:
        assert Checker(server=server).check(tag_url(), NOW).level is Level.MATCH


def test_a_silent_server_never_matches(tag_server: TagServer) -> None:
    with Server(tag_server.url) as server:
        for trust in (bundle(), None):
            answer = Checker(trust=trust, server=server).check(tag_url(), NOW)
            assert (answer.level, answer.code) == (Level.UNCHECKED, "CANNOT_CHECK")
            assert answer.note == "the server answered with status 404"
        forged = Checker(trust=bundle(), server=server).check(forged_url(), NOW)
        assert (forged.level, forged.code) == (Level.STOP, "SIGNATURE_INVALID")
