"""A credential file and a requirement become the periods in which it is met, and by which credential.

Everything else is a look at these periods: the status on a day, the end of a verdict, the lapses of a year. The rules
never ask whether something "is expired today".

From a credential's terms come spans (`spans.py`): in force by the dates, proven or not, lapsed between and after. What
the board says (`standings.py`) is painted over them, for a suspended license is no license. Of several credentials
the best counts on each day (`covers.best`), waivers fill what is left (`_with_waivers`), and the rest is missing.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from uuid import UUID

from compliance.domain.covers import CLEAR, Cover, Status, Why, best, clipped, outside
from compliance.domain.credentials import Credential, CredentialFile, Waiver
from compliance.domain.periods import BEGINNING, FOREVER, Period, day_after, day_before, union
from compliance.domain.requirements import Asked, Provision, Requirement
from compliance.domain.spans import credential_covers


def coverage(file: CredentialFile, requirement: Requirement, clinic_id: UUID | None = None) -> tuple[Cover, ...]:
    """The requirement's statuses over all time, without holes: the first begins at BEGINNING, the last ends FOREVER.

    Waivers for one clinic count only where `clinic_id` names it.
    """
    covers: list[Cover] = []
    start = BEGINNING
    for provision in requirement.provisions:
        if provision.applies_on > start:
            covers.append(Cover(start, day_before(provision.applies_on), Status.NOT_ASKED, Why.PROVISION))
        covers.extend(_under(file, requirement, provision, clinic_id))
        start = day_after(provision.ends_on)
    if not covers or covers[-1].ends_on != FOREVER:
        covers.append(Cover(start, FOREVER, Status.NOT_ASKED, Why.PROVISION))
    return tuple(covers)


def clear_periods(covers: Iterable[Cover]) -> tuple[Period, ...]:
    """The days on which nothing stands in the way, as unbroken periods."""
    return union(Period(each.starts_on, each.ends_on) for each in covers if each.status in CLEAR)


def _under(file: CredentialFile, requirement: Requirement, provision: Provision, clinic_id: UUID | None) -> list[Cover]:
    """The statuses while one wording holds."""
    start, end = provision.applies_on, provision.ends_on
    if provision.asked is Asked.NO:
        return [Cover(start, end, Status.NOT_ASKED, Why.PROVISION)]
    if provision.asked is Asked.UNKNOWN:
        covers = [Cover(start, end, Status.UNKNOWN, Why.PROVISION)]
    else:
        layers = [credential_covers(each, provision) for each in file.credentials if _accepts(provision, each)]
        covers = _filled(layers[0] if len(layers) == 1 else best(layers), start, end)
    if file.waivers:
        covers = _with_waivers(covers, _waivers_for(file, requirement.code, clinic_id))
    return covers


def _accepts(provision: Provision, credential: Credential) -> bool:
    """Whether a credential is of a kind, place and extent that the provision takes."""
    if credential.type not in provision.accepts:
        return False
    if provision.jurisdiction is not None and credential.jurisdiction != provision.jurisdiction:
        return False
    return all(each.met_by(credential.details) for each in provision.details)


def _filled(covers: list[Cover], start: date, end: date) -> list[Cover]:
    """The covers in order inside the provision's days, with `missing` wherever there is none."""
    filled: list[Cover] = []
    for each in sorted(covers, key=lambda cover: cover.starts_on) if len(covers) > 1 else covers:
        if each.ends_on < start or each.starts_on > end:
            continue
        cover = clipped(each, start, end)
        if cover.starts_on > start:
            filled.append(Cover(start, day_before(cover.starts_on), Status.MISSING, Why.NOTHING))
        filled.append(cover)
        if cover.ends_on == end:
            return filled
        start = day_after(cover.ends_on)
    filled.append(Cover(start, end, Status.MISSING, Why.NOTHING))
    return filled


def _waivers_for(file: CredentialFile, code: str, clinic_id: UUID | None) -> list[Waiver]:
    return [each for each in file.waivers if each.requirement == code and each.clinic_id in (None, clinic_id)]


def _with_waivers(covers: list[Cover], waivers: Iterable[Waiver]) -> list[Cover]:
    """Waived where nothing else meets it."""
    for waiver in waivers:
        waived = [
            clipped(each, waiver.starts_on, waiver.ends_on)._replace(
                status=Status.WAIVED, why=Why.WAIVER, waiver=waiver
            )
            for each in covers
            if each.status not in CLEAR and each.starts_on <= waiver.ends_on and each.ends_on >= waiver.starts_on
        ]
        if waived:
            kept = [part for each in covers for part in _unless_waived(each, waiver)]
            covers = sorted([*kept, *waived], key=lambda cover: cover.starts_on)
    return covers


def _unless_waived(cover: Cover, waiver: Waiver) -> list[Cover]:
    if cover.status in CLEAR:
        return [cover]
    return outside([cover], waiver.starts_on, waiver.ends_on)
