"""Setting the day on which the planner looks at a term, or at a file as a whole, again."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date
from typing import Any, Final, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, and_, bindparam, select, true, update
from sqlalchemy.ext.asyncio import AsyncSession

from compliance.catalog import load
from compliance.db.queries.own_ladders import NONE, OwnLadders, ladders_of
from compliance.db.records import ClinicRow, CredentialRow, OrganizationRow, TermRow, TherapistRow
from compliance.domain.periods import BEGINNING
from compliance.domain.release import ANY_DAY, Calendar, calendar_of
from compliance.domain.reminders import first_rung_on
from compliance.services import fresh
from compliance.services.reminders.families import family
from compliance.services.reminders.law import term_law
from compliance.services.reminders.situation import climbs_of
from compliance.services.rows import chunks

NextDays = dict[UUID, date | None]
ALONE: Final = 10  # so many statements are never worth a closer look
QUIETLY: Final = {"synchronize_session": False}  # nothing here is held as a mapped object


async def schedule(
    session: AsyncSession,
    *,
    organization_id: UUID,
    credential_ids: Collection[UUID] = (),
    therapist_ids: Collection[UUID] = (),
    today: date,
) -> None:
    """Sets `terms.next_rung_on` of these credentials, and of all that these therapists hold.

    Null where a later term of the same credential is recorded, where nothing is left to say, where the credential was
    voided, and in an organization that has not gone live.
    """
    pace = fresh.known(session, Pace) or await pace_of(session, organization_id)
    if not pace.live:  # nothing is watched: a person's terms stay as they are, and a new one has no day to lose
        credential_ids, therapist_ids = set(credential_ids) - fresh.credentials(session, credential_ids), ()
        if not credential_ids:
            return
    held, persons = CredentialRow, await family(session, organization_id, therapist_ids)
    changes = true() if pace.live else TermRow.next_rung_on.is_not(None)  # before going live a day can only go
    for column, ids in ((held.id, credential_ids), (held.therapist_id, persons)):
        for some in chunks(ids):
            rows = await _terms(session, organization_id, and_(column.in_(some), changes))
            await set_next(session, organization_id, _changed(rows, pace, today))


class Pace(NamedTuple):
    """Whether an organization's reminders are on, on which days and hours they leave, and by which ladders of its
    own."""

    live: bool
    calendar: Calendar
    own: OwnLadders


async def pace_of(session: AsyncSession, organization_id: UUID) -> Pace:
    """Read from the organization and its ladders."""
    columns = (OrganizationRow.reminders_started_at, OrganizationRow.settings)
    row = (await session.execute(select(*columns).where(OrganizationRow.id == organization_id))).one_or_none()
    if row is None or row[0] is None:
        return Pace(False, ANY_DAY, NONE)
    return Pace(True, calendar_of(row[1] or {}), await ladders_of(session, organization_id))


async def schedule_terms(
    session: AsyncSession, organization_id: UUID, which: Sequence[ColumnElement[bool]], today: date
) -> None:
    """The same for all credentials of an organization that a condition names."""
    rows = await _terms(session, organization_id, and_(*which))
    await set_next(session, organization_id, _changed(rows, await pace_of(session, organization_id), today))


async def schedule_all(session: AsyncSession, *, organization_id: UUID, today: date) -> int:
    """Arms every term of an organization that has gone live; how many have something left to say."""
    rows = await _terms(session, organization_id, CredentialRow.voided_seq.is_(None))
    changed = _changed(rows, await pace_of(session, organization_id), today)
    await look_soon(session, organization_id, TherapistRow.merged_into_id.is_(None))
    await look_soon_at_clinics(session, organization_id, true())
    await set_next(session, organization_id, changed)
    return len([day for day in changed.values() if day])


async def _terms(session: AsyncSession, organization_id: UUID, which: ColumnElement[bool]) -> Sequence[Any]:
    """Current terms, the last of each credential at the end."""
    held, term = CredentialRow, TermRow
    same = (term.organization_id == held.organization_id) & (term.credential_id == held.id)
    columns = (held.organization_id, held.id, held.type, held.jurisdiction, held.voided_seq, term.id.label("term_id"))
    query = (
        select(*columns, term.ends_on, term.next_rung_on)
        .join(term, same)
        .where(held.organization_id == organization_id, which, term.voided_seq.is_(None))
        .order_by(term.ends_on, term.starts_on)
    )
    return (await session.execute(query)).all()


def _changed(rows: Sequence[Any], pace: Pace, today: date) -> NextDays:
    """The terms whose day is another one now. While reminders are off none has a day."""
    last = {row.id: row.term_id for row in rows}
    changed: NextDays = {}
    for row in rows:
        speaks = pace.live and row.voided_seq is None and last[row.id] == row.term_id
        day = _first_day(row, pace, today) if speaks else None
        if day != row.next_rung_on:
            changed[row.term_id] = day
    return changed


def _first_day(row: Any, pace: Pace, today: date) -> date | None:
    own = pace.own.of(row.organization_id, row.id, row.type)
    ladder = own.ladder if own else load().types[row.type].ladder
    law = term_law(row.type, row.jurisdiction, row.ends_on)
    return first_rung_on(climbs_of(ladder, law, row.ends_on, pace.calendar), today)


async def look_soon(session: AsyncSession, organization_id: UUID, which: ColumnElement[bool]) -> None:
    """These files are looked at in the planner's next round."""
    mine = (TherapistRow.organization_id == organization_id, which)
    look = update(TherapistRow).where(*mine).values(next_look_on=BEGINNING)
    await session.execute(look, execution_options=QUIETLY)


