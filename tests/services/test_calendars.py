"""Calendars are made and revoked with an entry in the trail each, and by nobody of another organization."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from compliance.db.engine import Database
from compliance.db.records import CalendarFeedRow, PersonRow, TrailEntryRow
from compliance.services import calendars
from compliance.services.calendars import NewFeed
from compliance.services.refusals import Refused, Unknown
from tests.services.submission_world import Cards, world


async def actions(here: Cards) -> list[str]:
    return [row.action for row in await here.rows(TrailEntryRow, TrailEntryRow.seq)]


async def made(here: Cards) -> Any:
    """A calendar of the therapist; its row."""
    async with here.database.write.begin() as session:
        reader = (await session.scalars(select(PersonRow.id).limit(1))).one()
        feed = NewFeed("Maria Alvarez", therapist_id=here.therapist)
        await calendars.make(session, act=here.act, reader_id=reader, feed=feed)
    return (await here.rows(CalendarFeedRow))[0]


async def test_making_and_revoking_are_in_the_trail_without_the_name(database: Database) -> None:
    async with world(database) as here:
        feed = await made(here)
        async with database.write.begin() as session:
            await calendars.revoke(session, act=here.act, feed_id=feed.id)
        assert (await actions(here))[-2:] == ["calendar.made", "calendar.revoked"]
        bodies = [row.body for row in await here.rows(TrailEntryRow, TrailEntryRow.seq) if "calendar" in row.action]
        assert not [body for body in bodies if "Maria" in body]


async def test_what_was_revoked_is_not_revoked_again(database: Database) -> None:
    async with world(database) as here:
        feed = await made(here)
        async with database.write.begin() as session:
            await calendars.revoke(session, act=here.act, feed_id=feed.id)
        async with database.write() as session, session.begin() as transaction:
            with pytest.raises(Refused, match="revoked already"):
                await calendars.revoke(session, act=here.act, feed_id=feed.id)
            await transaction.rollback()


async def test_another_organization_revokes_nothing(database: Database) -> None:
    async with world(database) as here, world(database) as there:
        feed = await made(here)
        async with database.write() as session, session.begin() as transaction:
            with pytest.raises(Unknown):
                await calendars.revoke(session, act=there.act, feed_id=feed.id)
            await transaction.rollback()


async def test_a_calendar_is_about_exactly_one_thing(database: Database) -> None:
    async with world(database) as here, database.write() as session, session.begin() as transaction:
        with pytest.raises(Exception, match="one_subject"):
            await calendars.make(session, act=here.act, reader_id=here.therapist, feed=NewFeed("Nothing"))
        await transaction.rollback()
