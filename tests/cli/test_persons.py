"""`compliance person`: what the commands say, refuse and leave behind."""

from __future__ import annotations

import json
import zipfile
from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from compliance import clock
from compliance.db.records import TherapistRow
from compliance.services import therapists
from compliance.services.trail import Act
from tests.cli.conftest import CommandLine

ANA = "Ana Ruiz"


def test_a_file_is_handed_out_once_to_each_name(demonstration: CommandLine) -> None:
    path = demonstration.folder / "ana.zip"
    said = demonstration.says("person", "export", ANA, "--output", str(path), "--reason", "she asked")
    assert str(path) in said
    assert path.stat().st_mode & 0o777 == 0o600
    with zipfile.ZipFile(path) as archive:
        told = json.loads(archive.read("file.json"))
        documents = [each for each in archive.namelist() if each.startswith("evidence/")]
    assert told["therapists"][0]["last_name"] == "Ruiz"
    assert f"with {len(documents)} documents" in said
    assert "is there already" in demonstration.refuses("person", "export", ANA, "--output", str(path))
    nowhere = str(demonstration.folder / "none" / "ana.zip")
    assert "There is no folder" in demonstration.refuses("person", "export", ANA, "--output", nowhere)
    other = str(demonstration.folder / "other.zip")
    assert "Nobody Known" in demonstration.refuses("person", "export", "Nobody Known", "--output", other)


def test_a_file_is_erased_only_when_told_twice_and_never_of_somebody_who_works(demonstration: CommandLine) -> None:
    asked = ("person", "erase", ANA, "--reason", "asked for")
    assert "Record their last day first" in demonstration.refuses(*asked)
    assert "--reason" in demonstration.refuses("person", "erase", ANA)
    demonstration.inside(leave)
    assert "would be erased. Nothing is changed" in demonstration.says(*asked)
    assert "rows are erased" in demonstration.says(*asked, "--yes")
    assert "Ana Ruiz" in demonstration.refuses(*asked)
    assert "entries hold" in demonstration.says("trail", "verify")


async def leave(session: AsyncSession) -> None:
    """Ana's last day was yesterday."""
    row = (await session.scalars(select(TherapistRow).where(TherapistRow.last_name == "Ruiz"))).one()
    act = Act(row.organization_id, "cli:tester", clock.now())
    yesterday = act.now.date() - timedelta(days=2)
    await therapists.depart(session, act=act, therapist_id=row.id, last_day=yesterday, reason="left")
