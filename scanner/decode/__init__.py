"""From a picture to the QR symbols on it: a cascade of small stages, the cheapest first.

Each reader is a `Stage`; `decode` runs them in the order of `STAGES` and merges what they find. Nothing
here says what a symbol is worth: `scanner.verify` does.
"""

from scanner.decode.cascade import STAGES, decode
from scanner.decode.knowledge import Knowledge
from scanner.decode.matching import Expected
from scanner.decode.scene import Scene
from scanner.decode.stage import Stage
from scanner.symbol import Corners, Point, Symbol

__all__ = ["STAGES", "Corners", "Expected", "Knowledge", "Point", "Scene", "Stage", "Symbol", "decode"]
