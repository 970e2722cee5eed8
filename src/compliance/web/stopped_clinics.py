"""Clinics where nobody is cleared because of what is asked of the clinic itself: one line each, not one for everybody.

The line has one action (record the license, renew it, answer the question), and beside it the way out for a clinic that
the law exempts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final
from urllib.parse import urlencode
from uuid import UUID

from compliance.db.queries.clinics import Clinic
from compliance.domain.assessment import Finding
from compliance.domain.covers import Status
from compliance.services.assessments import Frame, joined_findings
from compliance.web.next_steps import Asked, NextStep, next_step
from compliance.web.verdicts import GRAVITY, Sight

SOON: Final = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class OfClinic:
    """What is asked of one clinic and stands in its people's way, or soon will; `step` is the one thing to do."""

    clinic: Clinic
    finding: Finding
    step: NextStep | None

    @property
    def way_out(self) -> NextStep | None:
        """Where a clinic is excepted that the law does not mean; not for what only waits for a look."""
        if self.finding.status is Status.UNVERIFIED:
            return None
        there = f"/clinics/{self.clinic.id}/waivers/new?{urlencode({'requirement': self.finding.requirement})}"
        return NextStep("Is this clinic exempt?", there, "waivers.write")


@dataclass(frozen=True, slots=True)
class InSight:
    """Of the clinics in sight those where nobody may practice on their day, and those where that is so soon."""

    stopped: dict[UUID, OfClinic]
    ending: dict[UUID, OfClinic]


def in_sight(sight: Sight) -> InSight:
    """What is asked of each clinic is judged once."""
    seen = InSight({}, {})
    for id_, clinic in sight.places.items():
        day = sight.days[id_]
        found = _found(sight.frame, clinic, day)
        if worst := _gravest(found):
            seen.stopped[id_] = _line(sight.frame, clinic, day, worst)
        elif first := _first_to_end(found, day):
            seen.ending[id_] = _line(sight.frame, clinic, day, first)
    return seen


def against(frame: Frame, clinic: Clinic, day: date) -> OfClinic | None:
    """The gravest that stops practice at a clinic on a day; None while it is closed, or nothing does."""
    worst = _gravest(_found(frame, clinic, day))
    return _line(frame, clinic, day, worst) if worst else None


def _found(frame: Frame, clinic: Clinic, day: date) -> Sequence[Finding]:
    return joined_findings(frame, clinic.id, day) if clinic.closed_on is None or clinic.closed_on >= day else ()


def _gravest(found: Sequence[Finding]) -> Finding | None:
    noes = (each for each in found if not each.clears)
    return min(noes, key=lambda each: GRAVITY[each.status], default=None)


def _first_to_end(found: Sequence[Finding], day: date) -> Finding | None:
    """What ends first within 30 days."""
    ends = (each for each in found if each.until is not None and each.until - day <= SOON)
    return min(ends, key=lambda each: each.until or date.max, default=None)


def _line(frame: Frame, clinic: Clinic, day: date, found: Finding) -> OfClinic:
    asked = next(each for each in frame.joined_by(clinic.id) if each.code == found.requirement)
    held = found.credential.id if found.credential else None
    status = Status.UNVERIFIED if found.waits_for_a_look else found.status
    return OfClinic(clinic, found, next_step(Asked(clinic.id, clinic.id, asked, status, day, held, found.requirement)))