async def look_soon_at_clinics(session: AsyncSession, organization_id: UUID, which: ColumnElement[bool]) -> None:
    """What these clinics themselves hold is looked at in the planner's next round."""
    mine = (ClinicRow.organization_id == organization_id, ClinicRow.voided_seq.is_(None), which)
    look = update(ClinicRow).where(*mine).values(next_look_on=BEGINNING)
    await session.execute(look, execution_options=QUIETLY)


async def set_next(session: AsyncSession, organization_id: UUID, days: NextDays) -> None:
    """Writes the days on which the planner looks again, in one statement."""
    await set_next_of(session, [(organization_id, term, day) for term, day in days.items()])


async def set_next_looks(
    session: AsyncSession,
    days: Sequence[tuple[UUID, UUID, date | None]],
    who: type[TherapistRow] | type[ClinicRow] = TherapistRow,
) -> None:
    """Writes the days on which files are looked at again: (organization, therapist or clinic, day)."""
    shared: dict[tuple[UUID, date | None], list[UUID]] = {}
    for organization_id, holder_id, day in days:
        shared.setdefault((organization_id, day), []).append(holder_id)
    for (organization_id, day), ids in shared.items():
        for some in chunks(ids):
            mine = (who.organization_id == organization_id, who.id.in_(some))
            await session.execute(update(who).where(*mine).values(next_look_on=day), execution_options=QUIETLY)


async def set_next_of(session: AsyncSession, days: Sequence[tuple[UUID, UUID, date | None]]) -> None:
    """The same over several organizations: (organization, term, day). Terms of one day share a statement."""
    shared: dict[tuple[UUID, date | None], list[UUID]] = {}
    for organization_id, term_id, day in days:
        shared.setdefault((organization_id, day), []).append(term_id)
    if len(shared) > ALONE and len(shared) > len(days) // 4:
        await _set_each(session, days)
        return
    for (organization_id, day), ids in shared.items():
        for some in chunks(ids):
            mine = (TermRow.organization_id == organization_id, TermRow.id.in_(some))
            await session.execute(update(TermRow).where(*mine).values(next_rung_on=day), execution_options=QUIETLY)


async def _set_each(session: AsyncSession, days: Sequence[tuple[UUID, UUID, date | None]]) -> None:
    terms: Any = TermRow.__table__
    mine = (terms.c.organization_id == bindparam("its_organization"), terms.c.id == bindparam("its_id"))
    query = update(terms).where(*mine).values(next_rung_on=bindparam("day"))
    connection = await session.connection()
    await connection.execute(query, [{"its_organization": o, "its_id": t, "day": day} for o, t, day in days])
