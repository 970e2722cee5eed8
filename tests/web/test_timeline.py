"""The time line of coverage: terms, gaps, suspensions and looks; today and the day asked about; by year; as a list."""

from __future__ import annotations

import re
from datetime import date
from uuid import UUID

import pytest

from compliance.domain.credentials import StandingCode
from compliance.services import standings
from compliance.web.timeline import stretch
from tests.markup import outline
from tests.web import people
from tests.web.conftest import Browser, Site

TODAY = date(2026, 11, 23)


async def line(site: Site, id_: UUID, query: str = "") -> tuple[Browser, str]:
    browser = await site.sign_in("manager")
    assert (await browser.get(f"/therapists/{id_}{query}")).status_code == 200
    assert outline(browser.page).faults == []
    return browser, browser.page.partition('id="coverage"')[2].partition("</section>")[0]


async def test_terms_the_gap_between_them_and_the_looks_are_drawn_and_said(site: Site) -> None:
    id_ = await people.therapist(site)
    held = await people.license_of(site, id_, starts_on=date(2023, 9, 1), ends_on=date(2025, 8, 31))
    await people.renewed(site, held.id, date(2027, 8, 31), date(2025, 10, 1))
    _, drawn = await line(site, id_)
    assert drawn.count('class="period') == 3  # of one the clinic's own
    assert 'class="gap" data-status="lapsed"' in drawn
    assert "Lapsed from Sep 1, 2025 to Sep 30, 2025" in drawn
    assert drawn.count('class="look"') == 1
    assert "looked up" in drawn


async def test_a_suspension_stands_in_the_way_from_its_day_on(site: Site) -> None:
    id_ = await people.therapist(site)
    held = await people.license_of(site, id_)
    async with site.database.write.begin() as session:
        told = standings.StandingChange(held.id, StandingCode.SUSPENDED, date(2026, 10, 12), note="Emergency order")
        await standings.record_standing(session, act=site.act(), change=told)
    _, drawn = await line(site, id_)
    assert 'class="gap" data-status="blocked"' in drawn
    assert "Blocked from Oct 12, 2026 to Nov 23, 2026" in drawn
    assert "suspended by the word of its issuer. Emergency order" in drawn


async def test_the_list_says_the_same_without_the_picture(site: Site) -> None:
    id_ = await people.cleared(site)
    _, drawn = await line(site, id_)
    said = " ".join(re.sub(r"<[^>]+>", " ", drawn.partition("The same as a list")[2]).split())
    assert "Met from Sep 1, 2025 to Aug 31, 2027 Florida massage license" in said
    assert "Looked up" in said


async def test_another_day_has_a_line_of_its_own_beside_today(site: Site) -> None:
    id_ = await people.cleared(site)
    _, plain = await line(site, id_)
    assert 'class="today"' in plain
    assert 'class="other-day"' not in plain
    _, asked = await line(site, id_, "?as_of=2026-03-01")
    assert 'class="today"' in asked
    assert 'class="other-day"' in asked
    assert "as_of=2026-03-01&amp;year=2025#coverage" in asked


async def test_one_year_shows_its_months_and_nothing_of_other_years(site: Site) -> None:
    id_ = await people.therapist(site)
    held = await people.license_of(site, id_, starts_on=date(2023, 9, 1), ends_on=date(2025, 8, 31))
    await people.renewed(site, held.id, date(2027, 8, 31), date(2025, 10, 1))
    _, drawn = await line(site, id_, "?year=2024")
    assert ">Mar</text>" in drawn
    assert drawn.count('class="period') == 2
    assert 'class="today"' not in drawn
    assert re.search(r'year=2024#coverage" aria-current="true"', drawn)


@pytest.mark.parametrize("asked", ["", "1066", "20x4", "²024", "9999", "-200"])
def test_a_year_that_cannot_be_chosen_shows_all(asked: str) -> None:
    found = stretch(TODAY, TODAY, asked)
    assert found.year is None
    assert (found.first, found.last) == (date(2023, 1, 1), date(2028, 12, 31))


@pytest.mark.parametrize("day", [date(1, 1, 1), date(9999, 12, 31)])
def test_the_first_and_the_last_day_there_are_have_a_picture(day: date) -> None:
    assert stretch(day, TODAY, "").ticks


@pytest.mark.parametrize("day", [date(2026, month, number) for month in range(1, 13) for number in (1, 15, 28)])
def test_no_word_on_the_axis_touches_today(day: date) -> None:
    for asked in ("", "2026"):
        found = stretch(day, day, asked)
        for tick in found.ticks:
            assert not tick.clear or not tick.x - 4 <= found.x(day) <= tick.x + 8.9
