"""Who is not cleared on a day, and who will not be soon, counted as by hand from the stored periods."""

from __future__ import annotations

import random
from collections import defaultdict
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncSession

from compliance.db.engine import Database
from compliance.db.queries import clearances
from compliance.db.queries.clearances import At, Count, against, by_clinic, count_against
from compliance.db.reach import reach
from compliance.db.records import ClearancePeriodRow
from compliance.domain.periods import FOREVER
from compliance.services.trail import Act
from tests import builders as build

SOON = 30
Tile = dict[str, Any]


async def tiles(session: AsyncSession, act: Act, clinics: list[UUID], *, people: int) -> list[Tile]:
    """Lives of yes and no without holes at one or two clinics, in one or two modalities; seeded."""
    dice, made = random.Random(7), list[Tile]()
    for number in range(people):
        therapist = await build.therapist(session, act, "P", f"Q{number}")
        for clinic in dice.sample(clinics, dice.randint(1, 2)):
            for modality in dice.sample([build.MASSAGE, build.TRIGGER_POINT], dice.randint(1, 2)):
                made += _life(dice, therapist, clinic, modality)
    rows = [each | {"organization_id": act.organization_id} for each in made]
    await session.execute(insert(ClearancePeriodRow), rows)
    return made


def _life(dice: random.Random, therapist: UUID, clinic: UUID, modality: str) -> list[Tile]:
    start, found = build.TODAY - timedelta(days=dice.randrange(1, 400)), list[Tile]()
    for place in range(dice.randint(1, 6)):
        end = FOREVER if place == 5 else start + timedelta(days=dice.choice([0, 3, 20, 45, 300, 3000]))
        status = dice.choice(["met", "lapsed", "missing"])
        found.append(
            {"therapist_id": therapist, "clinic_id": clinic, "modality": modality, "starts_on": start, "ends_on": end}
            | {"cleared": status == "met", "status": status, "requirement": "", "reach": reach(start, end)}
        )
        if end == FOREVER:
            break
        start = end + timedelta(days=1)
    return found


def by_hand(made: list[Tile], at: tuple[At, ...], within_days: int) -> dict[UUID, set[UUID]]:
    """Who is meant, by clinic."""
    found: dict[UUID, set[UUID]] = defaultdict(set)
    for here in at:
        for each in made:
            if (here.clinic_ids is not None and each["clinic_id"] not in here.clinic_ids) or each["cleared"]:
                continue
            place = [
                one
                for one in made
                if all(one[key] == each[key] for key in ("therapist_id", "clinic_id", "modality"))
                and one["starts_on"] <= here.day <= one["ends_on"]
            ]
            now = any(not one["cleared"] for one in place)
            last = here.day + timedelta(days=within_days)
            soon = within_days and not now and here.day < each["starts_on"] <= last
            if soon or (not within_days and each in place):
                found[each["clinic_id"]].add(each["therapist_id"])
    return found


@pytest.mark.parametrize("within_days", [0, SOON])
async def test_counts_are_those_of_the_stored_periods(database: Database, within_days: int) -> None:
    async with database.write.begin() as session:
        act = await build.organization(session)
        clinics = [await build.clinic(session, act) for _ in range(3)]
        made = await tiles(session, act, clinics, people=40)
        for days in (-30, 0, 1, 29, 200):
            day = build.TODAY + timedelta(days=days)
            for at in ((At(day),), (At(day, (clinics[0],)), At(day + timedelta(1), tuple(clinics[1:])))):
                wanted = by_hand(made, at, within_days)
                people = set().union(*wanted.values())
                mine = act.organization_id
                assert await count_against(session, mine, at, within_days=within_days) == Count(len(people))
                assert await by_clinic(session, mine, at, within_days=within_days) == {
                    clinic: len(some) for clinic, some in wanted.items()
                }
                listed = await against(session, mine, at, within_days=within_days, limit=1000)
                assert {each.therapist_id for each in listed} == people


@pytest.mark.parametrize(
    ("places", "people", "wanted"),
    [(1, 5, Count(4, more=True)), (1, 4, Count(4)), (1, 3, Count(3)), (4, 4, Count(2, more=True))],
)
async def test_a_count_stops_and_says_so(
    database: Database, monkeypatch: pytest.MonkeyPatch, places: int, people: int, wanted: Count
) -> None:
    monkeypatch.setattr(clearances, "MANY", 4)
    async with database.write.begin() as session:
        act = await build.organization(session)
        clinics = [await build.clinic(session, act) for _ in range(places)]
        rows = []
        for number in range(people):
            who = await build.therapist(session, act, "P", f"Q{number}")
            rows += [
                {"organization_id": act.organization_id, "therapist_id": who, "clinic_id": clinic}
                | {"modality": build.MASSAGE, "starts_on": date(2026, 1, 1), "ends_on": FOREVER, "cleared": False}
                | {"status": "missing", "requirement": "license", "reach": reach(date(2026, 1, 1), FOREVER)}
                for clinic in clinics
            ]
        await session.execute(insert(ClearancePeriodRow), rows)
        assert await count_against(session, act.organization_id, (At(build.TODAY),)) == wanted
