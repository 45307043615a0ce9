import ctypes
from pathlib import Path

import pypdfium2
import pypdfium2.raw as pdfium
import pytest

from tagserver.labels.errors import FontError, MissingGlyphError
from tagserver.labels.helvetica import BOLD, REGULAR, Helvetica
from tagserver.labels.outlines import FontFile, load
from tagserver.labels.typeface import fitted, name_face, shortened, two_lines
from tests.tagserver.labels.samples import CHINESE_NAME, tiny_font


@pytest.mark.parametrize("face", [REGULAR, BOLD])
def test_widths_are_those_that_a_pdf_reader_uses(face: Helvetica) -> None:
    document = pypdfium2.PdfDocument.new()
    font = pdfium.FPDFText_LoadStandardFont(document, face.pdf_name.encode())
    for character, width in face.widths.items():
        if (face, character) == (BOLD, "@"):
            continue  # PDFium's substitute face differs from Adobe's metrics here
        found = ctypes.c_float()
        assert pdfium.FPDFFont_GetGlyphWidth(font, ord(character), 1000, ctypes.byref(found))
        assert found.value == pytest.approx(width, abs=1)
    pdfium.FPDFFont_Close(font)
    document.close()


def test_every_character_with_a_width_can_be_encoded() -> None:
    assert all(character.encode("cp1252") for character in REGULAR.widths)
    assert REGULAR.widths.keys() == BOLD.widths.keys()


def test_accents_do_not_widen_letters() -> None:
    assert REGULAR.width_em("Château") == REGULAR.width_em("Chateau")


def test_a_latin_name_is_bold_helvetica_even_where_a_font_is_configured(tmp_path: Path) -> None:
    assert name_face("Château Ümlaut", tiny_font(tmp_path)) is BOLD


def test_the_missing_characters_of_the_font_are_named(tmp_path: Path) -> None:
    font = tiny_font(tmp_path)
    with pytest.raises(MissingGlyphError) as caught:
        name_face(CHINESE_NAME + "茅台", font)
    assert (caught.value.characters, caught.value.font) == ("茅台", "tiny.ttf")


@pytest.mark.parametrize("text", ["אב", "محمد", "ก้", "नि"])
def test_scripts_that_need_shaping_count_as_missing(tmp_path: Path, text: str) -> None:
    face = load(tiny_font(tmp_path, characters=text))
    assert face.missing(text)
    with pytest.raises(MissingGlyphError):
        face.outline(text)


def test_refuses_a_file_that_is_no_font(tmp_path: Path) -> None:
    path = tmp_path / "no.ttf"
    path.write_bytes(b"this is no font at all")
    with pytest.raises(FontError) as caught:
        load(FontFile(path=path))
    assert caught.value.code == "LABEL_FONT_UNREADABLE"


def test_refuses_a_font_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(FontError, match=r"gone\.ttf"):
        load(FontFile(path=tmp_path / "gone.ttf"))


def test_outlines_are_cubic_closed_and_follow_one_another(tmp_path: Path) -> None:
    face = load(tiny_font(tmp_path))
    one, two = face.outline("红"), face.outline("红高")
    assert [operator for operator, _ in one] == ["m", "c", "l", "c", "h"]
    assert two[: len(one)] == one
    assert [x for x, _ in (operands for operator, operands in two if operator == "m")] == [0.1, 1.1]


def test_ink_rises_as_high_as_its_highest_glyph(tmp_path: Path) -> None:
    face = load(tiny_font(tmp_path))
    assert face.top_em("红") == pytest.approx(0.8)
    assert face.top_em(" ") == 0.0


@pytest.mark.parametrize(
    ("name", "lines"),
    [
        ("One two", ("One", "two")),
        ("A long first word", ("A long", "first word")),
        ("Unbreakable", ("Unbreakable",)),
    ],
)
def test_names_break_at_the_space_that_balances_them(name: str, lines: tuple[str, ...]) -> None:
    assert two_lines(name, BOLD) == lines


def test_chinese_names_break_between_any_two_characters(tmp_path: Path) -> None:
    lines = two_lines(CHINESE_NAME, load(tiny_font(tmp_path)))
    assert "".join(lines) == CHINESE_NAME
    assert sorted(map(len, lines)) == [2, 3]


def test_a_text_is_shortened_to_what_fits() -> None:
    cut = shortened("Hongliang Baijiu", BOLD, 5.0)
    assert cut == "Hongliang…" or (cut.endswith("…") and BOLD.width_em(cut) <= 5.0)
    assert shortened("Hongliang Baijiu", BOLD, BOLD.width_em("Hongliang Baijiu")) == "Hongliang Baijiu"
    assert shortened("Hongliang", BOLD, 0.5) == "…"


def test_three_dots_stand_for_an_ellipsis_that_the_font_lacks(tmp_path: Path) -> None:
    face = load(tiny_font(tmp_path, characters=CHINESE_NAME + "."))
    assert shortened(CHINESE_NAME, face, 4.0) == "红..."


def test_of_two_lines_only_the_last_is_shortened() -> None:
    name = "Sterile infusion set, single use, with needle-free connector"
    lines = fitted(name, two_lines(name, BOLD), BOLD, 12.0)
    assert lines[0] == "Sterile infusion set,"
    assert lines[1].startswith("single use, with")
    assert lines[1].endswith("…")
    assert all(BOLD.width_em(line) <= 12.0 for line in lines)


def test_lines_that_fit_stay_as_they_are() -> None:
    assert fitted("One two", ("One", "two"), BOLD, 5.0) == ("One", "two")


@pytest.mark.parametrize("lines", [("Unbreakable",), ("Incomprehensible", "words")])
def test_a_line_without_a_place_to_break_is_shortened(lines: tuple[str, ...]) -> None:
    cut = fitted(" ".join(lines), lines, BOLD, 3.0)
    assert len(cut) == len(lines)
    assert cut[0].endswith("…")
