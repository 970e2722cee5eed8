"""Keep the courses of continuing education"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "2026112207"
down_revision = "2026112206"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "courses",
        sa.Column("therapist_id", sa.Uuid(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("provider", sa.Text(), nullable=False),
        sa.Column("provider_number", sa.Text(), nullable=False),
        sa.Column("course_number", sa.Text(), nullable=False),
        sa.Column("completed_on", sa.Date(), nullable=False),
        sa.Column("minutes", sa.BigInteger(), nullable=False),
        sa.Column("form", sa.Text(), nullable=False),
        sa.Column("subjects", sa.JSON(), nullable=False),
        sa.Column("evidence_id", sa.Uuid(), nullable=True),
        sa.Column("certificate_shows", sa.Text(), nullable=False),
        sa.Column("replaces_id", sa.Uuid(), nullable=True),
        sa.Column("recorded_seq", sa.BigInteger(), nullable=False),
        sa.Column("voided_seq", sa.BigInteger(), nullable=True),
        sa.Column("void_reason", sa.Text(), nullable=True),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("minutes > 0", name=op.f("ck_courses_has_a_length")),
        sa.CheckConstraint("form IN ('live', 'webinar', 'self-study')", name=op.f("ck_courses_known_form")),
        sa.ForeignKeyConstraint(
            ["organization_id", "evidence_id"],
            ["evidence.organization_id", "evidence.id"],
            name=op.f("fk_courses_organization_id_evidence_id"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "replaces_id"],
            ["courses.organization_id", "courses.id"],
            name=op.f("fk_courses_organization_id_replaces_id"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "therapist_id"],
            ["therapists.organization_id", "therapists.id"],
            name=op.f("fk_courses_organization_id_therapist_id"),
        ),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_courses")),
    )
    op.create_index(
        "ix_courses_organization_id_evidence_id", "courses", ["organization_id", "evidence_id"], unique=False
    )
    op.create_index(
        "ix_courses_organization_id_therapist_id", "courses", ["organization_id", "therapist_id"], unique=False
    )


def downgrade() -> None:
    op.drop_table("courses")
