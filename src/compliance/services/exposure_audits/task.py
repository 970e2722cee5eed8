"""An exposure audit is a task: the file is shown first, then held against the verdicts of its days.

Of the file only four columns are kept (sources/treatments.py). The verdicts are those of what is on record now.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any, Final
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from compliance.crypto.hashes import sha256_hex
from compliance.db.queries import exposures as reading
from compliance.db.queries.files import credential_files
from compliance.db.queries.trail import head
from compliance.db.records import TaskRow
from compliance.domain.exposures import EXPOSED, UNKNOWN, Judged, Line, judge, understood
from compliance.services import assessments, tasks, trail
from compliance.services.exposure_audits import telling
from compliance.services.exposure_audits.meaning import words_of
from compliance.services.exposure_audits.telling import Reasons
from compliance.services.task_runner import Ended, TaskFailed, Work
from compliance.services.trail import Act, Entry
from compliance.sources import treatments
from compliance.store import EvidenceDamaged, EvidenceMissing, StoreUnavailable

KIND: Final = "exposure-audit"
CHUNK: Final = 400


@dataclass(frozen=True, slots=True)
class Preview:
    """What a person sees before anything is checked: how many lines, the first of them, what was left unread."""

    name: str
    lines: int
    first: tuple[tuple[str, ...], ...]
    unread: tuple[str, ...]


async def start(
    session: AsyncSession, *, act: Act, sha256: str, preview: Preview, today: date, clinic_ids: Collection[UUID] = ()
) -> UUID:
    """Writes the task, which waits for a person to look at the preview. `sha256` names what `treatments.kept` wrote."""
    given = {"sha256": sha256, "today": today.isoformat(), "clinic_ids": sorted(map(str, clinic_ids))}
    title = f"Exposure audit of {preview.name}"
    task_id = await tasks.create(session, act=act, kind=KIND, title=title, input=given)
    shown = {"preview": asdict(preview)}
    await session.execute(update(TaskRow).where(TaskRow.id == task_id).values(state=tasks.READY, result=shown))
    return task_id


async def confirm(session: AsyncSession, *, act: Act, task_id: UUID, given: Mapping[str, object]) -> None:
    """Lets a worker check it. Raises Unknown, and Refused where that is done already."""
    await tasks.restart(session, act=act, task_id=task_id, input=given)


async def run(work: Work) -> Ended:
    """Reads, understands, looks each line up, says why. Raises TaskFailed."""
    given: Mapping[str, Any] = work.task.input
    try:
        content = await work.tools.store.get(given["sha256"])
        lines = await asyncio.to_thread(_lines, content)
        judged, reasons, place = await _judged(work, lines, given)
        said = await asyncio.to_thread(_said, judged, reasons)
        for name in ("every_line", "exposed_lines"):
            await work.tools.store.put(said[name], sha256_hex(said[name]))
    except (EvidenceMissing, EvidenceDamaged, StoreUnavailable) as problem:
        raise TaskFailed(str(problem)) from problem
    found = said["counts"] | {"recorded_seq": place}
    files = {name: sha256_hex(said[name]) for name in ("every_line", "exposed_lines")}
    async with work.transaction() as session:
        entry = Entry("exposures.checked", f"task:{work.task.id}", new=found | files)
        await trail.record(session, act=work.act(), entry=entry)
    return Ended({"found": found | files, "groups": said["groups"], "problems": said["problems"]})


def _lines(content: bytes) -> list[Line]:
    return [Line(*each) for each in treatments.again(content)]


def _said(judged: list[Judged], reasons: Reasons) -> dict[str, Any]:
    exposed = [each for each in judged if each.outcome in EXPOSED or each.outcome == UNKNOWN]
    groups = telling.groups(judged, reasons)
    problems = telling.problems(judged)
    counted = telling.counts(judged) | {"groups": len(groups), "problems": len(problems)}
    return {
        "counts": counted,
        "groups": groups[: telling.GROUPS],
        "problems": problems[: telling.GROUPS],
        "every_line": telling.as_csv(judged, reasons),
        "exposed_lines": telling.as_csv(exposed, reasons),
    }


async def _judged(work: Work, lines: list[Line], given: Mapping[str, Any]) -> tuple[list[Judged], Reasons, int]:
    mine, total = work.task.organization_id, len(lines)
    await work.progress("understanding", 0, total)
    only = frozenset(UUID(each) for each in given["clinic_ids"])
    async with work.tools.database.read.begin() as session:
        words = await words_of(session, mine, lines, date.fromisoformat(given["today"]), only)
        around = await assessments.frame(session, mine)
    meant = await asyncio.to_thread(lambda: [understood(each, words) for each in lines])
    who = sorted({each[0][0] for each in meant if not isinstance(each, Judged)})
    await _make_fresh(work, who, around.fingerprint)
    await work.progress("looking up", 0, total)
    async with work.tools.database.read.begin() as session:
        place, _hash = await head(session, mine)
        periods = await reading.periods(session, mine, who)
        judged = await asyncio.to_thread(judge, lines, words, periods)
        await work.progress("saying why", 0, total)
        reasons = await _reasons(session, mine, around, judged)
    await work.progress("writing", total, total)
    return judged, reasons, place


async def _make_fresh(work: Work, who: list[UUID], fingerprint: str) -> None:
    """Rewrites the stored verdicts of those whose copy is older than law and policies."""
    mine = work.task.organization_id
    async with work.tools.database.read.begin() as session:
        stale = await reading.stale_among(session, mine, who, fingerprint)
    for start_at in range(0, len(stale), CHUNK):
        async with work.transaction() as session:
            await assessments.refresh(session, organization_id=mine, therapist_ids=stale[start_at : start_at + CHUNK])


async def _reasons(
    session: AsyncSession, organization_id: UUID, around: assessments.Frame, judged: list[Judged]
) -> Reasons:
    """Why, from the files themselves: only of those who were not cleared, once for each period."""
    keys = telling.keys_of(judged)
    who = sorted({place[0] for place, _period in keys})
    known: dict[UUID, Any] = {}
    for start_at in range(0, len(who), CHUNK):
        known |= await credential_files(session, organization_id, who[start_at : start_at + CHUNK])
    reasons = Reasons({id_: file.name for id_, file in known.items()})
    for at, (key, first) in enumerate(keys.items()):
        (therapist_id, clinic_id, modality), _period = key
        if therapist_id in known and first.day:
            reasons.learn(key, assessments.verdict(around, known[therapist_id], clinic_id, modality, first.day))
        if at % 50 == 0:
            await asyncio.sleep(0)  # pages go on
    return reasons
