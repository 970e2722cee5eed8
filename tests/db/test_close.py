"""Search forgives one typing error in a name, a former name or a number, and only where nothing is called so."""

from __future__ import annotations

import pytest

from compliance.db.engine import Database
from compliance.db.queries.clearances import At
from compliance.db.queries.close import close_to
from compliance.db.queries.therapist_list import Wanted, therapists
from compliance.services import merging
from compliance.services import therapists as people
from tests import builders as build

TYPED = {
    "kowlaski": ["Olivia Kowalski"],
    "kowlas": ["Olivia Kowalski"],
    "Kowalsky, Olivia": ["Olivia Kowalski"],
    "olivai kowalski": ["Olivia Kowalski"],
    "olivia kowaslki": ["Olivia Kowalski"],
    "ollivia": ["Olivia Kowalski"],
    "jhon": ["John Smith"],
    "jhon smith": ["John Smith"],
    "smtih": ["John Smith"],
    "smith jhon": ["John Smith"],
    "linqvist": ["Hannah Moore"],
    "Łeckii": ["Ben Łęcki"],
    "ma71243": ["Ben Łęcki"],
    "MA 7123": ["Ben Łęcki"],
    "jo": [],
    "johnson": [],
    "jhn": ["John Smith"],
    "smi jhon": [],
    "ma99999": [],
    "duplicaet": [],
}


async def test_one_typing_error_is_forgiven(database: Database) -> None:
    async with database.write.begin() as session:
        elsewhere = await build.organization(session, "Elsewhere")
        await build.therapist(session, elsewhere, "Jhonn", "Smithh")
        act = await build.organization(session)
        names: dict[object, str] = {}
        for name in ("Olivia Kowalski", "John Smith", "Ben Łęcki", "Hannah Lindqvist", "Dora Duplicate"):
            first, last = name.split()
            names[await build.therapist(session, act, first, last)] = name
        ids = {name: id_ for id_, name in names.items()}
        await build.credential(session, act, ids["Ben Łęcki"], number="MA 71234")  # type: ignore[arg-type]
        married = people.Change(
            ids["Hannah Lindqvist"],  # type: ignore[arg-type]
            last_name="Moore",
            name_starts_on=build.TODAY,
            reason="marriage",
        )
        await people.change(session, act=act, change=married)
        names[ids["Hannah Lindqvist"]] = "Hannah Moore"
        kept, merged = ids["John Smith"], ids["Dora Duplicate"]
        await merging.merge(session, act=act, kept_id=kept, merged_id=merged, reason="one person")  # type: ignore[arg-type]
        for typed, wanted in TYPED.items():
            found = await close_to(session, act.organization_id, typed)
            assert [names[each] for each in found] == wanted, typed


@pytest.mark.parametrize(
    ("typed", "wanted", "close"),
    [
        ("park", ["Eva Park"], False),
        ("pakr", ["Eva Park", "Ida Parks"], True),
        ("parc", ["Eva Park", "Ida Parks"], True),
    ],
)
async def test_a_list_says_when_what_it_shows_is_only_close(
    database: Database, typed: str, wanted: list[str], close: bool
) -> None:
    async with database.write.begin() as session:
        act = await build.organization(session)
        await build.therapist(session, act, "Eva", "Park")
        if close:
            await build.therapist(session, act, "Ida", "Parks")
        found = await therapists(session, act.organization_id, Wanted(text=typed), (At(build.TODAY),))
    assert ([each.name for each in found.rows], found.close) == ([wanted[0]], close)
