"""Keep certificates that reports are signed with, signed checkpoints of the trail, and what a report says of itself"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "2026112211"
down_revision = "2026112210"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "signing_keys",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=True),
        sa.Column("fingerprint", sa.Text(), nullable=False),
        sa.Column("certificates", sa.Text(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.Column("made_by", sa.Text(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("retired_at", INSTANT, nullable=True),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name=op.f("fk_signing_keys_organization_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_signing_keys")),
    )
    op.create_index(op.f("ix_signing_keys_organization_id"), "signing_keys", ["organization_id"])
    op.create_index(op.f("ix_signing_keys_fingerprint"), "signing_keys", ["fingerprint"])
    op.create_table(
        "trail_checkpoints",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("key_id", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("mailed_at", INSTANT, nullable=True),
        sa.PrimaryKeyConstraint("organization_id", "seq", name=op.f("pk_trail_checkpoints")),
    )
    op.add_column("reports", sa.Column("unsigned_sha256", sa.Text(), nullable=True))
    op.add_column("reports", sa.Column("signed_by", sa.Text(), nullable=True))
    op.add_column("report_fingerprints", sa.Column("reference", sa.Uuid(), nullable=True))
    op.create_index(op.f("ix_report_fingerprints_reference"), "report_fingerprints", ["reference"])


def downgrade() -> None:
    op.drop_index(op.f("ix_report_fingerprints_reference"), "report_fingerprints")
    op.drop_column("report_fingerprints", "reference")
    op.drop_column("reports", "signed_by")
    op.drop_column("reports", "unsigned_sha256")
    op.drop_table("trail_checkpoints")
    op.drop_index(op.f("ix_signing_keys_fingerprint"), "signing_keys")
    op.drop_index(op.f("ix_signing_keys_organization_id"), "signing_keys")
    op.drop_table("signing_keys")
