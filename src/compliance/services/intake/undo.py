"""Takes an import back: everything that it recorded is void, chunk by chunk, by its places in the trail.

Nothing is deleted, and what others have recorded since stays. Facts that it changed go back to what they were, and
assignments that it ended or changed hold again; therapists and clinics that only it made are void, too. What somebody
else has touched since is left as it is (`undo_plan.py` says beforehand what and why).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from compliance.db.queries import tasks as task_queries
from compliance.db.queries import undoing
from compliance.db.records import AssignmentRow, CredentialRow, StandingRow, TaskRow, TermRow, VerificationRow
from compliance.services import (
    assignments,
    clinics,
    consequences,
    credentials,
    tasks,
    therapists,
    trail,
    verifications,
)
from compliance.services.intake import undo_plan
from compliance.services.intake.applying import head, with_span
from compliance.services.intake.undo_plan import PutBack
from compliance.services.refusals import Refused
from compliance.services.task_runner import Ended, TaskFailed, Work
from compliance.services.trail import Act, Entry

CHUNK: Final = 400
Void = Callable[[AsyncSession, Act, Sequence[UUID], str], Awaitable[None]]
Deed = Callable[[AsyncSession, Act, str], Awaitable[Any]]


async def _credentials(session: AsyncSession, act: Act, ids: Sequence[UUID], reason: str) -> None:
    await credentials.void_many(session, act=act, credential_ids=ids, reason=reason)


async def _verifications(session: AsyncSession, act: Act, ids: Sequence[UUID], reason: str) -> None:
    await verifications.void_many(session, act=act, verification_ids=ids, reason=reason)


async def _terms(session: AsyncSession, act: Act, ids: Sequence[UUID], reason: str) -> None:
    await credentials.void_terms(session, act=act, term_ids=ids, reason=reason)


async def _standings(session: AsyncSession, act: Act, ids: Sequence[UUID], reason: str) -> None:
    for each in ids:
        await credentials.void_standing(session, act=act, standing_id=each, reason=reason)


async def _assignments(session: AsyncSession, act: Act, ids: Sequence[UUID], reason: str) -> None:
    await assignments.void_many(session, act=act, assignment_ids=ids, reason=reason)


# Credentials first: what hangs on a void one needs no voiding of its own.
NOUNS: Final[Sequence[tuple[str, Any, Void]]] = (
    ("credentials", CredentialRow, _credentials),
    ("verifications", VerificationRow, _verifications),
    ("terms", TermRow, _terms),
    ("standings", StandingRow, _standings),
    ("assignments", AssignmentRow, _assignments),
)


async def run(work: Work) -> Ended:
    """The runner of the kind `undo-import`; begun again, it goes on with what is not taken back yet."""
    undo = _Undo(work, str(work.task.input["reason"]), await _spans(work))
    for name, table, void in NOUNS:
        for first, last in undo.spans:
            while ids := await _ids(work, table, first, last):
                await undo.chunk(name, len(ids), partial(_void, void, ids))
    await _put_back(undo)
    await _drop(undo)
    await _told(work, undo.counts)
    return Ended({"undone": undo.counts})


async def _void(void: Void, ids: Sequence[UUID], session: AsyncSession, act: Act, reason: str) -> None:
    async with consequences.once(session, act=act):
        await void(session, act, ids, reason)


@dataclass(slots=True)
class _Undo:
    """One undo at work: what is taken back, why, and how far it is."""

    work: Work
    reason: str
    spans: list[list[int]]
    done: int = 0
    counts: dict[str, int] = field(default_factory=dict)

    async def chunk(self, name: str, size: int, deed: Deed) -> None:
        """One transaction, whose places in the trail are remembered as this undo's own."""
        work = self.work
        async with work.transaction(step="undoing", done=self.done) as session:
            act = work.act()
            before = await head(session, act)
            await deed(session, act, self.reason)
            spans = with_span(work.task.result.get("spans"), before + 1, await head(session, act))
            work.task = await tasks.keep(session, task=work.task, now=work.tools.clock(), result={"spans": spans})
        self.done += size
        self.counts[name] = self.counts.get(name, 0) + size
        work.tell("undoing", self.done, None)

    @property
    def mine(self) -> list[list[int]]:
        """The places that the import and this undo have written."""
        own: Any = self.work.task.result.get("spans", [])
        return [*self.spans, *own]


