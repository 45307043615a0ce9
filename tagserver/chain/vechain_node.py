"""What a VeChainThor node is asked, over its REST interface; its answers as typed values, contradictions refused."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from tagserver.chain.transport import Answer, Transport
from tagserver.ports import AnchorCode, AnchorError
from tagserver.ports.anchors import Block

OK = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class ThorBlock:
    """A block as the node has it: on its trunk or beside it, final or not; `base_fee` None before dynamic fees."""

    block: Block
    is_trunk: bool
    is_final: bool
    base_fee: int | None
    transactions: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class ThorReceipt:
    """That a transaction was carried out in a block, and what it cost in wei of VTHO."""

    block_number: int
    block_id: str
    fee: int
    reverted: bool


class ThorNode:
    """One node. Every method raises AnchorError NODE_UNAVAILABLE or NODE_ANSWER."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def block(self, revision: int | str) -> ThorBlock | None:
        """By number, id, `best` or `finalized`; None when there is none."""
        found = self._get(f"/blocks/{revision}")
        if found is None:
            return None
        try:
            number, block_id = int(found["number"]), str(found["id"])
            if block_id[:10] != f"0x{number:08x}":
                raise self._transport.nonsense(f"block {number} has the id {block_id[:80]}")
            fee = found.get("baseFeePerGas")
            return ThorBlock(
                block=Block(
                    number=number, id=block_id, at=datetime.fromtimestamp(int(found["timestamp"]), UTC)
                ),
                is_trunk=found["isTrunk"] is True,
                is_final=found["isFinalized"] is True,
                base_fee=None if fee is None else _wei(fee),
                transactions=frozenset(map(str, found["transactions"])),
            )
        except (KeyError, TypeError, ValueError, OverflowError, OSError):
            raise self._transport.nonsense("a block without what blocks have") from None

    def settled_block(self, revision: int | str) -> ThorBlock:
        """The same of one that has to be there."""
        found = self.block(revision)
        if found is None:
            raise self._transport.nonsense(f"it has no block {revision}")
        return found

    def receipt(self, tx_id: str) -> ThorReceipt | None:
        """None when the transaction is in no block of the trunk."""
        found = self._get(f"/transactions/{tx_id}/receipt")
        if found is None:
            return None
        try:
            meta = found["meta"]
            if meta["txID"] != tx_id:
                raise self._transport.nonsense(f"asked for {tx_id}, it answered for another transaction")
            return ThorReceipt(
                block_number=int(meta["blockNumber"]),
                block_id=str(meta["blockID"]),
                fee=_wei(found["paid"]),
                reverted=found["reverted"] is not False,
            )
        except (KeyError, TypeError, ValueError):
            raise self._transport.nonsense("a receipt without what receipts have") from None

    def raw_transaction(self, tx_id: str, *, pending: bool = False) -> bytes | None:
        """The bytes of a transaction in a block, or with `pending` of one that waits too."""
        query = urlencode({"raw": "true", **({"pending": "true"} if pending else {})})
        found = self._get(f"/transactions/{tx_id}?{query}")
        if found is None:
            return None
        try:
            return bytes.fromhex(str(found["raw"]).removeprefix("0x"))
        except (KeyError, TypeError, ValueError):
            raise self._transport.nonsense("a transaction without bytes") from None

    def send(self, raw: bytes) -> str:
        """The id under which it was taken. Raises also AnchorError REFUSED, with the node's words."""
        body = json.dumps({"raw": f"0x{raw.hex()}"}).encode()
        answer = self._transport.post("/transactions", body, "application/json")
        if answer.status != OK:
            raise AnchorError(AnchorCode.REFUSED, "vechain", _words(answer))
        try:
            return str(self._transport.json(answer)["id"])
        except (KeyError, TypeError):
            raise self._transport.nonsense("no id for what was sent") from None

    def energy(self, address: str) -> int:
        """VTHO of an account, in wei."""
        try:
            return _wei((self._get(f"/accounts/{address}") or {})["energy"])
        except (KeyError, TypeError, ValueError):
            raise self._transport.nonsense("an account without a balance") from None

    def priority_fee(self) -> int:
        """What the node advises to add to the base fee, wei a unit of gas."""
        try:
            return _wei((self._get("/fees/priority") or {})["maxPriorityFeePerGas"])
        except (KeyError, TypeError, ValueError):
            raise self._transport.nonsense("no advice on fees") from None

    def transfers_to_itself(self, address: str, *, first: int, limit: int) -> tuple[str, ...]:
        """Ids of transactions by which `address` paid itself, from block `first` on, oldest first."""
        question = {
            "criteriaSet": [{"txOrigin": address, "sender": address, "recipient": address}],
            "range": {"unit": "block", "from": first, "to": 2**32 - 1},
            "options": {"offset": 0, "limit": limit},
            "order": "asc",
        }
        answer = self._transport.post("/logs/transfer", json.dumps(question).encode(), "application/json")
        if answer.status != OK:
            raise self._transport.nonsense(_words(answer))
        try:
            return tuple(str(found["meta"]["txID"]) for found in self._transport.json(answer))
        except (KeyError, TypeError):
            raise self._transport.nonsense("transfers without transactions") from None

    def _get(self, path: str) -> Mapping[str, Any] | None:
        answer = self._transport.get(path)
        if answer.status != OK:
            raise self._transport.unavailable(f"{path.partition('?')[0]}: {_words(answer)}")
        found = self._transport.json(answer)
        if found is not None and not isinstance(found, dict):
            raise self._transport.nonsense("neither an object nor nothing")
        return found


def _wei(text: object) -> int:
    return int(str(text), 0)


def _words(answer: Answer) -> str:
    words = answer.body[:200].decode("utf-8", "replace").strip()
    return f"status {answer.status}: {''.join(c for c in words if c.isprintable())}"
