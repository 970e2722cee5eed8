"""Keep facts that are changed in place as they were, and let therapists and clinics be void"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "2026112205"
down_revision = "2026112204"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "former_facts",
        sa.Column("noun", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("until_seq", sa.BigInteger(), nullable=False),
        sa.Column("facts", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name=op.f("fk_former_facts_organization_id")
        ),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_former_facts")),
    )
    op.create_index(
        "ix_former_facts_organization_id_subject_id",
        "former_facts",
        ["organization_id", "subject_id", "until_seq"],
        unique=False,
    )
    for table in ("therapists", "clinics"):
        op.add_column(table, sa.Column("voided_seq", sa.BigInteger(), nullable=True))
        op.add_column(table, sa.Column("void_reason", sa.Text(), nullable=True))


def downgrade() -> None:
    for table in ("therapists", "clinics"):
        op.drop_column(table, "void_reason")
        op.drop_column(table, "voided_seq")
    op.drop_index("ix_former_facts_organization_id_subject_id", table_name="former_facts")
    op.drop_table("former_facts")
