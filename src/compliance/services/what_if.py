"""What would be different: verdicts under policies that are not in force, worked out and never written."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from compliance.db.queries.files import credential_files
from compliance.domain.ahead import Span
from compliance.domain.assessment import Clearance, clearance_periods, covers_of
from compliance.domain.credentials import CredentialFile
from compliance.domain.requirements import Policy
from compliance.services.assessments import Frame, places_of, verdict, worked

CHUNK = 400


@dataclass(frozen=True, slots=True)
class Change:
    """One verdict that would be another: from yes to no, from no to yes, or a yes that ends on another day."""

    therapist_id: UUID
    name: str
    clinic_id: UUID
    modality: str
    before: Clearance
    after: Clearance

    @property
    def loses(self) -> bool:
        """Whether a yes would become a no."""
        return self.before.cleared and not self.after.cleared

    @property
    def gains(self) -> bool:
        """Whether a no would become a yes."""
        return self.after.cleared and not self.before.cleared


def under(around: Frame, policies: Sequence[Policy]) -> Frame:
    """The same organization with other policies."""
    return replace(around, policies=tuple(policies), _asked={}, _there={}, _of_clinics={}, _own_covers={})


async def changes(
    session: AsyncSession,
    *,
    organization_id: UUID,
    before: Frame,
    after: Frame,
    on: date,
    therapist_ids: Collection[UUID],
) -> list[Change]:
    """The verdicts of these people on a day that the other rules would change, whoever loses first."""
    found: list[Change] = []
    ids = list(therapist_ids)
    for start in range(0, len(ids), CHUNK):
        files = await credential_files(session, organization_id, ids[start : start + CHUNK])
        found += [change for file in files.values() for change in _changed(file, before, after, on)]
    return sorted(found, key=lambda each: (not each.loses, not each.gains, each.name, each.modality))


def _changed(file: CredentialFile, before: Frame, after: Frame, on: date) -> list[Change]:
    found = []
    for clinic_id, modality in places_of(file):
        if any(each.holds(on) for each in worked(file, clinic_id, modality)):
            was, is_ = verdict(before, file, clinic_id, modality, on), verdict(after, file, clinic_id, modality, on)
            if (was.cleared, was.until) != (is_.cleared, is_.until):
                found.append(Change(file.therapist_id, file.name, clinic_id, modality, was, is_))
    return found


async def supposed(
    session: AsyncSession, *, organization_id: UUID, around: Frame, clinic_id: UUID, therapist_ids: Collection[UUID]
) -> dict[tuple[UUID, str], list[Span]]:
    """The verdicts of these people at a clinic for every day, under the rules of the frame."""
    found: dict[tuple[UUID, str], list[Span]] = {}
    ids = list(therapist_ids)
    for start in range(0, len(ids), CHUNK):
        files = await credential_files(session, organization_id, ids[start : start + CHUNK])
        for file in files.values():
            for place, modality in places_of(file):
                if place == clinic_id:
                    found[file.therapist_id, modality] = _spans(file, around, clinic_id, modality)
    return found


def _spans(file: CredentialFile, around: Frame, clinic_id: UUID, modality: str) -> list[Span]:
    asked = around.asked_at(modality, clinic_id)
    covers = covers_of(file, asked, clinic_id=clinic_id, clinic_file=around.clinic_files.get(clinic_id))
    return [
        Span(each.starts_on, each.ends_on, each.cleared, each.requirement)
        for within in worked(file, clinic_id, modality)
        for each in clearance_periods(covers, within)
    ]
