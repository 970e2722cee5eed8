"""Keep when each manager wants the weekly digest, and for which day the last one was written"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "2026112210"
down_revision = "2026112209"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "digests",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("weekday", sa.BigInteger(), nullable=False),
        sa.Column("hour", sa.BigInteger(), nullable=False),
        sa.Column("wanted", sa.Boolean(), nullable=False),
        sa.Column("when_empty", sa.Boolean(), nullable=False),
        sa.Column("last_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["organization_id"], ["organizations.id"], name=op.f("fk_digests_organization_id")),
        sa.PrimaryKeyConstraint("organization_id", "person_id", name=op.f("pk_digests")),
    )


def downgrade() -> None:
    op.drop_table("digests")
