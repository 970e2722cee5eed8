"""Mark names that a later one took the place of, and keep an index of those alone

Everybody's name of today lies in `therapists` already; what search asks this table for is the few former ones.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "2026112206"
down_revision = "2026112205"
branch_labels = None
depends_on = None

FORMER = sa.text("superseded_seq IS NOT NULL AND voided_seq IS NULL")
LATER = """
    FROM therapist_names AS later
    WHERE later.organization_id = therapist_names.organization_id
      AND later.therapist_id = therapist_names.therapist_id
      AND later.voided_seq IS NULL
      AND later.recorded_seq > therapist_names.recorded_seq
      AND later.starts_on >= therapist_names.starts_on
"""


def upgrade() -> None:
    op.add_column("therapist_names", sa.Column("superseded_seq", sa.BigInteger(), nullable=True))
    op.execute(
        f"UPDATE therapist_names SET superseded_seq = (SELECT min(later.recorded_seq) {LATER}) "  # noqa: S608
        f"WHERE voided_seq IS NULL AND EXISTS (SELECT 1 {LATER})"
    )
    op.create_index(
        "ix_therapist_names_former",
        "therapist_names",
        ["organization_id", "folded_name", "therapist_id"],
        unique=False,
        postgresql_where=FORMER,
        sqlite_where=FORMER,
    )


def downgrade() -> None:
    op.drop_index("ix_therapist_names_former", table_name="therapist_names")
    op.drop_column("therapist_names", "superseded_seq")
