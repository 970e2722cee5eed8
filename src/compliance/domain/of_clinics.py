"""What is asked of a clinic itself, and how it joins the verdicts of those who work there.

A provision about the clinic is a finding of each verdict there: a license that is missing or has lapsed stops practice,
and so does what is not known, until somebody answers. Of a clinic that the law exempts (a sole practitioner, a
physician's office, a school) it is waived. Where a place's file does not speak of clinics at all there is no provision:
that stands as a question on the clinic's page and joins nothing, until an organization answers it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import replace

from compliance.domain.periods import Period, day_after, day_before
from compliance.domain.requirements import Asked, Holder, Policy, Provision, Requirement, with_policies


def asked_of_clinic(law: Iterable[Requirement], policies: Collection[Policy]) -> tuple[Requirement, ...]:
    """What law and organization ask of a clinic; a policy of the same code takes the law's place on its days."""
    worded, own = _worded(law, policies), _own(policies)
    joined = {each.code: _with(each, own.pop(each.code, None)) for each in worded}
    return tuple((joined | own).values())


def asked_there(
    asked: tuple[Requirement, ...], law: Iterable[Requirement], policies: Collection[Policy]
) -> tuple[Requirement, ...]:
    """What is asked for a modality at a clinic, joined by what the law asks of the clinic."""
    found = {each.code: each for each in asked}
    for each in spoken_of(_worded(law, policies)):
        found[each.code] = _with(each, found.get(each.code))
    return tuple(found.values())


def spoken_of(asked: Iterable[Requirement]) -> tuple[Requirement, ...]:
    """The same without what no file speaks of; what an organization has answered of that stays."""
    told = (_told(each) if each.silent else each for each in asked)
    return tuple(each for each in told if each.provisions)


def _told(silent: Requirement) -> Requirement:
    known = tuple(each for each in silent.provisions if each.asked is not Asked.UNKNOWN)
    return replace(silent, provisions=known)


def _worded(law: Iterable[Requirement], policies: Collection[Policy]) -> tuple[Requirement, ...]:
    """The law with the organization's answers, alternatives and stricter looks, and nothing of its own."""
    return with_policies(law, [each for each in policies if each.answers or each.widens or each.tightens])


def _own(policies: Collection[Policy]) -> dict[str, Requirement]:
    """What the organization itself asks of clinics."""
    mine = [each for each in policies if each.answers or each.requirement.holder is Holder.CLINIC]
    own = with_policies((), [each for each in mine if not each.widens and not each.tightens])
    return {each.code: each for each in own}


def _with(law: Requirement, own: Requirement | None) -> Requirement:
    """One requirement: the organization's wordings, and the law's on the days between them."""
    if own is None:
        return law
    left = list(law.provisions)
    for each in own.provisions:
        left = [part for one in left for part in _outside(one, each.period)]
    ordered = sorted((*left, *own.provisions), key=lambda each: each.applies_on)
    return replace(law, provisions=tuple(ordered))


def _outside(wording: Provision, taken: Period) -> list[Provision]:
    parts = []
    if wording.applies_on < taken.starts_on:
        parts.append(replace(wording, ends_on=min(wording.ends_on, day_before(taken.starts_on))))
    if wording.ends_on > taken.ends_on:
        parts.append(replace(wording, applies_on=max(wording.applies_on, day_after(taken.ends_on))))
    return parts
