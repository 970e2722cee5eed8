"""Make the first tables"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "2026112201"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "capabilities",
        sa.Column("token_hash", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=True),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("subject_id", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_capabilities")),
    )
    op.create_index(op.f("ix_capabilities_person_id"), "capabilities", ["person_id"], unique=False)
    op.create_index(op.f("ix_capabilities_subject_id"), "capabilities", ["subject_id"], unique=False)

    op.create_table(
        "job_runs",
        sa.Column("job", sa.Text(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("done", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("error", sa.Text(), nullable=False),
        sa.Column("took_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("job", name=op.f("pk_job_runs")),
    )
    op.create_table(
        "mail_routes",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("per_minute", sa.BigInteger(), nullable=False),
        sa.Column("tokens", sa.BigInteger(), nullable=False),
        sa.Column("refilled_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("open_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("consecutive_failures", sa.BigInteger(), nullable=False),
        sa.Column("last_error", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mail_routes")),
    )
    op.create_table(
        "organizations",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("folded_name", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.Column("time_zone", sa.Text(), nullable=False),
        sa.Column("postal_address", sa.Text(), nullable=False),
        sa.Column("demonstration", sa.Boolean(), nullable=False),
        sa.Column("reminders_started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("settings", sa.JSON(none_as_null=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_organizations")),
        sa.UniqueConstraint("folded_name", name=op.f("uq_organizations_folded_name")),
    )
    op.create_table(
        "people",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("folded_email", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_people")),
        sa.UniqueConstraint("folded_email", name=op.f("uq_people_folded_email")),
    )
    op.create_table(
        "report_fingerprints",
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("report_id", sa.Uuid(), nullable=False),
        sa.Column("format", sa.Text(), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("sha256", name=op.f("pk_report_fingerprints")),
    )
    op.create_index(op.f("ix_report_fingerprints_report_id"), "report_fingerprints", ["report_id"], unique=False)

    op.create_table(
        "sessions",
        sa.Column("token_hash", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_sessions")),
    )
    op.create_index(op.f("ix_sessions_person_id"), "sessions", ["person_id"], unique=False)

    op.create_table(
        "sign_in_attempts",
        sa.Column("counted", sa.Text(), nullable=False),
        sa.Column("failures", sa.BigInteger(), nullable=False),
        sa.Column("last_failed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("next_allowed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("counted", name=op.f("pk_sign_in_attempts")),
    )
    op.create_table(
        "tasks",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("input", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("started_by", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("step", sa.Text(), nullable=False),
        sa.Column("done", sa.BigInteger(), nullable=False),
        sa.Column("total", sa.BigInteger(), nullable=True),
        sa.Column("result", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("problem", sa.Text(), nullable=False),
        sa.Column("lease_owner", sa.Uuid(), nullable=True),
        sa.Column("lease_token", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_on", sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tasks")),
    )
    op.create_index("ix_tasks_organization_id_created_at", "tasks", ["organization_id", "created_at"], unique=False)
    op.create_index(
        "ix_tasks_waiting",
        "tasks",
        ["created_at"],
        unique=False,
        postgresql_where=sa.text("state IN ('waiting', 'running')"),
        sqlite_where=sa.text("state IN ('waiting', 'running')"),
    )

    op.create_table(
        "trail_entries",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("therapist_id", sa.Uuid(), nullable=True),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("prev", sa.LargeBinary(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("organization_id", "seq", name=op.f("pk_trail_entries")),
        sa.UniqueConstraint("organization_id", "prev", name=op.f("uq_trail_entries_organization_id_prev")),
    )
    op.create_index("ix_trail_entries_organization_id_at", "trail_entries", ["organization_id", "at"], unique=False)
    op.create_index(
        "ix_trail_entries_organization_id_subject", "trail_entries", ["organization_id", "subject"], unique=False
    )
    op.create_index(
        "ix_trail_entries_organization_id_therapist_id",
        "trail_entries",
        ["organization_id", "therapist_id", "seq"],
        unique=False,
    )

    op.create_table(
        "trail_heads",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("organization_id", name=op.f("pk_trail_heads")),
    )
    op.create_table(
        "trail_values",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("salt", sa.LargeBinary(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("organization_id", "seq", "key", name=op.f("pk_trail_values")),
    )
    op.create_table(
        "workers",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("heartbeat_no", sa.BigInteger(), nullable=False),
        sa.Column("host", sa.Text(), nullable=False),
        sa.Column("pid", sa.BigInteger(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("dead", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_workers")),
    )
    op.create_table(
        "board_addresses",
        sa.Column("jurisdiction", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("recorded_seq", sa.BigInteger(), nullable=False),
        sa.Column("voided_seq", sa.BigInteger(), nullable=True),
        sa.Column("void_reason", sa.Text(), nullable=True),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name=op.f("fk_board_addresses_organization_id")
        ),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_board_addresses")),
    )
    op.create_table(
        "clinics",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("folded_name", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.Column("jurisdiction", sa.Text(), nullable=False),
        sa.Column("time_zone", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("opened_on", sa.Date(), nullable=True),
        sa.Column("closed_on", sa.Date(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["organization_id"], ["organizations.id"], name=op.f("fk_clinics_organization_id")),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_clinics")),
        sa.UniqueConstraint("organization_id", "folded_name", name=op.f("uq_clinics_organization_id_folded_name")),
    )
    op.create_table(
        "evidence",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("media_type", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("pages", sa.BigInteger(), nullable=True),
        sa.Column("rendition_sha256", sa.Text(), nullable=True),
        sa.Column("rendition_media_type", sa.Text(), nullable=True),
        sa.Column("uploaded_by", sa.Text(), nullable=False),
        sa.Column("uploaded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_seq", sa.BigInteger(), nullable=False),
        sa.Column("voided_seq", sa.BigInteger(), nullable=True),
        sa.Column("void_reason", sa.Text(), nullable=True),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["organization_id"], ["organizations.id"], name=op.f("fk_evidence_organization_id")),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_evidence")),
    )
    op.create_index("ix_evidence_organization_id_sha256", "evidence", ["organization_id", "sha256"], unique=False)

    op.create_table(
        "import_rows",
        sa.Column("task_id", sa.Uuid(), nullable=False),
        sa.Column("line", sa.BigInteger(), nullable=False),
        sa.Column("person", sa.BigInteger(), nullable=True),
        sa.Column("read", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("problems", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("questions", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("judged", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("applied_seq", sa.BigInteger(), nullable=True),
        sa.Column("therapist_id", sa.Uuid(), nullable=True),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["organization_id"], ["organizations.id"], name=op.f("fk_import_rows_organization_id")),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_import_rows")),
    )
    op.create_index(
        "ix_import_rows_person", "import_rows", ["organization_id", "task_id", "person", "line"], unique=False
    )
    op.create_index("ix_import_rows_task", "import_rows", ["organization_id", "task_id", "line"], unique=True)

    op.create_table(
        "policies",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("body", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("applies_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("recorded_seq", sa.BigInteger(), nullable=False),
        sa.Column("voided_seq", sa.BigInteger(), nullable=True),
        sa.Column("void_reason", sa.Text(), nullable=True),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["organization_id"], ["organizations.id"], name=op.f("fk_policies_organization_id")),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_policies")),
    )
    op.create_index("ix_policies_organization_id_code", "policies", ["organization_id", "code"], unique=False)

    op.create_table(
        "reports",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("format", sa.Text(), nullable=False),
        sa.Column("question_hash", sa.Text(), nullable=False),
        sa.Column("question", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("recorded_seq", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("supersedes_id", sa.Uuid(), nullable=True),
        sa.Column("made_by", sa.Text(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id", "supersedes_id"],
            ["reports.organization_id", "reports.id"],
            name=op.f("fk_reports_organization_id_supersedes_id"),
        ),
        sa.ForeignKeyConstraint(["organization_id"], ["organizations.id"], name=op.f("fk_reports_organization_id")),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_reports")),
        sa.UniqueConstraint(
            "organization_id", "question_hash", "format", name=op.f("uq_reports_organization_id_question_hash_format")
        ),
    )
    op.create_index("ix_reports_organization_id_made_at", "reports", ["organization_id", "made_at"], unique=False)

    op.create_table(
        "therapists",
        sa.Column("first_name", sa.Text(), nullable=False),
        sa.Column("last_name", sa.Text(), nullable=False),
        sa.Column("folded_name", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.Column("folded_first", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.Column("email", sa.Text(), nullable=True),
        sa.Column("folded_email", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=True),
        sa.Column("phone", sa.Text(), nullable=False),
        sa.Column("npi", sa.Text(), nullable=True),
        sa.Column("birth_date", sa.Date(), nullable=True),
        sa.Column("notes", sa.Text(), nullable=False),
        sa.Column("merged_into_id", sa.Uuid(), nullable=True),
        sa.Column("legal_hold", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("coverage_fingerprint", sa.Text(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id", "merged_into_id"],
            ["therapists.organization_id", "therapists.id"],
            name=op.f("fk_therapists_organization_id_merged_into_id"),
        ),
        sa.ForeignKeyConstraint(["organization_id"], ["organizations.id"], name=op.f("fk_therapists_organization_id")),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_therapists")),
    )
    op.create_index(
        "ix_therapists_organization_id_coverage_fingerprint",
        "therapists",
        ["organization_id", "coverage_fingerprint"],
        unique=False,
    )
    op.create_index(
        "ix_therapists_organization_id_folded_email", "therapists", ["organization_id", "folded_email"], unique=False
    )
    op.create_index(
        "ix_therapists_organization_id_folded_first", "therapists", ["organization_id", "folded_first"], unique=False
    )
    op.create_index(
        "ix_therapists_organization_id_folded_name",
        "therapists",
        ["organization_id", "folded_name", "id"],
        unique=False,
    )
    op.create_index(
        "ix_therapists_organization_id_merged_into_id",
        "therapists",
        ["organization_id", "merged_into_id"],
        unique=False,
        postgresql_where=sa.text("merged_into_id IS NOT NULL"),
        sqlite_where=sa.text("merged_into_id IS NOT NULL"),
    )
    op.create_index(
        "ix_therapists_unreachable",
        "therapists",
        ["organization_id", "id"],
        unique=False,
        postgresql_where=sa.text("folded_email IS NULL AND merged_into_id IS NULL"),
        sqlite_where=sa.text("folded_email IS NULL AND merged_into_id IS NULL"),
    )
    op.create_index(
        "ix_therapists_without_email",
        "therapists",
        ["organization_id", "id"],
        unique=False,
        postgresql_where=sa.text("folded_email IS NULL"),
        sqlite_where=sa.text("folded_email IS NULL"),
    )

    op.create_table(
        "assignments",
        sa.Column("therapist_id", sa.Uuid(), nullable=False),
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("modalities", sa.Text(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("end_reason", sa.Text(), nullable=False),
        sa.Column("recorded_seq", sa.BigInteger(), nullable=False),
        sa.Column("voided_seq", sa.BigInteger(), nullable=True),
        sa.Column("void_reason", sa.Text(), nullable=True),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id", "clinic_id"],
            ["clinics.organization_id", "clinics.id"],
            name=op.f("fk_assignments_organization_id_clinic_id"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "therapist_id"],
            ["therapists.organization_id", "therapists.id"],
            name=op.f("fk_assignments_organization_id_therapist_id"),
        ),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_assignments")),
    )
    op.create_index(
        "ix_assignments_organization_id_clinic_id",
        "assignments",
        ["organization_id", "clinic_id", "ends_on"],
        unique=False,
    )
    op.create_index(
        "ix_assignments_organization_id_therapist_id", "assignments", ["organization_id", "therapist_id"], unique=False
    )

    op.create_table(
        "clearance_periods",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("therapist_id", sa.Uuid(), nullable=False),
        sa.Column("modality", sa.Text(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("cleared", sa.Boolean(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("requirement", sa.Text(), nullable=False),
        sa.Column("reach", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id", "clinic_id"],
            ["clinics.organization_id", "clinics.id"],
            name=op.f("fk_clearance_periods_organization_id_clinic_id"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "therapist_id"],
            ["therapists.organization_id", "therapists.id"],
            name=op.f("fk_clearance_periods_organization_id_therapist_id"),
        ),
        sa.PrimaryKeyConstraint(
            "organization_id", "therapist_id", "clinic_id", "modality", "starts_on", name=op.f("pk_clearance_periods")
        ),
    )
    op.create_index(
        "ix_clearance_periods_not_cleared",
        "clearance_periods",
        ["organization_id", "reach", "starts_on", "therapist_id", "ends_on", "clinic_id", "modality"],
        unique=False,
        postgresql_where=sa.text("cleared IS false"),
        sqlite_where=sa.text("cleared IS 0"),
    )
    op.create_index(
        "ix_clearance_periods_status",
        "clearance_periods",
        ["organization_id", "status", "reach", "starts_on", "ends_on"],
        unique=False,
        postgresql_where=sa.text("cleared IS false"),
        sqlite_where=sa.text("cleared IS 0"),
    )

    op.create_table(
        "coverage_periods",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("therapist_id", sa.Uuid(), nullable=False),
        sa.Column("requirement", sa.Text(), nullable=False),
        sa.Column("jurisdiction", sa.Text(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("credential_id", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(
            ["organization_id", "therapist_id"],
            ["therapists.organization_id", "therapists.id"],
            name=op.f("fk_coverage_periods_organization_id_therapist_id"),
        ),
        sa.PrimaryKeyConstraint(
            "organization_id",
            "therapist_id",
            "requirement",
            "jurisdiction",
            "starts_on",
            name=op.f("pk_coverage_periods"),
        ),
    )
    op.create_table(
        "credentials",
        sa.Column("therapist_id", sa.Uuid(), nullable=True),
        sa.Column("clinic_id", sa.Uuid(), nullable=True),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("jurisdiction", sa.Text(), nullable=True),
        sa.Column("issuing_authority", sa.Text(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("folded_number", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.Column("first_issued_on", sa.Date(), nullable=True),
        sa.Column("details", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("notes", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_seq", sa.BigInteger(), nullable=False),
        sa.Column("voided_seq", sa.BigInteger(), nullable=True),
        sa.Column("void_reason", sa.Text(), nullable=True),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("(therapist_id IS NULL) <> (clinic_id IS NULL)", name=op.f("ck_credentials_one_holder")),
        sa.ForeignKeyConstraint(
            ["organization_id", "clinic_id"],
            ["clinics.organization_id", "clinics.id"],
            name=op.f("fk_credentials_organization_id_clinic_id"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "therapist_id"],
            ["therapists.organization_id", "therapists.id"],
            name=op.f("fk_credentials_organization_id_therapist_id"),
        ),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_credentials")),
    )
    op.create_index(
        "ix_credentials_organization_id_clinic_id", "credentials", ["organization_id", "clinic_id"], unique=False
    )
    op.create_index(
        "ix_credentials_organization_id_folded_number",
        "credentials",
        ["organization_id", "folded_number"],
        unique=False,
    )
    op.create_index(
        "ix_credentials_organization_id_therapist_id", "credentials", ["organization_id", "therapist_id"], unique=False
    )

    op.create_table(
        "leaves",
        sa.Column("therapist_id", sa.Uuid(), nullable=False),
        sa.Column("clinic_id", sa.Uuid(), nullable=True),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("recorded_seq", sa.BigInteger(), nullable=False),
        sa.Column("voided_seq", sa.BigInteger(), nullable=True),
        sa.Column("void_reason", sa.Text(), nullable=True),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id", "clinic_id"],
            ["clinics.organization_id", "clinics.id"],
            name=op.f("fk_leaves_organization_id_clinic_id"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "therapist_id"],
            ["therapists.organization_id", "therapists.id"],
            name=op.f("fk_leaves_organization_id_therapist_id"),
        ),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_leaves")),
    )
    op.create_index(
        "ix_leaves_organization_id_therapist_id", "leaves", ["organization_id", "therapist_id"], unique=False
    )

    op.create_table(
        "memberships",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("clinic_ids", sa.Text(), nullable=False),
        sa.Column("therapist_id", sa.Uuid(), nullable=True),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id", "therapist_id"],
            ["therapists.organization_id", "therapists.id"],
            name=op.f("fk_memberships_organization_id_therapist_id"),
        ),
        sa.ForeignKeyConstraint(["organization_id"], ["organizations.id"], name=op.f("fk_memberships_organization_id")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_memberships_person_id")),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_memberships")),
        sa.UniqueConstraint("organization_id", "person_id", name=op.f("uq_memberships_organization_id_person_id")),
    )
    op.create_index("ix_memberships_person_id", "memberships", ["person_id"], unique=False)

    op.create_table(
        "merges",
        sa.Column("kept_id", sa.Uuid(), nullable=False),
        sa.Column("merged_id", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("recorded_seq", sa.BigInteger(), nullable=False),
        sa.Column("voided_seq", sa.BigInteger(), nullable=True),
        sa.Column("void_reason", sa.Text(), nullable=True),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id", "kept_id"],
            ["therapists.organization_id", "therapists.id"],
            name=op.f("fk_merges_organization_id_kept_id"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "merged_id"],
            ["therapists.organization_id", "therapists.id"],
            name=op.f("fk_merges_organization_id_merged_id"),
        ),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_merges")),
    )
    op.create_table(
        "outbox",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("message_id", sa.Text(), nullable=False),
        sa.Column("recipient_address", sa.Text(), nullable=False),
        sa.Column("recipient_name", sa.Text(), nullable=False),
        sa.Column("therapist_id", sa.Uuid(), nullable=True),
        sa.Column("facts", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("html", sa.Text(), nullable=False),
        sa.Column("rendered_on", sa.Date(), nullable=False),
        sa.Column("rfc822", sa.LargeBinary(), nullable=True),
        sa.Column("sha256", sa.Text(), nullable=True),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("route_id", sa.Text(), nullable=False),
        sa.Column("on_unknown", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("attempts", sa.BigInteger(), nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("give_up_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lease_owner", sa.Uuid(), nullable=True),
        sa.Column("lease_token", sa.BigInteger(), nullable=False),
        sa.Column("possible_duplicates", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reply", sa.Text(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id", "therapist_id"],
            ["therapists.organization_id", "therapists.id"],
            name=op.f("fk_outbox_organization_id_therapist_id"),
        ),
        sa.ForeignKeyConstraint(["organization_id"], ["organizations.id"], name=op.f("fk_outbox_organization_id")),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_outbox")),
        sa.UniqueConstraint("message_id", name=op.f("uq_outbox_message_id")),
    )
    op.create_index(
        "ix_outbox_leased",
        "outbox",
        ["lease_owner"],
        unique=False,
        postgresql_where=sa.text("state IN ('leased', 'transmitting')"),
        sqlite_where=sa.text("state IN ('leased', 'transmitting')"),
    )
    op.create_index("ix_outbox_organization_id_created_at", "outbox", ["organization_id", "created_at"], unique=False)
    op.create_index(
        "ix_outbox_organization_id_therapist_id", "outbox", ["organization_id", "therapist_id"], unique=False
    )
    op.create_index(
        "ix_outbox_pending",
        "outbox",
        ["next_at"],
        unique=False,
        postgresql_where=sa.text("state = 'pending'"),
        sqlite_where=sa.text("state = 'pending'"),
    )

    op.create_table(
        "reminders",
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("term_id", sa.Uuid(), nullable=True),
        sa.Column("therapist_id", sa.Uuid(), nullable=True),
        sa.Column("anchor", sa.Text(), nullable=False),
        sa.Column("anchor_on", sa.Date(), nullable=False),
        sa.Column("rung", sa.BigInteger(), nullable=False),
        sa.Column("recipient", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("local_date", sa.Date(), nullable=False),
        sa.Column("time_zone", sa.Text(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id", "therapist_id"],
            ["therapists.organization_id", "therapists.id"],
            name=op.f("fk_reminders_organization_id_therapist_id"),
        ),
        sa.ForeignKeyConstraint(["organization_id"], ["organizations.id"], name=op.f("fk_reminders_organization_id")),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_reminders")),
        sa.UniqueConstraint(
            "organization_id",
            "subject_id",
            "anchor",
            "anchor_on",
            "rung",
            "recipient",
            "channel",
            name="uq_reminders_key",
        ),
    )
    op.create_index(
        "ix_reminders_organization_id_local_date", "reminders", ["organization_id", "local_date"], unique=False
    )
    op.create_index(
        "ix_reminders_organization_id_therapist_id",
        "reminders",
        ["organization_id", "therapist_id", "local_date"],
        unique=False,
    )

    op.create_table(
        "therapist_addresses",
        sa.Column("therapist_id", sa.Uuid(), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("recorded_seq", sa.BigInteger(), nullable=False),
        sa.Column("voided_seq", sa.BigInteger(), nullable=True),
        sa.Column("void_reason", sa.Text(), nullable=True),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id", "therapist_id"],
            ["therapists.organization_id", "therapists.id"],
            name=op.f("fk_therapist_addresses_organization_id_therapist_id"),
        ),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_therapist_addresses")),
    )
    op.create_index(
        "ix_therapist_addresses_organization_id_therapist_id",
        "therapist_addresses",
        ["organization_id", "therapist_id"],
        unique=False,
    )

    op.create_table(
        "therapist_names",
        sa.Column("therapist_id", sa.Uuid(), nullable=False),
        sa.Column("first_name", sa.Text(), nullable=False),
        sa.Column("last_name", sa.Text(), nullable=False),
        sa.Column("folded_name", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("recorded_seq", sa.BigInteger(), nullable=False),
        sa.Column("voided_seq", sa.BigInteger(), nullable=True),
        sa.Column("void_reason", sa.Text(), nullable=True),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id", "therapist_id"],
            ["therapists.organization_id", "therapists.id"],
            name=op.f("fk_therapist_names_organization_id_therapist_id"),
        ),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_therapist_names")),
    )
    op.create_index(
        "ix_therapist_names_organization_id_folded_name",
        "therapist_names",
        ["organization_id", "folded_name"],
        unique=False,
    )
    op.create_index(
        "ix_therapist_names_organization_id_therapist_id",
        "therapist_names",
        ["organization_id", "therapist_id"],
        unique=False,
    )

    op.create_table(
        "waivers",
        sa.Column("therapist_id", sa.Uuid(), nullable=False),
        sa.Column("clinic_id", sa.Uuid(), nullable=True),
        sa.Column("requirement", sa.Text(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("granted_by", sa.Text(), nullable=False),
        sa.Column("recorded_seq", sa.BigInteger(), nullable=False),
        sa.Column("voided_seq", sa.BigInteger(), nullable=True),
        sa.Column("void_reason", sa.Text(), nullable=True),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id", "clinic_id"],
            ["clinics.organization_id", "clinics.id"],
            name=op.f("fk_waivers_organization_id_clinic_id"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "therapist_id"],
            ["therapists.organization_id", "therapists.id"],
            name=op.f("fk_waivers_organization_id_therapist_id"),
        ),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_waivers")),
    )
    op.create_index(
        "ix_waivers_organization_id_therapist_id", "waivers", ["organization_id", "therapist_id"], unique=False
    )

    op.create_table(
        "deliveries",
        sa.Column("outbox_id", sa.Uuid(), nullable=False),
        sa.Column("lease_token", sa.BigInteger(), nullable=False),
        sa.Column("worker_id", sa.Uuid(), nullable=False),
        sa.Column("phase", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("code", sa.BigInteger(), nullable=True),
        sa.Column("reply", sa.Text(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id", "outbox_id"],
            ["outbox.organization_id", "outbox.id"],
            name=op.f("fk_deliveries_organization_id_outbox_id"),
        ),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_deliveries")),
    )
    op.create_index(
        "ix_deliveries_organization_id_outbox_id", "deliveries", ["organization_id", "outbox_id"], unique=False
    )

    op.create_table(
        "outbox_reminders",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("outbox_id", sa.Uuid(), nullable=False),
        sa.Column("reminder_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id", "outbox_id"],
            ["outbox.organization_id", "outbox.id"],
            name=op.f("fk_outbox_reminders_organization_id_outbox_id"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "reminder_id"],
            ["reminders.organization_id", "reminders.id"],
            name=op.f("fk_outbox_reminders_organization_id_reminder_id"),
        ),
        sa.PrimaryKeyConstraint("organization_id", "outbox_id", "reminder_id", name=op.f("pk_outbox_reminders")),
    )
    op.create_index(
        "ix_outbox_reminders_organization_id_reminder_id",
        "outbox_reminders",
        ["organization_id", "reminder_id"],
        unique=False,
    )

    op.create_table(
        "standings",
        sa.Column("credential_id", sa.Uuid(), nullable=False),
        sa.Column("standing", sa.Text(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("recorded_seq", sa.BigInteger(), nullable=False),
        sa.Column("voided_seq", sa.BigInteger(), nullable=True),
        sa.Column("void_reason", sa.Text(), nullable=True),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id", "credential_id"],
            ["credentials.organization_id", "credentials.id"],
            name=op.f("fk_standings_organization_id_credential_id"),
        ),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_standings")),
    )
    op.create_index(
        "ix_standings_organization_id_credential_id", "standings", ["organization_id", "credential_id"], unique=False
    )

    op.create_table(
        "terms",
        sa.Column("credential_id", sa.Uuid(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("inferred", sa.Boolean(), nullable=False),
        sa.Column("next_rung_on", sa.Date(), nullable=True),
        sa.Column("recorded_seq", sa.BigInteger(), nullable=False),
        sa.Column("voided_seq", sa.BigInteger(), nullable=True),
        sa.Column("void_reason", sa.Text(), nullable=True),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("ends_on >= starts_on", name=op.f("ck_terms_runs_forward")),
        sa.ForeignKeyConstraint(
            ["organization_id", "credential_id"],
            ["credentials.organization_id", "credentials.id"],
            name=op.f("fk_terms_organization_id_credential_id"),
        ),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_terms")),
    )
    op.create_index(
        "ix_terms_next_rung_on",
        "terms",
        ["next_rung_on"],
        unique=False,
        postgresql_where=sa.text("next_rung_on IS NOT NULL AND voided_seq IS NULL"),
        sqlite_where=sa.text("next_rung_on IS NOT NULL AND voided_seq IS NULL"),
    )
    op.create_index(
        "ix_terms_organization_id_credential_id", "terms", ["organization_id", "credential_id"], unique=False
    )

    op.create_table(
        "verifications",
        sa.Column("credential_id", sa.Uuid(), nullable=False),
        sa.Column("term_id", sa.Uuid(), nullable=True),
        sa.Column("result", sa.Text(), nullable=False),
        sa.Column("verified_on", sa.Date(), nullable=False),
        sa.Column("verified_by", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("standing", sa.Text(), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("resolved_seq", sa.BigInteger(), nullable=True),
        sa.Column("recorded_seq", sa.BigInteger(), nullable=False),
        sa.Column("voided_seq", sa.BigInteger(), nullable=True),
        sa.Column("void_reason", sa.Text(), nullable=True),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id", "credential_id"],
            ["credentials.organization_id", "credentials.id"],
            name=op.f("fk_verifications_organization_id_credential_id"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "term_id"],
            ["terms.organization_id", "terms.id"],
            name=op.f("fk_verifications_organization_id_term_id"),
        ),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_verifications")),
    )
    op.create_index(
        "ix_verifications_organization_id_credential_id",
        "verifications",
        ["organization_id", "credential_id"],
        unique=False,
    )
    op.create_index(
        "ix_verifications_to_decide",
        "verifications",
        ["organization_id"],
        unique=False,
        postgresql_where=sa.text("resolved_seq IS NULL AND voided_seq IS NULL AND result <> 'confirmed'"),
        sqlite_where=sa.text("resolved_seq IS NULL AND voided_seq IS NULL AND result <> 'confirmed'"),
    )

    op.create_table(
        "evidence_links",
        sa.Column("evidence_id", sa.Uuid(), nullable=False),
        sa.Column("credential_id", sa.Uuid(), nullable=False),
        sa.Column("term_id", sa.Uuid(), nullable=True),
        sa.Column("verification_id", sa.Uuid(), nullable=True),
        sa.Column("recorded_seq", sa.BigInteger(), nullable=False),
        sa.Column("voided_seq", sa.BigInteger(), nullable=True),
        sa.Column("void_reason", sa.Text(), nullable=True),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id", "credential_id"],
            ["credentials.organization_id", "credentials.id"],
            name=op.f("fk_evidence_links_organization_id_credential_id"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "evidence_id"],
            ["evidence.organization_id", "evidence.id"],
            name=op.f("fk_evidence_links_organization_id_evidence_id"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "term_id"],
            ["terms.organization_id", "terms.id"],
            name=op.f("fk_evidence_links_organization_id_term_id"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "verification_id"],
            ["verifications.organization_id", "verifications.id"],
            name=op.f("fk_evidence_links_organization_id_verification_id"),
        ),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_evidence_links")),
    )
    op.create_index(
        "ix_evidence_links_organization_id_credential_id",
        "evidence_links",
        ["organization_id", "credential_id"],
        unique=False,
    )


def downgrade() -> None:
    for table in (
        "evidence_links",
        "verifications",
        "terms",
        "standings",
        "outbox_reminders",
        "deliveries",
        "waivers",
        "therapist_names",
        "therapist_addresses",
        "reminders",
        "outbox",
        "merges",
        "memberships",
        "leaves",
        "credentials",
        "coverage_periods",
        "clearance_periods",
        "assignments",
        "therapists",
        "reports",
        "policies",
        "import_rows",
        "evidence",
        "clinics",
        "board_addresses",
        "workers",
        "trail_values",
        "trail_heads",
        "trail_entries",
        "tasks",
        "sign_in_attempts",
        "sessions",
        "report_fingerprints",
        "people",
        "organizations",
        "mail_routes",
        "job_runs",
        "capabilities",
    ):
        op.drop_table(table)
