"""The settings, each once: name, default, how it is read, what it means. Documentation and tests list
SETTINGS.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from tagcore.history import Thresholds
from tagserver.config.secret import Secret
from tagserver.config.values import (
    addresses,
    block_id,
    bucket_or_nothing,
    header_name,
    host_name,
    link_template,
    log_origin,
    number,
    object_id,
    optional_path,
    public_key,
    rate_storage,
    real,
    text,
    url,
)

DEFAULT_THRESHOLDS = Thresholds()


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Everything that an operator chose. What each means stands in SETTINGS."""

    home: Path
    database_url: Secret
    tag_host: str
    root_key: bytes
    site_name: str
    public_url: str
    passphrase: Secret
    root_passphrase: Secret
    secret: Secret
    trusted_proxy_hops: int
    country_header: str
    max_body_bytes: int
    max_image_bytes: int
    max_image_pixels: int
    sync_issue_limit: int
    max_batch_count: int
    lease_seconds: int
    trust_valid_days: int
    viewer_rotation_days: int
    scan_retention_days: int
    report_retention_days: int
    log_origin: str
    log_store: str
    log_bucket_endpoint: str
    log_bucket_region: str
    log_interval_seconds: int
    log_block_seconds: int
    witness_threshold: int
    witness_name: str
    anchor_interval_seconds: int
    anchor_required: int
    anchor_max_lag_seconds: int
    anchor_finality_alarm_seconds: int
    vechain_nodes: Secret
    vechain_network: str
    vechain_genesis: str
    vechain_expiration_blocks: int
    vechain_daily_ceiling: float
    vechain_balance_alarm: float
    vechain_explorer: str
    evm_nodes: Secret
    evm_network: str
    evm_genesis: str
    evm_chain_id: int
    evm_replace_after_seconds: int
    evm_daily_ceiling: float
    evm_balance_alarm: float
    evm_explorer: str
    rfc3161_url: Secret
    rfc3161_certificates: Path | None
    rfc3161_policy: str
    label_font: Path | None
    burst_viewers: int
    burst_window_days: int
    travel_speed_kmh: float
    travel_distance_km: float
    rate_limit_storage: Secret
    requests_per_minute: int
    verifications_per_minute: int
    pictures_per_minute: int
    reports_per_hour: int
    lists_per_minute: int
    token_requests_per_minute: int

    @property
    def thresholds(self) -> Thresholds:
        """When scans become a signal, for products without thresholds of their own."""
        return Thresholds(
            burst_viewers=self.burst_viewers,
            burst_window=timedelta(days=self.burst_window_days),
            speed_kmh=self.travel_speed_kmh,
            distance_km=self.travel_distance_km,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """One row of the table. `default` is what an operator would have written, None when it has to be given.

    `parse` takes text (from the environment) or a TOML value and raises ValueError. A secret one is never
    read from the settings file; a masked one may be, yet shows itself no more than a secret does.
    """

    name: str
    meaning: str
    default: str | int | float | None = None
    parse: Callable[[object], object] = text
    is_secret: bool = False
    is_masked: bool = False


SETTINGS = (
    Setting(
        name="database_url",
        default="",
        is_masked=True,
        meaning="sqlite:///PATH or postgresql://USER:PASSWORD@HOST/NAME. Empty: origintag.db in the workspace.",
    ),
    Setting(
        name="tag_host",
        parse=host_name,
        meaning="The domain printed on tags, in upper case, with a port if it is not 443: ID.EXAMPLE.COM.",
    ),
    Setting(
        name="root_key",
        parse=public_key,
        meaning="Public half of the root key, 64 hex digits; `tagserver init` writes it. Verifiers pin it.",
    ),
    Setting(name="site_name", default="Origin check", meaning="What the site is called on its own pages."),
    Setting(
        name="public_url",
        default="",
        parse=url,
        meaning="Where people reach this server, https://ID.EXAMPLE.COM. Empty: https:// and the tag host.",
    ),
    Setting(
        name="passphrase",
        is_secret=True,
        meaning="Opens the issuers' signing keys and the serial key. Needed to issue and to render labels.",
    ),
    Setting(
        name="root_passphrase",
        is_secret=True,
        meaning="Opens the root key, which signs the trust bundle. Keep it off the server.",
    ),
    Setting(
        name="secret",
        is_secret=True,
        meaning="Keys the hashes of viewers and of log-in tries, seals TOTP secrets. Changing it voids all of them.",
    ),
    Setting(
        name="trusted_proxy_hops",
        default=0,
        parse=number(0, 10),
        meaning="Proxies in front that set X-Forwarded-For. 0 trusts none: anyone may send that header.",
    ),
    Setting(
        name="country_header",
        default="",
        parse=header_name,
        meaning="Header in which the proxy tells the visitor's country (ISO 3166-1). Empty: countries are unknown.",
    ),
    Setting(
        name="max_body_bytes",
        default=1_000_000,
        parse=number(1_000, 100_000_000),
        meaning="Largest request, images aside. A list of 10,000 scans has about 2 MB at most; raise it for those.",
    ),
    Setting(
        name="max_image_bytes",
        default=15_000_000,
        parse=number(10_000, 100_000_000),
        meaning="Largest photograph. Telephones make 3 to 12 MB.",
    ),
    Setting(
        name="max_image_pixels",
        default=64_000_000,
        parse=number(10_000, 400_000_000),
        meaning="Largest photograph once unpacked, 3 bytes each: a small file can hold a huge picture.",
    ),
    Setting(
        name="sync_issue_limit",
        default=1_000,
        parse=number(0, 100_000),
        meaning="Batches up to this count are issued while the request waits (well under a second).",
    ),
    Setting(
        name="max_batch_count",
        default=10_000_000,
        parse=number(1, 2**32),
        meaning="Most tags in a batch: 320 MB of leaf hashes, half an hour of one core.",
    ),
    Setting(
        name="lease_seconds",
        default=60,
        parse=number(5, 3_600),
        meaning="After how long a silent worker's batch is given to another. Workers renew at a third of it.",
    ),
    Setting(
        name="trust_valid_days",
        default=90,
        parse=number(1, 3_650),
        meaning="How long verifiers believe a trust bundle: the longest that a revoked key may go unnoticed offline.",
    ),
    Setting(
        name="viewer_rotation_days",
        default=30,
        parse=number(1, 365),
        meaning="How long a viewer keeps the same hash. It has to cover the burst window, or bursts look larger.",
    ),
    Setting(
        name="scan_retention_days",
        default=90,
        parse=number(1, 3_650),
        meaning="When a scan's viewer and coordinates are erased. Time, country and verdict stay.",
    ),
    Setting(
        name="report_retention_days",
        default=180,
        parse=number(1, 3_650),
        meaning="When a report's contact, viewer and coordinates are erased, closed or not. The report itself stays.",
    ),
    Setting(
        name="log_origin",
        default="",
        parse=log_origin,
        meaning="What the log is called in its checkpoints, for ever. Empty: the tag host in lower case and /log.",
    ),
    Setting(
        name="log_store",
        default="",
        parse=bucket_or_nothing,
        meaning="Where the log's files are: s3://BUCKET/PREFIX, or empty for the folder log in the workspace.",
    ),
    Setting(
        name="log_bucket_endpoint",
        default="",
        parse=url,
        meaning="Address of an S3 service other than Amazon's. Credentials come from AWS_ACCESS_KEY_ID and its like.",
    ),
    Setting(
        name="log_bucket_region",
        default="",
        meaning="Region of the bucket. Empty: what the environment says.",
    ),
    Setting(
        name="log_interval_seconds",
        default=1,
        parse=number(1, 3_600),
        meaning="How often waiting entries get their places and the log's files are written.",
    ),
    Setting(
        name="log_block_seconds",
        default=60,
        parse=number(0, 86_400),
        meaning="How long a unit's event waits for others to fill its block of 4,096 in the log.",
    ),
    Setting(
        name="witness_threshold",
        default=0,
        parse=number(0, 100),
        meaning="How many witnesses have to sign a checkpoint before it counts as witnessed. 0: it never does.",
    ),
    Setting(
        name="witness_name",
        default="",
        parse=log_origin,
        meaning="The name that `tagserver witness` signs under. Empty: the tag host in lower case and /witness.",
    ),
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
    Setting(
        name="label_font",
        default="",
        parse=optional_path,
        meaning="TrueType or OpenType file for labels' text. Empty: the built-in choice.",
    ),
    Setting(
        name="burst_viewers",
        default=DEFAULT_THRESHOLDS.burst_viewers,
        parse=number(2, 1_000),
        meaning="Distinct viewers of one unit, within the window, that are a signal: a bottle passes few hands.",
    ),
    Setting(
        name="burst_window_days",
        default=DEFAULT_THRESHOLDS.burst_window.days,
        parse=number(1, 365),
        meaning="The window for burst_viewers.",
    ),
    Setting(
        name="travel_speed_kmh",
        default=DEFAULT_THRESHOLDS.speed_kmh,
        parse=real(100, 10_000),
        meaning="Faster than this between two scans is a signal: an airliner's pace.",
    ),
    Setting(
        name="travel_distance_km",
        default=DEFAULT_THRESHOLDS.distance_km,
        parse=real(10, 20_000),
        meaning="Shorter distances, both radii taken off, are no travel: addresses are located badly.",
    ),
    Setting(
        name="rate_limit_storage",
        default="",
        parse=rate_storage,
        is_masked=True,
        meaning="redis://HOST or memcached://HOST:PORT counts for all processes. Empty: each counts for itself.",
    ),
    Setting(
        name="requests_per_minute",
        default=1_200,
        parse=number(0, 1_000_000),
        meaning="Requests of an address that no other limit counts. 0, here and below: no limit.",
    ),
    Setting(
        name="verifications_per_minute",
        default=600,
        parse=number(0, 1_000_000),
        meaning="Tags that an address may check. A person checks a few; a network may hide hundreds of people.",
    ),
    Setting(
        name="pictures_per_minute",
        default=60,
        parse=number(0, 1_000_000),
        meaning="Pictures of an address, or of an organisation with a token. Each takes up to ten seconds.",
    ),
    Setting(
        name="reports_per_hour",
        default=60,
        parse=number(0, 1_000_000),
        meaning="Reports of an address. Each is read by a person.",
    ),
    Setting(
        name="lists_per_minute",
        default=60,
        parse=number(0, 1_000_000),
        meaning="Lists of an address, 250 codes each on the page; or of an organisation with a token.",
    ),
    Setting(
        name="token_requests_per_minute",
        default=6_000,
        parse=number(0, 1_000_000),
        meaning="Requests of an organisation with its tokens: three cameras over a line, thirty tags a second each.",
    ),
)
