"""Anchors of checkpoints, their attempts, and what is known of each backend."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

_INSTANT = sa.DateTime(timezone=True)
_ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "anchor",
        sa.Column("id", _ROW_ID, autoincrement=True, nullable=False),
        sa.Column("backend", sa.String(length=32), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("root", sa.LargeBinary(), nullable=False),
        sa.Column("commitment", sa.LargeBinary(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", _INSTANT, nullable=False),
        sa.Column("changed_at", _INSTANT, nullable=False),
        sa.Column("sighting", sa.String(length=16), nullable=True),
        sa.Column("tx_id", sa.String(length=80), nullable=False),
        sa.Column("block_number", sa.BigInteger(), nullable=True),
        sa.Column("block_id", sa.String(length=80), nullable=True),
        sa.Column("block_at", _INSTANT, nullable=True),
        sa.Column("fee", sa.String(length=80), nullable=False),
        sa.Column("is_final", sa.Boolean(), nullable=False),
        sa.Column("evidence", sa.LargeBinary(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.CheckConstraint("size >= 1", name=op.f("ck_anchor_size")),
        sa.CheckConstraint("(block_number IS NULL) = (block_id IS NULL)", name=op.f("ck_anchor_block")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_anchor")),
        sa.UniqueConstraint("backend", "size", name=op.f("uq_anchor_backend_size")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_anchor_backend_state", "anchor", ["backend", "state"], unique=False)
    op.create_table(
        "anchor_attempt",
        sa.Column("anchor_id", _ROW_ID, nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("tx_id", sa.String(length=80), nullable=False),
        sa.Column("raw", sa.LargeBinary(), nullable=False),
        sa.Column("key", sa.String(length=80), nullable=False),
        sa.Column("fee_limit", sa.String(length=80), nullable=False),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.Column("signed_at", _INSTANT, nullable=False),
        sa.Column("submitted_at", _INSTANT, nullable=True),
        sa.ForeignKeyConstraint(["anchor_id"], ["anchor.id"], name=op.f("fk_anchor_attempt_anchor_id")),
        sa.PrimaryKeyConstraint("anchor_id", "seq", name=op.f("pk_anchor_attempt")),
    )
    op.create_index("ix_anchor_attempt_signed_at", "anchor_attempt", ["signed_at"], unique=False)
    op.create_table(
        "anchor_backend",
        sa.Column("name", sa.String(length=32), nullable=False),
        sa.Column("fence", sa.BigInteger(), nullable=False),
        sa.Column("lease_owner", sa.String(length=200), nullable=True),
        sa.Column("lease_until", _INSTANT, nullable=True),
        sa.Column("seen_at", _INSTANT, nullable=True),
        sa.Column("key", sa.String(length=80), nullable=False),
        sa.Column("balance", sa.String(length=80), nullable=True),
        sa.Column("alarm", sa.String(length=64), nullable=False),
        sa.Column("problem", sa.Text(), nullable=False),
        sa.Column("alarm_at", _INSTANT, nullable=True),
        sa.CheckConstraint(
            "(lease_owner IS NULL) = (lease_until IS NULL)", name=op.f("ck_anchor_backend_lease")
        ),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_anchor_backend")),
    )
