"""Keep what owners approved to go, and the documents that wait to be taken out of the store"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "2026112250"
down_revision = "2026112240"
branch_labels = None
depends_on = None

REACHED = (
    "organization_id = NULLIF(current_setting('compliance.organization', true), '')::uuid "
    "OR current_setting('compliance.scope', true) = 'system'"
)


def upgrade() -> None:
    op.create_table(
        "retention_approvals",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("therapist_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("through", sa.Date(), nullable=False),
        sa.Column("approved_by", sa.Text(), nullable=False),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("kind IN ('file', 'certificates')", name=op.f("ck_retention_approvals_known_kind")),
        sa.ForeignKeyConstraint(
            ["organization_id", "therapist_id"],
            ["therapists.organization_id", "therapists.id"],
            name=op.f("fk_retention_approvals_organization_id_therapist_id"),
        ),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_retention_approvals")),
        sa.UniqueConstraint(
            "organization_id",
            "therapist_id",
            "kind",
            name=op.f("uq_retention_approvals_organization_id_therapist_id_kind"),
        ),
    )
    op.create_table(
        "doomed_files",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("doomed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name=op.f("fk_doomed_files_organization_id")
        ),
        sa.PrimaryKeyConstraint("organization_id", "sha256", name=op.f("pk_doomed_files")),
    )
    if op.get_bind().dialect.name == "postgresql":
        for table in ("retention_approvals", "doomed_files"):
            op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
            op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
            op.execute(f"CREATE POLICY own ON {table} USING ({REACHED})")


def downgrade() -> None:
    op.drop_table("doomed_files")
    op.drop_table("retention_approvals")
