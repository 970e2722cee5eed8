"""What the records said before two of them were made one."""

from __future__ import annotations

from sqlalchemy import select

from compliance.db.engine import Database
from compliance.db.queries.files import credential_files
from compliance.db.queries.report_facts import staff
from compliance.db.records import TrailHeadRow
from compliance.services import merging
from tests import builders as build


async def test_a_merge_of_today_does_not_change_what_was_known_before_it(database: Database) -> None:
    async with database.write.begin() as session:
        act = await build.organization(session)
        clinic = await build.clinic(session, act)
        kept, twin = [await build.therapist(session, act) for _ in range(2)]
        for each in (kept, twin):
            await build.assignment(session, act, each, clinic)
            await build.verified_license(session, act, each)
        before = await session.scalar(
            select(TrailHeadRow.seq).where(TrailHeadRow.organization_id == act.organization_id)
        )
        assert before
        merge = await merging.merge(session, act=act, kept_id=kept, merged_id=twin, reason="One person twice.")
        after = await session.scalar(
            select(TrailHeadRow.seq).where(TrailHeadRow.organization_id == act.organization_id)
        )
        assert after
        await merging.unmerge(session, act=act, merge_id=merge, reason="Two people after all.")

    async with database.read.begin() as session:
        mine, day = act.organization_id, build.TODAY
        then = await credential_files(session, mine, [kept, twin], known_seq=before)
        assert [len(then[each].credentials) for each in (kept, twin)] == [1, 1]
        assert await staff(session, mine, clinic, day, day, before) == sorted([kept, twin])
        while_one = await credential_files(session, mine, [kept], known_seq=after)
        assert [len(each.credentials) for each in while_one.values()] == [2]
        assert await staff(session, mine, clinic, day, day, after) == [kept]
        now = await credential_files(session, mine, [kept, twin])
        assert [len(now[each].credentials) for each in (kept, twin)] == [1, 1]
