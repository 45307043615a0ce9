"""From contents to labels ready to draw: symbols made by the chunk, layouts once a batch."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice

from tagserver.labels.content import BatchText, LabelContent
from tagserver.labels.fitting import layout_for
from tagserver.labels.geometry import LabelSpec
from tagserver.labels.layout import Layout, PlacedLine
from tagserver.labels.outlines import FontFile
from tagserver.labels.qr import CHUNK, Encoder, Symbol

_LAYOUTS_KEPT = 256
"""A job rarely mixes more batches; the bound keeps memory flat when one does."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """A label ready to draw; labels of a batch share their `layout`, object and all."""

    content: LabelContent
    symbol: Symbol
    layout: Layout

    @property
    def serial_line(self) -> PlacedLine:
        return self.layout.serial.line(self.content.serial_line)


def prepared(
    contents: Iterable[LabelContent], spec: LabelSpec, *, font: FontFile | None = None
) -> Iterator[Label]:
    """The labels in the order of the contents; memory is a chunk's, whatever the count.

    Raises: LabelError when a label cannot be printed; see `errors`.
    """
    encoder, layouts = Encoder(spec.level), _Layouts(spec, font)
    remaining = iter(contents)
    while chunk := list(islice(remaining, CHUNK)):
        symbols = encoder.encode([c.url for c in chunk], [c.shape for c in chunk])
        for content, symbol in zip(chunk, symbols, strict=True):
            yield Label(content=content, symbol=symbol, layout=layouts.layout(content, symbol.size))


class _Layouts:
    """The layout of each batch, length of serial and size of symbol, found once."""

    def __init__(self, spec: LabelSpec, font: FontFile | None) -> None:
        self._spec, self._font = spec, font
        self._known: dict[tuple[BatchText, int, int], Layout] = {}

    def layout(self, content: LabelContent, symbol_size: int) -> Layout:
        key = (content.batch, len(content.serial), symbol_size)
        if key not in self._known:
            if len(self._known) >= _LAYOUTS_KEPT:
                self._known.clear()
            self._known[key] = layout_for(
                self._spec, content.batch, serial=content.serial, symbol_size=symbol_size, font=self._font
            )
        return self._known[key]
