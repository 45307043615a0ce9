"""The door: links that work once, sessions that end, guessing that is slowed down, cookies that keep to themselves."""

from datetime import timedelta

import pytest

from tests.tagserver.web.cast import Stage
from tests.tagserver.web.console.cast import LOGIN, PASSWORD, app_code, invited, staff, stranger


def test_a_set_up_link_works_once_and_looking_at_it_uses_nothing_up(stage: Stage) -> None:
    person, link = stranger(stage), invited(stage)
    for _ in range(2):
        assert person.opens(link).status_code == 200
    person.sends(link, password=PASSWORD, again=PASSWORD)
    assert person.page.request.path == "/console/log-in"
    assert person.opens(link).status_code == 410
    assert person.opens("/console/set-up/" + "x" * 43).status_code == 410


def test_passwords_that_differ_or_are_too_short_are_told_at_their_field(stage: Stage) -> None:
    person, link = stranger(stage), invited(stage)
    person.opens(link)
    assert "The two passwords differ" in person.sends(link, password=PASSWORD, again="x").text
    assert "Choose 12 to 200 characters" in person.sends(link, password="short", again="short").text
    assert person.sends(link, password=PASSWORD, again=PASSWORD).status_code == 200


def test_a_wrong_password_and_a_wrong_name_get_the_same_answer(stage: Stage) -> None:
    staff(stage)
    person = stranger(stage)
    answers = [person.logs_in(LOGIN, "wrong"), person.logs_in("nobody@example.com", "wrong")]
    assert [answer.status_code for answer in answers] == [403, 403]
    for answer in answers:
        assert "That is not right" in answer.text
        assert "wrong" not in answer.text.split("<main")[1].replace('class="hint wrong"', "")


def test_guessing_is_slowed_down_and_says_how_long(stage: Stage) -> None:
    staff(stage)
    person = stranger(stage)
    answer = person.logs_in(password="wrong")
    while answer.status_code == 403:
        answer = person.logs_in(password="wrong")
    assert answer.status_code == 429
    assert "Too many tries" in answer.text
    assert int(answer.headers["Retry-After"]) >= 60


def test_who_is_sent_to_log_in_comes_back_to_the_page(stage: Stage) -> None:
    staff(stage)
    person = stranger(stage)
    person.opens("/console/trail?lines=200")
    person.sends("/console/log-in", login=LOGIN, password=PASSWORD)
    assert person.page.request.full_path == "/console/trail?lines=200"


@pytest.mark.parametrize(
    "elsewhere",
    [
        "https://evil.example",
        "//evil.example",
        "/console/../x\\y",
        "/consolex",
        "/v1/batches",
        "/console\n/x",
    ],
)
def test_a_log_in_leads_nowhere_but_into_the_console(stage: Stage, elsewhere: str) -> None:
    staff(stage)
    person = stranger(stage)
    person.opens("/console/log-in")
    answer = person.sends("/console/log-in", follow=False, login=LOGIN, password=PASSWORD, next=elsewhere)
    assert answer.headers["Location"] == "/console"


def test_over_https_cookies_are_bound_to_the_host(stage: Stage) -> None:
    for base, prefix in (("https://id.example.com", "__Host-"), ("http://localhost", "")):
        answer = stage.client().get("/console/log-in", base_url=base)
        cookie = answer.headers["Set-Cookie"]
        assert cookie.startswith(f"{prefix}form=")
        for wanted in ("HttpOnly", "SameSite=Strict", "Path=/"):
            assert wanted in cookie
        assert ("Secure" in cookie) is bool(prefix)
        assert "Domain" not in cookie


def test_the_session_is_http_only_and_lax(stage: Stage) -> None:
    staff(stage)
    person = stranger(stage)
    person.opens("/console/log-in")
    answer = person.sends("/console/log-in", follow=False, login=LOGIN, password=PASSWORD)
    cookie = next(one for one in answer.headers.getlist("Set-Cookie") if one.startswith("session="))
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Expires" not in cookie


