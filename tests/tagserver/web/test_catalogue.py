"""Every text has its translation, and the translation fits."""

import re
from pathlib import Path

import pytest
from babel.messages import Catalog
from babel.messages.pofile import read_po

from tagcore.evidence import Cause
from tagcore.findings import DETAIL_WORDS, SIGNAL_WORDS, USE_WORDS
from tagcore.history import Signal
from tagcore.reasons import Code, Reason
from tagserver.web import catalogue as catalogue_module
from tagserver.web.catalogue import catalogue, gettext, mark, ngettext, po_file
from tagserver.web.languages import Language, locale_of
from tagserver.web.sentences import country_name, day, number, sentences
from tests.tagserver.web.cast import NOW, Stage
from tools.messages import main, places, texts_in_code, update

TRANSLATED = [language for language in Language if language is not Language.ENGLISH]
NAMES = {"WebP", "scanner", "verify", "proof", "text", "url", "gtin", "serial"}
"""Names of things that are written so in any language: a format, a command, the columns of a list."""
LATIN_WORDS = re.compile(
    r"\b(?!EMVS\b|GTIN\b|RFC\b|UTC\b|JPEG\b|PNG\b|HEIC\b|CSV\b|API\b|IP\b)[A-Z]?[a-z]{3,}\b"
)


def file_of(language: Language) -> Catalog:
    with po_file(language).open("rb") as file:
        return read_po(file, locale=language.locale_name)


def forms(text: object) -> tuple[str, ...]:
    return tuple(map(str, text)) if isinstance(text, tuple | list) else (str(text or ""),)


@pytest.mark.parametrize("language", TRANSLATED)
def test_every_text_has_its_translation_and_no_other_text_has_one(language: Language) -> None:
    wanted = {forms(message.id) for message in texts_in_code() if message.id}
    found = {forms(message.id): message for message in file_of(language) if message.id}
    assert wanted - found.keys() == set(), "run 'make messages' and translate these"
    assert found.keys() - wanted == set(), "run 'make messages': nobody says these any more"
    for key, message in found.items():
        assert all(forms(message.string)), f"{key} waits for its translation"
        assert not message.fuzzy, f"{key} is marked as a guess"


@pytest.mark.parametrize("language", TRANSLATED)
def test_a_translation_fills_in_what_its_text_fills_in(language: Language) -> None:
    for message in file_of(language):
        if message.id:
            for form in forms(message.string):
                assert places(form) == places(forms(message.id)[-1]), message.id
                assert "%" not in re.sub(r"%\(\w+\)s|%%", "", form), message.id
                assert re.sub(r"\{\w+\}", "", form).count("{") == 0, message.id


def test_chinese_texts_are_chinese() -> None:
    for message in file_of(Language.CHINESE):
        if message.id:
            for form in forms(message.string):
                bare = re.sub(r"%\(\w+\)s|\{\w+\}|<[^>]*>", "", form)
                assert not re.search(r"[,;:?!](?=\s|$)|\.$", bare), f"{form}: a Latin sign of punctuation"
                assert set(LATIN_WORDS.findall(bare)) <= NAMES, form


def test_no_chinese_text_calls_a_pack_genuine() -> None:
    assert "正品" not in po_file(Language.CHINESE).read_text(encoding="utf-8")


def test_every_word_that_fills_a_sentence_is_known() -> None:
    assert SIGNAL_WORDS.keys() == set(Signal)
    assert DETAIL_WORDS["signals"] == set(SIGNAL_WORDS.values())
    assert DETAIL_WORDS["state"] == set(USE_WORDS.values())
    assert DETAIL_WORDS["cause"] == set(Cause)


def test_a_sentence_and_what_fills_it_are_in_one_language(stage: Stage) -> None:
    detail = {
        "signals": ", ".join(sorted(SIGNAL_WORDS.values())),
        "viewers": "4",
        "date": "2026-11-03",
        "country": "VN",
    }
    with stage.app.test_request_context(headers={"Accept-Language": "zh"}):
        text = sentences(Reason(code=Code.SEEN_ELSEWHERE, detail=detail)).text
    assert text == (
        "此标签在相距过远、时间上不可能到达的地点出现过、在短时间内被多人扫描过。"
        "扫过此标签的其他人：4 位（首次：2026年11月3日，越南）。复制的标签与原标签看起来完全一样。"
    )
    assert (
        "(first: 3 November 2026, Vietnam)" in sentences(Reason(code=Code.SEEN_ELSEWHERE, detail=detail)).text
    )


def test_a_producer_s_own_words_stay_as_they_are(stage: Stage) -> None:
    detail = {"date": "2026-11-12", "reason": "sold", "instructions": "Stop."}
    with stage.app.test_request_context(headers={"Accept-Language": "zh"}):
        words = sentences(Reason(code=Code.RECALLED, detail=detail))
    assert (words.text, words.advice) == ("2026年11月12日召回：sold", "Stop.")


def test_outside_of_a_request_texts_are_english() -> None:
    assert gettext("At most %(count)s characters, please.", count=3) == "At most 3 characters, please."
    assert ngettext("%(n)s tag", "%(n)s tags", 1, n=1) == "1 tag"
    assert ngettext("tag", "tags", 2) == "tags"
    assert mark("Issued") == "Issued"
    assert (number(12_000), country_name("CN"), country_name("QQ")) == ("12,000", "China", "QQ")


def test_dates_and_numbers_are_written_as_readers_of_chinese_do(stage: Stage) -> None:
    with stage.app.test_request_context(headers={"Accept-Language": "zh"}):
        assert day(NOW) == "2026年9月2日"
        assert (number(12_000), country_name("VN")) == ("12,000", "越南")
    assert locale_of(Language.CHINESE).text_direction == "ltr"


def test_a_catalogue_is_made_once_and_from_the_file_that_is_committed() -> None:
    assert catalogue(Language.CHINESE) is catalogue(Language.CHINESE)
    folder = Path(catalogue_module.__file__).parent / "translations"
    assert [path.suffix for path in folder.rglob("*") if path.is_file()] == [".po"] * len(TRANSLATED)


@pytest.fixture
def copied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The Chinese texts, where a test may change them."""
    said = texts_in_code()
    file = tmp_path / "zh_Hans" / "LC_MESSAGES" / "messages.po"
    file.parent.mkdir(parents=True)
    file.write_bytes(po_file(Language.CHINESE).read_bytes())
    monkeypatch.setattr(catalogue_module, "FOLDER", tmp_path)
    monkeypatch.setattr("tools.messages.PROJECT", tmp_path)
    monkeypatch.setattr("tools.messages.texts_in_code", lambda: said)
    return file


def test_bringing_up_to_date_changes_nothing_when_nothing_changed(copied: Path) -> None:
    before = copied.read_bytes()
    assert main() == 0
    assert copied.read_bytes() == before


def test_a_new_text_waits_and_an_old_one_goes(copied: Path) -> None:
    text = copied.read_text(encoding="utf-8")
    copied.write_text(text.replace('msgid "Expired"', 'msgid "No longer said"'), encoding="utf-8")
    assert update(Language.CHINESE) == 1
    assert "No longer said" not in copied.read_text(encoding="utf-8")
    assert main() == 1
