"""Keep how many can still practice in each of the coming months, counted for organizations too large to count on a page"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "2026112216"
down_revision = "2026112220"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "months_ahead",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("first_on", sa.Date(), nullable=False),
        sa.Column("working", sa.BigInteger(), nullable=False),
        sa.Column("cleared", sa.BigInteger(), nullable=False),
        sa.Column("ending", sa.BigInteger(), nullable=False),
        sa.Column("counted_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name=op.f("fk_months_ahead_organization_id")
        ),
        sa.PrimaryKeyConstraint("organization_id", "first_on", name=op.f("pk_months_ahead")),
    )


def downgrade() -> None:
    op.drop_table("months_ahead")
