"""Keep on which days a course's or its provider's approval held"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "2026112220"
down_revision = "2026112215"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("courses", sa.Column("approved_from", sa.Date(), nullable=True))
    op.add_column("courses", sa.Column("approved_until", sa.Date(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("courses") as batch:
        batch.drop_column("approved_until")
        batch.drop_column("approved_from")
