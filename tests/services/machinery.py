"""The verbs on accounts, tasks, mail and reminders, each called once; see `world.py` for those on people's files."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from compliance.db.queries.digests import Reader, Wish
from compliance.db.records import CapabilityRow, TaskRow
from compliance.domain.credential_types import Ladder
from compliance.domain.release import Calendar
from compliance.services import (
    accounts,
    api_keys,
    audit_reports,
    demonstration,
    digests,
    forgotten,
    intake,
    links,
    mailing,
    organizations,
    policy_preview,
    reminders,
    sign_in_address,
    tasks,
    trail_check,
)
from compliance.services.audit_reports import task as report_task
from compliance.services.mailing import MailSettings
from compliance.services.trail import Act
from tests import builders as build

MAIL = MailSettings("reminders@example.org", "http://127.0.0.1:8000")
MAIL_WITH_LINKS = MailSettings("reminders@example.org", "http://127.0.0.1:8000", b"0" * 40)


@dataclass(frozen=True, slots=True)
class Machinery:
    """A member, two tasks, and an organization that may be dropped."""

    member: UUID
    colleague: UUID
    ladder: UUID
    delegation: UUID
    waiting_task: UUID
    ready_task: UUID
    demonstration: UUID
    token: str
    key: UUID


async def make(session: AsyncSession, act: Act) -> Machinery:
    """Builds it in the act's organization; two owners, so that one may leave."""
    first = await accounts.invite(session, act=act, email="first@example.org", role="owner")
    member = await accounts.invite(session, act=act, email="second@example.org", role="owner")
    waiting, ready = [await _task(session, act) for _ in range(2)]
    await session.execute(update(TaskRow).where(TaskRow.id == ready).values(state=tasks.READY))
    shown = await organizations.add(session, act=act, name="Shown", demonstration=True)
    token = await links.make_link(
        session, kind=sign_in_address.CONFIRM, person_id=member.person_id, organization_id=act.organization_id,
        lasts=sign_in_address.LASTS, now=act.now,
    )  # fmt: skip
    asked = update(CapabilityRow).where(CapabilityRow.kind == sign_in_address.CONFIRM)
    await session.execute(asked.values(address="other@example.org"))
    key = await api_keys.make(session, act=act, name="Booking", scopes=["clearance.read"], today=build.TODAY)
    ladder = await reminders.set_ladder(session, act=act, ladder=Ladder((30,)), reason="asked")
    away = await reminders.delegate(
        session, act=act, person_id=member.person_id, delegate_id=first.person_id, starts_on=build.TODAY,
        ends_on=build.TODAY,
    )  # fmt: skip
    return Machinery(member.person_id, first.person_id, ladder, away, waiting, ready, shown, token, key.id)


def _task(session: AsyncSession, act: Act) -> Awaitable[UUID]:
    return tasks.create(session, act=act, kind="import-roster", title="roster.csv", input={})


def _reader(act: Act, made: Machinery) -> Reader:
    long_ago = build.NOW - timedelta(days=30)
    return Reader(
        act.organization_id, made.member, "Jo", "jo@example.org", (), "UTC", long_ago, Wish(weekday=6, hour=5)
    )


Call = Callable[[AsyncSession, Act, Machinery], Awaitable[Any]]

