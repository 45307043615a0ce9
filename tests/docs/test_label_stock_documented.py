import re
from pathlib import Path

from tagcore.gs1 import parse_expiry
from tagcore.identity import Identity
from tagcore.tag import SIGNATURE_BYTES, Profile, Tag, format_url
from tagserver.labels.content import BatchText, LabelContent
from tagserver.labels.layout import WarningCode
from tagserver.labels.preparing import Label, prepared
from tagserver.labels.presets import ROLLS, SHEETS
from tagserver.labels.stock import Stock, label_of

DOCUMENT = Path(__file__).parents[2] / "docs" / "labels.md"
STOCK: dict[str, Stock] = {**SHEETS, **ROLLS}

ROW = re.compile(
    r"^\| `([a-z0-9-]+)` \| ([\d.]+) x ([\d.]+) \| [^|]+ \| ([^|]+) \| ([^|]+) \|$", re.MULTILINE
)

IDENTITY = Identity.checked(
    gtin="09520001000010", lot="L26-0914", serial="4T7QMZ9C1R5KD", expiry=parse_expiry("281231"), slot=0
)
TAG = Tag(identity=IDENTITY, signature=b"\xff" * SIGNATURE_BYTES)
TEXT = BatchText(
    product_name="Red Sorghum Baijiu 52 %",
    gtin=IDENTITY.gtin,
    lot=IDENTITY.lot,
    expiry="281231",
    domain="id.example.com",
)


def test_every_stock_has_a_row_with_its_size_and_the_modules_it_gives() -> None:
    rows = ROW.findall(DOCUMENT.read_text(encoding="utf-8"))
    assert {name: tuple(cells) for name, *cells in rows} == {name: cells_of(STOCK[name]) for name in STOCK}


def test_every_warning_is_explained() -> None:
    text = DOCUMENT.read_text(encoding="utf-8")
    assert [code.value for code in WarningCode if f"| `{code.value}` |" not in text] == []


def cells_of(stock: Stock) -> tuple[str, ...]:
    label = label_of(stock)
    modules = (module_in_words(first_label(stock, profile)) for profile in Profile)
    return (f"{label.width_mm:.1f}", f"{label.height_mm:.1f}", *modules)


def first_label(stock: Stock, profile: Profile) -> Label:
    content = LabelContent(batch=TEXT, serial=IDENTITY.serial, url=format_url(TAG, "ID.EXAMPLE.COM", profile))
    return next(prepared([content], label_of(stock)))


def module_in_words(label: Label) -> str:
    codes = {warning.code for warning in label.layout.warnings}
    assert codes <= {WarningCode.TEXT_SMALL}
    return f"{label.layout.symbol.module_mm:.2f}" + (", text small" if codes else "")
