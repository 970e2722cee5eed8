"""Every service that writes leaves an entry in the trail, and none reaches into another organization."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Awaitable, Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

import compliance.services
from compliance.db.engine import Database
from compliance.db.records import TrailHeadRow
from compliance.services import trail
from compliance.services.refusals import Unknown
from compliance.services.trail import Act
from tests import builders as build
from tests.services import machinery, world

Call = Callable[[AsyncSession, Act], Awaitable[Any]]

# Verbs whose entry is held by a test of their own, for they need more than a session and ids.
ELSEWHERE: dict[str, str] = {
    "trail.record": "it is the trail",
    "trail.record_all": "it is the trail",
    "mailing.put": "every verb that queues mail calls it",
    "reminders.withdrawing.withdraw": "test_needless_mail.py: without waiting mail there is nothing to tell",
    "reminders.withdrawing.look_again": "test_reminders_of_files.py: the change that it follows is told",
    "reminders.withdrawing.look_again_at_clinics": "test_reminders_of_clinics.py: the change that it follows is told",
    "logos.use": "tests/web/test_logo.py: it needs a picture that was inspected",
    "logos.remove": "tests/web/test_logo.py: it needs a logo",
    "reminders.withdrawing.heed": "test_needless_on_its_way.py: it needs a message that comes back from its way",
    "reminders.reopening.change_readers": "test_needless_on_its_way.py: without waiting mail there is nothing to tell",
    "reminders.reopening.reopen": "test_needless_mail.py: without undelivered mail there is nothing to tell",
    "reminders.reopening.reopen_staff": "test_reminder_settings.py: without undelivered mail there is nothing to tell",
    "outbox.deciding.try_now": "test_outbox_deciding.py: it needs a message that waits",
    "outbox.deciding.give_up_waiting": "test_outbox_deciding.py: it needs a message that waits",
    "outbox.flagging.flag": "test_bounces.py: it needs a message that was refused",
    "refused_addresses.say_good": "test_bounces.py: it needs an address that was refused",
    "outbox.giving_up.give_up": "test_outbox.py: it needs a message that cannot be delivered",
    "intake.own_columns.explain_columns": "tests/web/test_import_columns.py: what it keeps is told as a change",
    "tasks.note": "test_bulk.py: what was done for many",
    "many.keep": "test_bulk.py: what was done for many",
    "bulk.looks.record_looks": "test_bulk.py: for many",
    "bulk.places.assign_all": "test_bulk.py: for many",
    "reminders.by_hand.remind_now": "test_bulk.py: it needs reminders that are on",
    "calendars.make": "test_calendars.py: a person makes one for themselves",
    "calendars.revoke": "test_calendars.py: it revokes what was made",
    "submissions.send_in": "test_submissions.py: it acts by a link",
    "submissions.say_not_me": "test_submissions.py: it acts by a link",
    "overtaken.overtake": "test_submissions.py: where nothing waits there is nothing to tell",
    "overtaken.reopen": "test_review.py: where nothing was accepted there is nothing to tell",
    "review.accept": "test_review.py: it decides what came in by a link",
    "review.send_back": "test_review.py: it decides what came in by a link",
    "review.note": "test_review.py: it decides what came in by a link",
    "intake.answers.answer_questions": "test_intake_answers.py: it needs an import that asked something",
    "demonstration.papers.attach": "test_demonstration.py: it opens its own transactions",
    "education.unfiled": "it writes nothing",
    "course_files.judge": "it writes nothing",
    "evidence_packets.task.start": "test_evidence_packets.py: it needs an issued report",
    "exposure_audits.task.start": "test_exposure_audits.py: it needs a file of treatments",
    "exposure_audits.task.confirm": "test_exposure_audits.py: it needs an audit that waits",
    "regular_reports.add": "test_regular_reports.py: it needs somebody who may read reports",
    "regular_reports.end": "test_regular_reports.py: it ends what was set up",
    "regular_reports.make": "test_regular_reports.py: it opens its own transactions",
    "audit_reports.issuing.issue": "test_audit_reports.py: it opens its own transactions",
    "sheet_issuing.issue": "test_inspector_sheets.py: it opens its own transactions",
    "checkpoint_mail.write": "test_checkpoints.py: mailing.put tells of the mail; without owners there is none",
    "accepting.with_passkey": "tests/web/test_accepting.py: it needs a passkey and an invitation",
    "accepting.with_identity": "tests/web/test_accepting.py: it needs what a provider said, and an invitation",
    "passkeys.add": "test_second_factors.py: it needs a passkey",
    "passkeys.remove": "test_second_factors.py: it needs a passkey",
    "identities.link": "test_second_factors.py: it needs what a provider said",
    "identities.unlink": "test_second_factors.py: it needs what a provider said",
    "secret_rotation.rotate": "test_second_factors.py: it needs seeds under another secret",
    "account_mail.tell": "test_second_factors.py: mailing.put tells of the mail",
    "second_factors.add_app": "test_second_factors.py: it needs a code of an app",
    "second_factors.remove_app": "test_second_factors.py: it needs an app",
    "second_factors.make_codes": "test_second_factors.py: it needs a person",
    "second_factors.use_recovery_code": "test_second_factors.py: it needs a code that was made",
    "second_factors.reset": "test_second_factors.py: it needs somebody with a second factor",
    "second_factors.reseal": "test_second_factors.py: it needs seeds under another secret",
    "sign_in.end_sessions": "test_second_factors.py: it needs a session",
    "retention_mail.write": "test_retention_mail.py: mailing.put tells of the mail; it needs a file whose time is over",
    "personal.erasing.erase": "tests/web/test_erasure.py: it needs a file of somebody who has left",
    "personal.approving.approve": "tests/web/test_retention.py: it needs a file whose time is over",
    "personal.approving.withdraw_approval": "tests/web/test_retention.py: it needs what was approved",
    "personal.removing.doom": "tests/web/test_erasure.py: the verb that erases tells of it",
    "signing.use_own": "test_signed_reports.py: it needs a certificate with its key",
    "signing.stop_own": "test_signed_reports.py: it needs a certificate to take away",
}
CALLED = set(world.VERBS) | set(machinery.VERBS)


def verbs() -> Iterator[str]:
    """Every public coroutine function of the services that takes `act` by keyword, as "module.name"."""
    package = compliance.services
    for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
        for name, value in vars(importlib.import_module(module.name)).items():
            if inspect.iscoroutinefunction(value) and value.__module__ == module.name and not name.startswith("_"):
                act = inspect.signature(value).parameters.get("act")
                if act and act.kind is act.KEYWORD_ONLY:
                    yield f"{module.name.removeprefix(package.__name__ + '.')}.{name}"


def test_every_verb_is_called_by_a_test_of_its_entry() -> None:
    assert set(verbs()) - CALLED - set(ELSEWHERE) == set()


def test_the_table_names_no_verb_that_is_gone() -> None:
    assert (CALLED | set(ELSEWHERE)) - set(verbs()) == set()


def test_every_verb_that_is_called_elsewhere_names_a_test_that_is_there() -> None:
    named = {reason.split(":")[0] for reason in ELSEWHERE.values() if reason.startswith("test_")}
    assert {each for each in named if not (Path(__file__).parent / each).exists()} == set()


async def last_place(session: AsyncSession, act: Act) -> int:
    query = select(TrailHeadRow.seq).where(TrailHeadRow.organization_id == act.organization_id)
    return await session.scalar(query) or 0


async def places(session: AsyncSession) -> dict[UUID, int]:
    """The last place of every chain."""
    return {row[0]: row[1] for row in await session.execute(select(TrailHeadRow.organization_id, TrailHeadRow.seq))}


async def test_every_verb_leaves_an_entry(database: Database) -> None:
    async with database.write.begin() as session:
        act = await build.organization(session)
        files, rest = await world.make(session, act), await machinery.make(session, act)
    calls: dict[str, Call] = {name: partial(_on, call, files) for name, call in world.VERBS.items()}
    calls |= {name: partial(_on, call, rest) for name, call in machinery.VERBS.items()}
    silent = [name for name, call in calls.items() if not await leaves_an_entry(database, act, call)]
    assert not silent


def _on(call: Any, made: Any, session: AsyncSession, act: Act) -> Awaitable[Any]:
    found: Awaitable[Any] = call(session, act, made)
    return found


async def leaves_an_entry(database: Database, act: Act, call: Call) -> bool:
    """Calls it in a transaction that is rolled back; the chain must hold afterwards, too."""
    async with database.write() as session:
        before = await places(session)
        await call(session, act)
        after = await places(session)
        count, broken = await trail.verify(session, organization_id=act.organization_id)
        assert (count, broken) == (await last_place(session, act), None)
        await session.rollback()
    return any(place > before.get(chain, 0) for chain, place in after.items())


async def test_what_another_organization_has_is_unknown_to_every_verb(database: Database) -> None:
    reached: list[str] = []
    async with database.write.begin() as session:
        act = await build.organization(session)
        made = await world.make(session, act)
        stranger = await build.organization(session, "Strangers")
    for name, call in world.NAMES_SOMETHING.items():
        answers = []
        for who, whose in ((stranger, made), (act, made.unknown())):
            async with database.write() as session:
                before = await places(session)
                try:
                    await call(session, who, whose)
                except Unknown as refused:
                    answers.append([each.field for each in refused.problems])
                if await places(session) != before:
                    reached.append(name)
                await session.rollback()
        if len(answers) != 2 or answers[0] != answers[1]:
            reached.append(name)
    assert not reached
