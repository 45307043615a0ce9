"""The symbol of a label that was printed once, drawn again to be compared with a photograph."""

from collections.abc import Iterator, Sequence

import numpy as np

from tagserver.labels.content import url_shape
from tagserver.labels.qr import Encoder
from tagserver.labels.segments import Level
from tagserver.ports.imaging import ExpectedSymbol


def redrawn(url: str, decoys: Sequence[str], *, name: str) -> Iterator[ExpectedSymbol]:
    """The symbol of `url` at each level of error correction, for any may have been printed, called `name`.

    What differs in the symbols of `decoys`, which have other signatures, is marked as secret. Decoys of another
    structure do not count; without any there is nothing to compare.
    Raises: SymbolTextError.
    """
    shape = url_shape(url)
    texts = [url, *(decoy for decoy in decoys if url_shape(decoy) == shape)]
    if len(texts) == 1:
        return
    for level in Level:
        drawn, *others = Encoder(level, mask=0).encode(texts, [shape] * len(texts))
        modules = drawn.modules
        secret = np.logical_or.reduce([modules ^ other.modules for other in others])
        yield ExpectedSymbol(
            text=name,
            side=drawn.size,
            modules=np.packbits(modules).tobytes(),
            secret=np.packbits(secret).tobytes(),
        )
