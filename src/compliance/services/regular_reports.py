"""Reports that are made each month or quarter for a clinic, told by mail to whoever is to read them, each once.

The question of each is a function of its days alone: what counts is what was on record when it became due. So a job
that was killed between making a report and telling of it finds the kept file when it runs again, and two jobs make one.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from pathlib import Path
from typing import Final
from uuid import UUID

from sqlalchemy import insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from compliance.crypto.certificates import SigningSettings
from compliance.crypto.ids import new_id
from compliance.db.engine import Database
from compliance.db.queries import regular_reports as reading
from compliance.db.queries.clinics import clinic
from compliance.db.queries.ladders import organizations
from compliance.db.queries.regular_reports import Reader, Regular
from compliance.db.records import RegularIssueRow, RegularReportRow
from compliance.domain.audit_report import Span
from compliance.domain.periods import ONE_DAY
from compliance.domain.regular import RHYTHMS, Turn, begins, due
from compliance.domain.release import local_day
from compliance.reports import RenderFailed
from compliance.services import audit_reports, mailing, trail
from compliance.services.audit_reports import Asked
from compliance.services.mailing import MailSettings, sender_facts
from compliance.services.refusals import Checks, Problem, Refused, Unknown
from compliance.services.rows import Values, table, take_turn
from compliance.services.trail import Act, Entry
from compliance.store import EvidenceDamaged, EvidenceMissing, Store, StoreUnavailable

ACTOR: Final = "job:make-regular-reports"
KIND: Final = "regular-report"
FORMAT: Final = "pdf"


async def add(session: AsyncSession, *, act: Act, clinic_id: UUID, every: str, reader_ids: Collection[UUID]) -> UUID:
    """From the month or quarter of today on; its id. Raises Unknown for a clinic, Refused for readers who may not."""
    place = await clinic(session, act.organization_id, clinic_id)
    if place is None:
        raise Unknown(Problem("clinic_id", f"No clinic has the id {clinic_id}."))
    today = local_day(act.effective, place.time_zone)
    who = {each.person_id: each for each in await reading.readers(session, act.organization_id, today)}
    checks = Checks()
    checks.refuse("every", None if every in RHYTHMS else f"{every!r} is no rhythm; there are {', '.join(RHYTHMS)}.")
    checks.refuse("reader_ids", None if reader_ids else "Choose at least one person who is told.")
    strange = [each for each in reader_ids if each not in who or not who[each].reads(clinic_id)]
    checks.refuse("reader_ids", "Somebody among them may not read this clinic's reports." if strange else None)
    checks.done()
    await take_turn(session, act)
    id_ = new_id(act.now)
    new: Values = {"clinic_id": clinic_id, "every": every, "readers": sorted(map(str, reader_ids))}
    await trail.record(session, act=act, entry=Entry("regular-report.set", f"regular-report:{id_}", new=new))
    row: Values = {"organization_id": act.organization_id, "id": id_, "clinic_id": clinic_id, "every": every}
    row |= {"reader_ids": tuple(sorted(map(str, reader_ids))), "covered_until": begins(today, every) - ONE_DAY}
    row |= {"problem": "", "made_by": act.actor, "created_at": act.now}
    await session.execute(insert(table(RegularReportRow)), [row])
    return id_


async def end(session: AsyncSession, *, act: Act, regular_id: UUID) -> None:
    """No more of it; what was made stays. Raises Unknown."""
    row = RegularReportRow
    mine = (row.organization_id == act.organization_id, row.id == regular_id, row.ended_at.is_(None))
    if await session.scalar(select(row.id).where(*mine)) is None:
        raise Unknown(Problem("regular_id", f"No regular report has the id {regular_id}."))
    await trail.record(session, act=act, entry=Entry("regular-report.ended", f"regular-report:{regular_id}"))
    await session.execute(update(row).where(*mine).values(ended_at=act.now))


# -- the job ---------------------------------------------------------------------------------------------------------


async def waiting(session: AsyncSession, *, now: datetime) -> list[Regular]:
    """Those of all organizations that are due at an instant."""
    return [each for each in await reading.regulars(session) if due(now, each.zone, each.every, each.covered_until)]


async def make(
    database: Database,
    store: Store,
    *,
    act: Act,
    regular: Regular,
    mail: MailSettings,
    signing: SigningSettings,
    added_fonts: Path | None = None,
) -> bool:
    """Makes the one that is due, once, and tells of it; False where that was not possible, which its page says then."""
    turn = due(act.effective, regular.zone, regular.every, regular.covered_until)
    if turn is None:
        return False
    asked = Asked(regular.clinic_id, turn.ends_on, turn.known_at, Span(turn.starts_on, turn.ends_on))
    try:
        issued = await audit_reports.issue(
            database, store, act=act, asked=asked, format=FORMAT, signing=signing, added_fonts=added_fonts
        )
    except (Refused, Unknown, RenderFailed, EvidenceMissing, EvidenceDamaged, StoreUnavailable) as problem:
        async with database.write.begin() as session:
            await _change(session, regular, problem=str(problem))
        return False
    async with database.write.begin() as session:
        return await _told(session, act, regular, turn, issued.report_id, mail)


async def _told(
    session: AsyncSession, act: Act, regular: Regular, turn: Turn, report_id: UUID, mail: MailSettings
) -> bool:
    """Keeps it in the list and writes the mails, unless another job has done so."""
    await take_turn(session, act)
    row = RegularIssueRow
    same = (row.organization_id == regular.organization_id, row.regular_id == regular.id, row.ends_on == turn.ends_on)
    if await session.scalar(select(row.report_id).where(*same)):
        return False
    new: Values = {"report": report_id, "starts_on": turn.starts_on, "ends_on": turn.ends_on}
    await trail.record(session, act=act, entry=Entry("regular-report.made", f"regular-report:{regular.id}", new=new))
    said: Values = {"organization_id": regular.organization_id, "regular_id": regular.id, "report_id": report_id}
    said |= {"starts_on": turn.starts_on, "ends_on": turn.ends_on, "made_at": act.now}
    await session.execute(insert(table(row)), [said])
    await _change(session, regular, covered_until=turn.ends_on, problem="")
    await _mail(session, act, regular, turn, report_id, mail)
    return True


async def _mail(
    session: AsyncSession, act: Act, regular: Regular, turn: Turn, report_id: UUID, mail: MailSettings
) -> None:
    today = local_day(act.effective, regular.zone)
    who = [each for each in await reading.readers(session, regular.organization_id, today) if _is_told(each, regular)]
    links = {"link": mail.link(f"/reports/{report_id}"), "settings_link": mail.link("/reports/regular")}
    facts = await _facts(session, regular, turn, links)
    key = f"{regular.organization_id}/regular-report/{regular.id}/{turn.ends_on.isoformat()}"
    await mailing.put(session, mailing.to_each(who, KIND, key, facts, act), act=act, mail=mail)


def _is_told(reader: Reader, regular: Regular) -> bool:
    """Whoever left meanwhile, or may not read this clinic's reports any more, is told nothing."""
    return reader.person_id in regular.reader_ids and reader.reads(regular.clinic_id)


async def _facts(session: AsyncSession, regular: Regular, turn: Turn, links: dict[str, str]) -> dict[str, object]:
    organization = (await organizations(session, [regular.organization_id]))[regular.organization_id]
    return sender_facts(organization, None, regular.zone) | {
        "clinic": regular.clinic,
        "every": regular.every,
        "starts_on": turn.starts_on.isoformat(),
        "ends_on": turn.ends_on.isoformat(),
        **links,
    }


async def _change(session: AsyncSession, regular: Regular, **values: object) -> None:
    row = RegularReportRow
    mine = (row.organization_id == regular.organization_id, row.id == regular.id)
    await session.execute(update(row).where(*mine).values(**values))
