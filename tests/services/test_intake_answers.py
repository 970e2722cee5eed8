"""What an import asked is answered by a person, with a reason, and waits no more."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from compliance.db.engine import Database
from compliance.db.queries import decisions
from compliance.db.queries import intake as queries
from compliance.db.records import TrailEntryRow
from compliance.services.intake.answers import Given, answer_questions
from compliance.services.refusals import Refused, Unknown
from tests import builders
from tests.services.rosters import APPLY, Office, license_row

ODD = {"expires_on": "2027-07-31"}  # Florida's licenses end on August 31


@pytest.fixture
async def office(database: Database, tmp_path: Path) -> Office:
    """Two odd expiries were imported."""
    office = await Office(database, tmp_path).open()
    other = {"first_name": "Jo", "last_name": "Doe", "email": "jo@example.org", "number": "MA2", "birth_date": ""}
    await office.give([license_row(**ODD), license_row(**ODD, **other)], APPLY)
    return office


async def waiting(office: Office) -> list[int]:
    """How many questions the list of what waits tells, and whether the number on every page counts the import."""
    async with office.database.read() as session:
        since = builders.NOW - timedelta(days=1)
        found = await decisions.waiting_imports(session, office.act.organization_id, since)
        told = [
            await decisions.count(session, office.act.organization_id, builders.TODAY, imports_since=each)
            for each in (since, None)
        ]
    return [sum(each.questions for each in found), told[0] - told[1]]


async def answer(office: Office, reason: str = "printed so", **more: object) -> int:
    async with office.database.write.begin() as session:
        said = {"answer": Given.KEPT, "reason": reason} | more
        return await answer_questions(session, act=office.act, import_id=office.imports[-1], **said)  # type: ignore[arg-type]


async def test_an_answered_question_waits_no_more_and_says_who_and_why(office: Office) -> None:
    assert await waiting(office) == [2, 1]
    assert await answer(office, lines=[2]) == 1
    assert await waiting(office) == [1, 1]
    assert await answer(office, answer=Given.CORRECTED) == 1
    assert await waiting(office) == [0, 0]
    async with office.database.read() as session:
        rows = await queries.import_rows(session, office.act.organization_id, office.imports[-1], outcome="questions")
        deeds = list(await session.scalars(select(TrailEntryRow.action).order_by(TrailEntryRow.seq.desc()).limit(2)))
    assert [(each.questions[0].answer, each.questions[0].reason) for each in rows] == [
        ("kept", "printed so"), ("corrected", "printed so"),
    ]  # fmt: skip
    assert deeds == ["import.question_answered"] * 2


async def test_what_is_no_answer_is_refused(office: Office) -> None:
    with pytest.raises(Refused, match="Say why"):
        await answer(office, " ")
    with pytest.raises(Refused, match="No question is open"):
        await answer(office, lines=[99])
    await answer(office)
    with pytest.raises(Refused, match="No question is open"):
        await answer(office)
    async with office.database.write.begin() as session:
        stranger = await builders.organization(session, "Strangers")
        with pytest.raises(Unknown):
            await answer_questions(
                session, act=stranger, import_id=office.imports[-1], answer=Given.KEPT, reason="mine now"
            )
