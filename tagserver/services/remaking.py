"""Tags made once more, to be compared with what a photograph shows of them; they are not handed out.

Ed25519 is deterministic, so the label of any unit can be drawn again from its GTIN and serial alone. Whoever only
knows those two must not get the signature: from it a genuine label could be printed.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from hashlib import sha512

from tagcore.gs1 import Gtin
from tagcore.serials import SerialCipher
from tagserver.ports import KeyPurpose, Keystore, SerialIndexes, Store
from tagserver.services.errors import Refusal, ServiceError
from tagserver.services.lookup import Lookup
from tagserver.services.tags import Press, url

DECOYS = 8
"""Each moves half of the modules that depend on the signature: one in 256 of them is never moved."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Remade:
    """A unit's tag. `decoys` are texts that differ from `text` in the signature alone, which none of them has right."""

    text: str
    decoys: tuple[str, ...]


class Remaking:
    """Makes tags again."""

    def __init__(
        self,
        *,
        store: Store,
        keystore: Keystore,
        cipher: SerialCipher,
        indexes: SerialIndexes,
        lookup: Lookup,
    ) -> None:
        self._store = store
        self._keystore = keystore
        self._cipher = cipher
        self._indexes = indexes
        self._lookup = lookup

    def of(self, gtin: Gtin, serial: str) -> Remade:
        """The tag of a unit, as it was printed. Raises: ServiceError NOT_FOUND; KeystoreError, SerialIndexError."""
        with self._store.read() as transaction:
            found = self._lookup.find(transaction, gtin, serial)
        if found is None:
            raise ServiceError(Refusal.NOT_FOUND, "there is no unit of that GTIN and serial", field="serial")
        unit, batch = found
        press = Press(
            cipher=self._cipher,
            indexes=self._indexes,
            signer=self._keystore.signing_key(batch.key_id, KeyPurpose.ISSUER),
        )
        tag = press.tag(batch, unit.index)
        decoys = (replace(tag, signature=sha512(b"origintag/decoy/%d" % n).digest()) for n in range(DECOYS))
        return Remade(text=url(tag, batch), decoys=tuple(url(decoy, batch) for decoy in decoys))
