"""Treatments against who was cleared that day: each line says what the rules say, or what is not understood in it."""

from __future__ import annotations

import csv
import io
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select, update

from compliance.crypto.hashes import sha256_hex
from compliance.crypto.ids import new_id
from compliance.db.engine import Database
from compliance.db.records import TherapistRow, TrailEntryRow
from compliance.domain.credentials import StandingCode
from compliance.services import assessments, credentials, exposure_audits, therapists
from compliance.services.exposure_audits import Preview
from compliance.services.task_runner import Tools, run_one
from compliance.sources import treatments
from compliance.sources.treatments import Treatment
from compliance.store import open_store
from tests import builders
from tests.builders import MASSAGE, NOW, TODAY, TRIGGER_POINT
from tests.services.report_world import World
from tests.signing import SIGNING

Row = tuple[str, str, str, str]


class Audits(World):
    """The clinic, and what was done there."""

    async def check(self, rows: list[Row], clinic_ids: tuple[UUID, ...] = ()) -> Any:
        """The result of an audit of these lines."""
        lines = [Treatment(at, *row) for at, row in enumerate(rows, 2)]
        content = treatments.kept(lines)
        await self.store.put(content, sha256_hex(content))
        preview = Preview("done.csv", len(lines), (), ())
        about: dict[str, Any] = {"sha256": sha256_hex(content), "preview": preview, "today": TODAY}
        async with self.database.write.begin() as session:
            act = self.later(hours=1)
            task_id = await exposure_audits.start(session, act=act, clinic_ids=clinic_ids, **about)
        tools = Tools(self.database, self.store, lambda: NOW + timedelta(hours=2), SIGNING)
        assert await run_one(tools, worker_id=new_id(NOW), task_id=task_id) is None, "a person has to look first"
        given = {
            "sha256": about["sha256"],
            "today": TODAY.isoformat(),
            "clinic_ids": [str(each) for each in clinic_ids],
        }
        async with self.database.write.begin() as session:
            await exposure_audits.confirm(session, act=act, task_id=task_id, given=given)
        done = await run_one(tools, worker_id=new_id(NOW), task_id=task_id)
        assert done is not None
        assert (done.state, done.problem) == ("done", "")
        return done.result

    async def lines(self, result: Any, name: str = "every_line") -> list[dict[str, str]]:
        content = await self.store.get(result["found"][name])
        return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))


@pytest.fixture
async def world(database: Database, tmp_path: Path) -> Audits:
    made = Audits(database, open_store("file:evidence", tmp_path))
    await made.begin()
    return made


async def test_each_line_gets_the_verdict_of_its_own_day_and_why(world: Audits) -> None:
    license_id = await world.license_of(world.ana)
    suspended = credentials.StandingChange(license_id, StandingCode.SUSPENDED, date(2026, 10, 1))
    async with world.database.write.begin() as session:
        await credentials.record_standing(session, act=world.act, change=suspended)
    days = ["2026-02-02", "01/20/2026", "2026-09-30", "2026-10-01", "2026-11-22"]
    result = await world.check([("Ana Ruiz", day, "Trigger point therapy", "Tampa") for day in days])
    told = await world.lines(result)
    assert [each["outcome"] for each in told] == ["cleared", "not cleared", "cleared", "not cleared", "not cleared"]
    assert "membership" in told[1]["requirement"].lower()
    assert (told[3]["status"].split("; ")[0], told[3]["day"]) == ("blocked", "2026-10-01")
    assert "suspended" in told[3]["why"].lower()
    assert told[3]["citation"]
    counts = {
        key: result["found"][key] for key in ("lines", "cleared", "exposed", "unknown", "people", "first", "last")
    }
    assert counts == {
        "lines": 5, "cleared": 2, "exposed": 3, "unknown": 0, "people": 1, "first": "2026-01-20", "last": "2026-11-22",
    }  # fmt: skip
    assert [(each["count"], each["first"], each["last"]) for each in result["groups"]] == [
        (2, "2026-10-01", "2026-11-22"), (1, "2026-01-20", "2026-01-20"),
    ]  # fmt: skip
    async with world.database.read() as session:
        query = select(TrailEntryRow.body).where(TrailEntryRow.action == "exposures.checked")
        assert result["found"]["every_line"] in str((await session.scalars(query)).one())


