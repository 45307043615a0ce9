"""The tables. A change here needs a migration beside it: a test compares the two on both databases."""

from tagserver.store.schema.batches import batch
from tagserver.store.schema.columns import metadata
from tagserver.store.schema.parties import audit_entry, organisation, request, token
from tagserver.store.schema.products import issuer_key, picture, product, recall
from tagserver.store.schema.units import range_state, scan, unit_event, unit_state

__all__ = [
    "audit_entry",
    "batch",
    "issuer_key",
    "metadata",
    "organisation",
    "picture",
    "product",
    "range_state",
    "recall",
    "request",
    "scan",
    "token",
    "unit_event",
    "unit_state",
]
