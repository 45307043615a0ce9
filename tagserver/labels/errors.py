"""Why a label cannot be printed, drawn as a tree.

::

    LabelError                   code, a stable machine name; its text is for people
    ├── SymbolTextError          LABEL_URL_NOT_ENCODABLE     the text is not ASCII, or too long
    ├── SymbolDoesNotFitError    LABEL_SYMBOL_DOES_NOT_FIT   symbol and quiet zone exceed the label
    ├── TextDoesNotFitError      LABEL_TEXT_DOES_NOT_FIT     an identifier would be cut or unreadable
    ├── MissingGlyphError        LABEL_FONT_MISSING_GLYPH    the font cannot draw some characters
    ├── FontError                LABEL_FONT_UNREADABLE       the font file is no font we can read
    ├── ContentError             LABEL_CONTENT_INVALID       a field holds what no label may print
    └── SheetError               LABEL_SHEET_INVALID         the grid or the start is not on the page
"""

from typing import ClassVar


class LabelError(Exception):
    """Base of all errors that a label's content, its size or its font can cause."""

    code: ClassVar[str] = "LABEL"


class SymbolTextError(LabelError):
    """The text cannot be put in a QR symbol at this error correction level."""

    code = "LABEL_URL_NOT_ENCODABLE"


class SymbolDoesNotFitError(LabelError):
    """The symbol with its quiet zone is larger than the label.

    `available_mm` is the room, `needed_mm` the side of symbol and quiet zone at the smallest module allowed.
    """

    code = "LABEL_SYMBOL_DOES_NOT_FIT"

    def __init__(self, *, available_mm: float, needed_mm: float, module_mm: float) -> None:
        self.available_mm, self.needed_mm, self.module_mm = available_mm, needed_mm, module_mm
        super().__init__(
            f"the symbol with its quiet zone needs {needed_mm:.2f} mm at a module of {module_mm:.3f} mm, "
            f"the label has {available_mm:.2f} mm"
        )


class TextDoesNotFitError(LabelError):
    """An identifier would have to be cut, or be printed smaller than `minimum_mm` (font size)."""

    code = "LABEL_TEXT_DOES_NOT_FIT"

    def __init__(self, line: str, *, size_mm: float, minimum_mm: float) -> None:
        self.line, self.size_mm, self.minimum_mm = line, size_mm, minimum_mm
        super().__init__(f"{line!r} fits only at {size_mm:.2f} mm, want at least {minimum_mm:.2f} mm")


class MissingGlyphError(LabelError):
    """The font `font` has no glyph for `characters`; configure a font that has them."""

    code = "LABEL_FONT_MISSING_GLYPH"

    def __init__(self, characters: str, *, font: str) -> None:
        self.characters, self.font = characters, font
        named = ", ".join(f"{c} (U+{ord(c):04X})" for c in characters)
        super().__init__(f"font {font} has no glyph for {named}")


class FontError(LabelError):
    """The configured font file cannot be read as TrueType or OpenType."""

    code = "LABEL_FONT_UNREADABLE"


class ContentError(LabelError):
    """A field of a label holds what may not be printed."""

    code = "LABEL_CONTENT_INVALID"


class SheetError(LabelError):
    """The grid leaves the page, labels overlap, or the start position is not on the sheet."""

    code = "LABEL_SHEET_INVALID"
