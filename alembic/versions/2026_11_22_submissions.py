"""Keep what therapists send in, their links, and calendars"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "2026112202"
down_revision = "2026112201"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "calendar_feeds",
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("clinic_id", sa.Uuid(), nullable=True),
        sa.Column("therapist_id", sa.Uuid(), nullable=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "(CASE WHEN person_id IS NULL THEN 0 ELSE 1 END) + (CASE WHEN clinic_id IS NULL THEN 0 ELSE 1 END)"
            " + (CASE WHEN therapist_id IS NULL THEN 0 ELSE 1 END) = 1",
            name=op.f("ck_calendar_feeds_one_subject"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "clinic_id"],
            ["clinics.organization_id", "clinics.id"],
            name=op.f("fk_calendar_feeds_organization_id_clinic_id"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "therapist_id"],
            ["therapists.organization_id", "therapists.id"],
            name=op.f("fk_calendar_feeds_organization_id_therapist_id"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name=op.f("fk_calendar_feeds_organization_id")
        ),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_calendar_feeds")),
    )
    op.create_index(
        "ix_calendar_feeds_organization_id_created_by",
        "calendar_feeds",
        ["organization_id", "created_by"],
        unique=False,
    )

    op.create_table(
        "renewal_links",
        sa.Column("therapist_id", sa.Uuid(), nullable=False),
        sa.Column("credential_id", sa.Uuid(), nullable=False),
        sa.Column("about_ends_on", sa.Date(), nullable=False),
        sa.Column("folded_email", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id", "credential_id"],
            ["credentials.organization_id", "credentials.id"],
            name=op.f("fk_renewal_links_organization_id_credential_id"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "therapist_id"],
            ["therapists.organization_id", "therapists.id"],
            name=op.f("fk_renewal_links_organization_id_therapist_id"),
        ),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_renewal_links")),
        sa.UniqueConstraint(
            "organization_id",
            "credential_id",
            "about_ends_on",
            "therapist_id",
            "folded_email",
            name="uq_renewal_links_cycle",
        ),
    )
    op.create_table(
        "submissions",
        sa.Column("therapist_id", sa.Uuid(), nullable=False),
        sa.Column("credential_id", sa.Uuid(), nullable=False),
        sa.Column("about_ends_on", sa.Date(), nullable=False),
        sa.Column("link_id", sa.Uuid(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=True),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("applied_on", sa.Date(), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("folded_email", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("rests_until", sa.Date(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("term_id", sa.Uuid(), nullable=True),
        sa.Column("decided_by", sa.Text(), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_seq", sa.BigInteger(), nullable=True),
        sa.Column("recorded_seq", sa.BigInteger(), nullable=False),
        sa.Column("voided_seq", sa.BigInteger(), nullable=True),
        sa.Column("void_reason", sa.Text(), nullable=True),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('renewal', 'applied', 'acknowledged', 'not-renewing', 'not-me')",
            name=op.f("ck_submissions_known_kind"),
        ),
        sa.CheckConstraint(
            "state IN ('waiting', 'noted', 'accepted', 'sent-back', 'withdrawn')",
            name=op.f("ck_submissions_known_state"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "credential_id"],
            ["credentials.organization_id", "credentials.id"],
            name=op.f("fk_submissions_organization_id_credential_id"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "link_id"],
            ["renewal_links.organization_id", "renewal_links.id"],
            name=op.f("fk_submissions_organization_id_link_id"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "term_id"],
            ["terms.organization_id", "terms.id"],
            name=op.f("fk_submissions_organization_id_term_id"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "therapist_id"],
            ["therapists.organization_id", "therapists.id"],
            name=op.f("fk_submissions_organization_id_therapist_id"),
        ),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_submissions")),
    )
    op.create_index(
        "ix_submissions_not_me",
        "submissions",
        ["organization_id", "therapist_id", "folded_email"],
        unique=False,
        postgresql_where=sa.text("kind = 'not-me'"),
        sqlite_where=sa.text("kind = 'not-me'"),
    )
    op.create_index(
        "ix_submissions_organization_id_credential_id",
        "submissions",
        ["organization_id", "credential_id", "about_ends_on"],
        unique=False,
    )
    op.create_index(
        "ix_submissions_organization_id_therapist_id", "submissions", ["organization_id", "therapist_id"], unique=False
    )
    op.create_index(
        "ix_submissions_waiting",
        "submissions",
        ["organization_id", "sent_at"],
        unique=False,
        postgresql_where=sa.text("state = 'waiting'"),
        sqlite_where=sa.text("state = 'waiting'"),
    )

    op.create_table(
        "submission_files",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("submission_id", sa.Uuid(), nullable=False),
        sa.Column("evidence_id", sa.Uuid(), nullable=False),
        sa.Column("place", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id", "evidence_id"],
            ["evidence.organization_id", "evidence.id"],
            name=op.f("fk_submission_files_organization_id_evidence_id"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "submission_id"],
            ["submissions.organization_id", "submissions.id"],
            name=op.f("fk_submission_files_organization_id_submission_id"),
        ),
        sa.PrimaryKeyConstraint("organization_id", "submission_id", "evidence_id", name=op.f("pk_submission_files")),
    )
    op.create_index(
        "ix_submission_files_organization_id_evidence_id",
        "submission_files",
        ["organization_id", "evidence_id"],
        unique=False,
    )


def downgrade() -> None:
    for table in ("submission_files", "submissions", "renewal_links", "calendar_feeds"):
        op.drop_table(table)
