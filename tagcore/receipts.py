"""Receipts of anchors: where a checkpoint's commitment was put, as plain facts that others can check again.

docs/spec/log.md, section 7. A chain's receipt proves nothing by itself: it says where to look on a node of one's own.
A time-stamping token and a journal's line carry their signatures with them.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Literal, assert_never

from tagcore.base64_text import format_base64
from tagcore.canonical import Json
from tagcore.document import Members
from tagcore.merkle import HASH_BYTES
from tagcore.moment import format_moment

ADDRESS_BYTES = 20


class Backend(StrEnum):
    """Where an anchor is."""

    VECHAIN = "vechain"
    EVM = "evm"
    RFC3161 = "rfc3161"
    JOURNAL = "journal"


ChainBackend = Literal[Backend.VECHAIN, Backend.EVM]


class Inclusion(StrEnum):
    """How firmly a block stands: included can still be undone by a reorganisation, finalized cannot."""

    INCLUDED = "included"
    FINALIZED = "finalized"


@dataclass(frozen=True, slots=True, kw_only=True)
class ChainReceipt:
    """A transaction that carries the commitment as its data, and the block that it is in.

    `genesis`, `transaction` and `block` are ids of 32 bytes, `to` is the address that it went to (20 bytes), `time`
    the block's own (aware, whole seconds).
    """

    backend: ChainBackend
    network: str
    genesis: bytes
    transaction: bytes
    to: bytes
    number: int
    block: bytes
    time: datetime
    state: Inclusion


@dataclass(frozen=True, slots=True, kw_only=True)
class TimestampReceipt:
    """A time-stamping authority's answer over the commitment: the DER of an RFC 3161 TimeStampResp."""

    token: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class JournalReceipt:
    """A line of the operator's own journal (`tagcore.journal`): self-attested."""

    line: str


Receipt = ChainReceipt | TimestampReceipt | JournalReceipt


def backend_of(receipt: Receipt) -> Backend:
    """Where the anchor is."""
    match receipt:
        case ChainReceipt():
            return receipt.backend
        case TimestampReceipt():
            return Backend.RFC3161
        case JournalReceipt():
            return Backend.JOURNAL
        case _ as never:
            assert_never(never)


def receipt_to_json(receipt: Receipt) -> dict[str, Json]:
    """The receipt as JSON."""
    match receipt:
        case ChainReceipt():
            return _chain_to_json(receipt)
        case TimestampReceipt():
            return {"backend": Backend.RFC3161.value, "token": format_base64(receipt.token)}
        case JournalReceipt():
            return {"backend": Backend.JOURNAL.value, "line": receipt.line}
        case _ as never:
            assert_never(never)


def receipt_from_json(value: Json) -> Receipt:
    """The inverse. Raises: DocumentError."""
    members = Members(value)
    receipt = _PARSERS[members.word("backend", Backend)](members)
    members.done()
    return receipt


def _chain_to_json(receipt: ChainReceipt) -> dict[str, Json]:
    return {
        "backend": receipt.backend.value,
        "network": receipt.network,
        "genesis": receipt.genesis.hex(),
        "transaction": receipt.transaction.hex(),
        "to": receipt.to.hex(),
        "number": receipt.number,
        "block": receipt.block.hex(),
        "time": format_moment(receipt.time),
        "state": receipt.state.value,
    }


def _chain_of(backend: ChainBackend) -> Callable[[Members], Receipt]:
    def parse(members: Members) -> ChainReceipt:
        return ChainReceipt(
            backend=backend,
            network=members.text("network"),
            genesis=members.hex("genesis", HASH_BYTES),
            transaction=members.hex("transaction", HASH_BYTES),
            to=members.hex("to", ADDRESS_BYTES),
            number=members.integer("number", 0),
            block=members.hex("block", HASH_BYTES),
            time=members.moment("time"),
            state=members.word("state", Inclusion),
        )

    return parse


def _timestamp(members: Members) -> TimestampReceipt:
    return TimestampReceipt(token=members.base64("token"))


def _journal(members: Members) -> JournalReceipt:
    return JournalReceipt(line=members.text("line"))


_PARSERS: Mapping[Backend, Callable[[Members], Receipt]] = {
    Backend.VECHAIN: _chain_of(Backend.VECHAIN),
    Backend.EVM: _chain_of(Backend.EVM),
    Backend.RFC3161: _timestamp,
    Backend.JOURNAL: _journal,
}
