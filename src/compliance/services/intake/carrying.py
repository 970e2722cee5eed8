"""Carries out plans through the verbs that everybody uses: what is recorded, in one go for many people."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from compliance.db.queries.intake_known import OnFile
from compliance.domain.credentials import Result
from compliance.services import assignments, consequences, credentials, fresh, therapists, verifications
from compliance.services.assessments import Frame, frame
from compliance.services.assignments import Ending, ModalityChange, NewAssignment
from compliance.services.credentials import (
    Correction,
    NewCredential,
    NewLook,
    NewStanding,
    NewTerm,
    Renewal,
    StandingChange,
)
from compliance.services.intake.plan import Around, Draft, DraftLook, License, Plan
from compliance.services.reminders.schedule import Pace, pace_of
from compliance.services.therapist_changes import Change
from compliance.services.therapists import NewTherapist
from compliance.services.verifications import NewVerification

Known = tuple[()] | tuple[Frame, Pace]


async def known_beforehand(session: AsyncSession, around: Around) -> Known:
    """What verdicts and ladders depend on beside the people: an import changes neither law nor clinics by then."""
    mine = around.act.organization_id
    return await frame(session, mine), await pace_of(session, mine)


async def carry_out(session: AsyncSession, around: Around, plans: Sequence[Plan], known: Known) -> None:
    """Everything that is new about these people, with its trail; coverage and ladders follow once, at the end."""
    with fresh.noting(session, *known):
        async with consequences.once(session, act=around.act):
            await _people(session, around, plans)
            await _assignments(session, around, plans)
            drafts = [(plan.on_file.id, draft) for plan in plans if plan.on_file for draft in plan.drafts]
            ids, terms = await _credentials(session, around, drafts)
            await _standings(session, around, drafts)
            await _looks(session, around, drafts, ids, terms)


async def _people(session: AsyncSession, around: Around, plans: Sequence[Plan]) -> None:
    new = [(plan, plan.new) for plan in plans if plan.new]
    if new:
        ids = await therapists.add_many(session, act=around.act, therapists=[each for _plan, each in new])
        for (plan, each), id_ in zip(new, ids, strict=True):
            plan.on_file = _just_recorded(each, id_)
    changes = [_change(each, around) for each in plans if each.changed and each.on_file]
    if changes:
        await therapists.change_many(session, act=around.act, changes=changes)


def _just_recorded(new: NewTherapist, id_: UUID) -> OnFile:
    return OnFile(id_, new.first_name, new.last_name, "", "", "", None, "")


def _change(plan: Plan, around: Around) -> Change:
    assert plan.on_file  # noqa: S101  (for the type checker: asked by the caller)
    changed = dict(plan.changed)
    if "last_name" in changed:
        changed["name_starts_on"] = around.today
    return replace(Change(plan.on_file.id, reason=around.why), **changed)  # type: ignore[arg-type]  # by field


async def _assignments(session: AsyncSession, around: Around, plans: Sequence[Plan]) -> None:
    act, why = around.act, around.why
    endings = [Ending(id_, day, why) for plan in plans for id_, day in plan.endings]
    if endings:
        await assignments.end_many(session, act=act, endings=endings)
    changes = [ModalityChange(id_, codes, why, day) for plan in plans for id_, codes, day in plan.modalities]
    if changes:
        await assignments.change_modalities_many(session, act=act, changes=changes)
    new = [
        NewAssignment(plan.on_file.id, around.clinics[each.clinic].id, each.modalities, each.starts_on, each.ends_on)
        for plan in plans
        if plan.on_file
        for each in plan.placements
    ]
    if new:
        await assignments.add_many(session, act=act, assignments=new)


async def record_licenses(session: AsyncSession, around: Around, licenses: Iterable[tuple[UUID, License]]) -> None:
    """What clinics hold themselves, by the clinic's id; their people's verdicts follow once, at the end."""
    drafts = [(id_, draft) for id_, each in licenses for draft in each.drafts]
    async with consequences.once(session, act=around.act):
        await _credentials(session, around, drafts, holder="clinic_id")


Drafts = Sequence[tuple[UUID, Draft]]
Ids = dict[int, UUID]
TermIds = dict[tuple[int, object], UUID]


async def _credentials(
    session: AsyncSession, around: Around, drafts: Drafts, *, holder: str = "therapist_id"
) -> tuple[Ids, TermIds]:
    """Records and corrects; the credentials' ids by their drafts, and the terms' by draft and last day."""
    ids: Ids = {id(draft): draft.held.id for _who, draft in drafts if draft.held}
    terms: TermIds = {(id(draft), each.ends_on): each.id for _who, draft in drafts for each in draft.terms if each.id}
    fresh = [(who, draft) for who, draft in drafts if draft.held is None]
    if fresh:
        new = [_new(draft, **{holder: who}) for who, draft in fresh]
        added = await credentials.add_many(session, act=around.act, credentials=new)
        for (_who, draft), made in zip(fresh, added, strict=True):
            ids[id(draft)] = made.id
            if made.term_id:
                terms[(id(draft), draft.terms[0].ends_on)] = made.term_id
    corrections = [_correction(draft, around) for _who, draft in drafts if draft.held and draft.corrected]
    if corrections:
        await credentials.correct_many(session, act=around.act, corrections=corrections)
    await _renew(session, around, drafts, ids, terms)
    return ids, terms


def _new(draft: Draft, *, therapist_id: UUID | None = None, clinic_id: UUID | None = None) -> NewCredential:
    """The credential with its first term, and the first look at that, which need no statements of their own."""
    term, look = (draft.terms[0] if draft.terms else None), first_look(draft)
    standing = None
    if draft.standing and draft.standing_from:
        standing = NewStanding(draft.standing, draft.standing_from)
    return NewCredential(
        draft.type,
        therapist_id,
        clinic_id,
        jurisdiction=draft.jurisdiction or None,
        issuing_authority=draft.authority,
        number=draft.number,
        first_issued_on=draft.first_issued_on,
        details=draft.details,
        notes=draft.notes,
        term=NewTerm(term.starts_on, term.ends_on, term.inferred) if term else None,
        standing=standing,
        look=NewLook(look.verified_on, look.verified_by, look.source, look.method) if look else None,
    )


def first_look(draft: Draft) -> DraftLook | None:
    """The look that is recorded in one breath with a new credential."""
    if draft.held or not draft.terms:
        return None
    return next((each for each in draft.looks if each.ends_on == draft.terms[0].ends_on), None)


def _correction(draft: Draft, around: Around) -> Correction:
    assert draft.held  # noqa: S101  (for the type checker: asked by the caller)
    return replace(Correction(draft.held.id, around.why), **draft.corrected)  # type: ignore[arg-type]  # by field


async def _renew(session: AsyncSession, around: Around, drafts: Drafts, ids: Ids, terms: TermIds) -> None:
    new = [
        (draft, each)
        for _who, draft in drafts
        for each in (draft.new_terms if draft.held else draft.new_terms[1:])
    ]  # fmt: skip
    if not new:
        return
    renewals = [Renewal(ids[id(draft)], each.ends_on, each.starts_on, each.inferred) for draft, each in new]
    made = await credentials.renew_many(session, act=around.act, renewals=renewals)
    for (draft, each), id_ in zip(new, made, strict=True):
        terms[(id(draft), each.ends_on)] = id_


async def _standings(session: AsyncSession, around: Around, drafts: Drafts) -> None:
    changes = [
        StandingChange(draft.held.id, draft.standing, draft.standing_from, note=around.why)
        for _who, draft in drafts
        if draft.held and draft.standing and draft.standing_from
    ]
    if changes:
        await credentials.record_standings(session, act=around.act, changes=changes)


async def _looks(session: AsyncSession, around: Around, drafts: Drafts, ids: Ids, terms: TermIds) -> None:
    """Verifications by those who made them; the note says that an import brought them in."""
    note = f"Brought in by the import of {around.file_name}"
    new = [
        NewVerification(
            ids[id(draft)],
            Result.CONFIRMED,
            each.verified_on,
            each.verified_by,
            each.source,
            terms[(id(draft), each.ends_on)],
            each.standing,
            note,
            each.method,
        )
        for _who, draft in drafts
        for each in draft.looks
        if each is not first_look(draft)
    ]
    if new:
        await verifications.record_many(session, act=around.act, verifications=new)
