"""Finds the best layout of a label: the largest symbol and text that suit each other.

Symbol left and text right of it, or text below on upright labels. All whole numbers of dots that fit are
tried with the name and the domain on one line or two; the try wins that leaves no part much too small.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

from tagserver.labels.boxes import SMALLEST_MODULE_MM, Box, boxes_for
from tagserver.labels.content import BatchText
from tagserver.labels.errors import MissingGlyphError, SymbolDoesNotFitError, TextDoesNotFitError
from tagserver.labels.geometry import LabelSpec
from tagserver.labels.helvetica import DESCENT_EM, REGULAR
from tagserver.labels.layout import SMALL_MODULE_MM, Layout, PlacedLine, SerialSlot
from tagserver.labels.outlines import FontFile
from tagserver.labels.qr import QUIET_MODULES
from tagserver.labels.typeface import Face, fitted, name_face, two_lines

GOOD_MODULE_MM = 0.40
"""What any phone reads at arm's length."""

GOOD_TEXT_MM, LARGEST_TEXT_MM = 3.0, 3.6
"""Font sizes: 0.96 of the first has an x-height of 1.5 mm; beyond the second, text would shout."""

GOOD_NAME_MM = 2.4
"""Bold already stands out: a long name may be smaller than the identifiers before the symbol must give
way.
"""

LARGE_NAME = 1.4
"""Of the good size: a larger name is welcome, yet not at the symbol's cost."""

GOOD_ENOUGH = 0.96
"""Of these good sizes: once no part is smaller than this, all of them together decide."""

NAME, DOMAIN = 1.3, 0.85
"""Sizes of the product name and of the domain, in sizes of the identifiers."""

NAME_LEADING, AFTER_NAME, LEADING, BEFORE_DOMAIN, DOMAIN_LEADING = 1.5, 1.65, 1.32, 1.75, 1.0
"""Distances between baselines, in sizes of the identifiers."""

LARGEST_STRETCH = 1.3
"""How far the lines are spread to end level with the symbol."""

SERIAL_EM = 0.70
WIDEST_EM = 1.015
"""Width of a serial's character in Helvetica: seldom exceeded on average, and never (the @)."""

WIDEST_CAPITAL_EM = 0.944
"""The W, widest of capitals and digits."""

