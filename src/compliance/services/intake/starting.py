"""Import of a roster: started, confirmed after its preview, cancelled, undone. The work itself is a task.

An import is read, judged and applied (`running.py`). Nothing is applied unless every row is good or the person
has said to leave the bad ones out.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from compliance.db.queries.intake import KIND, Import, import_of
from compliance.services import tasks
from compliance.services.intake.words import jurisdiction_word
from compliance.services.refusals import Checks, Problem, Refused, Unknown, need_reason
from compliance.services.trail import Act

UNDO = "undo-import"


@dataclass(frozen=True, slots=True)
class Options:
    """What the person wants.

    `clinic_jurisdictions` names the jurisdiction of clinics to create ("Kansas City" -> "us-ks") where their people's
    licenses do not tell it. `apply` goes on to apply after judging, if every row is good or the refused are left out.
    """

    create_clinics: bool = False
    clinic_jurisdictions: Mapping[str, str] = field(default_factory=dict)
    leave_out_refused: bool = False
    apply: bool = False

    def as_input(self) -> dict[str, object]:
        """As the task keeps it."""
        return {
            "create_clinics": self.create_clinics or bool(self.clinic_jurisdictions),
            "clinic_jurisdictions": dict(self.clinic_jurisdictions),
            "leave_out_refused": self.leave_out_refused,
            "apply": self.apply,
        }

    def check(self) -> None:
        """Raises Refused for clinics with an unknown jurisdiction."""
        checks = Checks()
        for name, text in self.clinic_jurisdictions.items():
            problem = jurisdiction_word(text)[1] if text.strip() else "Say in which state it is."
            checks.refuse("create_clinics", f"{name}: {problem}" if problem else None)
        checks.done()


async def start_import(
    session: AsyncSession,
    *,
    act: Act,
    name: str,
    sha256: str = "",
    path: str = "",
    options: Options | None = None,
) -> UUID:
    """An import that waits for a worker; its id. `name` is the file's, its ending tells CSV or XLSX.

    The file lies in the evidence store under `sha256` (it is removed once it was read), or at `path` on the machine
    where the task is run at once. Raises Refused for options that cannot be.
    """
    wanted = options or Options()
    wanted.check()
    where = {"path": path} if path else {"sha256": sha256}
    input_ = {"name": name, **where, **wanted.as_input()}
    return await tasks.create(session, act=act, kind=KIND, title=name, input=input_)


async def confirm_import(session: AsyncSession, *, act: Act, import_id: UUID, options: Options) -> None:
    """The preview was read: judge once more with these options, then apply if `options.apply` says so.

    Raises Unknown, and Refused unless the import waits for a person.
    """
    options.check()
    await _import(session, act, import_id)
    task = await tasks_value(session, act, import_id)
    await tasks.restart(session, act=act, task_id=import_id, input={**task, **options.as_input()})


async def tasks_value(session: AsyncSession, act: Act, import_id: UUID) -> dict[str, object]:
    """The input of an import's task."""
    from compliance.db.queries.tasks import task

    found = await task(session, act.organization_id, import_id)
    return dict(found.input) if found else {}


async def cancel_import(session: AsyncSession, *, act: Act, import_id: UUID, reason: str = "") -> None:
    """Stops an import, a running one between two chunks; what it has applied stays, and can be undone."""
    await _import(session, act, import_id)
    await tasks.cancel(session, act=act, task_id=import_id, reason=reason)


async def undo_import(session: AsyncSession, *, act: Act, import_id: UUID, reason: str) -> UUID:
    """A task that voids everything the import has created; its id. Raises Unknown, Refused without a reason."""
    need_reason(reason, "the import is undone")
    found = await _import(session, act, import_id)
    if found.state in (tasks.WAITING, tasks.RUNNING):
        raise Refused(Problem("import_id", "The import is still at work. Cancel it first, then undo it."))
    if found.undone:
        raise Refused(Problem("import_id", "This import was undone already."))
    input_ = {"import": str(import_id), "reason": reason}
    return await tasks.create(session, act=act, kind=UNDO, title=found.name, input=input_)


async def _import(session: AsyncSession, act: Act, import_id: UUID) -> Import:
    found = await import_of(session, act.organization_id, import_id)
    if found is None:
        raise Unknown(Problem("import_id", f"No import has the id {import_id}."))
    return found
