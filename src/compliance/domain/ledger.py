"""Courses of continuing education as they are on file, and what a certificate of one has to show."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Final
from uuid import UUID

from compliance.domain.hours import Form

PARTICIPANT, CONTACT, SIGNATURE = "participant", "contact", "signature"
SEEN: Final[Mapping[str, str]] = {
    PARTICIPANT: "name of the participant",
    CONTACT: "address or e-mail of the provider",
    SIGNATURE: "signature",
}
"""What a person has to see on the certificate, because no field of the ledger holds it."""

DISPLAY: Final = "https://ncbtmb.org/faq/what-information-do-my-certificates-need-to-display"
"""NCBTMB on what a certificate must show: the list that `certificate_lacks` goes by, from 2024."""


@dataclass(frozen=True, slots=True)
class Course:
    """One completed course. `subjects` are minutes by subject, each minute in one; the rest is in none.

    A provider's or a course's approval number makes it an approved one, unless the days of that approval are known
    (NCBTMB approves a provider for three years) and the course was on none of them. `certificate` tells whether one is
    kept, `certificate_shows` what was seen on it (SEEN).
    """

    id: UUID
    title: str
    completed_on: date
    minutes: int
    form: Form
    subjects: Mapping[str, int] = field(default_factory=dict)
    provider: str = ""
    provider_number: str = ""
    course_number: str = ""
    approved_from: date | None = None
    approved_until: date | None = None
    certificate: bool = False
    certificate_shows: tuple[str, ...] = ()

    @property
    def approved(self) -> bool:
        """Whether somebody's approval number is on file, and the approval is not known to have held on other days."""
        return bool(self.provider_number or self.course_number) and not self.approved_another_time

    @property
    def approved_another_time(self) -> bool:
        """Whether the days of the approval are known, and the day of the course is none of them."""
        early = self.approved_from is not None and self.completed_on < self.approved_from
        return early or (self.approved_until is not None and self.completed_on > self.approved_until)

    def certificate_lacks(self) -> tuple[str, ...]:
        """What NCBTMB asks a certificate to show and is not known of this one, in the words of its list."""
        given = {
            "name of the provider": self.provider,
            "approval number of the provider": self.provider_number,
        }
        seen = {words: code in self.certificate_shows for code, words in SEEN.items()}
        return tuple(what for what, there in (given | seen).items() if not there)
