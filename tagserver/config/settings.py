"""The settings, each once: name, default, how it is read, what it means. Documentation and tests list
SETTINGS.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from tagcore.history import Thresholds
from tagserver.config.anchor_settings import ANCHORS
from tagserver.config.limit_settings import LIMITS
from tagserver.config.log_settings import LOG
from tagserver.config.secret import Secret
from tagserver.config.site_settings import SITE


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


SETTINGS = (*SITE, *LOG, *ANCHORS, *LIMITS)
