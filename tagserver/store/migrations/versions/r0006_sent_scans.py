"""Scans that may be sent again: a device that was offline sends until it is answered, and each is recorded once."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.create_table(
        "sent_scan",
        sa.Column("ticket", sa.LargeBinary(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("ticket", name=op.f("pk_sent_scan")),
    )
    op.create_index(op.f("ix_sent_scan_at"), "sent_scan", ["at"], unique=False)
