"""Receipts of anchors, asked about at nodes of one's own: what a monitor does with what a log lists.

Nothing here believes the receipt: it says where to look, and what is found there has to be the commitment.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from typing import NoReturn

from cryptography.x509 import load_der_x509_certificate

from tagcore.anchoring import Attestation
from tagcore.errors import ProofError
from tagcore.log_trust import AnchorPolicy
from tagcore.receipts import Backend, ChainReceipt, Inclusion, Receipt, TimestampReceipt
from tagserver.ports import AnchorCode, AnchorError, Clock
from tagserver.ports.anchors import AnchorBackend, Confirmation

SILENT = frozenset({AnchorCode.NODE_UNAVAILABLE, AnchorCode.NODE_ANSWER, AnchorCode.NODE_LAGGING})
"""What says something about the node, and nothing about the anchor."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiptChecks:
    """Implements `tagcore.anchoring.ReceiptCheck`. `nodes` has the address of a node for networks by name."""

    nodes: Mapping[str, str]
    clock: Clock

    def __call__(self, receipt: Receipt, commitment: bytes, policy: AnchorPolicy) -> Attestation | None:
        """Raises: ProofError; AnchorError WRONG_NETWORK for a node of another network than the pinned one."""
        if isinstance(receipt, TimestampReceipt):
            return _token(receipt, commitment, policy)
        if isinstance(receipt, ChainReceipt) and receipt.network in self.nodes:
            return self._ask(receipt, commitment)
        return None

    def _ask(self, receipt: ChainReceipt, commitment: bytes) -> Attestation | None:
        try:
            backend = self._backend(receipt)
            found = backend.confirm(commitment, tx_id=f"0x{receipt.transaction.hex()}", evidence=b"")
        except AnchorError as error:
            if error.code in SILENT:
                return None
            if error.code in (AnchorCode.WRONG_NETWORK, AnchorCode.NOT_CONFIGURED):
                raise
            raise ProofError(str(error)) from error
        _compare(receipt, found)
        if receipt.state is Inclusion.FINALIZED and not found.is_final:
            return None  # our node may be behind
        return Attestation(by=f"{receipt.backend} {receipt.network}", at=found.at)

    def _backend(self, receipt: ChainReceipt) -> AnchorBackend:
        """One that only looks: it has no key. Raises: AnchorError NODE_UNAVAILABLE, NOT_CONFIGURED."""
        url, genesis = self.nodes[receipt.network], f"0x{receipt.genesis.hex()}"
        try:
            if receipt.backend is Backend.VECHAIN:
                return _vechain(url, genesis, self.clock)
            return _evm(url, genesis, self.clock)
        except ImportError as error:
            problem = f"needs the extra chain: pip install 'origintag[chain]' ({error.name} is missing)"
            raise AnchorError(AnchorCode.NOT_CONFIGURED, receipt.backend, problem) from None


def _compare(receipt: ChainReceipt, found: Confirmation) -> None:
    """Raises: ProofError when the receipt names another block than the one that it is in."""
    block = found.block
    if block is None or (receipt.number, f"0x{receipt.block.hex()}") != (block.number, block.id):
        where = "no block" if block is None else f"block {block.number} ({block.id})"
        raise ProofError(f"said to be in block {receipt.number}, found in {where}")
    if block.at != receipt.time:
        raise ProofError(f"said to be of {receipt.time.isoformat()}, found at {block.at.isoformat()}")


def _vechain(url: str, genesis: str, clock: Clock) -> AnchorBackend:
    from tagserver.chain.transport import Transport
    from tagserver.chain.vechain import Network, VeChain
    from tagserver.chain.vechain_node import ThorNode

    network = Network(genesis=genesis, expiration_blocks=1, max_lag=timedelta(0))
    node = ThorNode(Transport(url, backend="vechain"))
    return VeChain((node,), network, key=_no_key, clock=clock, random_bytes=secrets.token_bytes)


def _evm(url: str, genesis: str, clock: Clock) -> AnchorBackend:
    from tagserver.chain.evm import Evm, Network
    from tagserver.chain.evm_node import EvmNode
    from tagserver.chain.transport import Transport

    node = EvmNode(Transport(url, backend="evm"))
    network = Network(
        genesis=genesis, chain_id=node.chain_id(), max_lag=timedelta(0), replace_after=timedelta(days=1)
    )
    return Evm((node,), network, key=_no_key, clock=clock)


def _no_key() -> NoReturn:
    raise AnchorError(AnchorCode.NOT_CONFIGURED, "monitor", "a monitor signs nothing")


def _token(receipt: TimestampReceipt, commitment: bytes, policy: AnchorPolicy) -> Attestation:
    """By the first of the pinned authorities that it chains to. Raises: ProofError; AnchorError NOT_CONFIGURED."""
    problem = "no time-stamping authority is pinned"
    for authority in policy.authorities:
        try:
            found = _time_stamping(authority)(receipt.token, commitment)
        except AnchorError as error:
            if error.code is AnchorCode.NOT_CONFIGURED:
                raise
            problem = str(error)
        else:
            return Attestation(by=f"rfc3161 {sha256(authority).hexdigest()[:16]}", at=found.at)
    raise ProofError(problem)


def _time_stamping(authority: bytes) -> Callable[[bytes, bytes], Confirmation]:
    try:
        from tagserver.chain.rfc3161 import TimeStamping
        from tagserver.chain.transport import Transport
    except ImportError as error:
        problem = f"needs the extra chain: pip install 'origintag[chain]' ({error.name} is missing)"
        raise AnchorError(AnchorCode.NOT_CONFIGURED, "rfc3161", problem) from None
    nobody = Transport("https://nobody.invalid", backend="rfc3161")  # a token is checked without asking
    backend = TimeStamping(nobody, roots=(load_der_x509_certificate(authority),), policy=None)
    return lambda token, commitment: backend.confirm(commitment, tx_id="", evidence=token)
