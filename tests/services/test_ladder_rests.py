"""From the mail to its answer: the planner's mail has the link, rests while an answer waits, and goes on afterwards."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from compliance.db.engine import Database
from compliance.domain.answers import Kind
from compliance.services import reminders, review
from compliance.services.review import Accepted
from compliance.services.submissions import Sent
from tests.services.submission_world import MAIL, NEW_END, NOW, Cards, world


async def plan(here: Cards, days: int = 0) -> None:
    """One round of the planner, so many days from now."""
    async with here.database.write.begin() as session:
        await reminders.plan(session, now=NOW + timedelta(days=days), mail=MAIL)


async def reminded(here: Cards) -> list[Any]:
    """What waits to be sent to the therapist, or would have been sent by now."""
    letters = await here.letters("renewal-reminder")
    return [row for row in letters if row.state == "pending" and row.recipient_address == here.address]


async def test_the_mail_leads_to_the_page_of_its_own_credential(database: Database) -> None:
    async with world(database) as here:
        await plan(here)
        (letter,) = await reminded(here)
        assert f"/renew/{here.token}" in letter.text
        assert f"/renew/{here.token}" in letter.html


async def test_nothing_goes_out_while_a_renewal_waits_and_it_goes_on_when_nothing_came_of_it(
    database: Database,
) -> None:
    async with world(database) as here:
        await plan(here)
        await here.send()
        for days in range(31):
            await plan(here, days)
            assert await reminded(here) == [], days
        await plan(here, 31)
        assert len(await reminded(here)) == 1


async def test_it_goes_on_when_a_renewal_is_sent_back(database: Database) -> None:
    async with world(database) as here:
        await plan(here)
        id_ = await here.send()
        async with database.write.begin() as session:
            await review.send_back(session, act=here.act, mail=MAIL, submission_id=id_, reason="not sharp")
        for days in range(1, 24):
            await plan(here, days)
        assert await reminded(here)


async def test_it_is_over_when_a_renewal_is_accepted(database: Database) -> None:
    async with world(database) as here:
        await plan(here)
        id_ = await here.send()
        async with database.write.begin() as session:
            await review.accept(session, act=here.act, mail=MAIL, accepted=Accepted(id_, NEW_END))
        for days in range(0, 60, 5):
            await plan(here, days)
        assert await reminded(here) == []


async def test_who_knows_is_left_alone_for_two_weeks_and_their_manager_is_told_all_the_same(
    database: Database,
) -> None:
    async with world(database) as here:
        await here.send(Sent(Kind.ACKNOWLEDGED))
        for days in range(15):
            await plan(here, days)
            assert await reminded(here) == [], days
        for days in range(15, 24):
            await plan(here, days)
        assert await reminded(here)
        managers = [row for row in await here.letters("renewal-reminder") if row.recipient_address != here.address]
        assert managers


async def test_an_address_that_is_somebody_elses_gets_nothing_more_until_it_is_said_to_be_right(
    database: Database,
) -> None:
    async with world(database) as here:
        await plan(here)
        id_ = await here.not_me()
        for days in range(20):
            await plan(here, days)
            assert await reminded(here) == [], days
        async with database.write.begin() as session:
            await review.note(session, act=here.act, submission_id=id_, address_is_right=True)
        await plan(here, 20)
        (letter,) = await reminded(here)
        assert f"/renew/{here.token}" in letter.text
        assert (await here.link()).subject
