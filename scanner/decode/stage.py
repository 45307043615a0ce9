"""The protocol of whatever reads symbols."""

from collections.abc import Iterable
from typing import Protocol

from scanner.decode.scene import Scene
from scanner.symbol import Symbol


class Stage(Protocol):
    """One way of reading symbols; the cascade runs one after the other, the cheapest first.

    A stage gets the scene with what the former ones found, so that an expensive one can look only where something is
    left. It may return what was already found: the cascade drops it. One that yields symbol after symbol is stopped
    as soon as there is enough, or no time any more; one that works long looks at `scene.is_late` by itself.
    """

    @property
    def name(self) -> str: ...

    def read(self, scene: Scene) -> Iterable[Symbol]: ...
