"""A log written by the tests from tagcore's own modules alone, file by file, as C2SP tlog-tiles names them."""

from collections.abc import Sequence
from pathlib import Path

from tagcore.checkpoint import Checkpoint, sign_checkpoint
from tagcore.keys import Signer
from tagcore.merkle import HASH_BYTES, leaf_hash, root_from_leaf_hashes, tile_roots
from tagcore.note import ED25519, VerifierKey, format_note
from tagcore.tiles import entries_path, format_entry_bundle, tile_path, tiles_of_growth


class LogWriter:
    """The log `origin` in `folder`, which grows with `append`."""

    def __init__(self, folder: Path, origin: str, signer: Signer) -> None:
        self.folder = folder
        self.key = VerifierKey(name=origin, algorithm=ED25519, public_key=signer.public_key)
        self.entries: list[bytes] = []
        self._signer = signer

    def append(self, entries: Sequence[bytes]) -> bytes:
        """Write what has come new, and return the new checkpoint's bytes."""
        old_size = len(self.entries)
        self.entries += entries
        levels = self._levels()
        for tile in tiles_of_growth(old_size, len(self.entries)):
            hashes = levels[tile.level][tile.start * HASH_BYTES : tile.stop * HASH_BYTES]
            self._write(tile_path(tile.level, tile.index, tile.width), hashes)
            if tile.level == 0:
                bundle = format_entry_bundle(self.entries[tile.start : tile.stop])
                self._write(entries_path(tile.index, tile.width), bundle)
        data = self.signed(Checkpoint(origin=self.key.name, size=len(self.entries), root=self.root()))
        self._write("checkpoint", data)
        return data

    def root(self) -> bytes:
        """Over all entries."""
        return root_from_leaf_hashes(b"".join(map(leaf_hash, self.entries)))

    def signed(self, checkpoint: Checkpoint) -> bytes:
        """Any checkpoint, signed with the log's key."""
        return format_note(sign_checkpoint(checkpoint, self._signer))

    def read(self, level: int, start: int, stop: int) -> bytes:
        """What `tagcore.merkle` reads nodes with."""
        return self._levels()[level][start * HASH_BYTES : stop * HASH_BYTES]

    def change(self, path: str, position: int = 0) -> None:
        """Flip one bit of a file."""
        data = bytearray((self.folder / path).read_bytes())
        data[position] ^= 1
        (self.folder / path).write_bytes(data)

    def _levels(self) -> list[bytes]:
        levels = [b"".join(map(leaf_hash, self.entries))]
        while above := tile_roots(levels[-1]):
            levels.append(above)
        return levels

    def _write(self, path: str, data: bytes) -> None:
        target = self.folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)
