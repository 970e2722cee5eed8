"""Runs an import: read, judge, and, when every row is good or the person has left the bad ones out, apply.

Each step may be begun again: reading starts anew, judging too, applying goes on behind the people it has done.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Container, Mapping
from dataclasses import replace
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from compliance.db.queries import intake as queries
from compliance.db.queries import intake_known, intake_rows
from compliance.db.queries import trail as trail_queries
from compliance.domain.matching import fold
from compliance.services import tasks, trail
from compliance.services.intake.applying import apply_chunk, apply_kept, head, with_span
from compliance.services.intake.carrying import record_licenses
from compliance.services.intake.clinics import Missing, create, missing, only_used
from compliance.services.intake.judging import Seen, judge
from compliance.services.intake.kept import Kept
from compliance.services.intake.licenses import licenses_of
from compliance.services.intake.lines import CHANGED, CREATED, REFUSED, UNCHANGED, Line, Remark, good
from compliance.services.intake.pace import Pace
from compliance.services.intake.plan import Around, License
from compliance.services.intake.reading import read
from compliance.services.intake.verdicts import write_verdicts
from compliance.services.long_work import long_work
from compliance.services.task_runner import Ended, Work
from compliance.services.trail import Act, Entry

CHUNK = 1_600
"""Rows that are judged at once: a few hundred people."""


async def run(work: Work) -> Ended:
    """The runner of the kind `import-roster`."""
    with long_work():  # a chunk makes a hundred thousand values
        return await _run(work)


async def _run(work: Work) -> Ended:
    if work.task.result.get("phase", "reading") == "reading":
        await read(work)
    kept = Kept()
    if work.task.result["phase"] != "applying":
        used = await _judge(work, kept)
        if not await _may_apply(work):
            return Ended({"phase": "judged"}, tasks.READY)
        await _begin(work, used, kept)
    await _apply(work, kept)
    await _finish(work)
    return Ended({"phase": "applied"})


async def _judge(work: Work, kept: Kept) -> set[str]:
    """Judges every person of the file against what is on file, and keeps the verdicts.

    The clinics, folded, that rows name which are taken.
    """
    absent_from = await _missing(work)
    around = await _around(work, {fold(each.name): each.jurisdiction for each in absent_from if each.create})
    async with work.tools.database.read() as session:
        around.licenses = await _licenses(session, work, around)
    seen, done, total, tally = Seen(), 0, int(str(work.task.result["rows"])), Counter[str]()
    used: set[str] = set()
    async for people in _chunks(work, Pace(CHUNK), applied=False):
        async with work.tools.database.read() as session:
            seq, _hash = await trail_queries.head(session, around.act.organization_id)  # first: later writing moves it
            plans = await judge(session, people, around, seen)
        kept.keep(plans, seq, around.today)
        done += sum(len(each) for each in people.values())
        tally.update(each.outcome for each in plans)
        used.update(line.meant.clinic for each in plans for line in good(each.lines))
        async with work.transaction(step="judging", done=done, total=total) as session:
            await write_verdicts(session, work.task, plans)
        work.tell("judging", done, total)
    async with work.tools.database.read() as session:
        counts = await intake_rows.count_rows(session, work.task.organization_id, work.task.id)
        absent = await queries.count_absent(session, work.task.organization_id, work.task.id, around.today)
    clinics = [each.as_kept() for each in absent_from]
    therapists = {f"therapists_{each}": tally[each] for each in (CREATED, CHANGED, UNCHANGED, REFUSED)}
    await work.keep(phase="judged", counts=counts | therapists, absent=absent, clinics=clinics)
    return used


async def _licenses(session: AsyncSession, work: Work, around: Around) -> dict[str, License]:
    """What the file says of its clinics' own licenses, against what they hold."""
    places: Any = work.task.result["places"]
    ids = [each.id for each in around.clinics.values()]
    held = await intake_known.held_by_clinics(session, work.task.organization_id, ids)
    return licenses_of(around, places, held)


async def _record_licenses(session: AsyncSession, work: Work, act: Act, used: Container[str]) -> None:
    """Those of clinics that rows name which are taken."""
    clinics = await intake_known.clinics(session, work.task.organization_id)
    around = Around(act, work.task.title, clinics)
    found = await _licenses(session, work, around)
    wanted = [(clinics[name].id, each) for name, each in found.items() if name in used]
    await record_licenses(session, around, wanted)


