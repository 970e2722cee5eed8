"""What all lines of one audit report share: the question, its place in the trail, the clinics as they were called."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from importlib.metadata import PackageNotFoundError, version
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from compliance.db.queries import report_facts
from compliance.db.queries.former import former_facts, then
from compliance.db.queries.report_facts import Place
from compliance.db.records import ClinicRow, OrganizationRow
from compliance.domain.periods import day_after
from compliance.services import assessments
from compliance.services.assessments import Frame
from compliance.services.audit_reports.asking import Asked
from compliance.services.logos import logo_of
from compliance.services.refusals import Problem, Unknown, refuse


@dataclass(frozen=True, slots=True)
class Clinic:
    """A clinic as it was called at the place in the trail."""

    id: UUID
    name: str
    jurisdiction: str
    time_zone: str
    address: str


@dataclass(frozen=True, slots=True)
class Around:
    """What all lines of one report share."""

    organization_id: UUID
    organization: str
    time_zone: str
    asked: Asked
    place: Place
    frame: Frame
    clinics: dict[UUID, Clinic]
    logo: str = ""  # the hash of the picture that was printed then

    @property
    def here(self) -> list[Clinic]:
        """The clinics that the question is about, by name."""
        asked = (each for each in self.clinics.values() if self.asked.here(each.id))
        return sorted(asked, key=lambda each: (each.name.casefold(), str(each.id)))

    @property
    def only(self) -> Clinic | None:
        """The one clinic that the question is about, if it is one."""
        return self.clinics[self.asked.clinic_id] if self.asked.clinic_id else None

    @property
    def named(self) -> str:
        """What the question is about."""
        if not self.asked.clinics:
            return self.organization
        return " and ".join(filter(None, (", ".join(each.name for each in self.here[:-1]), self.here[-1].name)))

    @property
    def zone(self) -> str:
        """Whose calendar its days are days of."""
        return self.only.time_zone if self.only else self.time_zone


CONTENTS_VERSION: Final = "4"  # raised when reports say more or other than before, so that a new one takes their place


def program_version() -> str:
    """The program, what its reports hold, and its rules: a newer one may answer differently."""
    try:
        installed = version("compliance")
    except PackageNotFoundError:
        installed = "unknown"
    return f"{installed}, report {CONTENTS_VERSION} (rules {assessments.RULES_VERSION})"


async def look_around(session: AsyncSession, organization_id: UUID, asked: Asked, place: Place) -> Around:
    """Reads what all lines share. Raises Unknown for a clinic that this organization does not have."""
    organization = await session.scalar(select(OrganizationRow).where(OrganizationRow.id == organization_id))
    clinics = await _clinics(session, organization_id, asked, place.seq)
    if organization is None:
        raise Unknown(Problem("organization_id", f"No organization has the id {organization_id}."))
    frame = await assessments.frame(session, organization_id, known_seq=place.seq)
    former = await former_facts(session, organization_id, "organization", after_seq=place.seq)
    was = then(former, place.seq).get(organization_id, {})
    name, zone = was.get("name", organization.name), was.get("time_zone", organization.time_zone)
    logo = was.get("logo", logo_of(organization)) or ""
    return Around(organization_id, name, zone, asked, place, frame, clinics, logo)


async def _clinics(session: AsyncSession, organization_id: UUID, asked: Asked, seq: int) -> dict[UUID, Clinic]:
    """The clinics that were on record at a place in the trail, as they were called then."""
    rows = (await session.scalars(select(ClinicRow).where(ClinicRow.organization_id == organization_id))).all()
    names = {row.id: row.name for row in rows}
    for id_ in sorted(asked.clinics - set(names)):
        raise Unknown(Problem("clinic_id", f"No clinic has the id {id_}."))
    was = then(await former_facts(session, organization_id, "clinic", after_seq=seq), seq)
    later = await report_facts.clinics_added_since(session, organization_id, seq)
    for id_ in sorted(asked.clinics & later):
        raise refuse("known_on", f"{names[id_]} was not on record then. Ask by what was known on a later day.")
    there = [row for row in rows if row.id not in later and (row.voided_seq is None or row.voided_seq > seq)]
    return {row.id: _clinic(row, was.get(row.id, {})) for row in there}


def _clinic(row: ClinicRow, was: dict[str, Any]) -> Clinic:
    kept = {key: was.get(key, getattr(row, key)) or "" for key in ("name", "jurisdiction", "time_zone", "address")}
    return Clinic(row.id, **kept)


def instants(around: Around) -> tuple[datetime, datetime] | None:
    """The period's first instant, and the first after it, in the clinic's zone; nothing later than was known."""
    period, zone = around.asked.period, ZoneInfo(around.zone)
    if period is None:
        return None
    since, until = (
        datetime.combine(each, time(), zone).astimezone(UTC) for each in (period.starts_on, day_after(period.ends_on))
    )
    return since, min(until, around.asked.known_at + timedelta(microseconds=1))
