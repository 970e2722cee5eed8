"""Waivers: a named person excepts a therapist, or a clinic itself, from one requirement, with a reason and until a day.

A clinic is excepted where the law does not mean it: a sole practitioner's, a physician's office, a school. That is a
finding of everybody's verdict there, for as long as it holds.
"""

from __future__ import annotations

from datetime import date
from typing import NamedTuple
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from compliance import catalog
from compliance.crypto.ids import new_id
from compliance.db.queries.policies import policies
from compliance.db.records import ClinicRow, WaiverRow
from compliance.domain.periods import FOREVER
from compliance.domain.requirements import Holder, with_policies
from compliance.services import consequences, rows, trail
from compliance.services.assessments import frame
from compliance.services.credential_checks import term_problem
from compliance.services.refusals import Checks, need_reason
from compliance.services.trail import Act, Entry


class _Said(NamedTuple):
    """What is said of an exception, whoever it is for."""

    requirement: str
    starts_on: date
    ends_on: date
    reason: str
    granted_by: str


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
    """A therapist's exception at one clinic, or (None) at all; its id.

    Raises Unknown, and Refused for an unknown requirement, an open end, or a missing reason or name.
    """
    await rows.load_therapists(session, act, [therapist_id])
    if clinic_id:
        await rows.load(session, act, ClinicRow, [clinic_id], "clinic")
    said = _Said(requirement, starts_on, ends_on, reason.strip(), granted_by.strip())
    return await _record(session, act, therapist_id, clinic_id, said, await _requirement_problem(session, act, said))


async def grant_to_clinic(
    session: AsyncSession,
    *,
    act: Act,
    clinic_id: UUID,
    requirement: str,
    starts_on: date,
    ends_on: date,
    reason: str,
    granted_by: str,
) -> UUID:
    """A clinic's own exception, which clears the people who work there as far as that goes; its id. Raises as above."""
    await rows.load(session, act, ClinicRow, [clinic_id], "clinic")
    said = _Said(requirement, starts_on, ends_on, reason.strip(), granted_by.strip())
    return await _record(session, act, None, clinic_id, said, await _clinic_problem(session, act, clinic_id, said))


async def void(session: AsyncSession, *, act: Act, waiver_id: UUID, reason: str) -> None:
    """Voids a waiver, as if it had not been granted. Raises Unknown, and Refused without a reason."""
    need_reason(reason, "the waiver is void")
    row = (await rows.load_current(session, act, WaiverRow, [waiver_id], "waiver"))[waiver_id]
    old: rows.Values = {"requirement": row.requirement, "starts_on": row.starts_on, "ends_on": row.ends_on}
    entry = Entry("waiver.voided", f"waiver:{waiver_id}", row.therapist_id, old, why=reason)
    seq = await trail.record(session, act=act, entry=entry)
    await rows.void(session, act, WaiverRow, {waiver_id: seq}, reason)
    await _follow(session, act, row.therapist_id, row.clinic_id)


async def _follow(session: AsyncSession, act: Act, therapist_id: UUID | None, clinic_id: UUID | None) -> None:
    if therapist_id:
        await consequences.follow(session, act=act, therapist_ids=[therapist_id])
    elif clinic_id:
        staff = await consequences.staff_of(session, act, [clinic_id])
        await consequences.follow(session, act=act, therapist_ids=staff, clinic_ids=[clinic_id])


async def _record(
    session: AsyncSession, act: Act, therapist_id: UUID | None, clinic_id: UUID | None, said: _Said, problem: str | None
) -> UUID:
    checks = Checks()
    checks.refuse("requirement", problem)
    checks.refuse("ends_on", _span_problem(said.starts_on, said.ends_on))
    checks.refuse("reason", None if said.reason else "Say why the exception is made.")
    checks.refuse("granted_by", None if said.granted_by else "Say who made the exception.")
    checks.done()
    id_ = new_id(act.now)
    facts: rows.Values = {"clinic_id": clinic_id, **said._asdict()}
    seq = await trail.record(session, act=act, entry=Entry("waiver.granted", f"waiver:{id_}", therapist_id, new=facts))
    row = facts | {"id": id_, "recorded_seq": seq, "therapist_id": therapist_id}
    await rows.add(session, act, WaiverRow, [row])
    await _follow(session, act, therapist_id, clinic_id)
    return id_


def _span_problem(starts_on: date, ends_on: date) -> str | None:
    if ends_on == FOREVER:
        return "An exception has a last day. Give it; it can be granted again."
    return term_problem(starts_on, ends_on)


async def _clinic_problem(session: AsyncSession, act: Act, clinic_id: UUID, said: _Said) -> str | None:
    asked = {each.code for each in (await frame(session, act.organization_id)).asked_of_clinic(clinic_id)}
    if said.requirement in asked:
        return None
    allowed = f"Allowed are {', '.join(sorted(asked))}." if asked else "Nothing is asked of it."
    return f"Nothing called {said.requirement!r} is asked of this clinic. {allowed}"


async def _requirement_problem(session: AsyncSession, act: Act, said: _Said) -> str | None:
    requirement = said.requirement
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
        return f"{requirement!r} is asked of the clinic. The exception is the clinic's; grant it on the clinic's page."
    return f"Nothing called {requirement!r} is asked of anybody here. Allowed are {', '.join(sorted(codes))}."
