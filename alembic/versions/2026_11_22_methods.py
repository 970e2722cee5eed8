"""How a source was looked at"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "2026112270"
down_revision = "2026112260"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("verifications", sa.Column("method", sa.Text(), nullable=True))


def downgrade() -> None:
    op.drop_column("verifications", "method")