EXCEPTION = 0.7
"""A very wide serial and the domain may be smaller than the identifiers' least size by this factor."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Text:
    """What is to be written, and how wide it is in font sizes; `least_em` is the widest serial possible."""

    whole_name: str
    name: tuple[str, ...]
    face: Face
    identifiers: tuple[str, ...]
    domain: tuple[str, ...]
    serial_em: float
    least_em: float

    @property
    def name_em(self) -> float:
        return max(map(self.face.width_em, self.name))

    @property
    def domain_em(self) -> float:
        return max(map(REGULAR.width_em, self.domain))

    @property
    def identifier_em(self) -> float:
        return max(self.serial_em, *map(REGULAR.width_em, self.identifiers))

    @property
    def drops(self) -> list[float]:
        """Baseline of each line below the one before it; the first below the top of the text."""
        return [
            NAME * self.face.top_em("".join(self.name)),
            *[NAME_LEADING] * (len(self.name) - 1),
            AFTER_NAME,
            *[LEADING] * len(self.identifiers),
            BEFORE_DOMAIN,
            *[DOMAIN_LEADING] * (len(self.domain) - 1),
        ]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Try:
    """One way to do it: font sizes in millimetres for one text in one box."""

    box: Box
    text: _Text
    body_mm: float
    name_mm: float
    domain_mm: float

    def legible(self, min_text_mm: float) -> bool:
        widest_serial_mm = self.box.width_mm / self.text.least_em
        exceptions_mm = min(widest_serial_mm, self.domain_mm)
        return self.body_mm >= min_text_mm and exceptions_mm >= min_text_mm * EXCEPTION

    @property
    def score(self) -> tuple[float, float, float, int]:
        """The module up to its warning limit, how good the worst part is, all parts together, fewer lines."""
        module = self.box.symbol.module_mm
        symbol, body = module / GOOD_MODULE_MM, self.body_mm / GOOD_TEXT_MM
        name, domain = self.name_mm / GOOD_NAME_MM, self.domain_mm / (GOOD_TEXT_MM * DOMAIN)
        worst = min(symbol, body, name, domain, GOOD_ENOUGH)
        together = symbol + min(body, 1.0) + min(name, LARGE_NAME) / 2
        return min(module, SMALL_MODULE_MM), worst, together, -len(self.text.drops)


def layout_for(
    spec: LabelSpec, batch: BatchText, *, serial: str, symbol_size: int, font: FontFile | None = None
) -> Layout:
    """The best layout for a batch; `serial` stands for all serials of its length.

    `symbol_size` is in modules, `font` writes names that Helvetica cannot.

    Raises: SymbolDoesNotFitError when symbol and quiet zone are larger than the label;
      TextDoesNotFitError when identifiers or domain would be too small to read;
      MissingGlyphError when the name, or an identifier, cannot be written.
    """
    boxes = list(boxes_for(spec, symbol_size))
    if not boxes:
        module = spec.module_mm or SMALLEST_MODULE_MM
        raise SymbolDoesNotFitError(
            available_mm=min(spec.width_mm, spec.height_mm),
            needed_mm=(symbol_size + 2 * QUIET_MODULES) * module,
            module_mm=module,
        )
    tries = [_attempt(spec, box, text) for box, text in product(boxes, _texts(batch, serial, font))]
    legible = [attempt for attempt in tries if attempt.legible(spec.min_text_mm)]
    if not legible:
        raise _too_small(max(tries, key=lambda attempt: attempt.score), spec)
    return _placed(max(legible, key=lambda attempt: attempt.score), spec)


def _texts(batch: BatchText, serial: str, font: FontFile | None) -> Iterator[_Text]:
    """The text with name and domain each on one line and on two."""
    words = (*batch.identifiers, *batch.domain_words)
    if missing := REGULAR.missing("".join(words)):
        raise MissingGlyphError(missing, font=REGULAR.pdf_name)
    face = name_face(batch.product_name, font)
    prefix_em = REGULAR.width_em("(21) ")
    widest = WIDEST_CAPITAL_EM if serial.isalnum() and serial.upper() == serial else WIDEST_EM
    names = {(batch.product_name,), two_lines(batch.product_name, face)}
    for name, domain in product(sorted(names), [(" ".join(batch.domain_words),), batch.domain_words]):
        yield _Text(
            whole_name=batch.product_name,
            name=name,
            face=face,
            identifiers=batch.identifiers,
            domain=domain,
            serial_em=prefix_em + SERIAL_EM * len(serial),
            least_em=prefix_em + widest * len(serial),
        )


def _attempt(spec: LabelSpec, box: Box, text: _Text) -> _Try:
    width, height = max(box.width_mm, 0.0), max(box.height_mm, 0.0)
    wanted = LARGEST_TEXT_MM if spec.text_mm is None else spec.text_mm
    units = sum(text.drops) + DOMAIN * DESCENT_EM
    body = min(wanted, height / units, width / text.identifier_em)
    return _Try(
        box=box,
        text=text,
        body_mm=body,
        name_mm=min(NAME * body, width / text.name_em),
        domain_mm=min(DOMAIN * body, width / text.domain_em),
    )


def _too_small(best: _Try, spec: LabelSpec) -> TextDoesNotFitError:
    if best.domain_mm < spec.min_text_mm * EXCEPTION <= best.body_mm:
        line, size, minimum = best.text.domain[-1], best.domain_mm, spec.min_text_mm * EXCEPTION
    else:
        line, size, minimum = "(21) and serial", best.body_mm, spec.min_text_mm
    return TextDoesNotFitError(line, size_mm=size, minimum_mm=minimum)


def _placed(best: _Try, spec: LabelSpec) -> Layout:
    text, box = best.text, best.box
    name_mm = max(best.name_mm, spec.min_text_mm)
    names = fitted(text.whole_name, text.name, text.face, box.width_mm / name_mm)
    rows = [(line, text.face, name_mm) for line in names]
    rows += [(line, REGULAR, best.body_mm) for line in (*text.identifiers, "")]
    rows += [(line, REGULAR, best.domain_mm) for line in text.domain]
    lines = [
        PlacedLine(text=line, face=face, x_mm=box.x_mm, baseline_mm=baseline, size_mm=size)
        for (line, face, size), baseline in zip(rows, _baselines(best), strict=True)
    ]
    serial = next(line for line in lines if not line.text)
    return Layout(
        symbol=box.symbol,
        lines=tuple(line for line in lines if line.text),
        serial=SerialSlot(
            x_mm=serial.x_mm,
            baseline_mm=serial.baseline_mm,
            size_mm=serial.size_mm,
            width_mm=box.width_mm,
            min_size_mm=spec.min_text_mm * EXCEPTION,
        ),
        shortened_name=" ".join(names).split() != text.whole_name.split(),
    )


def _baselines(best: _Try) -> list[float]:
    """Level with the symbol's top and bottom where text stands beside it and is no higher; else level with
    its middle. Text below the symbol begins at the top of its box.
    """
    box, drops = best.box, [drop * best.body_mm for drop in best.text.drops]
    of_name = best.name_mm / (NAME * best.body_mm)
    drops[: len(best.text.name)] = [drop * of_name for drop in drops[: len(best.text.name)]]
    symbol, high = box.symbol, sum(drops)
    lowest = box.y_mm + box.height_mm - DESCENT_EM * best.domain_mm
    beside = box.x_mm > symbol.x_mm
    if beside and high <= symbol.side_mm:
        bottom = min(symbol.y_mm + symbol.side_mm, lowest)
        stretch = min(LARGEST_STRETCH, (bottom - symbol.y_mm - drops[0]) / (high - drops[0]))
        drops = [drops[0], *(drop * stretch for drop in drops[1:])]
        first_of_domain = len(drops) - len(best.text.domain)
        drops[first_of_domain] += bottom - symbol.y_mm - sum(drops)
        top = symbol.y_mm
    elif beside:
        top = min(symbol.y_mm + (symbol.side_mm - high) / 2, lowest - high)
    else:
        top = box.y_mm
    return [top + sum(drops[: index + 1]) for index in range(len(drops))]
