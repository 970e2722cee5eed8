"""Names that a later one took the place of are marked, whether the program or the migration did it."""

from __future__ import annotations

from uuid import UUID

from alembic import command
from sqlalchemy import Connection, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from compliance.db import schema
from compliance.db.engine import Database
from compliance.db.records import TherapistNameRow
from compliance.services import therapists as people
from compliance.services.trail import Act
from tests import builders as build

BEFORE = "2026112205"


async def married(session: AsyncSession, act: Act) -> UUID:
    """Ana Ruyz, whose spelling was corrected to Ruiz and who is called Solis since her marriage."""
    ana = await build.therapist(session, act, "Ana", "Ruyz")
    await people.change(session, act=act, change=people.Change(ana, last_name="Ruiz", reason="misspelled"))
    change = people.Change(ana, last_name="Solis", name_starts_on=build.TODAY, reason="marriage")
    await people.change(session, act=act, change=change)
    return ana


async def marked(database: Database) -> dict[str, bool]:
    """Whether each name that stands is a former one."""
    row = TherapistNameRow
    async with database.read() as session:
        query = select(row.folded_name, row.superseded_seq).where(row.voided_seq.is_(None))
        return {name: seq is not None for name, seq in await session.execute(query)}


WANTED = {"ruiz ana": True, "solis ana": False, "orth ben": False}


async def test_a_new_name_marks_the_one_before_and_a_corrected_one_is_none(database: Database) -> None:
    async with database.write.begin() as session:
        act = await build.organization(session)
        await married(session, act)
        await build.therapist(session, act, "Ben", "Orth")
    assert await marked(database) == WANTED


async def test_the_migration_marks_the_former_names_that_it_finds(database: Database) -> None:
    async with database.write.begin() as session:
        act = await build.organization(session)
        await married(session, act)
        await build.therapist(session, act, "Ben", "Orth")

    def there_and_back(connection: Connection) -> list[str]:
        connection.commit()
        command.downgrade(schema._config(connection), BEFORE)
        columns = connection.execute(text("SELECT * FROM therapist_names")).keys()
        connection.commit()
        command.upgrade(schema._config(connection), "head")
        connection.commit()
        return list(columns)

    async with database.writer.connect() as connection:
        columns = await connection.run_sync(there_and_back)
    assert "superseded_seq" not in columns
    assert await marked(database) == WANTED
