"""What tests of services ask: one file, one credential, one finding; and the smallest worlds to ask about."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from compliance.db.queries import credentials as read
from compliance.db.queries import therapists as read_therapists
from compliance.domain.assessment import Finding
from compliance.services import assessments, credentials
from compliance.services.trail import Act
from tests import builders as build


async def assigned(session: AsyncSession) -> tuple[Act, UUID, UUID, UUID]:
    """An organization with one therapist at one clinic."""
    act = await build.organization(session)
    clinic = await build.clinic(session, act, "Tampa")
    who = await build.therapist(session, act)
    return act, clinic, who, await build.assignment(session, act, who, clinic)


async def file_of(session: AsyncSession, act: Act, who: UUID) -> read_therapists.Therapist:
    found = await read_therapists.therapist(session, act.organization_id, who)
    assert found
    return found


async def person(session: AsyncSession) -> tuple[Act, UUID]:
    act = await build.organization(session)
    return act, await build.therapist(session, act)


async def held(session: AsyncSession, act: Act, credential_id: UUID) -> read.Held:
    found = await read.credential(session, act.organization_id, credential_id)
    assert found
    return found


def spans(found: read.Held) -> list[tuple[date, date]]:
    return [(each.starts_on, each.ends_on) for each in found.terms]


async def licensed(session: AsyncSession) -> tuple[Act, UUID, UUID, credentials.Added]:
    """Somebody at a clinic in Florida with a license that nobody has looked up."""
    act = await build.organization(session)
    clinic = await build.clinic(session, act)
    who = await build.therapist(session, act)
    await build.assignment(session, act, who, clinic)
    return act, clinic, who, await build.credential(session, act, who)


async def finding(
    session: AsyncSession, act: Act, who: UUID, clinic: UUID, requirement: str = "license", on: date = build.TODAY
) -> Finding:
    verdict = await assessments.clearance_of(
        session,
        organization_id=act.organization_id,
        therapist_id=who,
        clinic_id=clinic,
        modality=build.MASSAGE,
        as_of=on,
    )
    assert verdict
    return next(each for each in verdict.findings if each.requirement == requirement)
