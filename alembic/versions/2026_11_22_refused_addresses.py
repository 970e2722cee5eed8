"""Keep which addresses were refused, what came back, and what the owners were told of"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "2026112212"
down_revision = "2026112211"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "refused_addresses",
        sa.Column("folded_email", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.Column("outbox_id", sa.Uuid(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("refused_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("cleared_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cleared_by", sa.Text(), nullable=False),
        sa.Column("cleared_why", sa.Text(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id", "outbox_id"],
            ["outbox.organization_id", "outbox.id"],
            name=op.f("fk_refused_addresses_organization_id_outbox_id"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name=op.f("fk_refused_addresses_organization_id")
        ),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_refused_addresses")),
    )
    op.create_index(
        "uq_refused_addresses_open",
        "refused_addresses",
        ["organization_id", "folded_email"],
        unique=True,
        postgresql_where=sa.text("cleared_at IS NULL"),
        sqlite_where=sa.text("cleared_at IS NULL"),
    )

    op.create_table(
        "bounces",
        sa.Column("outbox_id", sa.Uuid(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id", "outbox_id"],
            ["outbox.organization_id", "outbox.id"],
            name=op.f("fk_bounces_organization_id_outbox_id"),
        ),
        sa.ForeignKeyConstraint(["organization_id"], ["organizations.id"], name=op.f("fk_bounces_organization_id")),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_bounces")),
        sa.UniqueConstraint("organization_id", "sha256", name=op.f("uq_bounces_organization_id_sha256")),
    )
    op.create_index("ix_bounces_organization_id_outbox_id", "bounces", ["organization_id", "outbox_id"], unique=False)

    op.create_table(
        "incidents",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["organization_id"], ["organizations.id"], name=op.f("fk_incidents_organization_id")),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_incidents")),
    )
    op.create_index(
        "uq_incidents_open",
        "incidents",
        ["organization_id", "kind", "subject"],
        unique=True,
        postgresql_where=sa.text("ended_at IS NULL"),
        sqlite_where=sa.text("ended_at IS NULL"),
    )


def downgrade() -> None:
    op.drop_table("incidents")
    op.drop_table("bounces")
    op.drop_table("refused_addresses")
