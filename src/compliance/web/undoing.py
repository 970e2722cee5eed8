"""Undo rather than delete: what was recorded wrongly is voided with a reason, and both stay in the history."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Redirect
from sqlalchemy.ext.asyncio import AsyncSession

from compliance.db.queries.whose import OF_THERAPISTS, whose
from compliance.services import assignments, credentials, evidence, merging, verifications, waivers
from compliance.services.refusals import Refused
from compliance.services.trail import Act
from compliance.web.access import needs
from compliance.web.forms import asked, blank
from compliance.web.holders import Holder, clinic_holder, therapist_holder, verdict_flash
from compliance.web.page import Html, Page

Verb = Callable[[AsyncSession, Act, UUID, str], Awaitable[Any]]


@dataclass(frozen=True, slots=True)
class Undoing:
    """One thing that can be taken back: whose rows, by whom, in which words."""

    kind: str
    verb: Verb
    needs: str
    title: str
    note: str
    done: str
    button: str
    deed: str = "void"


@dataclass(frozen=True)
class Why:
    """The reason, which stays in the history."""

    reason: str = asked("the reason", longest=500, lines=True)


UNDOINGS: Final = (
    Undoing(
        "credentials",
        lambda session, act, id_, why: credentials.void(session, act=act, credential_id=id_, reason=why),
        "credentials.write",
        "Void this credential",
        "It counts as never recorded, with all its terms. Reminders about it stop. It stays in the history.",
        "The credential is void.",
        "Void credential",
    ),
    Undoing(
        "terms",
        lambda session, act, id_, why: credentials.void_term(session, act=act, term_id=id_, reason=why),
        "credentials.write",
        "Void this term",
        "It counts as never recorded, and what was verified about it proves nothing any more.",
        "The term is void.",
        "Void term",
    ),
    Undoing(
        "standings",
        lambda session, act, id_, why: credentials.void_standing(session, act=act, standing_id=id_, reason=why),
        "credentials.write",
        "Void this standing",
        "It counts as never said; the standing before it holds again.",
        "The standing is void.",
        "Void standing",
    ),
    Undoing(
        "verifications",
        lambda session, act, id_, why: verifications.void(session, act=act, verification_id=id_, reason=why),
        "verifications.write",
        "Void this verification",
        "It counts as never made, with the standing that it recorded.",
        "The verification is void.",
        "Void verification",
    ),
    Undoing(
        "verifications",
        lambda session, act, id_, why: verifications.resolve(session, act=act, verification_id=id_, reason=why),
        "decisions.write",
        "Decide what it means",
        "Correct the file, record the renewal or a standing first, if that is what follows. Then say here what was "
        "found out; the line leaves the work list.",
        "Decided.",
        "Decided",
        "resolve",
    ),
    Undoing(
        "evidence-links",
        lambda session, act, id_, why: evidence.unlink(session, act=act, link_id=id_, reason=why),
        "evidence.write",
        "Take this file off the credential",
        "The file itself is kept; it only proves this no longer.",
        "The file is taken off.",
        "Take off",
    ),
    Undoing(
        "waivers",
        lambda session, act, id_, why: waivers.void(session, act=act, waiver_id=id_, reason=why),
        "waivers.write",
        "Void this waiver",
        "It counts as never granted, also for the days behind us.",
        "The waiver is void.",
        "Void waiver",
    ),
    Undoing(
        "assignments",
        lambda session, act, id_, why: assignments.void(session, act=act, assignment_id=id_, reason=why),
        "assignments.write",
        "Void this assignment",
        "For one that never was. Somebody who stops working there has a last day instead.",
        "The assignment is void.",
        "Void assignment",
    ),
    Undoing(
        "leaves",
        lambda session, act, id_, why: assignments.void_leave(session, act=act, leave_id=id_, reason=why),
        "assignments.write",
        "Void this leave",
        "It counts as never taken; reminders go out again.",
        "The leave is void.",
        "Void leave",
    ),
    Undoing(
        "merges",
        lambda session, act, id_, why: merging.unmerge(session, act=act, merge_id=id_, reason=why),
        "therapists.merge",
        "Part these two records again",
        "Each has its own file again. What was recorded since the merge stays where it was recorded.",
        "The records are parted.",
        "Part records",
    ),
)


def _routes(undoing: Undoing) -> list[Any]:
    path, opt = f"/{undoing.kind}/{{id_:uuid}}/{undoing.deed}", needs(undoing.needs)

    @get(path, opt=opt, name=f"{undoing.kind} {undoing.deed} form")
    async def ask(page: NamedDependency[Page], id_: FromPath[UUID]) -> Html:
        """The form."""
        holder = await _holder(page, undoing.kind, id_)
        return page.show("credentials/reason.html", undoing=undoing, holder=holder, values=blank(Why))

    @post(path, opt=opt, name=f"{undoing.kind} {undoing.deed}")
    async def undo(page: NamedDependency[Page], id_: FromPath[UUID]) -> Html | Redirect:
        """Done with a reason, and back to whose it was."""
        holder = await _holder(page, undoing.kind, id_)
        form = await page.form(Why)
        around: dict[str, Any] = {"undoing": undoing, "holder": holder}
        if form.value is None:
            return page.again("credentials/reason.html", form, **around)
        try:
            await undoing.verb(page.session, page.act, id_, form.value.reason)
        except Refused as refusal:
            return page.again("credentials/reason.html", form.refuse("reason", str(refusal)), **around)
        return page.go(holder.href, await verdict_flash(page, holder, undoing.done))

    return [ask, undo]


async def _holder(page: Page, kind: str, id_: UUID) -> Holder:
    found = page.found(await whose(page.session, page.organization_id, kind, id_))
    if kind in OF_THERAPISTS:
        page.see_place(found.clinic_id)
    if found.therapist_id:
        return await therapist_holder(page, found.therapist_id)
    return await clinic_holder(page, page.found(found.clinic_id))


ROUTES = [route for each in UNDOINGS for route in _routes(each)]
