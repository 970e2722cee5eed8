"""What the law itself suggests that an organization adopt: duties that nobody is judged by, looks at clinics' licenses.

A duty that a place's file tells and does not ask (insurance shown at renewal, hearsay on CPR) decides no verdict. An
organization that wants it to can adopt it for that place, on the ground that the file gives.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from compliance.catalog.values import Duty, Jurisdiction, Topic
from compliance.domain.periods import BEGINNING, FOREVER
from compliance.domain.requirements import Asked, Holder, Policy, Requirement, Verify

OF_TOPIC: Final = {
    Topic.INSURANCE: "liability-insurance",
    Topic.CPR: "cpr",
    Topic.BACKGROUND: "background-check",
}
"""The duties that a credential can meet, and the offer that asks for it."""
IN_ITS_PLACE: Final = {"background-check": ("fingerprint-card",)}
"""What a place may ask instead that comes to the same."""


def of_duties(
    place: Jurisdiction, asked: Mapping[str, Requirement], nationwide: Mapping[str, Policy]
) -> dict[str, Policy]:
    """An offer for each duty of the place that a credential meets and that no verdict asks about there."""
    found = {}
    for duty in place.duties:
        code = OF_TOPIC.get(duty.topic, "")
        judged = asked.keys() & {code, *IN_ITS_PLACE.get(code, ())}
        if code and duty.asked is Asked.YES and not judged:
            found[f"{code}-{place.code}"] = _there(place, duty, nationwide[code])
    return found


def _there(place: Jurisdiction, duty: Duty, everywhere: Policy) -> Policy:
    provisions = tuple(replace(each, citation=duty.citation) for each in everywhere.requirement.provisions)
    title = f"{everywhere.requirement.title} in {place.name}"
    return replace(
        everywhere,
        requirement=replace(everywhere.requirement, title=title, provisions=provisions),
        jurisdictions=frozenset({place.code}),
    )


def of_clinic_rules(place: Jurisdiction, asked: Mapping[str, Requirement]) -> dict[str, Policy]:
    """An offer for each license that the place asks of clinics: a look at the board once a term, beside the paper."""
    found = {}
    for code, requirement in asked.items():
        last = requirement.provisions[-1]
        if requirement.holder is Holder.CLINIC and last.asked is Asked.YES:
            wording = replace(last, applies_on=BEGINNING, ends_on=FOREVER, verify=Verify.ONCE_PER_TERM)
            title = f"{requirement.title}, looked up once a term"
            stricter = replace(requirement, title=title, provisions=(wording,))
            found[f"{code}-{place.code}"] = Policy(stricter, jurisdictions=frozenset({place.code}), tightens=True)
    return found
