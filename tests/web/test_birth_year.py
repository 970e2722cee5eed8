"""The year in which somebody was born is shown to those who edit it, and to nobody else."""

from __future__ import annotations

from datetime import UTC, date, datetime
from uuid import UUID

from compliance.db.queries import report_facts
from compliance.domain.months import birthday_of
from compliance.services import therapists
from compliance.services.therapists import Change
from tests import builders
from tests.web.conftest import Site


async def born(site: Site) -> UUID:
    """Somebody whose birth date was corrected by a year."""
    async with site.database.write.begin() as session:
        id_ = await builders.therapist(session, site.act(), "Iris", "Vale", email="iris@example.org")
        await builders.assignment(session, site.act(), id_, site.ours.clinics[0])
        for day in (date(1987, 3, 14), date(1986, 3, 14)):
            await therapists.change(session, act=site.act(), change=Change(id_, birth_date=day, reason="a slip"))
    return id_


async def test_pages_and_history_tell_the_day_alone(site: Site) -> None:
    id_ = await born(site)
    for role in ("owner", "manager", "reviewer", "auditor"):
        browser = await site.sign_in(role)
        await browser.get(f"/therapists/{id_}")
        assert "Birthday Mar 14" in browser.words
        assert not [year for year in ("1986", "1987") if year in browser.page], role
        if role in ("owner", "auditor"):
            await browser.get("/trail")
            assert "Mar 14" in browser.words
            assert not [year for year in ("1986", "1987") if year in browser.page], role


async def test_who_edits_sees_the_year(site: Site) -> None:
    id_ = await born(site)
    browser = await site.sign_in("manager")
    await browser.get(f"/therapists/{id_}/change")
    assert 'value="Mar 14, 1986"' in browser.page
    assert (await (await site.sign_in("reviewer")).get(f"/therapists/{id_}/change")).status_code == 403


async def test_reports_tell_the_day_alone(site: Site) -> None:
    id_ = await born(site)
    years = {"since": datetime(2020, 1, 1, tzinfo=UTC), "until": datetime(2030, 1, 1, tzinfo=UTC)}
    async with site.database.read() as session:
        found = await report_facts.changes(
            session, site.ours.id, last_seq=10_000, therapist_ids=[id_], clinic_ids=[], **years
        )
    told = [(each.old["birth_date"], each.new["birth_date"]) for each in found if "birth_date" in each.old]
    assert ("Mar 14", "Mar 14") in told
    assert "198" not in repr(found)


def test_what_is_no_day_stays_as_it_is() -> None:
    assert (birthday_of('"1988-02-29"'), birthday_of("(erased)")) == ("Feb 29", "(erased)")
