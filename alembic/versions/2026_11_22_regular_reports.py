"""Make reports regularly, keep what was made, and who has opened which report"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "2026112230"
down_revision = "2026112216"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "regular_reports",
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("every", sa.Text(), nullable=False),
        sa.Column("reader_ids", sa.Text(), nullable=False),
        sa.Column("covered_until", sa.Date(), nullable=False),
        sa.Column("problem", sa.Text(), nullable=False),
        sa.Column("made_by", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("every IN ('month', 'quarter')", name=op.f("ck_regular_reports_known_rhythm")),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name=op.f("fk_regular_reports_organization_id")
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "clinic_id"],
            ["clinics.organization_id", "clinics.id"],
            name=op.f("fk_regular_reports_organization_id_clinic_id"),
        ),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_regular_reports")),
    )
    op.create_table(
        "regular_issues",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("regular_id", sa.Uuid(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("report_id", sa.Uuid(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id", "regular_id"],
            ["regular_reports.organization_id", "regular_reports.id"],
            name=op.f("fk_regular_issues_organization_id_regular_id"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "report_id"],
            ["reports.organization_id", "reports.id"],
            name=op.f("fk_regular_issues_organization_id_report_id"),
        ),
        sa.PrimaryKeyConstraint("organization_id", "regular_id", "ends_on", name=op.f("pk_regular_issues")),
    )
    op.create_table(
        "report_openings",
        sa.Column("report_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_report_openings_person_id")),
        sa.ForeignKeyConstraint(
            ["organization_id", "report_id"],
            ["reports.organization_id", "reports.id"],
            name=op.f("fk_report_openings_organization_id_report_id"),
        ),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_report_openings")),
    )
    op.create_index(
        "ix_report_openings_organization_id_report_id",
        "report_openings",
        ["organization_id", "report_id"],
        unique=False,
    )


def downgrade() -> None:
    op.drop_table("report_openings")
    op.drop_table("regular_issues")
    op.drop_table("regular_reports")
