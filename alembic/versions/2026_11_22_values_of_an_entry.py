"""Keep the values beside an entry of the trail in one row, each under its place in the entry with its salt

A roster's import wrote four rows for them beside each entry. The salts, the values and the hashes in the chain stay.
"""

from __future__ import annotations

import json

import sqlalchemy as sa
from alembic import op

revision = "2026112209"
down_revision = "2026112208"
branch_labels = None
depends_on = None

TOGETHER = {
    "sqlite": "json_group_object(key, json_array(lower(hex(salt)), value))",
    "postgresql": "json_object_agg(key, json_build_array(encode(salt, 'hex'), value))",
}
BATCH = 1_000


def upgrade() -> None:
    op.create_table(
        "trail_values_together",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("kept", sa.JSON(none_as_null=True), nullable=False),
        sa.PrimaryKeyConstraint("organization_id", "seq", name=op.f("pk_trail_values_together")),
    )
    op.execute(
        "INSERT INTO trail_values_together (organization_id, seq, kept) "  # noqa: S608
        f"SELECT organization_id, seq, {TOGETHER[op.get_bind().dialect.name]} FROM trail_values "
        "GROUP BY organization_id, seq"
    )
    _take_the_place("trail_values_together")


def downgrade() -> None:
    apart = op.create_table(
        "trail_values_apart",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("salt", sa.LargeBinary(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("organization_id", "seq", "key", name=op.f("pk_trail_values_apart")),
    )
    together = sa.table("trail_values", sa.column("organization_id", sa.Uuid()), sa.column("seq"), sa.column("kept"))
    connection, last = op.get_bind(), None
    columns = (together.c.organization_id, together.c.seq)
    query = sa.select(*columns, sa.cast(together.c.kept, sa.Text())).order_by(*columns).limit(BATCH)
    while found := connection.execute(query if last is None else query.where(sa.tuple_(*columns) > last)).all():
        connection.execute(
            sa.insert(apart),
            [
                {"organization_id": whose, "seq": seq, "key": key, "salt": bytes.fromhex(salt), "value": value}
                for whose, seq, kept in found
                for key, (salt, value) in json.loads(kept).items()
            ],
        )
        last = tuple(found[-1][:2])
    _take_the_place("trail_values_apart")


def _take_the_place(table: str) -> None:
    """The new table under the old one's name, with its key."""
    op.drop_table("trail_values")
    op.rename_table(table, "trail_values")
    if op.get_bind().dialect.name == "postgresql":
        op.execute(f"ALTER TABLE trail_values RENAME CONSTRAINT pk_{table} TO pk_trail_values")
