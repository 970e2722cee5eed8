"""Whose verdict a policy would change, before it is saved: at once for few people, as a task for many."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Final
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from compliance.db.queries.clinic_months import working_between
from compliance.db.queries.policies import decode, encode
from compliance.domain.requirements import Policy
from compliance.services import tasks
from compliance.services.assessments import Frame, frame
from compliance.services.task_runner import Ended, Work
from compliance.services.trail import Act
from compliance.services.what_if import CHUNK, Change, changes, under

KIND: Final = "policy-preview"
AT_ONCE: Final = 500
"""So many people are looked at while somebody waits for the page."""
LINES: Final = 200

Found = Mapping[str, Any]
"""`on`, `people` looked at, `loses`, `gains` and `moved` (verdicts), and the first LINES of `lines`."""


async def look(session: AsyncSession, *, organization_id: UUID, policies: Sequence[Policy], on: date) -> Found | None:
    """What these policies would change on a day; None where so many work that it has to be a task."""
    people = await working_between(session, organization_id, on, on)
    if len(people) > AT_ONCE:
        return None
    around = await frame(session, organization_id)
    return _summed(on, len(people), await _changes(session, organization_id, around, policies, on, list(people)))


async def _changes(
    session: AsyncSession, organization_id: UUID, around: Frame, policies: Sequence[Policy], on: date, ids: list[UUID]
) -> list[Change]:
    return await changes(
        session,
        organization_id=organization_id,
        before=around,
        after=under(around, policies),
        on=on,
        therapist_ids=ids,
    )


def _summed(on: date, people: int, found: Sequence[Change]) -> Found:
    loses = [each for each in found if each.loses]
    gains = [each for each in found if each.gains]
    return {
        "on": on.isoformat(),
        "people": people,
        "loses": len({each.therapist_id for each in loses}),
        "gains": len({each.therapist_id for each in gains}),
        "moved": len(found) - len(loses) - len(gains),
        "lines": [_line(each) for each in found[:LINES]],
    }


def _line(change: Change) -> dict[str, Any]:
    deciding = change.after.deciding or change.before.deciding
    return {
        "therapist_id": str(change.therapist_id),
        "name": change.name,
        "clinic_id": str(change.clinic_id),
        "modality": change.modality,
        "kind": "loses" if change.loses else "gains" if change.gains else "moved",
        "before": _day(change.before.until),
        "after": _day(change.after.until),
        "why": f"{deciding.title}: {deciding.reason}" if deciding else "",
    }


def _day(until: date | None) -> str | None:
    return until.isoformat() if until else None


async def start(session: AsyncSession, *, act: Act, policies: Sequence[Policy], on: date, title: str) -> UUID:
    """Writes the task; its result is what `look` gives. The task's id."""
    given = {"on": on.isoformat(), "policies": [encode(each) for each in policies]}
    return await tasks.create(session, act=act, kind=KIND, title=title, input=given)


async def run(work: Work) -> Ended:
    """Looks at everybody who works on the day, some hundred at a time."""
    given: Mapping[str, Any] = work.task.input
    organization_id, on = work.task.organization_id, date.fromisoformat(given["on"])
    policies = [decode(each) for each in given["policies"]]
    async with work.tools.database.read() as session:
        ids = list(await working_between(session, organization_id, on, on))
        around = await frame(session, organization_id)
    found: list[Change] = []
    for at in range(0, len(ids), CHUNK):
        await work.progress("looking at verdicts", at, len(ids))
        async with work.tools.database.read() as session:
            found += await _changes(session, organization_id, around, policies, on, ids[at : at + CHUNK])
    found.sort(key=lambda each: (not each.loses, not each.gains, each.name, each.modality))
    return Ended(_summed(on, len(ids), found))
