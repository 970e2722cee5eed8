"""The list of therapists is the same whether few fit, who are found first, or thousands, and its rows are asked."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from compliance.db.engine import Database
from compliance.db.queries import prefixes
from compliance.db.queries.clearances import At
from compliance.db.queries.therapist_list import Wanted, therapists
from compliance.services import therapists as people
from compliance.services.trail import Act
from tests import builders as build

VERDICTS = {"no": ["Ben Park", "Cem Parks"], "soon": ["Dee Anders"], "yes": ["Dee Anders", "Ana Parker"]}


@dataclass
class World:
    """An organization with people whose names, addresses and numbers begin alike."""

    session: AsyncSession
    act: Act
    tampa: UUID
    orlando: UUID

    async def shown(
        self, wanted: Wanted, *, many: bool = False, at: tuple[At, ...] = (At(build.TODAY),), limit: int = 50
    ) -> list[str]:
        """The names on all pages of a list, page by page."""
        found, after = list[str](), None
        while True:
            page = await therapists(
                self.session, self.act.organization_id, wanted, at, after=after, limit=limit, many=many
            )
            found += [each.name for each in page.rows]
            if not page.has_next:
                return found
            after = page.rows[-1].id


async def world(session: AsyncSession) -> World:
    """Ana is cleared, Ben's license lapsed, Cem has none, Dee's ends soon; Eva and Kim, once a Park, work nowhere."""
    act = await build.organization(session)
    tampa, orlando = await build.clinic(session, act, "Tampa"), await build.clinic(session, act, "Orlando")
    dates = {"Ana Parker": date(2027, 8, 31), "Ben Park": date(2026, 10, 31), "Dee Anders": date(2026, 12, 9)}
    for name, ends_on in dates.items():
        first, last = name.split()
        id_ = await build.therapist(session, act, first, last, email=f"{first.lower()}.park@example.org")
        await build.assignment(session, act, id_, tampa)
        await build.verified_license(
            session, act, id_, starts_on=date(2024, 12, 10), ends_on=ends_on, number=f"PA{len(last)}77"
        )
    cem = await build.therapist(session, act, "Cem", "Parks", email="parrot@example.org")
    await build.assignment(session, act, cem, orlando)
    await build.therapist(session, act, "Eva", "Park", email="")
    kim = await build.therapist(session, act, "Kim", "Park")
    married = people.Change(kim, last_name="Zoll", name_starts_on=build.TODAY, reason="marriage")
    await people.change(session, act=act, change=married)
    await build.organization(session, "Elsewhere")
    return World(session, act, tampa, orlando)


@pytest.mark.parametrize("many", [False, True])
async def test_a_verdict_lists_the_same_people_however_it_is_asked_for(database: Database, many: bool) -> None:
    async with database.write.begin() as session:
        ours = await world(session)
        for verdict, names in VERDICTS.items():
            assert await ours.shown(Wanted(verdict=verdict), many=many) == names, verdict
        assert await ours.shown(Wanted(verdict="no", clinic_id=ours.tampa), many=many) == ["Ben Park"]
        assert await ours.shown(Wanted(verdict="yes", modality=build.TRIGGER_POINT), many=many) == []
        days = (At(build.TODAY, (ours.tampa,)), At(date(2026, 10, 1), (ours.orlando,)))
        assert await ours.shown(Wanted(verdict="no"), many=many, at=days) == VERDICTS["no"]
        later = (At(date(2026, 12, 20), (ours.tampa,)),)
        assert await ours.shown(Wanted(verdict="no"), many=many, at=later) == ["Dee Anders", "Ben Park"]


PARKS = ["Ben Park", "Eva Park", "Ana Parker", "Cem Parks", "Kim Zoll"]
FOUND = {
    "par": PARKS,
    "PARK": PARKS,
    "Park, Be": ["Ben Park"],
    "e park": ["Eva Park"],
    "kim park": ["Kim Zoll"],
    "de": ["Dee Anders"],
    "ana.park@": ["Ana Parker"],
    "pa-677": ["Dee Anders", "Ana Parker"],
    "nobody": [],
}
ADDED = ["Kim Zoll", "Eva Park", "Cem Parks", "Dee Anders", "Ben Park", "Ana Parker"]


@pytest.mark.parametrize("few", [0, 1, 2, 1000])
@pytest.mark.parametrize("short", [0, 1, 24])
async def test_a_search_finds_the_same_people_in_the_same_order_however_many_fit(
    database: Database, monkeypatch: pytest.MonkeyPatch, few: int, short: int
) -> None:
    monkeypatch.setattr(prefixes, "FEW", few)
    monkeypatch.setattr(prefixes, "SHORT", short)
    async with database.write.begin() as session:
        ours = await world(session)
        for text, wanted in FOUND.items():
            added = [each for each in ADDED if each in wanted]
            for sort, names in {"name": wanted, "-name": wanted[::-1], "added": added}.items():
                asked = Wanted(text=text, sort=sort)
                assert await ours.shown(asked) == names, (text, sort)
                assert await ours.shown(asked, limit=2) == names, (text, sort)


@pytest.mark.parametrize(("few", "short"), [(1, 24), (1000, 1)])
async def test_a_page_goes_back_to_the_one_before_it_through_crowded_names(
    database: Database, monkeypatch: pytest.MonkeyPatch, few: int, short: int
) -> None:
    monkeypatch.setattr(prefixes, "FEW", few)
    monkeypatch.setattr(prefixes, "SHORT", short)
    async with database.write.begin() as session:
        ours = await world(session)
        mine, at, wanted = ours.act.organization_id, (At(build.TODAY),), Wanted(text="par")
        first = await therapists(session, mine, wanted, at, limit=2)
        second = await therapists(session, mine, wanted, at, after=first.rows[-1].id, limit=2)
        back = await therapists(session, mine, wanted, at, before=second.rows[0].id, limit=2)
        assert [each.name for each in second.rows] == ["Ana Parker", "Cem Parks"]
        assert back.rows == first.rows
        assert (back.has_previous, back.has_next) == (False, True)
