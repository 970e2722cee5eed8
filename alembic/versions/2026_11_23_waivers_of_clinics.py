"""A clinic, too, may be excepted from what is asked of it"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "2026112280"
down_revision = "2026112270"
branch_labels = None
depends_on = None

SOMEBODY = "therapist_id IS NOT NULL OR clinic_id IS NOT NULL"


def upgrade() -> None:
    with op.batch_alter_table("waivers") as batch:
        batch.alter_column("therapist_id", existing_type=sa.Uuid(), nullable=True)
        batch.create_check_constraint(op.f("ck_waivers_somebody"), SOMEBODY)
    op.create_index("ix_waivers_organization_id_clinic_id", "waivers", ["organization_id", "clinic_id"])


def downgrade() -> None:
    op.execute("DELETE FROM waivers WHERE therapist_id IS NULL")  # what the older tables cannot say
    op.drop_index("ix_waivers_organization_id_clinic_id", "waivers")
    with op.batch_alter_table("waivers") as batch:
        batch.drop_constraint(op.f("ck_waivers_somebody"), type_="check")
        batch.alter_column("therapist_id", existing_type=sa.Uuid(), nullable=False)
