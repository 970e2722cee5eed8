"""Look at what clinics themselves hold"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "2026112260"
down_revision = "2026112250"
branch_labels = None
depends_on = None

LOOKS = sa.text("next_look_on IS NOT NULL")


def upgrade() -> None:
    op.add_column("clinics", sa.Column("next_look_on", sa.Date(), nullable=True))
    op.create_index("ix_clinics_next_look_on", "clinics", ["next_look_on"], postgresql_where=LOOKS, sqlite_where=LOOKS)
    # Whoever has gone live is looked at once, so that a license that is missing finds its way in.
    op.execute(
        "UPDATE clinics SET next_look_on = '0001-01-01' WHERE voided_seq IS NULL AND organization_id IN "
        "(SELECT id FROM organizations WHERE reminders_started_at IS NOT NULL)"
    )


def downgrade() -> None:
    op.drop_index("ix_clinics_next_look_on", table_name="clinics")
    op.drop_column("clinics", "next_look_on")
