"""The link of a reminder: one for each cycle and address, known by hash alone, the same whenever it is asked for."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Text, cast, event, select

from compliance.crypto.tokens import token_hash
from compliance.db.engine import Database
from compliance.db.records import CapabilityRow, Record, RenewalLinkRow
from compliance.services.mailing import MailSettings
from compliance.services.renewal_links import Cycle, end_link, renewal_links
from tests.services.reminder_world import World, world

NOW = datetime(2027, 6, 1, 14, tzinfo=UTC)
MAIL = MailSettings("reminders@example.test", "https://tracker.example.test", b"a secret of this installation only")


async def links(here: World, *wanted: Cycle, mail: MailSettings = MAIL, now: datetime = NOW) -> dict[Cycle, str]:
    async with here.database.write.begin() as session:
        return await renewal_links(session, mail=mail, wanted=wanted, now=now)


async def cycle(here: World, email: str = "ana@example.test", ends_on: date = date(2027, 8, 31)) -> Cycle:
    who, held = await here.therapist(ends_on=ends_on, email=email)
    return Cycle(here.id, who, held, ends_on, email)


async def powers(database: Database) -> list[Any]:
    async with database.read() as session:
        return list((await session.execute(select(*CapabilityRow.__table__.columns))).all())


async def test_the_same_cycle_has_the_same_link_however_often_it_is_asked_for(database: Database) -> None:
    async with world(database) as here:
        one = await cycle(here)
        first = await links(here, one)
        assert await links(here, one, now=NOW + timedelta(days=30)) == first
        assert first[one].startswith("https://tracker.example.test/renew/")
        assert len(await powers(database)) == 1


async def test_every_cycle_and_every_address_has_a_link_of_its_own(database: Database) -> None:
    async with world(database) as here:
        one = await cycle(here)
        others = (replace(one, ends_on=date(2029, 8, 31)), replace(one, address="ana@elsewhere.test"))
        found = await links(here, one, *others)
        assert len(set(found.values())) == 3
        assert await links(here, replace(one, address=" ANA@Example.test")) == {
            replace(one, address=" ANA@Example.test"): found[one]
        }


async def test_the_database_holds_no_token(database: Database) -> None:
    async with world(database) as here:
        one = await cycle(here)
        token = (await links(here, one))[one].rpartition("/")[2]
        assert [row.token_hash for row in await powers(database)] == [token_hash(token)]
        async with database.read() as session:
            for table in Record.metadata.sorted_tables:
                for column in table.columns:
                    found = await session.execute(select(column).where(cast(column, Text).contains(token[:20])))
                    assert not found.all(), f"{table.name}.{column.name}"


async def test_another_secret_makes_another_token_for_the_same_link(database: Database) -> None:
    async with world(database) as here:
        one = await cycle(here)
        first = await links(here, one)
        other = await links(here, one, mail=replace(MAIL, secret=b"another secret of thirty-two bytes"))
        assert other[one] != first[one]
        assert len({row.subject_id for row in await powers(database)}) == 1
        assert len(await here.rows(RenewalLinkRow)) == 1


async def test_without_a_secret_no_link_is_made(database: Database) -> None:
    async with world(database) as here:
        one = await cycle(here)
        with pytest.raises(ValueError, match="secret key has 0 bytes"):
            await links(here, one, mail=MailSettings("reminders@example.test", "https://tracker.example.test"))


async def test_a_link_that_its_reader_ended_is_not_given_out_again(database: Database) -> None:
    async with world(database) as here:
        one = await cycle(here)
        await links(here, one)
        link_id: UUID = (await here.rows(RenewalLinkRow))[0]["id"]
        async with database.write.begin() as session:
            await end_link(session, organization_id=here.id, link_id=link_id, now=NOW)
        assert await links(here, one) == {}


async def test_a_link_mailed_late_is_good_for_a_month_from_then(database: Database) -> None:
    async with world(database) as here:
        one = await cycle(here, ends_on=date(2027, 1, 31))
        late = datetime(2027, 4, 28, tzinfo=UTC)
        await links(here, one, now=datetime(2027, 1, 1, tzinfo=UTC))
        assert [row.expires_at for row in await powers(database)] == [datetime(2027, 5, 1, tzinfo=UTC)]
        await links(here, one, now=late)
        assert [row.expires_at for row in await powers(database)] == [late + timedelta(days=30)]


async def test_a_thousand_links_are_made_in_a_handful_of_statements(database: Database) -> None:
    async with world(database) as here:
        who, held = await here.therapist()
        some = [Cycle(here.id, who, held, date(2027, 1, 1) + timedelta(days=n), "a@example.test") for n in range(1000)]
        said: list[str] = []
        async with database.write.begin() as session:
            connection = await session.connection()
            sync = connection.sync_connection
            assert sync is not None
            event.listen(sync, "before_cursor_execute", lambda *given: said.append(given[2]))
            assert len(await renewal_links(session, mail=MAIL, wanted=some, now=NOW)) == 1000
        assert len(said) < 20
