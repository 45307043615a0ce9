"""Settings of anchors: when, where, and for how much."""

from __future__ import annotations

from tagserver.config.setting import Setting
from tagserver.config.values import addresses, block_id, link_template, number, object_id, optional_path, real

ANCHORS = (
    Setting(
        name="anchor_interval_seconds",
        default=600,
        parse=number(1, 604_800),
        meaning="How often the newest checkpoint is anchored, at most, at each place. Each time costs a fee there.",
    ),
    Setting(
        name="anchor_required",
        default=1,
        parse=number(1, 8),
        meaning="How many places outside have to hold a checkpoint to call it anchored. The journal is none.",
    ),
    Setting(
        name="anchor_max_lag_seconds",
        default=600,
        parse=number(0, 86_400),
        meaning="A node whose newest block is older is not believed. 0: any age, where blocks are made on demand.",
    ),
    Setting(
        name="anchor_finality_alarm_seconds",
        default=10_800,
        parse=number(60, 604_800),
        meaning="How long a block may wait for finality before that is an alarm. VeChainThor takes up to 90 minutes.",
    ),
    Setting(
        name="vechain_nodes",
        default="",
        parse=addresses,
        is_masked=True,
        meaning="Addresses of VeChainThor nodes, separated by spaces. Several have to agree. Empty: no anchors there.",
    ),
    Setting(
        name="vechain_network",
        default="main",
        meaning="What the network is called in receipts and on pages.",
    ),
    Setting(
        name="vechain_genesis",
        default="0x00000000851caf3cfdb6e899cf5958bfb1ac3413d346d43539627e6be7ec1b4a",
        parse=block_id,
        meaning="Id of the network's block 0: the pin. The default is VeChainThor's main network.",
    ),
    Setting(
        name="vechain_expiration_blocks",
        default=32,
        parse=number(4, 720),
        meaning="For how many blocks of ten seconds a transaction is good. The next waits until finality is past it.",
    ),
    Setting(
        name="vechain_daily_ceiling",
        default=500.0,
        parse=real(0, 1_000_000_000),
        meaning="Most VTHO that anchors may cost in a day. 0: no ceiling.",
    ),
    Setting(
        name="vechain_balance_alarm",
        default=100.0,
        parse=real(0, 1_000_000_000),
        meaning="An alarm is raised when the account has less VTHO.",
    ),
    Setting(
        name="vechain_explorer",
        default="",
        parse=link_template,
        meaning="Address of a public page about a transaction, with {transaction} or {block} in it. Empty: no link.",
    ),
    Setting(
        name="evm_nodes",
        default="",
        parse=addresses,
        is_masked=True,
        meaning="Addresses of an Ethereum-style chain's nodes, separated by spaces. Empty: no anchors there.",
    ),
    Setting(name="evm_network", default="", meaning="What that network is called in receipts and on pages."),
    Setting(
        name="evm_genesis",
        default="",
        parse=block_id,
        meaning="Hash of the network's block 0: the pin. Has to be given with evm_nodes.",
    ),
    Setting(
        name="evm_chain_id",
        default=0,
        parse=number(0, 2**53 - 1),
        meaning="Chain id that transactions are signed for. Has to be given with evm_nodes.",
    ),
    Setting(
        name="evm_replace_after_seconds",
        default=300,
        parse=number(10, 86_400),
        meaning="After how long a waiting transaction is replaced by one with higher fees.",
    ),
    Setting(
        name="evm_daily_ceiling",
        default=0.05,
        parse=real(0, 1_000_000_000),
        meaning="Most of the chain's coin that anchors may cost in a day. 0: no ceiling.",
    ),
    Setting(
        name="evm_balance_alarm",
        default=0.02,
        parse=real(0, 1_000_000_000),
        meaning="An alarm is raised when the account has less of the chain's coin.",
    ),
    Setting(
        name="evm_explorer",
        default="",
        parse=link_template,
        meaning="As vechain_explorer.",
    ),
    Setting(
        name="rfc3161_url",
        default="",
        parse=addresses,
        is_masked=True,
        meaning="Address of a time-stamping authority. Empty: no anchors there.",
    ),
    Setting(
        name="rfc3161_certificates",
        default="",
        parse=optional_path,
        meaning="PEM file of the authority's root certificates: the pin. Has to be given with rfc3161_url.",
    ),
    Setting(
        name="rfc3161_policy",
        default="",
        parse=object_id,
        meaning="Object identifier of the policy that tokens have to be under. Empty: any.",
    ),
)