VERBS: dict[str, Call] = {
    "accounts.invite": lambda s, a, m: accounts.invite(s, act=a, email="third@example.org", role="manager"),
    "accounts.invite_again": lambda s, a, m: accounts.invite_again(s, act=a, person_id=m.member),
    "forgotten.password_link": lambda s, a, m: forgotten.password_link(s, act=a, email="second@example.org"),
    "accounts.change_role": lambda s, a, m: accounts.change_role(s, act=a, person_id=m.member, role="manager"),
    "accounts.end_membership": lambda s, a, m: accounts.end_membership(s, act=a, person_id=m.member),
    "accounts.change_email": lambda s, a, m: accounts.change_email(
        s, act=a, person_id=m.member, email="new@example.org"
    ),
    "sign_in_address.ask": lambda s, a, m: sign_in_address.ask(
        s, act=a, mail=MAIL, person_id=m.member, email="new@example.org"
    ),
    "sign_in_address.take_back": lambda s, a, m: sign_in_address.take_back(s, act=a, person_id=m.member),
    "sign_in_address.confirm": lambda s, a, m: sign_in_address.confirm(s, act=a, token=m.token),
    "accounts.change_name": lambda s, a, m: accounts.change_name(s, act=a, person_id=m.member, name="Jo Doe"),
    "accounts.set_password": lambda s, a, m: accounts.set_password(
        s, act=a, person_id=m.member, password_hash="a hash"
    ),
    "api_keys.make": lambda s, a, m: api_keys.make(
        s, act=a, name="Booking", scopes=["clearance.read"], today=build.TODAY
    ),
    "api_keys.revoke": lambda s, a, m: api_keys.revoke(s, act=a, key_id=m.key),
    "tasks.create": lambda s, a, m: _task(s, a),
    "tasks.restart": lambda s, a, m: tasks.restart(s, act=a, task_id=m.ready_task, input={}),
    "tasks.cancel": lambda s, a, m: tasks.cancel(s, act=a, task_id=m.waiting_task),
    "intake.starting.start_import": lambda s, a, m: intake.start_import(s, act=a, name="roster.csv", sha256="ab" * 32),
    "intake.starting.confirm_import": lambda s, a, m: intake.confirm_import(
        s, act=a, import_id=m.ready_task, options=intake.Options()
    ),
    "intake.starting.cancel_import": lambda s, a, m: intake.cancel_import(s, act=a, import_id=m.waiting_task),
    "intake.starting.undo_import": lambda s, a, m: intake.undo_import(
        s, act=a, import_id=m.ready_task, reason="a wrong file"
    ),
    "trail_check.start": lambda s, a, m: trail_check.start(s, act=a),
    "audit_reports.task.start": lambda s, a, m: report_task.start(
        s, act=a, asked=audit_reports.Asked(None, build.TODAY, build.NOW), format="pdf", title="All"
    ),
    "mailing.send_link": lambda s, a, m: mailing.send_link(
        s,
        act=a,
        mail=MAIL,
        kind="set-password",
        address="jo@example.org",
        name="Jo Doe",
        link="http://127.0.0.1:8000/set-password/token",
        expires_at=build.NOW + timedelta(days=7),
    ),
    "digests.wish": lambda s, a, m: digests.wish(
        s, act=a, person_id=m.member, weekday=1, hour=8, wanted=True, when_empty=True
    ),
    "digests.unsubscribe": lambda s, a, m: digests.unsubscribe(s, act=a, person_id=m.member),
    "digests.write": lambda s, a, m: digests.write(s, act=a, mail=MAIL_WITH_LINKS, readers=[_reader(a, m)]),
    "policy_preview.start": lambda s, a, m: policy_preview.start(
        s, act=a, policies=[], on=build.TODAY, title="What CPR would change"
    ),
    "reminders.going_live.go_live": lambda s, a, m: reminders.go_live(s, act=a, mail=MAIL),
    "reminders.settings.set_ladder": lambda s, a, m: reminders.set_ladder(
        s, act=a, ladder=Ladder((60, 30)), reason="asked", type="cpr"
    ),
    "reminders.settings.clear_ladder": lambda s, a, m: reminders.clear_ladder(
        s, act=a, ladder_id=m.ladder, reason="as usual"
    ),
    "reminders.settings.delegate": lambda s, a, m: reminders.delegate(
        s, act=a, person_id=m.colleague, delegate_id=m.member, starts_on=build.TODAY, ends_on=build.TODAY
    ),
    "reminders.settings.end_delegation": lambda s, a, m: reminders.end_delegation(
        s, act=a, delegation_id=m.delegation, reason="back"
    ),
    "reminders.settings.set_calendar": lambda s, a, m: reminders.set_calendar(
        s, act=a, calendar=Calendar(weekends=False)
    ),
    "demonstration.loading.load": lambda s, a, m: demonstration.load(s, act=a),
    "demonstration.loading.drop": lambda s, a, m: demonstration.drop(s, act=a, organization_id=m.demonstration),
}
