"""Databases of PostgreSQL that are given to one test after another, since making one takes longer than most tests.

When it comes back its rows are taken away, and those that its template has are put in. Whoever changes a schema spoils
the database for others: an event trigger notices that, and it is dropped instead.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Final, LiteralString
from uuid import uuid4

import psycopg
from psycopg import sql

MOST_USES: Final = 100
"""Rows that were taken away still take room: after so many tests a database is made anew."""
WATCH: Final[LiteralString] = """
CREATE SCHEMA reuse;
CREATE TABLE reuse.spoiled (at timestamptz DEFAULT now());
CREATE FUNCTION reuse.spoil() RETURNS event_trigger LANGUAGE plpgsql SECURITY DEFINER AS
    $$ BEGIN INSERT INTO reuse.spoiled DEFAULT VALUES; END $$;
CREATE EVENT TRIGGER spoiled ON ddl_command_end EXECUTE FUNCTION reuse.spoil()
"""
ALONE: Final[LiteralString] = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()
"""
COLUMNS: Final[LiteralString] = """
SELECT table_name, array_agg(column_name::text ORDER BY ordinal_position) FROM information_schema.columns
JOIN information_schema.tables USING (table_schema, table_name)
WHERE table_schema = 'public' AND table_type = 'BASE TABLE' AND is_generated = 'NEVER' GROUP BY table_name
"""


@dataclass(slots=True)
class Lent:
    """A database, and how often it was given to a test."""

    name: str
    uses: int = 0


@dataclass(frozen=True, slots=True)
class Shelf:
    """The databases made of one template. `address` says where a database of a name is."""

    server: str
    template: str
    address: Callable[[str, str], str]
    free: list[Lent] = field(default_factory=list)

    @contextmanager
    def lend(self) -> Iterator[str]:
        """The address of a database that holds what its template holds, and nobody else's."""
        it = self.free.pop() if self.free else self._make()
        it.uses += 1
        yield self._at(it.name)
        if it.uses < MOST_USES and self._is_restored(it.name):
            self.free.append(it)
        else:
            self._administer("DROP DATABASE {} WITH (FORCE)", it.name)

    def _at(self, name: str) -> str:
        return self.address(self.server, name)

    def _make(self) -> Lent:
        name = f"test_{uuid4().hex[:12]}"
        self._administer("CREATE DATABASE {} TEMPLATE {}", name, self.template)
        with psycopg.connect(self._at(name), autocommit=True) as connection:
            connection.execute(WATCH)
        return Lent(name)

    def _administer(self, statement: LiteralString, *names: str) -> None:
        with psycopg.connect(self.server, autocommit=True) as connection:
            connection.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))

    def _is_restored(self, name: str) -> bool:
        """Whether it is as it was; False: its schema is another one now."""
        with psycopg.connect(self._at(name)) as connection:
            connection.execute(ALONE)
            if connection.execute("SELECT 1 FROM reuse.spoiled LIMIT 1").fetchone():
                return False
            emptying, rows = content_of(self._at(self.template))
            connection.execute(emptying)
            for into, content in rows:
                with connection.cursor().copy(into) as copying:
                    copying.write(content)
        return True


@cache
def content_of(template: str) -> tuple[sql.Composed, list[tuple[sql.Composed, bytes]]]:
    """What empties all tables of such a database, and the statements and rows that fill them as they were."""
    with psycopg.connect(template) as connection:
        tables = {
            name: sql.SQL(", ").join(map(sql.Identifier, columns)) for name, columns in connection.execute(COLUMNS)
        }
        emptying = sql.SQL("; ").join(
            [
                sql.SQL("SET LOCAL session_replication_role = replica"),  # in any order, past what guards the trail
                *(sql.SQL("DELETE FROM {}").format(sql.Identifier(name)) for name in sorted(tables)),
            ]
        )
        return emptying, [each for name, columns in tables.items() if (each := _rows(connection, name, columns))[1]]


def _rows(connection: psycopg.Connection[Any], name: str, columns: sql.Composed) -> tuple[sql.Composed, bytes]:
    asked = sql.SQL("COPY {} ({}) TO STDOUT").format(sql.Identifier(name), columns)
    with connection.cursor().copy(asked) as copying:
        content = b"".join(bytes(each) for each in copying)
    return sql.SQL("COPY {} ({}) FROM STDIN").format(sql.Identifier(name), columns), content
