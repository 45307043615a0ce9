"""Settings of the transparency log and its witnesses."""

from __future__ import annotations

from tagserver.config.setting import Setting
from tagserver.config.values import bucket_or_nothing, log_origin, number, url

LOG = (
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
)
