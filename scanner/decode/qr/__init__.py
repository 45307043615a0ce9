"""The QR symbology in both directions: where each module belongs, and from doubtful modules to sure codewords.

After ISO/IEC 18004:2015, model 2, versions 1 to 40. No picture is seen here. A matrix is always `modules[row,
column]`, without quiet zone; a soft module is a number from -1.0 (surely light) to 1.0 (surely dark), 0.0 where
nothing is known.
"""

from scanner.decode.qr.codewords import Correction, correct, modules_of
from scanner.decode.qr.format_info import Format, read_format
from scanner.decode.qr.layout import Layout, layout_of, side_of, version_of

__all__ = [
    "Correction", "Format", "Layout", "correct", "layout_of", "modules_of", "read_format", "side_of", "version_of",
]  # fmt: skip
