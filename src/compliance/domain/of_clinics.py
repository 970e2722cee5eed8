"""What is asked of a clinic itself, and how it joins the verdicts of those who work there.

Of the clinic all of it is asked, so that a license that is missing stands on its page, in its reports and reminders. In
the verdicts of its people the law's wording counts from the first day that a credential of the clinic covers: from then
on a lapse or a suspension stops practice there. Before, nothing is on record, and whether this very clinic is exempt
(a sole practitioner, a medical office) no file says; an organization that wants silence to stop practice says so by a
policy of its own, which counts as worded.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import replace

from compliance.domain.credentials import CredentialFile
from compliance.domain.periods import Period, day_after, day_before
from compliance.domain.requirements import Asked, Holder, Policy, Provision, Requirement, with_policies


def asked_of_clinic(law: Iterable[Requirement], policies: Collection[Policy]) -> tuple[Requirement, ...]:
    """What law and organization ask of a clinic; a policy of the same code takes the law's place on its days."""
    worded, own = _worded(law, policies), _own(policies)
    joined = {each.code: _with(each, own.pop(each.code, None)) for each in worded}
    return tuple((joined | own).values())


def asked_there(
    asked: tuple[Requirement, ...],
    law: Iterable[Requirement],
    policies: Collection[Policy],
    file: CredentialFile | None,
) -> tuple[Requirement, ...]:
    """What is asked for a modality at a clinic, joined by what the law asks of the clinic that keeps `file`."""
    found = {each.code: each for each in asked}
    for each in _worded(law, policies):
        counts = _since(each, file)
        if counts is not None:
            found[each.code] = _with(counts, found.get(each.code))
    return tuple(found.values())


def _worded(law: Iterable[Requirement], policies: Collection[Policy]) -> tuple[Requirement, ...]:
    """The law with the organization's answers, alternatives and stricter looks, and nothing of its own."""
    return with_policies(law, [each for each in policies if each.answers or each.widens or each.tightens])


def _own(policies: Collection[Policy]) -> dict[str, Requirement]:
    """What the organization itself asks of clinics."""
    mine = [each for each in policies if each.answers or each.requirement.holder is Holder.CLINIC]
    own = with_policies((), [each for each in mine if not each.widens and not each.tightens])
    return {each.code: each for each in own}


def _since(law: Requirement, file: CredentialFile | None) -> Requirement | None:
    """The law's wordings from the first day that the clinic has on record; None where it has nothing of the kind."""
    firsts = [
        term.starts_on
        for held in (file.credentials if file else ())
        if any(_takes(wording, held.type, held.jurisdiction) for wording in law.provisions)
        for term in held.terms
    ]
    if not firsts:
        return None
    first = min(firsts)
    known = [each for each in law.provisions if each.asked is not Asked.UNKNOWN and each.ends_on >= first]
    if not known:
        return None
    return replace(law, provisions=tuple(replace(each, applies_on=max(first, each.applies_on)) for each in known))


def _takes(wording: Provision, type: str, jurisdiction: str | None) -> bool:
    return type in wording.accepts and wording.jurisdiction in (None, jurisdiction)


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
