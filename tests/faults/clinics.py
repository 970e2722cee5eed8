"""Organizations whose therapists' licenses all end in thirty days: one reminder each is due, today."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import insert

from compliance import clock
from compliance.crypto.ids import new_id
from compliance.db.engine import Database
from compliance.db.records import AssignmentRow, CredentialRow, TermRow, TherapistRow
from compliance.domain.periods import FOREVER
from compliance.services import reminders
from compliance.services.mailing import MailSettings
from tests.services.reminder_world import LONG_AGO, World

AHEAD = timedelta(days=30)
BATCH = 500
KEY = "0123456789abcdefghijklmnopqrstuv"
MAIL = MailSettings("reminders@example.test", "http://127.0.0.1:8000", KEY.encode())


def midday_zone(now: datetime) -> str:
    """A zone where it is about noon: nine o'clock has come there, and midnight is far for any clock of the run."""
    return f"Etc/GMT{(now.hour - 12):+d}" if now.hour != 12 else "Etc/GMT"


async def fill(database: Database, people: int, organizations: int) -> None:
    """`people` therapists with a license each, over so many organizations, all live."""
    zone = midday_zone(clock.now())
    today = clock.now().astimezone(ZoneInfo(zone)).date()
    for number in range(organizations):
        here = await World(database).begin(zone=zone)
        share = people // organizations + (number < people % organizations)
        for start in range(0, share, BATCH):
            await _add(here, range(start, min(start + BATCH, share)), today)


async def plan_all(database: Database) -> None:
    """What the planner would do within some minutes."""
    after = None
    while True:
        async with database.write.begin() as session:
            planned = await reminders.plan(session, now=clock.now(), mail=MAIL, batch=BATCH, after=after)
        after = planned.after
        if after is None:
            return


async def _add(here: World, numbers: range, today: date) -> None:
    rows = [_rows(here, number, today) for number in numbers]
    async with here.database.write.begin() as session:
        for place, table in enumerate((TherapistRow, AssignmentRow, CredentialRow, TermRow)):
            await session.execute(insert(table), [each[place] for each in rows])
        held = [each[2]["id"] for each in rows]
        await reminders.schedule(session, organization_id=here.id, credential_ids=held, today=today)


def _rows(here: World, number: int, today: date) -> tuple[dict[str, Any], ...]:
    ids: tuple[UUID, ...] = tuple(new_id(LONG_AGO) for _ in range(4))
    mail = f"t{number}.{here.id.hex[-12:]}@example.test"
    base: dict[str, Any] = {"organization_id": here.id}
    therapist = {"first_name": "Ana", "last_name": f"Ruiz {number}", "email": mail, "folded_email": mail}
    therapist |= {"folded_name": f"ruiz {number} ana", "folded_first": "ana", "created_at": LONG_AGO}
    job = {"therapist_id": ids[0], "clinic_id": here.clinic, "modalities": ("massage-therapy",), "recorded_seq": 1}
    job |= {"starts_on": date(2024, 1, 1), "ends_on": FOREVER}
    held = {"therapist_id": ids[0], "type": "massage-license", "jurisdiction": "us-fl", "number": f"MA {number}"}
    held |= {"created_at": LONG_AGO, "recorded_seq": 1}
    term = {"credential_id": ids[2], "starts_on": today + AHEAD - timedelta(days=730), "ends_on": today + AHEAD}
    each = (therapist, job, held, term | {"recorded_seq": 1})
    return tuple(base | {"id": id_} | row for id_, row in zip(ids, each, strict=True))
