"""Row-level security on PostgreSQL: this one file says which rows of which table a scope reaches.

Every table with an organization has the policy `own`: rows of the session's organization, or all of them in a session
that said so (`db/scope.py`). `db upgrade` also tells two roles of a larger installation what they may do, where there
are such roles: `compliance_app` for the web service, `compliance_worker` for jobs and mail. The tables' owner, who
migrates, is held to `own` as well (FORCE).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from sqlalchemy import Connection, text

from compliance.db.records import INSTALLATION, Record

APP: Final = "compliance_app"
WORKER: Final = "compliance_worker"

OWN: Final = "organization_id = NULLIF(current_setting('compliance.organization', true), '')::uuid"
PERSON: Final = "person_id = NULLIF(current_setting('compliance.person', true), '')::uuid"
EVERYTHING: Final = "current_setting('compliance.scope', true) = 'system'"
OF_THE_INSTALLATION: Final = f"organization_id = '{INSTALLATION}'"

ALSO: Final = {
    "memberships": PERSON,  # where somebody may go on to
    "trail_heads": OF_THE_INSTALLATION,  # people and passwords are in the installation's own chain
    "trail_entries": OF_THE_INSTALLATION,
    "trail_values": OF_THE_INSTALLATION,
    "trail_checkpoints": OF_THE_INSTALLATION,
    "signing_keys": "organization_id IS NULL",  # the installation's own certificate
}
"""What else a scope reaches of a table."""

OPEN: Final = {
    "sessions": "found by the hash of a secret, before anybody knows for whom; ended with their person everywhere",
    "capabilities": "found by the hash of a secret, before anybody knows for whom",
    "report_fingerprints": "found by the hash of a file that anybody may ask about; holds ids and a day",
}
"""Tables with an organization but without a policy, and why."""

ACROSS: Final = {
    "api_keys": "a key is found by its prefix before its organization is known",
    "calendar_feeds": "a calendar is found by the hash of its address",
    "incidents": "/metrics counts troubles that last",
    "memberships": "signing in asks where somebody may go",
    "outbox": "/metrics and /health count mail that waits; a report on a mail names the mail alone",
    "renewal_links": "a link is found by the hash of its token",
    "signing_keys": "reports of any organization are recognized by its certificate",
    "tasks": "/metrics counts long work",
}
"""Where the web service's role may reach all organizations in a session that says so, and why. Nowhere else."""

APPENDED: Final = frozenset({"trail_entries", "trail_checkpoints"})
"""Neither role may change or delete here."""


def guarded() -> list[str]:
    """The tables that have a policy: each with an organization but the open ones."""
    tables = Record.metadata.tables.items()
    return sorted(name for name, table in tables if "organization_id" in table.columns and name not in OPEN)


def own(table: str) -> str:
    """Which rows of a table a scope reaches."""
    return " OR ".join(filter(None, (OWN, ALSO.get(table), EVERYTHING)))


def settle(connection: Connection) -> list[str]:
    """What the roles may do, for those that are there; their names. Nothing on SQLite. May be repeated."""
    if connection.dialect.name != "postgresql":
        return []
    for table in sorted(set(guarded()) - set(connection.scalars(text(HELD)))):
        for statement in _own_policy(table):
            connection.exec_driver_sql(statement)
    known = set(connection.scalars(text("SELECT rolname FROM pg_roles WHERE rolname IN (:app, :worker)"), _ROLES))
    for role in sorted(known):
        for statement in _grants(role):
            connection.exec_driver_sql(statement)
    for statement in _limits() if APP in known else ():
        connection.exec_driver_sql(statement)
    return sorted(known)


HELD: Final = "SELECT relname FROM pg_class WHERE relkind = 'r' AND relrowsecurity AND relforcerowsecurity"
_ROLES: Final = {"app": APP, "worker": WORKER}


def _own_policy(table: str) -> Iterator[str]:
    """For a table that a later revision made."""
    yield f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY"
    yield f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY"
    yield f"DROP POLICY IF EXISTS own ON {table}"
    yield f"CREATE POLICY own ON {table} USING ({own(table)})"


def _grants(role: str) -> Iterator[str]:
    yield f"GRANT USAGE ON SCHEMA public TO {role}"
    yield f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {role}"
    yield f"REVOKE INSERT, UPDATE, DELETE ON alembic_version FROM {role}"
    for table in sorted(APPENDED):
        yield f"REVOKE UPDATE, DELETE ON {table} FROM {role}"


def _limits() -> Iterator[str]:
    """The web service reaches one organization at a time, whatever its session says, but for the tables above."""
    for table in guarded():
        yield f"DROP POLICY IF EXISTS one_at_a_time ON {table}"
        if table not in ACROSS:
            reached = " OR ".join(filter(None, (OWN, ALSO.get(table))))
            yield f"CREATE POLICY one_at_a_time ON {table} AS RESTRICTIVE TO {APP} USING ({reached})"
