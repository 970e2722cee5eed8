"""Hold every transaction on PostgreSQL to the organization that it names

Rows of a table with an organization are seen, added and changed only by a transaction that names that organization, or
says that it is for all (`compliance.scope`). FORCE holds the owner of the tables to it as well. SQLite knows nothing of
this. A later table with an organization gets the same in its own revision; tests/db/test_policies.py looks.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "2026112240"
down_revision = "2026112230"
branch_labels = None
depends_on = None

OWN = "organization_id = NULLIF(current_setting('compliance.organization', true), '')::uuid"
EVERYTHING = "current_setting('compliance.scope', true) = 'system'"
INSTALLATION = "organization_id = '00000000-0000-0000-0000-000000000000'"
ALSO = {
    "memberships": "person_id = NULLIF(current_setting('compliance.person', true), '')::uuid",
    "trail_heads": INSTALLATION,
    "trail_entries": INSTALLATION,
    "trail_values": INSTALLATION,
    "trail_checkpoints": INSTALLATION,
    "signing_keys": "organization_id IS NULL",
}
OPEN = ("sessions", "capabilities", "report_fingerprints")


def _tables() -> list[str]:
    connection = op.get_bind()
    if connection.dialect.name != "postgresql":
        return []
    query = (
        "SELECT c.table_name FROM information_schema.columns c JOIN information_schema.tables t "
        "USING (table_schema, table_name) WHERE c.column_name = 'organization_id' AND t.table_type = 'BASE TABLE' "
        "AND c.table_schema = current_schema() ORDER BY 1"
    )
    return [name for name in connection.scalars(sa.text(query)) if name not in OPEN]


def upgrade() -> None:
    for table in _tables():
        reached = " OR ".join(filter(None, (OWN, ALSO.get(table), EVERYTHING)))
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY own ON {table} USING ({reached})")


def downgrade() -> None:
    for table in _tables():
        op.execute(f"DROP POLICY IF EXISTS one_at_a_time ON {table}")
        op.execute(f"DROP POLICY IF EXISTS own ON {table}")
        op.execute(f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY")
