"""Taking the log on, step by step: places, files, witnesses."""

from __future__ import annotations

from datetime import timedelta

from tagcore.checkpoint import Checkpoint
from tagserver.log.cosigning import Cosigner
from tagserver.log.publisher import Publisher
from tagserver.log.recovery import Recovery
from tagserver.log.sequencer import Sequencer
from tagserver.log.tree import TileTree
from tagserver.log.witness_client import Ask
from tagserver.ports import Clock, Keystore, LogProgress, Store, TileStore


class TileLogKeeper:
    """Implements `tagserver.ports.LogKeeper` and `tagserver.ports.Checkpoints`."""

    def __init__(
        self,
        *,
        store: Store,
        tiles: TileStore,
        tree: TileTree,
        keystore: Keystore,
        ask: Ask,
        clock: Clock,
        block_age: timedelta,
    ) -> None:
        self._store = store
        self._sequencer = Sequencer(
            store=store, tiles=tiles, keystore=keystore, clock=clock, block_age=block_age
        )
        self._publisher = Publisher(store=store, tiles=tiles, tree=tree)
        self._cosigner = Cosigner(store=store, tree=tree, ask=ask, clock=clock)
        self._recovery = Recovery(store=store, tiles=tiles, tree=tree, keystore=keystore, clock=clock)

    def run(self, *, close_blocks: bool = False) -> LogProgress:
        """The checkpoint is published before witnesses see it, and once more with what they signed."""
        placed = self._sequencer.sequence(close_blocks=close_blocks)
        size = self._publisher.publish()
        cosigned = self._cosigner.offer()
        if cosigned:
            size = self._publisher.publish()
        return LogProgress(placed=placed, size=size, cosigned=cosigned)

    def adopt(self) -> int:
        """See `Recovery.adopt`."""
        return self._recovery.adopt()

    def newest(self) -> Checkpoint | None:
        """From the database: what it says is published is."""
        with self._store.read() as transaction:
            state = transaction.log.state()
            if state is None or state.fork is not None:
                return None
            stored = transaction.log.checkpoint(state.published)
        if stored is None:
            return None
        return Checkpoint(origin=state.origin, size=stored.size, root=stored.root)
