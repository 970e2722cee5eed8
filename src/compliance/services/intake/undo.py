"""Takes an import back: everything that it recorded is void, chunk by chunk, by its places in the trail.

Nothing is deleted, and what others have recorded since stays. Therapists and clinics stay as empty files; facts that
the import changed are listed in the trail and are not changed back.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Final
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from compliance.db.queries import tasks as task_queries
from compliance.db.records import AssignmentRow, CredentialRow, StandingRow, TaskRow, TermRow, VerificationRow
from compliance.services import assignments, consequences, credentials, trail, verifications
from compliance.services.task_runner import Ended, TaskFailed, Work
from compliance.services.trail import Act, Entry

CHUNK: Final = 400
Void = Callable[[AsyncSession, Act, Sequence[UUID], str], Awaitable[None]]


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
    """The runner of the kind `undo-import`; begun again, it goes on with what is not void yet."""
    spans = await _spans(work)
    reason, done = str(work.task.input["reason"]), 0
    counts: dict[str, int] = {}
    for name, table, void in NOUNS:
        for first, last in spans:
            while ids := await _ids(work, table, first, last):
                async with work.transaction(step="undoing", done=done) as session:
                    act = work.act()
                    async with consequences.once(session, act=act):
                        await void(session, act, ids, reason)
                done += len(ids)
                counts[name] = counts.get(name, 0) + len(ids)
                work.tell("undoing", done, None)
    await _told(work, counts)
    return Ended({"undone": counts})


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
