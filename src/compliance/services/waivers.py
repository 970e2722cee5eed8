"""Waivers: a named person excepts a therapist from one requirement, with a reason and until a day."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from compliance import catalog
from compliance.crypto.ids import new_id
from compliance.db.queries.policies import policies
from compliance.db.records import ClinicRow, WaiverRow
from compliance.domain.periods import FOREVER
from compliance.domain.requirements import Holder, with_policies
from compliance.services import consequences, rows, trail
from compliance.services.credential_checks import term_problem
from compliance.services.refusals import Checks, need_reason
from compliance.services.trail import Act, Entry


async def grant(
    session: AsyncSession,
    *,
    act: Act,
    therapist_id: UUID,
    requirement: str,
    starts_on: date,
    ends_on: date,
    reason: str,
    granted_by: str,
    clinic_id: UUID | None = None,
) -> UUID:
    """An exception at one clinic, or (None) at all; its id.

    Raises Unknown, and Refused for an unknown requirement, an open end, or a missing reason or name.
    """
    await rows.load_therapists(session, act, [therapist_id])
    if clinic_id:
        await rows.load(session, act, ClinicRow, [clinic_id], "clinic")
    checks = Checks()
    checks.refuse("requirement", await _requirement_problem(session, act, requirement))
    checks.refuse("ends_on", _span_problem(starts_on, ends_on))
    checks.refuse("reason", None if reason.strip() else "Say why the exception is made.")
    checks.refuse("granted_by", None if granted_by.strip() else "Say who made the exception.")
    checks.done()
    id_ = new_id(act.now)
    facts: rows.Values = {
        "clinic_id": clinic_id,
        "requirement": requirement,
        "starts_on": starts_on,
        "ends_on": ends_on,
        "reason": reason.strip(),
        "granted_by": granted_by.strip(),
    }
    seq = await trail.record(session, act=act, entry=Entry("waiver.granted", f"waiver:{id_}", therapist_id, new=facts))
    row = facts | {"id": id_, "recorded_seq": seq, "therapist_id": therapist_id}
    await rows.add(session, act, WaiverRow, [row])
    await consequences.follow(session, act=act, therapist_ids=[therapist_id])
    return id_


async def void(session: AsyncSession, *, act: Act, waiver_id: UUID, reason: str) -> None:
    """Voids a waiver, as if it had not been granted. Raises Unknown, and Refused without a reason."""
    need_reason(reason, "the waiver is void")
    row = (await rows.load_current(session, act, WaiverRow, [waiver_id], "waiver"))[waiver_id]
    old: rows.Values = {"requirement": row.requirement, "starts_on": row.starts_on, "ends_on": row.ends_on}
    entry = Entry("waiver.voided", f"waiver:{waiver_id}", row.therapist_id, old, why=reason)
    seq = await trail.record(session, act=act, entry=entry)
    await rows.void(session, act, WaiverRow, {waiver_id: seq}, reason)
    await consequences.follow(session, act=act, therapist_ids=[row.therapist_id])


def _span_problem(starts_on: date, ends_on: date) -> str | None:
    if ends_on == FOREVER:
        return "An exception has a last day. Give it; it can be granted again."
    return term_problem(starts_on, ends_on)


async def _requirement_problem(session: AsyncSession, act: Act, requirement: str) -> str | None:
    law, own = catalog.load(), await policies(session, act.organization_id)
    asked = [
        each
        for modality in law.modalities
        for place in law.jurisdictions
        for each in with_policies(law.asked(modality, place), own)
    ]
    codes = {each.code for each in asked if each.holder is Holder.THERAPIST}
    if requirement in codes:
        return None
    of_clinics = {each.code for found in law.of_clinics.values() for each in found}
    if requirement in of_clinics | {each.code for each in asked}:
        return f"{requirement!r} is asked of the clinic, so no therapist can be excepted from it."
    return f"Nothing called {requirement!r} is asked of anybody here. Allowed are {', '.join(sorted(codes))}."
