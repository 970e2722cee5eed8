"""Balances from what is on file: which rule, which term, whose courses, and what reminders may say."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from compliance.db.engine import Database
from compliance.domain.balance import State
from compliance.domain.credentials import StandingCode
from compliance.domain.hours import Form
from compliance.domain.periods import FOREVER
from compliance.services import credentials, education
from compliance.services.balances import Due, balances, missing_hours
from compliance.services.education import NewCourse
from compliance.services.trail import Act
from tests import builders as build

DAY = build.TODAY


async def took(session: Any, act: Act, who: UUID, hours: int, on: date = date(2026, 3, 1), **more: Any) -> UUID:
    given = NewCourse(who, f"{hours} hours", on, hours * 60, Form.LIVE, **more)
    return await education.record(session, act=act, course=given)


async def one(session: Any, act: Act, who: UUID, day: date = DAY) -> Due:
    found = (await balances(session, act.organization_id, [who], day))[who]
    assert len(found) == 1
    return found[0]


async def test_a_license_is_held_against_the_rule_of_its_state(database: Database) -> None:
    async with database.write.begin() as session:
        act = await build.organization(session)
        who = await build.therapist(session, act)
        await build.credential(session, act, who, jurisdiction="us-tx")
        await took(session, act, who, 5)
        await took(session, act, who, 30, date(2025, 8, 31))
        found = await one(session, act, who)
    assert found.sentence.startswith("6 of 12 hours;")  # Texas counts hours of fifty minutes
    assert found.sentence.endswith("until Aug 31, 2027")
    assert found.balance.state is State.SHORT
    assert found.missing == "6"


async def test_the_term_of_the_day_asked_decides(database: Database) -> None:
    async with database.write.begin() as session:
        act = await build.organization(session)
        who = await build.therapist(session, act)
        held = await build.credential(session, act, who, jurisdiction="us-tx")
        new = credentials.Renewal(held.id, date(2029, 8, 31), date(2027, 9, 1))
        await credentials.renew(session, act=act, renewal=new)
        for day, until in (
            (DAY, date(2027, 8, 31)),
            (date(2027, 9, 1), date(2029, 8, 31)),
            (date(2035, 1, 1), date(2029, 8, 31)),
        ):
            assert (await one(session, act, who, day)).balance.until == until


async def test_the_cycle_that_a_board_told_is_kept_with_the_license(database: Database) -> None:
    """Connecticut: 24 hours in four years beside terms of two."""
    async with database.write.begin() as session:
        act = await build.organization(session)
        told, untold = await build.therapist(session, act), await build.therapist(session, act)
        cycle = {"details": {"education_cycle_ends_on": "2025-08-31"}}
        await build.credential(session, act, told, jurisdiction="us-ct", **cycle)
        await build.credential(session, act, untold, jurisdiction="us-ct")
        assert (await one(session, act, told)).balance.until == date(2029, 8, 31)
        found = await one(session, act, untold)
    assert found.balance.until == date(2027, 8, 31)
    assert any("Ask for your cycle" in each for each in found.balance.questions)


async def test_washington_asks_for_health_equity_from_2024_on(database: Database) -> None:
    async with database.write.begin() as session:
        act = await build.organization(session)
        before, after = await build.therapist(session, act), await build.therapist(session, act)
        for who, last in ((before, date(2023, 4, 5)), (after, date(2027, 4, 5))):
            await build.credential(
                session, act, who, "massage-license", date(last.year - 1, 4, 6), last, jurisdiction="us-wa"
            )
        minima = [
            [part.minimum.what for part in (await one(session, act, who)).balance.parts] for who in (before, after)
        ]
    assert "health equity" in minima[1]
    assert minima[0] == [each for each in minima[1] if each != "health equity"]


async def test_a_license_of_which_the_catalog_knows_no_rule_is_told_as_unknown(database: Database) -> None:
    async with database.write.begin() as session:
        act = await build.organization(session)
        who = await build.therapist(session, act)
        await build.credential(session, act, who, jurisdiction="us-me")
        found = await one(session, act, who)
        assert found.balance.state is State.UNKNOWN
        assert found.missing == ""
        assert await missing_hours(session, act.organization_id, [who], DAY) == {}


async def test_virginia_takes_the_certification_in_place_of_hours_while_it_is_in_force(database: Database) -> None:
    async with database.write.begin() as session:
        act = await build.organization(session)
        who = await build.therapist(session, act)
        license_ = await build.credential(session, act, who, jurisdiction="us-va")
        assert (await one(session, act, who)).balance.state is State.SHORT
        held = await build.credential(session, act, who, "bctmb")
        found = {each.credential.id: each for each in (await balances(session, act.organization_id, [who], DAY))[who]}
        assert found[license_.id].balance.state is State.REPLACED
        change = credentials.StandingChange(held.id, StandingCode.SUSPENDED, DAY)
        await credentials.record_standing(session, act=act, change=change)
        found = {each.credential.id: each for each in (await balances(session, act.organization_id, [who], DAY))[who]}
        assert found[license_.id].balance.state is State.SHORT


async def test_what_nobody_renews_any_more_asks_for_nothing(database: Database) -> None:
    async with database.write.begin() as session:
        act = await build.organization(session)
        who = await build.therapist(session, act)
        held = await build.credential(session, act, who, jurisdiction="us-tx")
        await build.credential(session, act, who, "mblex", date(2018, 5, 1), FOREVER)
        assert len((await balances(session, act.organization_id, [who], DAY))[who]) == 1
        change = credentials.StandingChange(held.id, StandingCode.SURRENDERED, DAY)
        await credentials.record_standing(session, act=act, change=change)
        assert (await balances(session, act.organization_id, [who], DAY))[who] == []


async def test_missing_hours_are_read_for_many_at_once_and_only_where_they_are_known(database: Database) -> None:
    async with database.write.begin() as session:
        act = await build.organization(session)
        people = [await build.therapist(session, act) for _ in range(3)]
        held = [await build.credential(session, act, each, jurisdiction="us-tx") for each in people]
        await took(session, act, people[1], 10, subjects={"human trafficking": 60})
        found = await missing_hours(session, act.organization_id, people, DAY)
    assert set(found) <= {each.id for each in held}
    assert {held[0].id, held[2].id} <= set(found)
    assert found[held[0].id].missing == "12"


async def test_hours_in_years_of_their_own_are_in_the_ledger_but_not_in_the_reminder_of_a_renewal(
    database: Database,
) -> None:
    """AMTA: 48 hours in four years from the first issue; the membership itself is renewed every year."""
    async with database.write.begin() as session:
        act = await build.organization(session)
        who = await build.therapist(session, act)
        days: dict[str, Any] = {"starts_on": date(2026, 3, 1), "ends_on": date(2027, 2, 28)}
        await build.credential(session, act, who, "amta-membership", first_issued_on=date(2020, 3, 1), **days)
        found = await one(session, act, who)
        assert found.balance.window == (date(2024, 3, 1), date(2028, 2, 29))
        assert found.missing == "48"
        assert await missing_hours(session, act.organization_id, [who], DAY) == {}


async def test_other_peoples_courses_do_not_count(database: Database) -> None:
    async with database.write.begin() as session:
        act = await build.organization(session)
        who, other = await build.therapist(session, act), await build.therapist(session, act)
        await build.credential(session, act, who, jurisdiction="us-tx")
        await took(session, act, other, 12)
        assert (await one(session, act, who)).balance.counted == 0