async def _put_back(undo: _Undo) -> None:
    """Assignments that the import ended or changed hold again, and facts are as before, where nobody else acted."""
    organization_id = undo.work.task.organization_id
    async with undo.work.tools.database.read() as session:
        ended = await undoing.assignments_replaced(session, organization_id, undo.spans)
        people = [each for each in await undo_plan.people(session, organization_id, undo.spans) if not each.stays]
        held = [each for each in await undo_plan.held(session, organization_id, undo.spans) if not each.stays]
    for assignment_id in ended:
        await _one(undo, "assignments_again", partial(_restore, assignment_id))
    for who, facts in _by_subject(people).items():
        await _one(undo, "facts", partial(_change, therapists.Change(who, reason=undo.reason, **facts)))
    for which, facts in _by_subject(held).items():
        await _one(undo, "facts", partial(_correct, credentials.Correction(which, undo.reason, **facts)))


async def _restore(assignment_id: UUID, session: AsyncSession, act: Act, reason: str) -> None:
    await assignments.restore(session, act=act, assignment_id=assignment_id, reason=reason)


async def _change(change: therapists.Change, session: AsyncSession, act: Act, _reason: str) -> None:
    await therapists.change(session, act=act, change=change)


async def _correct(correction: credentials.Correction, session: AsyncSession, act: Act, _reason: str) -> None:
    await credentials.correct(session, act=act, correction=correction)


async def _one(undo: _Undo, name: str, deed: Deed) -> None:
    """One thing goes back; what cannot, because of what others did since, stays and is counted."""
    try:
        await undo.chunk(name, 1, deed)
    except Refused:
        undo.counts["left"] = undo.counts.get("left", 0) + 1


def _by_subject(facts: Sequence[PutBack]) -> dict[UUID, dict[str, Any]]:
    found: dict[UUID, dict[str, Any]] = {}
    for each in facts:
        found.setdefault(each.subject_id, {})[each.field] = "" if each.before is None else each.before
    return found


async def _drop(undo: _Undo) -> None:
    """Therapists and clinics that only this import made, and that nobody else used, are void."""
    organization_id = undo.work.task.organization_id
    while True:
        async with undo.work.tools.database.read() as session:
            ids = await undoing.therapists_alone(session, organization_id, undo.spans, undo.mine, CHUNK)
        if not ids:
            break
        await undo.chunk("therapists", len(ids), partial(_void_people, ids))
    async with undo.work.tools.database.read() as session:
        alone, _used = await undoing.clinics_made(session, organization_id, undo.spans, undo.mine)
    for clinic_id, _name in alone:
        await _one(undo, "clinics", partial(_void_clinic, clinic_id))


async def _void_people(ids: Sequence[UUID], session: AsyncSession, act: Act, reason: str) -> None:
    await therapists.void_many(session, act=act, therapist_ids=ids, reason=reason)


async def _void_clinic(clinic_id: UUID, session: AsyncSession, act: Act, reason: str) -> None:
    await clinics.void(session, act=act, clinic_id=clinic_id, reason=reason)


async def _spans(work: Work) -> list[list[int]]:
    import_id = UUID(str(work.task.input["import"]))
    async with work.tools.database.read() as session:
        found = await task_queries.task(session, work.task.organization_id, import_id)
    if found is None:
        raise TaskFailed(f"No import has the id {import_id}.")
    spans: Any = found.result.get("spans", [])
    return list(reversed(spans))


async def _ids(work: Work, table: Any, first: int, last: int) -> list[UUID]:
    """What the import recorded in a span of the trail and still holds; nothing that hangs on a void credential."""
    mine = (table.organization_id == work.task.organization_id, table.recorded_seq.between(first, last))
    query = select(table.id).where(*mine, table.voided_seq.is_(None)).order_by(table.recorded_seq).limit(CHUNK)
    if hasattr(table, "credential_id"):
        same = (CredentialRow.organization_id == table.organization_id) & (CredentialRow.id == table.credential_id)
        query = query.join(CredentialRow, same).where(CredentialRow.voided_seq.is_(None))
    async with work.tools.database.read() as session:
        return list(await session.scalars(query))


async def _told(work: Work, counts: dict[str, int]) -> None:
    """The import remembers that it was undone; the trail says by whom and why."""
    import_id = UUID(str(work.task.input["import"]))
    async with work.transaction() as session:
        entry = Entry("import.undone", f"import:{import_id}", new=counts, why=str(work.task.input["reason"]))
        await trail.record(session, act=work.act(), entry=entry)
        row = await session.get(TaskRow, import_id)
        if row is not None:
            row.result = {**row.result, "undone": True}
            row.updated_at = work.tools.clock()
