"""Pages in the reader's language, and the switch."""

import pytest
from flask import Request
from werkzeug.test import EnvironBuilder

from tagserver.web.languages import Language, language_of
from tagserver.web.local_path import local_path
from tests.tagserver.web.cast import GTIN, Stage

CHINESE = {"Accept-Language": "zh-CN,zh;q=0.9,en;q=0.8", "Accept": "text/html"}


def asked(**headers: str) -> Request:
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    return Request(EnvironBuilder(headers=list(given.items())).get_environ())


@pytest.mark.parametrize(
    ("wanted", "language"),
    [
        ("", Language.ENGLISH),
        ("zh-CN,zh;q=0.9,en;q=0.8", Language.CHINESE),
        ("zh-Hans-CN", Language.CHINESE),
        ("zh-TW", Language.CHINESE),
        ("ZH", Language.CHINESE),
        ("en-US,en;q=0.9,zh;q=0.1", Language.ENGLISH),
        ("fr-FR, zh;q=0.5, en;q=0.4", Language.CHINESE),
        ("zh;q=0, en;q=0.1", Language.ENGLISH),
        ("fr, *;q=0.5", Language.ENGLISH),
        ("fr", Language.ENGLISH),
        ("zhx, ;;;q=x", Language.ENGLISH),
    ],
)
def test_the_browser_s_wish_is_matched_by_its_primary_subtag(wanted: str, language: Language) -> None:
    assert language_of(asked(Accept_Language=wanted)) is language


def test_the_reader_s_choice_goes_before_the_browser_s_wish() -> None:
    assert language_of(asked(Accept_Language="en", Cookie="lang=zh-Hans")) is Language.CHINESE
    assert language_of(asked(Accept_Language="zh", Cookie="lang=tlh")) is Language.CHINESE


@pytest.mark.parametrize(
    "path", ["/", "/scan", "/report", "/report/sent", "/nowhere", "/docs", "/console/log-in"]
)
def test_every_page_says_in_which_language_it_is(stage: Stage, path: str) -> None:
    answer = stage.client().get(path, headers=CHINESE)
    assert '<html lang="zh-Hans" dir="ltr">' in answer.text
    assert answer.headers["Content-Language"] == "zh-Hans"
    assert {"accept-language", "cookie"} <= {name.lower() for name in answer.vary}
    assert '<html lang="en" dir="ltr">' in stage.client().get(path, headers={"Accept": "text/html"}).text


def test_files_and_health_depend_on_no_language(stage: Stage) -> None:
    with stage.client().get("/static/css/site.css", headers=CHINESE) as answer:
        assert "cookie" not in answer.vary
    assert "Content-Language" not in stage.client().get("/healthz", headers=CHINESE).headers


def test_a_verdict_is_read_in_chinese(stage: Stage) -> None:
    stage.register()
    batch = stage.issue()
    text = stage.client().get(stage.paths(batch)[0], headers=CHINESE).text
    for words in (
        "与生产商记录一致",
        "请与您手中的包装核对",
        "由Liu Family Distillery签名",
        "批号 L26-0914 共 5 枚标签中的一枚",
        "尚无其他人",
        "现在该怎么做",
    ):
        assert words in text
    for words in ("Matches", "What to do", "正品", "None"):
        assert words not in text


def test_programs_get_the_sentences_in_the_language_that_they_ask_for(stage: Stage) -> None:
    stage.register()
    path = stage.paths(stage.issue())[0]
    for headers, title in (
        ({}, "Matches the producer's record"),
        ({"Accept-Language": "zh"}, "与生产商记录一致"),
    ):
        answer = stage.client().get(path, headers={"Accept": "application/json", **headers})
        assert answer.json is not None
        headline = answer.json["verdict"]["headline"]
        assert headline["code"] in {"FIRST_SCAN", "SEEN_BEFORE"}
        assert headline["title"] == title


def test_a_batch_is_read_in_chinese(stage: Stage) -> None:
    stage.register()
    stage.issue()
    text = stage.client().get("/batches/1", headers=CHINESE).text
    for words in ("第 1 批", "已签发", "使用中", "年", "月"):
        assert words in text


def test_what_is_wrong_with_a_typed_number_is_said_in_chinese(stage: Stage) -> None:
    text = stage.client().get("/check?gtin=1&serial=X", headers=CHINESE).text
    assert "商品编码为 8、12、13 或 14 位数字" in text


def test_the_switch_works_without_script_and_shows_the_same_page(stage: Stage) -> None:
    client = stage.client()
    page = client.get(f"/check?gtin={GTIN}&serial=A%2FB", headers={"Accept": "text/html"}).text
    back = f"/check?gtin={GTIN}&serial=A%2FB"
    assert f'name="back" value="{back.replace("&", "&amp;")}"' in page
    answer = client.post("/language", data={"lang": "zh-Hans", "back": back})
    assert answer.status_code == 303
    assert answer.headers["Location"] == back
    cookie = answer.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert 'lang="zh-Hans"' in client.get(back, headers={"Accept": "text/html"}).text
    client.post("/language", data={"lang": "en", "back": "/"})
    assert '<html lang="en"' in client.get("/", headers=CHINESE).text


def test_a_language_that_is_none_is_not_remembered(stage: Stage) -> None:
    answer = stage.client().post("/language", data={"lang": "tlh"})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/")
    assert "Set-Cookie" not in answer.headers


@pytest.mark.parametrize(
    "back",
    [
        "https://evil.example/",
        "//evil.example/",
        "/\\evil.example",
        "\\\\evil.example",
        "/\t/evil.example",
        "/a\\b",
        "/ x",
        "/x\r\nSet-Cookie: a=b",
        "javascript:alert(1)",
        "evil.example",
        "",
        "/" + "x" * 2_000,
        "/中",
    ],
)
def test_the_switch_leads_nowhere_else(stage: Stage, back: str) -> None:
    assert local_path(back) == "/"
    answer = stage.client().post("/language", data={"lang": "en", "back": back})
    assert answer.headers["Location"] == "/"


@pytest.mark.parametrize(
    "back", ["/", "/01/09506000134352/21/A%2FB?17=271231&s=1", "/check?a=b&c=~", "/x//y"]
)
def test_paths_of_this_site_are_kept_byte_for_byte(back: str) -> None:
    assert local_path(back) == back


def test_a_page_that_only_a_form_leads_to_has_a_way_back(stage: Stage) -> None:
    stage.eyes.seen = ()
    answer = stage.client().post("/scan/photo", data={}, headers={"Accept": "text/html"})
    assert 'name="back" value="/"' in answer.text
    answer = stage.client().post("/report", data={}, headers={"Accept": "text/html"})
    assert 'name="back" value="/report"' in answer.text