async def _missing(work: Work) -> list[Missing]:
    places: Any = work.task.result["places"]
    async with work.tools.database.read() as session:
        return await missing(session, work.task.organization_id, places, work.task.input)


async def _may_apply(work: Work) -> bool:
    options = work.task.input
    counts: Any = work.task.result["counts"]
    return bool(options.get("apply")) and (not counts["refused"] or bool(options.get("leave_out_refused")))


async def _begin(work: Work, used: Container[str], kept: Kept) -> None:
    """From here on records change: the clinics first, with their licenses, since everybody's assignments need them.

    A clinic of which every row was left out is not created: nobody would work there.
    """
    wanted, act = only_used(await _missing(work), used), work.act()
    clinics = [each.as_kept() for each in wanted]
    async with work.transaction(step="applying", done=0) as session:
        first = await trail.record(session, act=act, entry=_entry(work, "import.began"))
        await create(session, act, wanted)
        await _record_licenses(session, work, act, used)
        last = await head(session, act)
        kept.written(first, last)
        spans = with_span([], first, last)
        result = {"phase": "applying", "spans": spans, "clinics": clinics}
        work.task = await tasks.keep(session, task=work.task, now=act.now, result=result)


def _entry(work: Work, action: str, counts: Mapping[str, object] | None = None) -> Entry:
    return Entry(action, f"import:{work.task.id}", new={"file_name": work.task.title, **(counts or {})})


async def _apply(work: Work, kept: Kept) -> None:
    """Carries out what was judged, person by person, as many in one transaction as keep others waiting but briefly."""
    async with work.tools.database.read() as session:
        done = await intake_rows.count_applied(session, work.task.organization_id, work.task.id)
        total = await intake_rows.count_to_apply(session, work.task.organization_id, work.task.id)
    around, pace = replace(await _around(work, {}), checked=True), Pace()
    done = await apply_kept(work, kept, around, pace, done, total)
    async for people in _chunks(work, pace, applied=True):
        done += sum(len(each) for each in people.values())
        around = replace(around, act=work.act())
        await apply_chunk(work, people, around, pace, done)
        work.tell("applying", done, total)


async def _finish(work: Work) -> None:
    """Counts what was done; a row that was refused only now is counted among the refused."""
    judged: Any = work.task.result["counts"]
    async with work.tools.database.read() as session:
        counts = judged | await intake_rows.count_rows(session, work.task.organization_id, work.task.id)
    act = work.act()
    async with work.transaction(step="applied") as session:
        seq = await trail.record(session, act=act, entry=_entry(work, "import.applied", counts))
        result = {"counts": counts, "spans": with_span(work.task.result.get("spans"), seq, seq)}
        work.task = await tasks.keep(session, task=work.task, now=act.now, result=result)


async def _around(work: Work, new_clinics: Mapping[str, str]) -> Around:
    async with work.tools.database.read() as session:
        clinics = await intake_known.clinics(session, work.task.organization_id)
    return Around(work.act(), work.task.title, clinics, new_clinics)


async def _chunks(work: Work, pace: Pace, *, applied: bool) -> AsyncIterator[dict[int, list[Line]]]:
    """Whole people, as many rows at a time as `pace` says; with `applied`, only those still to be carried out."""
    after = 0
    while True:
        async with work.tools.database.read() as session:
            people = await _people(session, work, after, pace.rows, applied=applied)
        if not people:
            return
        yield people
        after = max(people)


async def _people(session: AsyncSession, work: Work, after: int, most: int, *, applied: bool) -> dict[int, list[Line]]:
    task = work.task
    found: Any = await intake_rows.read_people(session, task.organization_id, task.id, after, most, to_apply=applied)
    people: dict[int, list[Line]] = {}
    for line, person, text, problems in found:
        told = [Remark(e["field"], e["value"], e["problem"]) for e in problems if applied or not e.get("judged")]
        said = intake_rows.as_read(text)
        one = Line(line, person, said.values, said.extras, said.details, told, was_refused=applied and bool(told))
        people.setdefault(person, []).append(one)
    return people
