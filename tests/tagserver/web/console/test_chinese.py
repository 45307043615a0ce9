"""The console in Chinese: every page, and what its forms answer."""

import re

import pytest

from tests.tagserver.web.cast import GTIN, Stage
from tests.tagserver.web.console.cast import Person, staff

PAGES = {
    "/console": "概览",
    "/console/products": "登记产品",
    "/console/products/new": "扫码时公众看到的内容",
    f"/console/products/{GTIN}": "包装照片",
    "/console/batches": "签发批次",
    "/console/batches/new": "标签数量",
    "/console/batches/1": "各单品的状态",
    "/console/batches/1/labels": "下载标签",
    "/console/units": "查询",
    "/console/scans": "扫码记录",
    "/console/recalls": "召回或撤市",
    "/console/recalls/new": "每个扫描这些标签的人都会看到",
    "/console/reports": "问题反映",
    "/console/trail": "下单签发批次",
    "/console/account": "两步验证",
}
SHOWN_AS_THEY_ARE = re.compile(
    r"<(script|style|svg|code)[^>]*>.*?</\1>|<[^>]*>|Liu Wei|liu@example\.com|Liu Family Distillery"
    r"|Red Sorghum Baijiu|Chrome, Android|avery-[\w-]*|herma-\d+|letter-|thermal-|English|example\.com|origin check",
    re.DOTALL | re.IGNORECASE,
)
ENGLISH = re.compile(r"\b[A-Za-z]?[a-z]{3,}\b")
NAMES = {"serial", "WebP", "dpi"}


@pytest.fixture
def person(stage: Stage) -> Person:
    """Somebody who reads Chinese, with a product and a batch."""
    stage.register()
    stage.issue()
    reader = staff(stage)
    reader.client.set_cookie("lang", "zh-Hans")
    return reader


@pytest.mark.parametrize("path", PAGES)
def test_a_page_of_the_console_is_read_in_chinese(person: Person, path: str) -> None:
    text = person.opens(path).text
    assert '<html lang="zh-Hans" dir="ltr">' in text
    assert PAGES[path] in text
    rest = set(ENGLISH.findall(SHOWN_AS_THEY_ARE.sub(" ", text.partition("<body>")[2])))
    assert rest <= NAMES, rest


def test_the_switch_stands_on_every_page_of_the_console(person: Person) -> None:
    person.opens("/console/batches/1")
    answer = person.client.post("/language", data={"lang": "en", "back": "/console/batches/1"})
    assert answer.headers["Location"] == "/console/batches/1"
    assert '<html lang="en"' in person.opens("/console/batches/1").text


def test_what_is_wrong_with_a_form_is_said_in_chinese(person: Person) -> None:
    person.opens("/console/products/new")
    text = person.sends("/console/products/new", gtin="123", name="x").text
    assert "商品编码为 8、12、13 或 14 位数字" in text
    assert "请检查标出的各项" in text
    person.opens("/console/batches/new")
    text = person.sends("/console/batches/new", lot="a b", count="1").text
    assert "标签上不能使用此内容" in text
    assert re.search(r'<span lang="en">[^<]+</span>', text), (
        "the value itself, in the language of the program"
    )


def test_what_was_done_is_confirmed_in_chinese(person: Person) -> None:
    person.opens("/console/account")
    assert "您已退出" in person.sends("/console/log-out").text
    assert "输入有误" in person.logs_in(password="wrong").text
