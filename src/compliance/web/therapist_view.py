"""One therapist as the page shows them: the verdicts, and what is asked with its next step."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final
from uuid import UUID

from compliance.db.queries.clinics import Clinic
from compliance.domain.assessment import ASSIGNMENT, Clearance, Finding
from compliance.domain.covers import Status
from compliance.domain.credentials import CredentialFile
from compliance.domain.months import in_words
from compliance.domain.periods import FOREVER
from compliance.domain.requirements import Holder, Requirement
from compliance.services.assessments import Frame, places_of, verdict, worked
from compliance.web.labels import credential_label, in_sentence, modality_title
from compliance.web.law import Line, of_one
from compliance.web.next_steps import Asked, NextStep, next_step, recheck

RECHECK_SOON: Final = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class AtPlace:
    """The verdict for one modality at one clinic, on the day that it is there."""

    clinic: Clinic
    modality: str
    day: date
    clearance: Clearance
    asked: tuple[Requirement, ...]
    starts_on: date
    ends_on: date

    @property
    def ahead(self) -> bool:
        """Whether the therapist has yet to start here; the verdict is then that of the first day."""
        return self.starts_on > self.day

    @property
    def practice(self) -> str:
        """`trigger point therapy`."""
        return modality_title(self.modality)

    @property
    def status(self) -> str:
        """The shape of the verdict."""
        deciding = self.clearance.deciding
        if deciding is not None:
            return deciding.status
        soon = self.clearance.until is not None and self.clearance.until - self.day <= timedelta(days=30)
        return Status.EXPIRING if soon else Status.MET

    @property
    def of_clinic(self) -> bool:
        """Whether what decides is the clinic's own to hold, and so the same for everybody there."""
        deciding = self.clearance.deciding
        return deciding is not None and self._holder(deciding.requirement) is Holder.CLINIC

    @property
    def ends_with_clinic(self) -> bool:
        """Whether what ends first is the clinic's own."""
        return self._holder(self.clearance.ends_with or "") is Holder.CLINIC

    def _holder(self, code: str) -> Holder | None:
        return next((each.holder for each in self.asked if each.code == code), None)

    @property
    def standing(self) -> int:
        """How many requirements let the therapist work."""
        return sum(each.clears for each in self.findings)

    @property
    def findings(self) -> tuple[Finding, ...]:
        """All but whether the therapist works here."""
        return tuple(each for each in self.clearance.findings if each.requirement != ASSIGNMENT)

    @property
    def then(self) -> str:
        """What ends first, as it stands behind "then the"."""
        code = self.clearance.ends_with
        if code == ASSIGNMENT:
            return "assignment"
        return next((in_sentence(each.title) for each in self.asked if each.code == code), "")

    @property
    def sentence(self) -> str:
        """The verdict as one plain sentence."""
        what, it = f"for {self.practice} at {self.clinic.name}", self.clearance
        if it.deciding is not None:
            return f"Not{' yet' if self.ahead else ''} cleared {what}: {it.deciding.title}. {it.deciding.reason}"
        if it.until is None or it.until == FOREVER:
            return f"Cleared {what}."
        return f"Cleared {what} until {in_words(it.until)}{f', then the {self.then}' if self.then else ''}."

    @property
    def address(self) -> str:
        """The part of the address that opens this one."""
        return f"clinic={self.clinic.id}&modality={self.modality}"


def places(
    frame: Frame, file: CredentialFile, clinics: Mapping[UUID, Clinic], days: Mapping[UUID, date]
) -> list[AtPlace]:
    """The verdict everywhere the therapist works or will; where they worked only if that is all there is."""
    found = [
        _at(frame, file, clinics[clinic_id], modality, days[clinic_id])
        for clinic_id, modality in places_of(file)
        if clinic_id in clinics
    ]
    return [each for each in found if each.ends_on >= each.day] or found


def _at(frame: Frame, file: CredentialFile, clinic: Clinic, modality: str, day: date) -> AtPlace:
    works = worked(file, clinic.id, modality)
    now = next((each for each in works if each.ends_on >= day), works[-1])
    asked = frame.asked_at(modality, clinic.id)
    asked_on = max(day, now.starts_on)
    return AtPlace(clinic, modality, day, verdict(frame, file, clinic.id, modality, asked_on), asked, *now)


def main_place(found: Sequence[AtPlace], clinic_id: UUID | None, modality: str) -> AtPlace | None:
    """The one asked for; else where the therapist works now and most is asked."""
    for each in found:
        if each.clinic.id == clinic_id and each.modality == modality:
            return each
    return max(found, key=lambda each: (each.starts_on <= each.day <= each.ends_on, len(each.asked)), default=None)


@dataclass(frozen=True, slots=True)
class RequirementLine:
    """One line of what is asked."""

    finding: Finding
    held: str
    step: NextStep | None
    law: Line | None = None

    @property
    def until(self) -> date | None:
        """The last day of an unbroken yes."""
        return self.finding.until


def requirement_lines(file: CredentialFile, place: AtPlace) -> list[RequirementLine]:
    """What is asked, in the order in which it is asked."""
    by_code = {each.code: each for each in place.asked}
    return [
        RequirementLine(
            each,
            credential_label(each.credential) if each.credential else "",
            step_of(file, place, each),
            of_one(by_code[each.requirement], place.day),
        )
        for each in place.findings
        if each.requirement in by_code
    ]


def step_of(file: CredentialFile, place: AtPlace, finding: Finding) -> NextStep | None:
    """The one next step of a finding."""
    held = finding.credential
    if finding.clears and held and finding.recheck_on and finding.recheck_on <= place.day + RECHECK_SOON:
        return recheck(held.id)
    requirement = next((each for each in place.asked if each.code == finding.requirement), None)
    held_id = held.id if held else None
    status = (
        Status.UNVERIFIED if finding.waits_for_a_look else finding.status
    )  # a recorded renewal is only to be checked
    about = (file.therapist_id, place.clinic.id, requirement, status, place.day, held_id, finding.requirement)
    return next_step(Asked(*about))
