"""What is counted ahead is what the pages of small organizations count, and it is counted anew when it is old."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from compliance.db.queries.clearances import At
from compliance.db.queries.months_ahead import count_on, ends, stored
from compliance.domain.periods import FOREVER
from compliance.jobs import Context, run_job
from compliance.services import months_ahead
from compliance.settings import read_settings
from tests.web import people
from tests.web.conftest import MONDAY, Site

TODAY = date(2026, 11, 23)


async def counted(site: Site, **more: object) -> int:
    settings = read_settings({"COMPLIANCE_SECRET_KEY": "0123456789abcdefghijklmnopqrstuvwxyzABCD"})
    result = await run_job("count-ahead", Context(site.database, settings, as_if_at=MONDAY + timedelta(**more)))  # type: ignore[arg-type]
    done: int = result["done"]["organizations"]
    return done


async def test_a_month_counts_who_works_then_and_who_of_them_is_cleared(site: Site) -> None:
    await people.cleared(site)
    await people.therapist(site, "Marcus Bell")
    await people.therapist(site, "Hannah Lind", starts_on=date(2027, 1, 4))
    async with site.database.read() as session:
        assert await count_on(session, site.ours.id, TODAY) == (2, 1)
        assert await count_on(session, site.ours.id, date(2027, 2, 1)) == (3, 1)
        assert await count_on(session, site.ours.id, date(2027, 9, 1)) == (3, 0)
        assert await count_on(session, site.theirs.id, TODAY) == (0, 0)


async def test_a_term_ends_once_and_not_if_it_was_renewed_or_its_holder_left(site: Site) -> None:
    id_ = await people.therapist(site)
    held = await people.license_of(site, id_, starts_on=date(2024, 12, 10), ends_on=date(2026, 12, 9))
    gone = await people.therapist(site, "Marcus Bell", ends_on=date(2026, 10, 1))
    await people.license_of(site, gone)
    await people.cleared(site, "Ana Alba", clinic=people.ORLANDO)
    year = date(2027, 11, 1)
    async with site.database.read() as session:
        here = (At(TODAY),)
        assert await ends(session, site.ours.id, here, year) == {date(2026, 12, 9): 1, date(2027, 8, 31): 1}
        tampa = (At(TODAY, (site.ours.clinics[0],)),)
        assert await ends(session, site.ours.id, tampa, year) == {date(2026, 12, 9): 1}
    await people.renewed(site, held.id, date(2028, 12, 9))
    async with site.database.read() as session:
        assert await ends(session, site.ours.id, (At(TODAY),), year) == {date(2027, 8, 31): 1}


def test_what_ends_stands_at_the_month_in_which_it_does() -> None:
    days = (TODAY, date(2026, 12, 1), date(2027, 1, 1))
    found = months_ahead.by_stretch({TODAY: 1, date(2026, 11, 30): 2, date(2026, 12, 31): 4, date(2027, 1, 1): 8}, days)
    assert found == {TODAY: 3, date(2026, 12, 1): 4, date(2027, 1, 1): 8}


async def test_only_large_organizations_are_counted_and_once_an_hour(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    await people.cleared(site)
    await people.therapist(site, "Marcus Bell", ends_on=FOREVER)
    assert await counted(site) == 0
    monkeypatch.setattr(months_ahead, "FEW", 1)
    assert await counted(site) == 1
    async with site.database.read() as session:
        months, at = await stored(session, site.ours.id)
    assert len(months) == 13
    assert (months[0].first_on, months[0].working, months[0].cleared) == (TODAY, 2, 1)
    assert sum(each.ending for each in months) == 1
    assert at == MONDAY
    assert await counted(site, minutes=59) == 0
    assert await counted(site, minutes=61) == 1
    assert await counted(site, days=1) == 1
