"""The first schema.

Columns are written out, not taken from `tagserver.store.schema`: a migration stays what it was when it was released.
"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

_INSTANT = sa.DateTime(timezone=True)
_ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "audit_entry",
        sa.Column("id", _ROW_ID, autoincrement=True, nullable=False),
        sa.Column("at", _INSTANT, nullable=False),
        sa.Column("org_id", sa.String(length=64), nullable=True),
        sa.Column("token_id", sa.String(length=64), nullable=True),
        sa.Column("action", sa.String(length=64), nullable=False),
        sa.Column("subject", sa.String(length=200), nullable=False),
        sa.Column("detail", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_entry")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_audit_entry_org_id", "audit_entry", ["org_id", "id"], unique=False)
    op.create_index("ix_audit_entry_subject_action", "audit_entry", ["subject", "action", "id"], unique=False)
    op.create_table(
        "organisation",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.Column("gtins", sa.JSON(), nullable=False),
        sa.Column("prefixes", sa.JSON(), nullable=False),
        sa.Column("hosts", sa.JSON(), nullable=False),
        sa.Column("created_at", _INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_organisation")),
    )
    op.create_table(
        "scan",
        sa.Column("gtin", sa.String(length=14), nullable=False),
        sa.Column("serial", sa.String(length=20), nullable=False),
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("at", _INSTANT, nullable=False),
        sa.Column("viewer", sa.LargeBinary(), nullable=True),
        sa.Column("org_id", sa.String(length=64), nullable=True),
        sa.Column("country", sa.String(length=2), nullable=True),
        sa.Column("latitude", sa.Float(), nullable=True),
        sa.Column("longitude", sa.Float(), nullable=True),
        sa.Column("radius_km", sa.Float(), nullable=False),
        sa.Column("reliable_place", sa.Boolean(), nullable=False),
        sa.Column("level", sa.SmallInteger(), nullable=False),
        sa.Column("headline", sa.String(length=32), nullable=False),
        sa.Column("counted", sa.Boolean(), nullable=False),
        sa.Column("holds_person", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("gtin", "serial", "id", name=op.f("pk_scan")),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "ix_scan_personal",
        "scan",
        ["at"],
        unique=False,
        postgresql_where=sa.text("holds_person"),
        sqlite_where=sa.text("holds_person"),
    )
    op.create_table(
        "unit_event",
        sa.Column("gtin", sa.String(length=14), nullable=False),
        sa.Column("serial", sa.String(length=20), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("batch", sa.BigInteger(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("action", sa.String(length=16), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("previous", sa.String(length=16), nullable=True),
        sa.Column("since", _INSTANT, nullable=False),
        sa.Column("by_org", sa.String(length=64), nullable=False),
        sa.Column("place", sa.String(length=200), nullable=True),
        sa.Column("country", sa.String(length=2), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("gtin", "serial", "seq", name=op.f("pk_unit_event")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "unit_state",
        sa.Column("gtin", sa.String(length=14), nullable=False),
        sa.Column("serial", sa.String(length=20), nullable=False),
        sa.Column("batch", sa.BigInteger(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("previous", sa.String(length=16), nullable=True),
        sa.Column("since", _INSTANT, nullable=False),
        sa.Column("by_org", sa.String(length=64), nullable=False),
        sa.Column("place", sa.String(length=200), nullable=True),
        sa.Column("country", sa.String(length=2), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("gtin", "serial", name=op.f("pk_unit_state")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_unit_state_batch_position", "unit_state", ["batch", "position"], unique=False)
    op.create_table(
        "issuer_key",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("org_id", sa.String(length=64), nullable=False),
        sa.Column("slot", sa.Integer(), nullable=False),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        sa.Column("not_before", _INSTANT, nullable=False),
        sa.Column("not_after", _INSTANT, nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("revoked_at", _INSTANT, nullable=True),
        sa.Column("created_at", _INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["org_id"], ["organisation.id"], name=op.f("fk_issuer_key_org_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_issuer_key")),
        sa.UniqueConstraint("org_id", "slot", name=op.f("uq_issuer_key_org_id_slot")),
        sa.UniqueConstraint("public_key", name=op.f("uq_issuer_key_public_key")),
    )
    op.create_table(
        "product",
        sa.Column("gtin", sa.String(length=14), nullable=False),
        sa.Column("org_id", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("size", sa.String(length=200), nullable=False),
        sa.Column("image", sa.String(length=64), nullable=True),
        sa.Column("markets", sa.JSON(), nullable=False),
        sa.Column("instructions", sa.Text(), nullable=False),
        sa.Column("thresholds", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("created_at", _INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["org_id"], ["organisation.id"], name=op.f("fk_product_org_id")),
        sa.PrimaryKeyConstraint("gtin", name=op.f("pk_product")),
    )
    op.create_index(op.f("ix_product_org_id"), "product", ["org_id"], unique=False)
    op.create_table(
        "request",
        sa.Column("org_id", sa.String(length=64), nullable=False),
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("request_hash", sa.LargeBinary(), nullable=False),
        sa.Column("at", _INSTANT, nullable=False),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["org_id"], ["organisation.id"], name=op.f("fk_request_org_id")),
        sa.PrimaryKeyConstraint("org_id", "key", name=op.f("pk_request")),
    )
    op.create_table(
        "token",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("org_id", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("scopes", sa.JSON(), nullable=False),
        sa.Column("secret_hash", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", _INSTANT, nullable=False),
        sa.Column("expires_at", _INSTANT, nullable=True),
        sa.Column("revoked_at", _INSTANT, nullable=True),
        sa.Column("last_used_at", _INSTANT, nullable=True),
        sa.ForeignKeyConstraint(["org_id"], ["organisation.id"], name=op.f("fk_token_org_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_token")),
    )
    op.create_index(op.f("ix_token_org_id"), "token", ["org_id"], unique=False)
    op.create_table(
        "batch",
        sa.Column("number", _ROW_ID, autoincrement=True, nullable=False),
        sa.Column("org_id", sa.String(length=64), nullable=False),
        sa.Column("gtin", sa.String(length=14), nullable=False),
        sa.Column("lot", sa.String(length=20), nullable=False),
        sa.Column("expiry", sa.String(length=6), nullable=True),
        sa.Column("units", sa.BigInteger(), nullable=False),
        sa.Column("profile", sa.String(length=16), nullable=False),
        sa.Column("host", sa.String(length=259), nullable=False),
        sa.Column("key_id", sa.String(length=64), nullable=False),
        sa.Column("slot", sa.Integer(), nullable=False),
        sa.Column("serial_source", sa.String(length=16), nullable=False),
        sa.Column("base_state", sa.String(length=16), nullable=False),
        sa.Column("created_at", _INSTANT, nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("done", sa.BigInteger(), nullable=False),
        sa.Column("root", sa.LargeBinary(), nullable=True),
        sa.Column("issued_at", _INSTANT, nullable=True),
        sa.Column("manifest_signature", sa.LargeBinary(), nullable=True),
        sa.Column("failure", sa.Text(), nullable=True),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("lease_owner", sa.String(length=200), nullable=True),
        sa.Column("lease_until", _INSTANT, nullable=True),
        sa.Column("range_seq", sa.Integer(), nullable=False),
        sa.CheckConstraint("(status = 'issued') = (root IS NOT NULL)", name=op.f("ck_batch_root")),
        sa.CheckConstraint(
            "(status = 'issued') = (manifest_signature IS NOT NULL)", name=op.f("ck_batch_manifest_signature")
        ),
        sa.CheckConstraint("(status = 'issuing') = (lease_owner IS NOT NULL)", name=op.f("ck_batch_lease")),
        sa.CheckConstraint("done BETWEEN 0 AND units", name=op.f("ck_batch_done")),
        sa.CheckConstraint("number BETWEEN 1 AND 4294967295", name=op.f("ck_batch_number")),
        sa.CheckConstraint("units BETWEEN 1 AND 4294967296", name=op.f("ck_batch_units")),
        sa.ForeignKeyConstraint(["gtin"], ["product.gtin"], name=op.f("fk_batch_gtin")),
        sa.ForeignKeyConstraint(["key_id"], ["issuer_key.id"], name=op.f("fk_batch_key_id")),
        sa.ForeignKeyConstraint(["org_id"], ["organisation.id"], name=op.f("fk_batch_org_id")),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_batch")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_batch_gtin_lot", "batch", ["gtin", "lot"], unique=False)
    op.create_index("ix_batch_org_id", "batch", ["org_id", "number"], unique=False)
    op.create_index("ix_batch_status", "batch", ["status", "number"], unique=False)
    op.create_table(
        "picture",
        sa.Column("gtin", sa.String(length=14), nullable=False),
        sa.Column("media_type", sa.String(length=64), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["gtin"], ["product.gtin"], name=op.f("fk_picture_gtin")),
        sa.PrimaryKeyConstraint("gtin", name=op.f("pk_picture")),
    )
    op.create_table(
        "recall",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("gtin", sa.String(length=14), nullable=False),
        sa.Column("lot", sa.String(length=20), nullable=True),
        sa.Column("serial", sa.String(length=20), nullable=True),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("instructions", sa.Text(), nullable=False),
        sa.Column("at", _INSTANT, nullable=False),
        sa.Column("by_org", sa.String(length=64), nullable=False),
        sa.Column("lifted_at", _INSTANT, nullable=True),
        sa.ForeignKeyConstraint(["by_org"], ["organisation.id"], name=op.f("fk_recall_by_org")),
        sa.ForeignKeyConstraint(["gtin"], ["product.gtin"], name=op.f("fk_recall_gtin")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recall")),
    )
    op.create_index("ix_recall_gtin_lot", "recall", ["gtin", "lot"], unique=False)
    op.create_table(
        "range_state",
        sa.Column("batch", _ROW_ID, nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("first", sa.BigInteger(), nullable=False),
        sa.Column("last", sa.BigInteger(), nullable=False),
        sa.Column("action", sa.String(length=16), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("previous", sa.String(length=16), nullable=True),
        sa.Column("since", _INSTANT, nullable=False),
        sa.Column("by_org", sa.String(length=64), nullable=False),
        sa.Column("place", sa.String(length=200), nullable=True),
        sa.Column("country", sa.String(length=2), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.CheckConstraint("first >= 0 AND first <= last", name=op.f("ck_range_state_range")),
        sa.ForeignKeyConstraint(["batch"], ["batch.number"], name=op.f("fk_range_state_batch")),
        sa.PrimaryKeyConstraint("batch", "seq", name=op.f("pk_range_state")),
    )
