from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest

from tagserver.labels.content import BatchText
from tagserver.labels.errors import MissingGlyphError, SymbolDoesNotFitError, TextDoesNotFitError
from tagserver.labels.fitting import layout_for
from tagserver.labels.geometry import LabelSpec
from tagserver.labels.helvetica import X_HEIGHT_EM
from tagserver.labels.layout import Layout, PlacedLine, WarningCode
from tagserver.labels.outlines import FontFile
from tagserver.labels.presets import ROLLS, SHEETS
from tests.tagserver.labels.samples import CHINESE_NAME, batch, tiny_font

SPECS = {name: sheet.label for name, sheet in SHEETS.items()} | ROLLS
SERIAL = "4T7QMZ9C1R5KD"
LONG_HOST = batch("Sterile infusion set, single use, with connector", domain="verify.example-maker-group.com")


def laid_out(
    spec: LabelSpec, text: BatchText | None = None, size: int = 49, font: FontFile | None = None
) -> Layout:
    return layout_for(spec, text or batch(), serial=SERIAL, symbol_size=size, font=font)


def all_lines(layout: Layout) -> list[PlacedLine]:
    lines = [*layout.lines, layout.serial.line(f"(21) {SERIAL}")]
    return sorted(lines, key=lambda line: line.baseline_mm)


def box_of(line: PlacedLine) -> tuple[float, float, float, float]:
    """Left, top, right and bottom; the bottom leaves room for descenders."""
    rise, width = line.face.top_em(line.text), line.face.width_em(line.text)
    return (
        line.x_mm,
        line.baseline_mm - rise * line.size_mm,
        line.x_mm + width * line.size_mm,
        line.baseline_mm + 0.207 * line.size_mm,
    )


@pytest.mark.parametrize("name", SPECS)
@pytest.mark.parametrize(
    "text", [batch(), LONG_HOST, batch(lot="", expiry="")], ids=["usual", "long", "short"]
)
@pytest.mark.parametrize("size", [45, 49])
def test_everything_lies_on_the_label_and_nothing_in_the_quiet_zone(
    name: str, text: BatchText, size: int
) -> None:
    spec, layout = SPECS[name], laid_out(SPECS[name], text, size)
    symbol = layout.symbol
    quiet = 4 * symbol.module_mm - 1e-6
    assert min(symbol.x_mm, symbol.y_mm) >= quiet - spec.dot_mm
    assert symbol.x_mm + symbol.side_mm + quiet <= spec.width_mm + spec.dot_mm
    assert symbol.y_mm + symbol.side_mm + quiet <= spec.height_mm + spec.dot_mm
    for left, top, right, bottom in map(box_of, all_lines(layout)):
        assert 0 <= left < right <= spec.width_mm - spec.padding_mm + 1e-6
        assert spec.padding_mm - 1e-6 <= top < bottom <= spec.height_mm - spec.padding_mm + 1e-6
        beside, below = (
            left >= symbol.x_mm + symbol.side_mm + quiet,
            top >= symbol.y_mm + symbol.side_mm + quiet,
        )
        assert beside or below


@pytest.mark.parametrize("name", SPECS)
def test_lines_do_not_overlap(name: str) -> None:
    for above, below in pairwise(all_lines(laid_out(SPECS[name]))):
        assert box_of(above)[3] <= box_of(below)[1] + 0.03 * above.size_mm


@pytest.mark.parametrize("name", SPECS)
def test_a_module_is_whole_dots_and_the_symbol_lies_on_dots(name: str) -> None:
    spec, symbol = SPECS[name], laid_out(SPECS[name]).symbol
    assert symbol.module_mm == symbol.module_dots * spec.dot_mm
    for corner in (symbol.x_mm, symbol.y_mm):
        assert corner / spec.dot_mm == pytest.approx(round(corner / spec.dot_mm))


def test_an_ordinary_label_has_text_of_a_readable_size_and_no_warnings() -> None:
    layout = laid_out(SPECS["avery-l7159"])
    assert layout.serial.size_mm * X_HEIGHT_EM >= 1.5
    assert layout.symbol.module_mm >= 0.4
    assert layout.warnings == ()


def test_the_wanted_module_is_rounded_down_and_reported() -> None:
    layout = laid_out(replace(SPECS["avery-l7159"], module_mm=0.30))
    assert layout.symbol.module_dots == 7
    assert layout.symbol.module_mm == pytest.approx(7 * 25.4 / 600)


def test_the_wanted_text_size_is_kept_where_it_fits() -> None:
    assert laid_out(replace(SPECS["avery-l7159"], text_mm=2.0)).serial.size_mm == 2.0


def test_warns_of_a_module_under_a_quarter_of_a_millimetre() -> None:
    layout = laid_out(replace(SPECS["avery-l7159"], module_mm=0.22))
    assert [warning.code for warning in layout.warnings] == [WarningCode.MODULE_TOO_SMALL]
    assert "0.212 mm" in layout.warnings[0].message


def test_warns_of_text_smaller_than_the_law_allows_on_small_packs() -> None:
    layout = laid_out(replace(SPECS["avery-l7159"], text_mm=1.6))
    assert [warning.code for warning in layout.warnings] == [WarningCode.TEXT_SMALL]


