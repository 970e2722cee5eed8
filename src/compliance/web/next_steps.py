"""The one next action of a finding: a verb and its object, where it leads, and what one must be allowed for it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from urllib.parse import urlencode
from uuid import UUID

from compliance.catalog import load
from compliance.domain.covers import Status
from compliance.domain.requirements import Holder, Provision, Requirement
from compliance.web.labels import in_sentence


@dataclass(frozen=True, slots=True)
class NextStep:
    """A button: `Add CPR card`."""

    text: str
    href: str
    needs: str


@dataclass(frozen=True, slots=True)
class Asked:
    """What a step is about: who, where, which requirement, on which day, and the credential that it rests on."""

    therapist_id: UUID
    clinic_id: UUID
    requirement: Requirement | None
    status: str
    day: date
    credential_id: UUID | None = None
    code: str = ""

    @property
    def of_clinic(self) -> bool:
        """Whether the clinic itself has to hold it."""
        return self.requirement is not None and self.requirement.holder is Holder.CLINIC


def next_step(asked: Asked) -> NextStep | None:
    """What to do about it; None where there is nothing to do."""
    if asked.code == "assignment":
        return NextStep("Assign to a clinic", f"/therapists/{asked.therapist_id}/assignments/new", "assignments.write")
    credential = f"/credentials/{asked.credential_id}"
    match asked.status:
        case Status.UNKNOWN if asked.of_clinic and asked.requirement and asked.requirement.jurisdiction:
            there = f"/law/{asked.requirement.jurisdiction}/answers/new?question={asked.code}"
            return NextStep("Answer the question", there, "policies.write")
        case Status.UNKNOWN:
            return NextStep("Answer the question", "/decisions", "decisions.read")
        case Status.UNVERIFIED | Status.BLOCKED if asked.credential_id:
            return NextStep(f"Check at the {_source(asked)}", f"{credential}/verifications/new", "verifications.write")
        case Status.LAPSED | Status.EXPIRING if asked.credential_id:
            return NextStep("Record renewal", f"{credential}/renew", "credentials.write")
        case Status.MET | Status.NOT_ASKED:
            return None
    return _add(asked)


def recheck(credential_id: UUID) -> NextStep:
    """The last look grows old."""
    return NextStep("Verify again", f"/credentials/{credential_id}/verifications/new", "verifications.write")


def _source(asked: Asked) -> str:
    """Licenses are a board's word; the rest is its issuer's."""
    return "board" if asked.requirement and asked.requirement.jurisdiction else "source"


def _add(asked: Asked) -> NextStep | None:
    requirement = asked.requirement
    provision = requirement.provision_on(asked.day) if requirement else None
    if requirement is None or provision is None:
        return None
    given = {"requirement": requirement.code} | _only_type(provision)
    holder, words = f"/therapists/{asked.therapist_id}", f"Add {_object(requirement, provision)}"
    if asked.of_clinic:
        holder, words = f"/clinics/{asked.clinic_id}", "Record the license"
    return NextStep(words, f"{holder}/credentials/new?{urlencode(given)}", "credentials.write")


def _only_type(provision: Provision) -> dict[str, str]:
    """What the form may be filled with: the type if only one is taken, and the place."""
    given = {"type": next(iter(provision.accepts))} if len(provision.accepts) == 1 else {}
    return given | ({"jurisdiction": provision.jurisdiction} if provision.jurisdiction else {})


def _object(requirement: Requirement, provision: Provision) -> str:
    found = load().types.get(next(iter(provision.accepts), "")) if len(provision.accepts) == 1 else None
    return in_sentence(requirement.title if found is None or provision.jurisdiction else found.title)
