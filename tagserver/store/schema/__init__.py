"""The tables. A change here needs a migration beside it: a test compares the two on both databases."""

from tagserver.store.schema.accounts import (
    account,
    console_session,
    recovery_code,
    second_factor,
    set_up_link,
    try_count,
)
from tagserver.store.schema.anchors import anchor, anchor_attempt, anchor_backend
from tagserver.store.schema.batches import batch
from tagserver.store.schema.columns import metadata
from tagserver.store.schema.log import (
    cosignature,
    event_block,
    event_leaf,
    log,
    log_checkpoint,
    log_entry,
    watched_log,
    witness,
)
from tagserver.store.schema.parties import audit_entry, organisation, request, token
from tagserver.store.schema.products import issuer_key, picture, product, recall
from tagserver.store.schema.reports import report
from tagserver.store.schema.units import range_state, scan, sent_scan, unit_event, unit_state

__all__ = [
    "account",
    "anchor",
    "anchor_attempt",
    "anchor_backend",
    "audit_entry",
    "batch",
    "console_session",
    "cosignature",
    "event_block",
    "event_leaf",
    "issuer_key",
    "log",
    "log_checkpoint",
    "log_entry",
    "metadata",
    "organisation",
    "picture",
    "product",
    "range_state",
    "recall",
    "recovery_code",
    "report",
    "request",
    "scan",
    "second_factor",
    "sent_scan",
    "set_up_link",
    "token",
    "try_count",
    "unit_event",
    "unit_state",
    "watched_log",
    "witness",
]
