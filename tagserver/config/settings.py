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
    bucket_or_nothing,
    header_name,
    host_name,
    log_origin,
    number,
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
