"""An exported roster imported again changes nothing, and imported elsewhere makes the same people."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from compliance.db.engine import Database
from compliance.db.queries.intake_known import OnFile
from compliance.domain.credentials import StandingCode
from compliance.services import credentials, therapists
from compliance.services.credentials import Renewal, StandingChange
from compliance.services.roster_export import export_roster
from compliance.services.therapists import NewTherapist
from tests import builders
from tests.services.rosters import APPLY, DATA, EXAM, MESSY, Office, license_row


@pytest.fixture
async def office(database: Database, tmp_path: Path) -> Office:
    return await Office(database, tmp_path).open(clinic="Orlando")


async def exported(office: Office, format: str) -> Path:
    path = office.folder / f"export-{len(office.imports)}.{format}"
    async with office.database.read() as session:
        pieces = export_roster(session, organization_id=office.act.organization_id, format=format, today=builders.TODAY)
        path.write_bytes(b"".join([piece async for piece in pieces]))
    return path


async def awkward(office: Office) -> None:
    """What makes a file awkward: terms in a row, two clinics, names that calculate, nobody to go by."""
    await office.give_file(DATA / "roster-messy.csv", MESSY)
    rows = [license_row(clinic="Orlando", number="MA99999"), EXAM | {"clinic": "Downtown Tampa"}]
    await office.give(rows)
    maria = next(each for each in await office.people() if each.email == "maria@example.org")
    license_ = next(each for each in maria.credentials if each.type == "massage-license")
    async with office.database.write.begin() as session:
        await credentials.renew(session, act=office.act, renewal=Renewal(license_.id, date(2029, 8, 31)))
        change = StandingChange(license_.id, StandingCode("active-restricted"), date(2026, 11, 1))
        await credentials.record_standing(session, act=office.act, change=change)
        await therapists.add_many(
            session,
            act=office.act,
            therapists=[
                NewTherapist("=SUM(A1)", "#read(1)"),
                NewTherapist("", "Cher", notes="one\ntwo", phone="+1 555"),
            ],
        )


@pytest.mark.parametrize("format", ["csv", "xlsx"])
async def test_an_export_imported_changes_nothing(office: Office, format: str) -> None:
    await awkward(office)
    before = await office.entries()
    outcome = await office.give_file(await exported(office, format), APPLY)
    assert outcome["refused"] == []
    assert (outcome["created"], outcome["changed"]) == (0, 0)
    assert outcome["unchanged"] == outcome["rows"] > 89
    assert await office.entries() == before
    assert outcome["absent"] == 0


async def test_an_export_imported_elsewhere_makes_the_same_people(office: Office, tmp_path: Path) -> None:
    await awkward(office)
    path = await exported(office, "csv")
    elsewhere = await Office(office.database, tmp_path).open(clinic="", name="Somewhere Else")
    options = replace(MESSY, leave_out_refused=True)
    outcome = await elsewhere.give_file(path, options)
    assert {each["field"] for each in outcome["refused"]} == {"email"}, "nobody can go by a name alone"
    assert _facts(await elsewhere.people()) == {
        facts for facts in _facts(await office.people()) if "Cher" not in facts[0] and "read" not in facts[0]
    }


def _facts(people: list[OnFile]) -> set[tuple[object, ...]]:
    return {
        (
            each.name,
            each.birth_date,
            each.notes,
            tuple(
                sorted((c.type, c.number, len(c.terms), len(c.looks), c.terms[-1].ends_on) for c in each.credentials)
            ),
            tuple(sorted((a.modalities, a.starts_on, a.ends_on) for a in each.assignments)),
        )
        for each in people
    }


async def test_what_a_spreadsheet_would_calculate_is_guarded_in_the_file(office: Office) -> None:
    await awkward(office)
    rows = list(csv.DictReader(io.StringIO((await exported(office, "csv")).read_text("utf-8-sig"), newline="")))
    assert {row["first_name"] for row in rows if row["last_name"] == "#read(1)"} == {"'=SUM(A1)"}
    assert not [cell for row in rows for cell in row.values() if cell[:1] in "=+-@" and cell]


async def test_another_format_is_refused_with_those_that_are_allowed(office: Office) -> None:
    async with office.database.read() as session:
        with pytest.raises(ValueError, match="csv, xlsx"):
            async for _piece in export_roster(session, organization_id=office.act.organization_id, format="pdf"):
                pass
