"""Anchors as others get them: receipts in proof files, words and links on pages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from tagcore.proof_file import Anchor as ProofAnchor
from tagcore.receipts import Backend, ChainReceipt, Inclusion, JournalReceipt, Receipt, TimestampReceipt
from tagserver.ports import Transaction, Tree
from tagserver.ports.anchors import ON_CHAIN, Anchor, AnchorState, Confirmation


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """What a chain is called, its genesis id (0x and 64 hex digits), and where people can look at it, if anywhere."""

    network: str
    genesis: str
    explorer: str = ""

    def link(self, transaction: str, block: int) -> str:
        """The public page about a transaction; empty without one."""
        return self.explorer.replace("{transaction}", transaction).replace("{block}", str(block))


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipts:
    """Implements `tagserver.services.proofs.Receipts`."""

    tree: Tree
    places: Mapping[str, Place]

    def __call__(self, transaction: Transaction, index: int, size: int) -> tuple[ProofAnchor, ...]:
        """Raises: TileStoreError, TileMissingError."""
        found = []
        for anchor in transaction.anchors.covering(index + 1):
            receipt = receipt_of(anchor, self.places)
            if receipt is None:
                continue
            smaller, larger = sorted((anchor.size, size))
            path = self.tree.consistency(smaller, larger) if smaller < larger else ()
            found.append(ProofAnchor(size=anchor.size, root=anchor.root, consistency=path, receipt=receipt))
        return tuple(found)


def receipt_of(anchor: Anchor, places: Mapping[str, Place]) -> Receipt | None:
    """The receipt of an anchor that was seen where it belongs, None of any other."""
    seen = anchor.observation
    if anchor.state not in ON_CHAIN or seen is None:
        return None
    match anchor.backend:
        case "rfc3161":
            return TimestampReceipt(token=seen.evidence)
        case "journal":
            return JournalReceipt(line=seen.evidence.decode())
        case "vechain" | "evm" as name:
            return _chain_receipt(anchor, Backend(name), places[name])
        case other:
            raise ValueError(f"got an anchor of {other!r}")


def _chain_receipt(anchor: Anchor, backend: Backend, place: Place) -> Receipt:
    seen = anchor.observation
    assert seen is not None
    assert seen.block is not None
    (attempt,) = (one.signed for one in anchor.attempts if one.signed.id == seen.id)
    final = anchor.state is AnchorState.FINALIZED
    return ChainReceipt(
        backend=Backend.VECHAIN if backend is Backend.VECHAIN else Backend.EVM,
        network=place.network,
        genesis=_bytes(place.genesis),
        transaction=_bytes(seen.id),
        to=_bytes(attempt.key),
        number=seen.block.number,
        block=_bytes(seen.block.id),
        time=seen.block.at,
        state=Inclusion.FINALIZED if final else Inclusion.INCLUDED,
    )


def contradiction(anchor: Anchor, found: Confirmation) -> str | None:
    """Where our record differs from what was found outside; None when they agree.

    A record that is behind (not final yet) is no contradiction.
    """
    seen = anchor.observation
    if seen is None or seen.block is None or found.block is None:
        return None
    if (seen.block.number, seen.block.id) != (found.block.number, found.block.id):
        return f"recorded in block {seen.block.number}, found in {found.block.number} ({found.block.id})"
    if seen.block.at != found.block.at:
        return f"recorded at {seen.block.at.isoformat()}, found at {found.block.at.isoformat()}"
    if anchor.state is AnchorState.FINALIZED and not found.is_final:
        return "recorded as final, which it is not"
    return None


def _bytes(text: str) -> bytes:
    return bytes.fromhex(text.removeprefix("0x"))