async def test_every_line_agrees_with_the_live_verdict(world: Audits) -> None:
    async with world.database.write.begin() as session:
        bo = await builders.therapist(session, world.act, "Bo", "Lind")
        await builders.assignment(session, world.act, bo, world.clinic_id, (MASSAGE,), date(2026, 2, 1))
        await builders.verified_license(session, world.act, bo, starts_on=date(2026, 3, 1), ends_on=date(2026, 8, 31))
        await therapists.depart(session, act=world.act, therapist_id=bo, last_day=date(2026, 10, 15), reason="moved")
        # a copy made from something older is made anew before it is believed
        stale = update(TherapistRow).where(TherapistRow.id == bo)
        await session.execute(stale.values(coverage_fingerprint="an older catalog"))
    days = [date(2026, 1, 1) + timedelta(days=11 * step) for step in range(29)]
    rows = [("Lind, Bo", day.isoformat(), code, "tampa") for day in days for code in (MASSAGE, TRIGGER_POINT)]
    told = await world.lines(await world.check(rows))
    async with world.database.read() as session:
        about: dict[str, Any] = {"organization_id": world.act.organization_id, "clinic_id": world.clinic_id}
        for row, line in zip(rows, told, strict=True):
            live = await assessments.clearance_of(
                session, therapist_id=bo, modality=row[2], as_of=date.fromisoformat(row[1]), **about
            )
            assert live is not None
            assert (line["outcome"] == "cleared") == live.cleared, line


async def test_what_is_not_understood_is_told_line_by_line_and_held_against_nothing(world: Audits) -> None:
    async with world.database.write.begin() as session:
        for _ in range(2):
            await builders.therapist(session, world.act, "Kim", "Low", email=None)
        numbered = await builders.therapist(session, world.act, "Pat", "Doe")
        await builders.credential(session, world.act, numbered, number="MA 0077")
    result = await world.check(
        [
            ("Nobody", "2026-03-01", "Massage therapy", "Tampa"),
            ("Kim Low", "2026-03-01", "Massage therapy", "Tampa"),
            ("ana@example.org", "2026-02-31", "Massage therapy", "Tampa"),
            ("ana@example.org", "2026-11-23", "Massage therapy", "Tampa"),
            ("ana@example.org", "2026-03-01", "Reiki", "Tampa"),
            ("ana@example.org", "2026-03-01", "Massage therapy", "Paris"),
            ("", "2026-03-01", "Massage therapy", "Tampa"),
            ("ma77", "2026-03-01", "Massage therapy", "Tampa"),
            ("=HYPERLINK(1)", "2026-03-01", "Massage therapy", "Tampa"),
        ]
    )
    told = await world.lines(result)
    assert [each["outcome"] for each in told] == ["not understood"] * 7 + ["not assigned", "not understood"]
    for line, said in zip(
        told,
        (
            "Nobody here is called",
            "2 people here",
            "is no day",
            "lies ahead",
            "no modality",
            "No clinic",
            "No therapist",
        ),
        strict=False,
    ):
        assert said in line["why"]
    assert told[8]["therapist"] == "'=HYPERLINK(1)", "no cell is a formula"
    assert (result["found"]["exposed"], result["found"]["not_assigned"], result["found"]["unknown"]) == (1, 1, 8)
    assert len(await world.lines(result, "exposed_lines")) == 9
    assert {each["line"] for each in result["problems"]} == {2, 3, 4, 5, 6, 7, 8, 10}


async def test_who_is_limited_to_some_clinics_learns_nothing_of_others(world: Audits) -> None:
    async with world.database.write.begin() as session:
        other = await builders.clinic(session, world.act, "Orlando")
    result = await world.check([("Ana Ruiz", "2026-03-01", TRIGGER_POINT, "Tampa")], (other,))
    assert result["problems"][0]["problem"] == "“Tampa” is none of your clinics."
