"""Scans of a product, newest first: what its producer looks at in the console."""

from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.create_index("ix_scan_gtin_id", "scan", ["gtin", "id"], unique=False)
