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


def against(frame: Frame, clinic: Clinic, day: date) -> OfClinic | None:
    """The gravest that stops practice at a clinic on a day; None while it is closed, or nothing does."""
    noes = [each for each in _found(frame, clinic, day) if not each.clears]
    return _line(frame, clinic, day, min(noes, key=lambda each: GRAVITY[each.status])) if noes else None


def ending(frame: Frame, clinic: Clinic, day: date) -> OfClinic | None:
    """The first that will stop practice there within 30 days; None where something does already."""
    found = _found(frame, clinic, day)
    ends = [each for each in found if each.until is not None and each.until - day <= SOON]
    if not ends or any(not each.clears for each in found):
        return None
    return _line(frame, clinic, day, min(ends, key=lambda each: each.until or date.max))


def stopped(sight: Sight) -> dict[UUID, OfClinic]:
    """The clinics in sight where nobody may practice on their day."""
    found = ((id_, against(sight.frame, each, sight.days[id_])) for id_, each in sight.places.items())
    return {id_: each for id_, each in found if each}


def ending_soon(sight: Sight) -> dict[UUID, OfClinic]:
    """Those where that will be so within 30 days."""
    found = ((id_, ending(sight.frame, each, sight.days[id_])) for id_, each in sight.places.items())
    return {id_: each for id_, each in found if each}


def _found(frame: Frame, clinic: Clinic, day: date) -> Sequence[Finding]:
    return joined_findings(frame, clinic.id, day) if clinic.closed_on is None or clinic.closed_on >= day else ()


def _line(frame: Frame, clinic: Clinic, day: date, found: Finding) -> OfClinic:
    asked = next(each for each in frame.joined_by(clinic.id) if each.code == found.requirement)
    held = found.credential.id if found.credential else None
    status = Status.UNVERIFIED if found.waits_for_a_look else found.status
    return OfClinic(clinic, found, next_step(Asked(clinic.id, clinic.id, asked, status, day, held, found.requirement)))
