"""Keep when a job last ended well"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "2026112213"
down_revision = "2026112212"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("job_runs", sa.Column("good_at", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    op.drop_column("job_runs", "good_at")
