"""What tests build: an organization, a clinic, people with their files, each by the verb that users call.

All take what a sentence would say and make up the rest. Days lie around NOW, a Sunday in November 2026.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from itertools import count
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from compliance.catalog import load
from compliance.db.records import INSTALLATION
from compliance.domain.credentials import Result, StandingCode
from compliance.domain.periods import FOREVER
from compliance.domain.requirements import Asked
from compliance.services import assignments, clinics, credentials, organizations, therapists, verifications
from compliance.services.trail import Act

NOW = datetime(2026, 11, 22, 15, 0, tzinfo=UTC)
TODAY = NOW.date()
TRIGGER_POINT = "trigger-point-therapy"
MASSAGE = "massage-therapy"

_serial = count(1)
HELD = (date(2000, 1, 1), date(2099, 12, 31))


def act_in(organization_id: UUID, now: datetime = NOW, actor: str = "user:tester") -> Act:
    """Somebody acts there, then."""
    return Act(organization_id, actor, now)


async def organization(session: AsyncSession, name: str = "Gulf Coast Massage", **more: Any) -> Act:
    """An organization, as the act with which everything else is done in it."""
    return act_in(await organizations.add(session, act=act_in(INSTALLATION), name=name, **more))


async def clinic(
    session: AsyncSession,
    act: Act,
    name: str = "",
    jurisdiction: str = "us-fl",
    *,
    licensed: bool = True,
    **more: Any,
) -> UUID:
    """A clinic, in Florida unless said otherwise, with the license that its place asks of it."""
    more = {"time_zone": "America/New_York"} | more
    new = clinics.NewClinic(name or f"Clinic {next(_serial)}", jurisdiction, **more)
    added = await clinics.add(session, act=act, clinic=new)
    if licensed:
        await clinic_license(session, act, added, jurisdiction)
    return added


async def clinic_license(session: AsyncSession, act: Act, clinic_id: UUID, jurisdiction: str = "us-fl") -> None:
    """The clinic's own license, for longer than any test looks, where the place asks for one."""
    for each in load().asked_of_clinic(jurisdiction):
        if each.provisions[-1].asked is Asked.YES:
            where: dict[str, Any] = {"clinic_id": clinic_id, "jurisdiction": each.jurisdiction}
            term, number = credentials.NewTerm(*HELD), f"MM{next(_serial)}"
            held = credentials.NewCredential("establishment-license", number=number, term=term, **where)
            await credentials.add(session, act=act, credential=held)


async def therapist(
    session: AsyncSession, act: Act, first_name: str = "Maria", last_name: str = "Alvarez", **more: Any
) -> UUID:
    """A therapist with an address of her own."""
    usual: dict[str, Any] = {"email": f"person{next(_serial)}@example.org", "birth_date": date(1985, 4, 3)}
    new = therapists.NewTherapist(first_name, last_name, **usual | more)
    return await therapists.add(session, act=act, therapist=new)


async def assignment(
    session: AsyncSession,
    act: Act,
    therapist_id: UUID,
    clinic_id: UUID,
    modalities: tuple[str, ...] = (MASSAGE,),
    starts_on: date = date(2023, 1, 9),
    ends_on: date = FOREVER,
) -> UUID:
    """Works there since 2023."""
    new = assignments.NewAssignment(therapist_id, clinic_id, modalities, starts_on, ends_on)
    return await assignments.add(session, act=act, assignment=new)


async def credential(
    session: AsyncSession,
    act: Act,
    therapist_id: UUID | None,
    type: str = "massage-license",
    starts_on: date = date(2025, 9, 1),
    ends_on: date = date(2027, 8, 31),
    **more: Any,
) -> credentials.Added:
    """A credential with one term; a Florida license unless said otherwise."""
    place = {"jurisdiction": "us-fl"} if type in ("massage-license", "establishment-license") else {}
    standing = credentials.NewStanding(StandingCode.ACTIVE, starts_on)
    known: dict[str, Any] = {"number": f"MA{next(_serial):05}", "standing": standing}
    term = credentials.NewTerm(starts_on, ends_on)
    new = credentials.NewCredential(type, therapist_id=therapist_id, term=term, **known | place | more)
    return await credentials.add(session, act=act, credential=new)


async def verification(
    session: AsyncSession, act: Act, credential_id: UUID, result: Result = Result.CONFIRMED, **more: Any
) -> UUID:
    """Somebody looked at the board today."""
    look: dict[str, Any] = {"verified_on": TODAY, "verified_by": "J. Ortiz", "source": "board website"}
    new = verifications.NewVerification(credential_id, result, **look | more)
    return await verifications.record(session, act=act, verification=new)


async def verified_license(session: AsyncSession, act: Act, therapist_id: UUID, **more: Any) -> credentials.Added:
    """A license that the board confirmed."""
    added = await credential(session, act, therapist_id, **more)
    await verification(session, act, added.id, term_id=added.term_id)
    return added


async def trigger_point_therapist(session: AsyncSession, act: Act, clinic_id: UUID, **more: Any) -> UUID:
    """Somebody who is cleared for trigger point therapy there: license, examination, certification, membership."""
    id_ = await therapist(session, act, **more)
    await assignment(session, act, id_, clinic_id, (TRIGGER_POINT,))
    await verified_license(session, act, id_)
    await credential(session, act, id_, "mblex", date(2018, 5, 1), FOREVER)
    await credential(session, act, id_, "bctmb", date(2025, 1, 1), date(2028, 12, 31))
    await credential(session, act, id_, "amta-membership", date(2026, 1, 29), date(2027, 1, 28))
    return id_
