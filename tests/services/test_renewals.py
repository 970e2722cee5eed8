"""A renewal is a new term; nothing is overwritten, and no gap is bridged without being told."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import select

from compliance.db.engine import Database
from compliance.db.records import TermRow
from compliance.domain.credentials import StandingCode
from compliance.domain.periods import FOREVER
from compliance.services import credentials
from compliance.services.refusals import Refused, Unsure
from tests import builders as build
from tests.services.asking import assigned, held, person, spans

START, END = date(2025, 9, 1), date(2027, 8, 31)


async def test_a_renewal_is_a_new_term_after_the_last(database: Database) -> None:
    async with database.write.begin() as session:
        act, who = await person(session)
        added = await build.credential(session, act, who)
        await credentials.renew(session, act=act, renewal=credentials.Renewal(added.id, date(2029, 8, 31)))
        found = await held(session, act, added.id)
    assert spans(found) == [(START, END), (date(2027, 9, 1), date(2029, 8, 31))]


@pytest.mark.parametrize(
    ("starts_on", "ends_on", "kind", "field"),
    [
        (date(2027, 8, 1), date(2029, 8, 31), Refused, "starts_on"),  # overlaps
        (date(2029, 9, 1), date(2029, 8, 31), Refused, "ends_on"),  # runs backward
        (None, date(2027, 8, 30), Refused, "ends_on"),  # not later
        (date(2023, 9, 1), date(2025, 8, 31), Unsure, "ends_on"),  # an earlier term: a question
        (None, FOREVER, Refused, "ends_on"),
    ],
)
async def test_a_renewal_that_cannot_be_is_refused_and_an_earlier_one_asked_about(
    database: Database, starts_on: date | None, ends_on: date, kind: type[Refused], field: str
) -> None:
    async with database.write.begin() as session:
        act, who = await person(session)
        added = await build.credential(session, act, who)
        renewal = credentials.Renewal(added.id, ends_on, starts_on)
        with pytest.raises(Refused) as refused:
            await credentials.renew(session, act=act, renewal=renewal)
        assert type(refused.value) is kind
        assert field in refused.value.fields
        assert spans(await held(session, act, added.id)) == [(START, END)]


async def test_whoever_is_sure_records_an_earlier_term(database: Database) -> None:
    async with database.write.begin() as session:
        act, who = await person(session)
        added = await build.credential(session, act, who)
        earlier = credentials.Renewal(added.id, date(2025, 8, 31), date(2023, 9, 1), sure=True)
        await credentials.renew(session, act=act, renewal=earlier)
        assert len((await held(session, act, added.id)).terms) == 2


async def test_a_lapse_is_never_bridged_without_being_told(database: Database) -> None:
    async with database.write.begin() as session:
        act, who = await person(session)
        added = await build.credential(session, act, who, starts_on=date(2023, 9, 1), ends_on=date(2025, 8, 31))
        with pytest.raises(Refused, match="so that a gap shows"):
            await credentials.renew(session, act=act, renewal=credentials.Renewal(added.id, END))
        late = credentials.Renewal(added.id, END, date(2025, 11, 3))
        await credentials.renew(session, act=act, renewal=late)
        assert (await held(session, act, added.id)).terms[-1].starts_on == date(2025, 11, 3)


async def test_an_inferred_start_gives_way_to_the_terms_on_file(database: Database) -> None:
    async with database.write.begin() as session:
        act, who = await person(session)
        added = await build.credential(session, act, who)
        guessed = credentials.Renewal(added.id, date(2029, 8, 31), date(2027, 1, 1), inferred=True)
        await credentials.renew(session, act=act, renewal=guessed)
        last = (await held(session, act, added.id)).last_term
        assert last
        assert (last.starts_on, last.inferred) == (date(2027, 9, 1), True)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (StandingCode.EXPIRED, StandingCode.ACTIVE),
        (StandingCode.PENDING_RENEWAL, StandingCode.ACTIVE),
        (StandingCode.SUSPENDED, StandingCode.SUSPENDED),
        (StandingCode.ACTIVE, StandingCode.ACTIVE),
    ],
)
async def test_a_renewal_ends_waiting_but_no_suspension(
    database: Database, before: StandingCode, after: StandingCode
) -> None:
    async with database.write.begin() as session:
        act, who = await person(session)
        added = await build.credential(session, act, who)
        change = credentials.StandingChange(added.id, before, build.TODAY)
        await credentials.record_standing(session, act=act, change=change)
        await credentials.renew(session, act=act, renewal=credentials.Renewal(added.id, date(2029, 8, 31)))
        then = (await held(session, act, added.id)).standing_on(date(2027, 9, 1))
        assert then
        assert then.standing is after


async def test_two_renewals_in_one_list_see_each_other(database: Database) -> None:
    async with database.write.begin() as session:
        act, who = await person(session)
        added = await build.credential(session, act, who)
        twice = [credentials.Renewal(added.id, date(2029, 8, 31)), credentials.Renewal(added.id, date(2031, 8, 31))]
        await credentials.renew_many(session, act=act, renewals=twice)
        assert spans(await held(session, act, added.id))[-1] == (date(2029, 9, 1), date(2031, 8, 31))


async def test_a_renewal_keeps_the_first_term_row(database: Database) -> None:
    """Append-only: the term that was on file is the same row with the same days."""
    async with database.write.begin() as session:
        act, who = await person(session)
        added = await build.credential(session, act, who)
        await credentials.renew(session, act=act, renewal=credentials.Renewal(added.id, date(2029, 8, 31)))
        first = await session.scalar(select(TermRow.ends_on).where(TermRow.id == added.term_id))
        assert first == END


async def test_a_renewal_that_is_heard_of_late_ends_an_expiry_that_was_told_meanwhile(database: Database) -> None:
    async with database.write.begin() as session:
        act, _clinic, who, _assignment = await assigned(session)
        ended = date(2026, 8, 31)
        added = await build.credential(session, act, who, starts_on=date(2024, 9, 1), ends_on=ended)
        told = credentials.StandingChange(added.id, StandingCode.EXPIRED, date(2026, 9, 10))
        await credentials.record_standing(session, act=act, change=told)
        again = credentials.Renewal(added.id, date(2028, 8, 31), starts_on=date(2026, 9, 1))
        await credentials.renew(session, act=act, renewal=again)
        found = await held(session, act, added.id)
    for day in (date(2026, 9, 5), date(2026, 9, 10), build.TODAY):
        standing = found.standing_on(day)
        assert standing
        assert standing.standing is StandingCode.ACTIVE
