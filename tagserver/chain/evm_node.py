"""What a node of an Ethereum-style chain is asked, over JSON-RPC; its answers as typed values."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from tagserver.chain.evm_transaction import Transaction, format_transaction
from tagserver.chain.transport import Transport
from tagserver.ports import AnchorCode, AnchorError
from tagserver.ports.anchors import Block

OK = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class EvmBlock:
    """A block of the node's canonical chain."""

    block: Block
    base_fee: int
    transactions: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class EvmReceipt:
    """That a transaction was carried out in a block, and what it cost in wei."""

    block_number: int
    block_id: str
    fee: int
    reverted: bool


class EvmNode:
    """One node. Every method raises AnchorError NODE_UNAVAILABLE or NODE_ANSWER."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def chain_id(self) -> int:
        """EIP-695."""
        return self._number(self._call("eth_chainId"))

    def block(self, which: int | str) -> EvmBlock | None:
        """By number, `latest` or `finalized`; None when there is none."""
        found = self._call("eth_getBlockByNumber", hex(which) if isinstance(which, int) else which, False)
        if found is None:
            return None
        try:
            number = self._number(found["number"])
            if isinstance(which, int) and number != which:
                raise self._transport.nonsense(f"asked for block {which}, it gave {number}")
            at = datetime.fromtimestamp(self._number(found["timestamp"]), UTC)
            return EvmBlock(
                block=Block(number=number, id=str(found["hash"]), at=at),
                base_fee=self._number(found.get("baseFeePerGas", "0x0")),
                transactions=frozenset(map(str, found["transactions"])),
            )
        except (KeyError, TypeError, ValueError, OverflowError, OSError):
            raise self._transport.nonsense("a block without what blocks have") from None

    def settled_block(self, which: int | str) -> EvmBlock:
        """The same of one that has to be there."""
        found = self.block(which)
        if found is None:
            raise self._transport.nonsense(f"it has no block {which}")
        return found

    def receipt(self, tx_hash: str) -> EvmReceipt | None:
        """None when the transaction is in no block."""
        found = self._call("eth_getTransactionReceipt", tx_hash)
        if found is None:
            return None
        try:
            if found["transactionHash"] != tx_hash:
                raise self._transport.nonsense(f"asked for {tx_hash}, it answered for another transaction")
            price = self._number(found.get("effectiveGasPrice", "0x0"))
            return EvmReceipt(
                block_number=self._number(found["blockNumber"]),
                block_id=str(found["blockHash"]),
                fee=self._number(found["gasUsed"]) * price,
                reverted=self._number(found["status"]) != 1,
            )
        except (KeyError, TypeError, ValueError):
            raise self._transport.nonsense("a receipt without what receipts have") from None

    def raw_transaction(self, tx_hash: str) -> bytes | None:
        """The bytes of a transaction that is in a block or waits for one, put together from what the node tells.

        Whoever calls hashes them: then they are what the hash names, whatever the node said.
        """
        found = self._call("eth_getTransactionByHash", tx_hash)
        if found is None:
            return None
        try:
            if self._number(found["type"]) != 2:
                raise self._transport.nonsense(f"{tx_hash} is of another type than ours")
            transaction = Transaction(
                chain_id=self._number(found["chainId"]),
                nonce=self._number(found["nonce"]),
                priority_fee=self._number(found["maxPriorityFeePerGas"]),
                max_fee=self._number(found["maxFeePerGas"]),
                gas=self._number(found["gas"]),
                to=bytes.fromhex(found["to"].removeprefix("0x")),
                value=self._number(found["value"]),
                data=bytes.fromhex(found["input"].removeprefix("0x")),
            )
            r, s = (self._number(found[name]).to_bytes(32, "big") for name in ("r", "s"))
            parity = self._number(found.get("yParity", found.get("v"))).to_bytes(1, "big")
            return format_transaction(transaction, r + s + parity)
        except (AttributeError, KeyError, TypeError, ValueError, OverflowError):
            raise self._transport.nonsense("a transaction without what transactions have") from None

    def nonce(self, address: str, which: str) -> int:
        """How many transactions of `address` were carried out up to the block `latest` or `finalized`."""
        return self._number(self._call("eth_getTransactionCount", address, which))

    def balance(self, address: str) -> int:
        """Wei."""
        return self._number(self._call("eth_getBalance", address, "latest"))

    def priority_fee(self) -> int:
        """What the node advises to add to the base fee, wei a unit of gas."""
        return self._number(self._call("eth_maxPriorityFeePerGas"))

    def send(self, raw: bytes) -> str:
        """The hash under which it was taken. Raises also AnchorError REFUSED, with the node's words."""
        return str(self._call("eth_sendRawTransaction", f"0x{raw.hex()}", refusals=True))

    def _call(self, method: str, *params: object, refusals: bool = False) -> Any:  # noqa: ANN401 - a stranger's
        question = {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}
        answer = self._transport.post("", json.dumps(question).encode(), "application/json")
        if answer.status != OK:
            raise self._transport.unavailable(f"{method}: status {answer.status}")
        found = self._transport.json(answer)
        if not isinstance(found, dict) or ("result" not in found and "error" not in found):
            raise self._transport.nonsense(f"{method}: neither a result nor an error")
        if found.get("error") is not None:
            words = _words(found["error"])
            if refusals:
                raise AnchorError(AnchorCode.REFUSED, "evm", words)
            raise self._transport.unavailable(f"{method}: {words}")
        return found["result"]

    def _number(self, value: object) -> int:
        if not isinstance(value, str) or not value.startswith("0x"):
            raise self._transport.nonsense("want a number in hex")
        try:
            return int(value, 16)
        except ValueError:
            raise self._transport.nonsense("want a number in hex") from None


def _words(error: object) -> str:
    message = error.get("message") if isinstance(error, dict) else error
    return "".join(c for c in str(message)[:200] if c.isprintable())
