"""Settings of limits: when scans become a signal, and how much anybody may ask."""

from __future__ import annotations

from tagcore.history import Thresholds
from tagserver.config.setting import Setting
from tagserver.config.values import number, rate_storage, real

DEFAULT_THRESHOLDS = Thresholds()

LIMITS = (
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
