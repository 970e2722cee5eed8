"""Keep ladders of organizations and credentials, delegates, the day of the next look at a file, and find waiting mail"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "2026112208"
down_revision = "2026112207"
branch_labels = None
depends_on = None

WAITS = sa.text("state = 'pending'")
LOOKS = sa.text("next_look_on IS NOT NULL")


def _appended() -> list[sa.Column[object]]:
    return [
        sa.Column("recorded_seq", sa.BigInteger(), nullable=False),
        sa.Column("voided_seq", sa.BigInteger(), nullable=True),
        sa.Column("void_reason", sa.Text(), nullable=True),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
    ]


def upgrade() -> None:
    op.create_table(
        "ladders",
        sa.Column("credential_id", sa.Uuid(), nullable=True),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("ladder", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("set_by", sa.Text(), nullable=False),
        sa.Column("set_at", sa.DateTime(timezone=True), nullable=False),
        *_appended(),
        sa.ForeignKeyConstraint(["organization_id"], ["organizations.id"], name=op.f("fk_ladders_organization_id")),
        sa.ForeignKeyConstraint(
            ["organization_id", "credential_id"],
            ["credentials.organization_id", "credentials.id"],
            name=op.f("fk_ladders_organization_id_credential_id"),
        ),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_ladders")),
    )
    op.create_index("ix_ladders_organization_id_credential_id", "ladders", ["organization_id", "credential_id"])
    op.create_table(
        "delegations",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("delegate_id", sa.Uuid(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("set_at", sa.DateTime(timezone=True), nullable=False),
        *_appended(),
        sa.ForeignKeyConstraint(["organization_id"], ["organizations.id"], name=op.f("fk_delegations_organization_id")),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_delegations")),
    )
    op.create_index("ix_delegations_organization_id_ends_on", "delegations", ["organization_id", "ends_on"])
    op.add_column("therapists", sa.Column("next_look_on", sa.Date(), nullable=True))
    op.create_index(
        "ix_therapists_next_look_on", "therapists", ["next_look_on"], postgresql_where=LOOKS, sqlite_where=LOOKS
    )
    op.create_index(
        "ix_outbox_waiting_reader",
        "outbox",
        ["organization_id", "recipient_address"],
        postgresql_where=WAITS,
        sqlite_where=WAITS,
    )
    # Whoever has gone live is looked at once, so that gaps, waivers and looks that are due find their way in.
    op.execute(
        "UPDATE therapists SET next_look_on = '0001-01-01' WHERE merged_into_id IS NULL AND organization_id IN "
        "(SELECT id FROM organizations WHERE reminders_started_at IS NOT NULL)"
    )


def downgrade() -> None:
    op.drop_index("ix_outbox_waiting_reader", table_name="outbox")
    op.drop_index("ix_therapists_next_look_on", table_name="therapists")
    op.drop_column("therapists", "next_look_on")
    op.drop_table("delegations")
    op.drop_table("ladders")
