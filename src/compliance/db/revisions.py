"""Which schema a database has, and which this program was written for.

Without Alembic: the web service asks at its start and for `/health/ready`, and would hold seven megabytes for that.
"""

from __future__ import annotations

import re
from functools import lru_cache

from sqlalchemy import Connection, column, inspect, select, table

from compliance.db.engine import migrations

_NAMES = re.compile(r'^(revision|down_revision) = "(\w+)"$', re.MULTILINE)


def current(connection: Connection) -> str | None:
    """The revision that a database is at; None for one without tables."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    found: str | None = connection.scalar(select(column("version_num")).select_from(table("alembic_version")))
    return found


@lru_cache(maxsize=1)
def newest() -> str:
    """The one revision that no other one follows."""
    named = [dict(_NAMES.findall(path.read_text())) for path in migrations().glob("versions/*.py")]
    (head,) = {str(each["revision"]) for each in named} - {each.get("down_revision") for each in named}
    return head
