"""Symbols on pictures, read by processes apart: `worker` is one of them, `pool` shares a few."""
