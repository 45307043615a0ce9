"""Following a log from outside, as a producer does who wants to know that its key has not leaked.

It needs no workspace and believes no server: a pinned trust bundle says whose keys are good, the state file what the
log was like before, and the rest is read from the log's public files (docs/spec/log.md).
"""

from tagserver.monitor.alarms import Alarm, Finding
from tagserver.monitor.anchoring import AnchorWatch
from tagserver.monitor.expected import Expectations, ExpectedFileError, parse_expected
from tagserver.monitor.files import HttpFiles, LogUnreachableError
from tagserver.monitor.reports import look_to_json, look_to_lines
from tagserver.monitor.state import StateFile, StateFileError
from tagserver.monitor.watch import Look, Monitor
from tagserver.monitor.webhook import Webhook, WebhookError

__all__ = [
    "Alarm",
    "AnchorWatch",
    "Expectations",
    "ExpectedFileError",
    "Finding",
    "HttpFiles",
    "LogUnreachableError",
    "Look",
    "Monitor",
    "StateFile",
    "StateFileError",
    "Webhook",
    "WebhookError",
    "look_to_json",
    "look_to_lines",
    "parse_expected",
]