def test_a_module_of_a_quarter_of_a_millimetre_is_no_warning() -> None:
    spec = replace(ROLLS["thermal-50x25-203"], module_mm=0.25)
    layout = laid_out(spec)
    assert layout.symbol.module_mm == 0.25
    assert layout.warnings == ()


def test_a_small_module_is_chosen_only_where_no_other_fits() -> None:
    assert laid_out(LabelSpec(width_mm=45, height_mm=17.5), size=57).symbol.module_mm >= 0.25
    assert laid_out(LabelSpec(width_mm=45, height_mm=16), size=57).symbol.module_mm < 0.25


def test_refuses_a_symbol_larger_than_the_label() -> None:
    with pytest.raises(SymbolDoesNotFitError) as caught:
        laid_out(LabelSpec(width_mm=50, height_mm=8))
    assert caught.value.code == "LABEL_SYMBOL_DOES_NOT_FIT"
    assert caught.value.available_mm == 8
    assert caught.value.needed_mm == pytest.approx(57 * 0.15)


@pytest.mark.parametrize("module", [0.7, 0.03])
def test_refuses_a_wanted_module_that_is_too_large_or_under_a_dot(module: float) -> None:
    with pytest.raises(SymbolDoesNotFitError):
        laid_out(replace(SPECS["avery-l7159"], module_mm=module))


def test_refuses_a_label_on_which_only_the_symbol_fits() -> None:
    with pytest.raises(TextDoesNotFitError) as caught:
        laid_out(LabelSpec(width_mm=22, height_mm=20))
    assert caught.value.code == "LABEL_TEXT_DOES_NOT_FIT"


def test_refuses_a_domain_that_would_be_too_small() -> None:
    text = batch(domain="a-domain-of-very-many-characters.with-a-long-second-part.example.com")
    with pytest.raises(TextDoesNotFitError, match="a-domain-of-very"):
        laid_out(LabelSpec(width_mm=36, height_mm=20), text)


def test_an_upright_label_has_its_text_below_the_symbol() -> None:
    layout = laid_out(LabelSpec(width_mm=30, height_mm=60))
    assert min(line.baseline_mm for line in layout.lines) > layout.symbol.y_mm + layout.symbol.side_mm


def test_a_name_too_long_for_one_line_is_broken_in_two() -> None:
    names = [line.text for line in laid_out(SPECS["avery-l7159"]).lines][:2]
    assert names == ["Hongliang Baijiu", "52% 500 ml"]


def test_only_the_product_name_is_ever_shortened() -> None:
    layout = laid_out(SPECS["avery-l7651"], batch("Medicinal product with a name without end " * 4))
    lines = [line.text for line in layout.lines]
    assert WarningCode.NAME_SHORTENED in [warning.code for warning in layout.warnings]
    assert lines[1].endswith("…")
    assert [line for line in lines if line.startswith("(")] == list(batch().identifiers)
    assert lines[-1].endswith("id.example.com")


def test_a_wide_serial_is_set_smaller_rather_than_cut() -> None:
    slot = laid_out(SPECS["avery-l7651"]).serial
    usual, wide = slot.line("(21) 1111111111111"), slot.line("(21) WWWWWWWWWWWWW")
    assert usual.size_mm == slot.size_mm > wide.size_mm
    assert wide.face.width_em(wide.text) * wide.size_mm == pytest.approx(slot.width_mm)


@pytest.mark.parametrize("name", SPECS)
def test_the_widest_generated_serial_fits_every_preset(name: str) -> None:
    assert laid_out(SPECS[name]).serial.line("(21) WWWWWWWWWWWWW").text.endswith("W")


def test_refuses_a_serial_longer_than_the_layout_was_made_for() -> None:
    with pytest.raises(TextDoesNotFitError, match="WWWWWWWWWWWWWWWWWWWW"):
        laid_out(SPECS["avery-l7651"]).serial.line("(21) " + "W" * 40)


def test_refuses_identifiers_that_helvetica_cannot_write() -> None:
    with pytest.raises(MissingGlyphError) as caught:
        laid_out(SPECS["avery-l7159"], batch(lot="批1"))
    assert caught.value.characters == "批"
    with pytest.raises(MissingGlyphError):
        laid_out(SPECS["avery-l7159"]).serial.line("(21) 酒")


def test_a_name_in_another_script_needs_a_font() -> None:
    with pytest.raises(MissingGlyphError, match=r"红 \(U\+7EA2\)") as caught:
        laid_out(SPECS["avery-l7159"], batch(CHINESE_NAME))
    assert caught.value.code == "LABEL_FONT_MISSING_GLYPH"
    assert caught.value.characters == CHINESE_NAME


def test_a_name_in_another_script_is_set_in_the_font(tmp_path: Path) -> None:
    layout = laid_out(SPECS["avery-l7159"], batch(CHINESE_NAME), font=tiny_font(tmp_path))
    assert layout.lines[0].text == CHINESE_NAME
    assert layout.lines[0].face.width_em(CHINESE_NAME) == pytest.approx(5.0)
