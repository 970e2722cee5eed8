"""A clinic's own license, typed rather than brought in by a roster: judged by the same rules, and recorded once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from compliance.db.queries import intake_known
from compliance.db.records import ClinicRow
from compliance.services import rows
from compliance.services.intake.carrying import record_licenses
from compliance.services.intake.licenses import COLUMNS, judged
from compliance.services.intake.lines import Change, Line
from compliance.services.intake.plan import Around
from compliance.services.refusals import Problem, Refused, refuse
from compliance.services.trail import Act


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of it: `created`, `changed` or `unchanged`, the facts that changed, and what should be looked at."""

    outcome: str
    changes: Sequence[Change]
    questions: Sequence[str]


async def add(
    session: AsyncSession,
    *,
    act: Act,
    clinic_id: UUID,
    number: str = "",
    issued_on: date | None = None,
    expires_on: date | None = None,
) -> Outcome:
    """Records a clinic's license, or its renewal where a later term of it is given.

    Raises Unknown for the clinic, and Refused for days that cannot be.
    """
    await rows.take_turn(session, act)
    await rows.load(session, act, ClinicRow, [clinic_id], "clinic")
    clinics = await intake_known.clinics(session, act.organization_id)
    clinic = next(each for each in clinics.values() if each.id == clinic_id)
    given = {"number": number.strip(), "issued_on": _iso(issued_on), "expires_on": _iso(expires_on)}
    said = {COLUMNS[field]: [[text, 0]] for field, text in given.items() if text}
    if not said:
        raise refuse("number", "Give the number of the license, or the day on which it ends.")
    held = await intake_known.held_by_clinics(session, act.organization_id, [clinic_id])
    around = Around(act, "", clinics, reason="Recorded for the clinic")
    found = judged(around, clinic.name, said, clinic.jurisdiction, clinic, held)
    if found.line.problems:
        raise Refused(*(Problem(each.field, each.problem) for each in found.line.problems))
    await record_licenses(session, around, [(clinic_id, found)])
    return _outcome(found.line)


def _iso(day: date | None) -> str:
    return day.isoformat() if day else ""


def _outcome(line: Line) -> Outcome:
    return Outcome(line.outcome, line.changes, [each.problem for each in line.questions])
