"""Keep the address that a mailed link confirms"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "2026112203"
down_revision = "2026112202"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("capabilities", sa.Column("address", sa.Text(), nullable=True))


def downgrade() -> None:
    op.drop_column("capabilities", "address")