def test_pages_are_kept_by_nobody_and_run_no_inline_script(stage: Stage) -> None:
    person = staff(stage)
    for path in ("/console", "/console/account", "/console/batches/new"):
        headers = person.opens(path).headers
        assert headers["Cache-Control"] == "no-store"
        assert "unsafe" not in headers["Content-Security-Policy"]
        assert headers["X-Robots-Tag"] == "noindex"


def test_logging_out_ends_the_session_on_the_server(stage: Stage) -> None:
    person = staff(stage)
    cookie = person.client.get_cookie("session")
    assert cookie is not None
    person.opens("/console")
    person.sends("/console/log-out")
    assert "You are logged out" in person.page.text
    person.client.set_cookie("session", cookie.value)
    assert person.opens("/console").request.path == "/console/log-in"


def test_an_old_session_is_over_and_its_form_does_nothing(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    person = staff(stage)
    person.opens("/console/account")
    sessions = stage.services.sessions
    clock = sessions._clock
    monkeypatch.setattr(sessions, "_clock", lambda: clock() + timedelta(minutes=31))
    answer = person.sends("/console/account/password", current=PASSWORD, password="x" * 14, again="x" * 14)
    assert answer.status_code == 401
    assert "You were logged out" in answer.text
    assert person.opens("/console").request.path == "/console/log-in"


def test_the_second_step_from_turning_on_to_a_recovery_code(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    person = staff(stage)
    person.opens("/console/account")
    wrong = person.sends("/console/account/second-step", totp_password="wrong")
    assert wrong.status_code == 403
    page = person.sends("/console/account/second-step", totp_password=PASSWORD)
    assert '<svg class="qr"' in page.text
    secret = "".join(
        part.split("</span>")[0]
        for part in page.text.split('class="code secret"')[1].split("</p>")[0].split("<span>")[1:]
    )
    refused = person.sends("/console/account/second-step/on", code="abc")
    assert refused.status_code == 403
    now = stage.services.sessions._clock()
    recovery = person.sends("/console/account/second-step/on", code=app_code(secret, now)).text
    codes = [part.split("</li>")[0] for part in recovery.split('<li class="code">')[1:]]
    assert len(codes) == 10
    assert "10 recovery codes left" in person.opens("/console/account").text

    other = stranger(stage)
    other.logs_in()
    assert "Second step" in other.page.text
    assert other.client.get("/console/account").status_code == 303
    assert other.sends("/console/code", code="000000").status_code == 403
    assert other.sends("/console/code", code=codes[0]).request.path == "/console"
    assert "9 recovery codes left" in other.opens("/console/account").text
    other.sends("/console/account/second-step/off", off_code=codes[1])
    assert "The second step is off" in other.page.text


def test_a_second_step_that_comes_too_late_begins_again(stage: Stage) -> None:
    person = stranger(stage)
    person.opens("/console/log-in")
    form = person.form("/console/log-in")
    answer = person.client.post("/console/code", data={**form.fields, "code": "123456"})
    assert answer.headers["Location"] == "/console/log-in?said=late"


def test_a_changed_password_ends_all_other_sessions(stage: Stage) -> None:
    person = staff(stage)
    other = stranger(stage)
    other.logs_in()
    person.opens("/console/account")
    assert (
        "Choose another one"
        in person.sends(
            "/console/account/password", current=PASSWORD, password="password1234", again="password1234"
        ).text
    )
    person.sends("/console/account/password", current=PASSWORD, password=PASSWORD + "!", again=PASSWORD + "!")
    assert "Your password is changed" in person.page.text
    assert other.opens("/console").request.path == "/console/log-in"


def test_other_sessions_are_seen_and_ended(stage: Stage) -> None:
    person = staff(stage)
    stranger(stage).logs_in()
    text = person.opens("/console/account").text
    assert text.count("Chrome, Android") == 2
    path = next(
        part.split('"')[0]
        for part in text.split('action="')[1:]
        if part.startswith("/console/account/sessions/") and "others" not in part.split('"')[0]
    )
    person.sends(path)
    assert "The session was ended" in person.page.text
    assert person.page.text.count("Chrome, Android") == 1
