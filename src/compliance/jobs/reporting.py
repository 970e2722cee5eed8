"""Reports that are made each month or quarter."""

from __future__ import annotations

from collections import Counter

from compliance.jobs.context import FAR, Context, Counts
from compliance.services import regular_reports
from compliance.services.trail import Act
from compliance.store import open_store


async def make_regular_reports(context: Context) -> Counts:
    """Makes those that are due, one after the other, and tells of each."""
    store = open_store(context.settings.evidence_url, context.settings.home)
    async with context.database.read() as session:
        now = await context.now(session)
        found = await regular_reports.waiting(session, now=context.as_if_at or now)
    done: Counter[str] = Counter(made=0, failed=0)
    for each in found:
        if context.stopping.is_set() or context.clock_doubted(FAR):
            break
        act = Act(each.organization_id, regular_reports.ACTOR, now, context.as_if_at)
        made = await regular_reports.make(
            context.database,
            store,
            act=act,
            regular=each,
            mail=context.mail,
            signing=context.settings.signing(),
            added_fonts=context.settings.report_fonts,
        )
        done.update(made=int(made), failed=int(not made))
    return done
