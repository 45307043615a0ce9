"""Settings of the site itself: its store, its names and secrets, what it takes, what it keeps for how long."""

from __future__ import annotations

from tagserver.config.setting import Setting
from tagserver.config.values import header_name, host_name, number, optional_path, public_key, url

SITE = (
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
        name="label_font",
        default="",
        parse=optional_path,
        meaning="TrueType or OpenType file for labels' text. Empty: the built-in choice.",
    ),
)
