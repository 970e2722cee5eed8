"""Carries out what was judged: people of a chunk in one transaction, through the verbs that everybody uses.

What was judged in the same run is carried out as it was judged, as long as nobody else has written since (`kept`).
All else is judged again inside the transaction, so that whatever happened meanwhile is seen, and a second try after a
kill finds done what is done. Should a verb refuse somebody, the chunk is taken apart and only they are left.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from sqlalchemy.ext.asyncio import AsyncSession

from compliance.services import tasks
from compliance.services.intake.carrying import Known, carry_out, known_beforehand
from compliance.services.intake.judging import judge
from compliance.services.intake.kept import Kept
from compliance.services.intake.lines import Line
from compliance.services.intake.pace import Pace
from compliance.services.intake.plan import Around, Plan
from compliance.services.intake.verdicts import mark_applied
from compliance.services.refusals import Refused
from compliance.services.task_runner import Work
from compliance.services.trail import Act
from compliance.services.trail_end import locked

People = Mapping[int, Sequence[Line]]


class _Overtaken(Exception):
    """Somebody wrote since these plans were made: nothing of this transaction stays, not even how far it would be."""


async def apply_chunk(work: Work, people: People, around: Around, pace: Pace, done: int) -> None:
    """One transaction for all these people, or, when somebody of them is refused, one for each."""
    try:
        await _apply(work, people, around, pace, done)
    except Refused as refused:
        if len(people) == 1:
            await _refuse(work, people, around, str(refused))
            return
        for person, lines in people.items():
            await apply_chunk(work, {person: [each.afresh() for each in lines]}, around, Pace(), done)


async def apply_kept(work: Work, kept: Kept, around: Around, pace: Pace, done: int, total: int) -> int:
    """Carries out what was judged a moment ago, while it holds; how many rows are done then.

    Who is left, for a verb refused one of them or somebody else wrote, is on file as not carried out.
    """
    known: Known = ()
    for plans in kept.chunks(pace):
        now, rows = replace(around, act=work.act()), sum(each.rows for each in plans)
        try:
            async with work.transaction(step="applying", done=done + rows) as session:
                began, before = work.tools.clock(), await head(session, now.act)
                if not kept.hold(before, now.today):
                    raise _Overtaken
                known = known or await known_beforehand(session, now)  # nobody else has written since
                kept.written(before + 1, await _carry_out(work, session, now, plans, before, known))
        except (Refused, _Overtaken):
            break
        pace.took(rows, work.tools.clock() - began)
        done += rows
        work.tell("applying", done, total)
    return done


async def _apply(work: Work, people: People, around: Around, pace: Pace, done: int) -> None:
    async with work.transaction(step="applying", done=done) as session:
        began = work.tools.clock()  # the transaction has begun: nobody else writes
        before = await head(session, around.act)
        known = await known_beforehand(session, around)
        await _carry_out(work, session, around, await judge(session, people, around), before, known)
    pace.took(sum(map(len, people.values())), work.tools.clock() - began)


async def _carry_out(
    work: Work, session: AsyncSession, around: Around, plans: Sequence[Plan], before: int, known: Known
) -> int:
    """The records, and beside them whose rows are done; the end of the trail."""
    await carry_out(session, around, plans, known)
    after = await head(session, around.act)
    await mark_applied(session, work.task, plans, after)
    await _remember(work, session, before + 1, after)
    return after


async def head(session: AsyncSession, act: Act) -> int:
    """The last place in the trail; nobody else writes one until this transaction ends."""
    end = await locked(session, act.organization_id)
    return end.seq if end else 0


async def _remember(work: Work, session: AsyncSession, first: int, last: int) -> None:
    """The places in the trail that are this import's: what undo will take back."""
    spans = with_span(work.task.result.get("spans"), first, last)
    work.task = await tasks.keep(session, task=work.task, now=work.tools.clock(), result={"spans": spans})


def with_span(spans: object, first: int, last: int) -> list[list[int]]:
    """Spans with one more; one that follows the last is joined to it."""
    known = [list(each) for each in spans] if isinstance(spans, list) else []
    if last < first:
        return known
    if known and known[-1][1] + 1 == first:
        known[-1][1] = last
    else:
        known.append([first, last])
    return known


async def _refuse(work: Work, people: People, around: Around, sentence: str) -> None:
    async with work.transaction() as session:
        plans = await judge(session, {k: [each.afresh() for each in v] for k, v in people.items()}, around)
        for plan in plans:
            for line in plan.lines:
                line.refuse("row", sentence, line.name)
        await mark_applied(session, work.task, plans, 0)
