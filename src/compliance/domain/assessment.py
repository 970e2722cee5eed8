"""Findings and clearance: one requirement's status on one day, and all of them as one verdict with its end.

`assess` looks at each requirement's coverage; `clear` joins the findings for a modality at a clinic; and
`clearance_periods` is the same verdict for every day of an assignment, which the database keeps a copy of.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import NamedTuple
from uuid import UUID

from compliance.domain.coverage import clear_periods, coverage
from compliance.domain.covers import CLEAR, Cover, Status, Why
from compliance.domain.credentials import Credential, CredentialFile
from compliance.domain.months import in_words
from compliance.domain.periods import ALWAYS, FOREVER, Period, clip, day_after, day_before, intersection
from compliance.domain.reasons import reason
from compliance.domain.requirements import Citation, Provision, Requirement, Verify

EXPIRING_DAYS = 30
ASSIGNMENT = "assignment"
Covers = tuple[Cover, ...]

# What decides when several things stand in the way: the graver first.
_GRAVITY = {Status.BLOCKED: 0, Status.LAPSED: 1, Status.MISSING: 2, Status.UNVERIFIED: 3, Status.UNKNOWN: 4}


@dataclass(frozen=True, slots=True)
class Finding:
    """One requirement, one status, its reason and citation, on one date.

    `until` is the last day of the unbroken cover: FOREVER without an end, None when the status does not clear.
    """

    requirement: str
    title: str
    status: Status
    reason: str
    citation: Citation
    as_of: date
    jurisdiction: str | None = None
    credential: Credential | None = None
    until: date | None = None
    clear_from: date | None = None
    recheck_on: date | None = None
    why: Why = Why.NOTHING
    waits_for_a_look: bool = False  # what follows the cover is on record, and nobody has confirmed it

    @property
    def clears(self) -> bool:
        """Whether the finding lets the therapist work."""
        return self.status in CLEAR


@dataclass(frozen=True, slots=True)
class Clearance:
    """All findings for a modality at a clinic, as one verdict.

    `until` is the last day of the unbroken verdict (FOREVER without an end, None when not cleared); `ends_with` is the
    requirement that ends first; `cleared_from` is the first later day on which all is clear, if that is known.
    """

    cleared: bool
    until: date | None
    ends_with: str | None
    cleared_from: date | None
    findings: tuple[Finding, ...]

    @property
    def deciding(self) -> Finding | None:
        """The gravest finding of a verdict that does not clear."""
        against = [each for each in self.findings if not each.clears]
        return min(against, key=lambda each: _GRAVITY[each.status]) if against else None


class ClearancePeriod(NamedTuple):
    """The verdict over a span of days, and the requirement that decides when it is no."""

    starts_on: date
    ends_on: date
    cleared: bool
    status: Status
    requirement: str


def assess(file: CredentialFile, requirements: Iterable[Requirement], as_of: date) -> tuple[Finding, ...]:
    """Each requirement's finding on a day, in the order in which they are asked."""
    return tuple(finding(each, coverage(file, each), as_of) for each in requirements)


def finding(requirement: Requirement, covers: Covers, as_of: date) -> Finding:
    """What a requirement's coverage says on a day."""
    index = next(i for i, each in enumerate(covers) if each.ends_on >= as_of)
    cover = covers[index]
    clears = cover.status in CLEAR
    last = _run_end(covers, index) if clears else index
    until = covers[last].ends_on if clears else None
    following = covers[last + 1] if last + 1 < len(covers) else None
    status = cover.status
    if status is Status.MET and until != FOREVER and until is not None and until - as_of <= _SOON:
        status = Status.EXPIRING
    provision = requirement.provision_on(as_of)
    return Finding(
        requirement=requirement.code,
        title=requirement.title,
        status=status,
        reason=reason(cover, status, provision, following),
        citation=provision.citation if provision else _NO_CITATION,
        as_of=as_of,
        jurisdiction=requirement.jurisdiction,
        credential=cover.credential,
        until=until,
        clear_from=None if clears else next((c.starts_on for c in covers[index + 1 :] if c.status in CLEAR), None),
        recheck_on=_recheck_on(cover, provision),
        why=cover.why,
        waits_for_a_look=bool(clears and following and following.why in (Why.NOT_PROVEN, Why.CORRECTED)),
    )


_SOON = timedelta(days=EXPIRING_DAYS)
_NO_CITATION = Citation("")


def _run_end(covers: Covers, index: int) -> int:
    """The place of the last cover in the unbroken clear run that holds the one at an index."""
    while covers[index].ends_on != FOREVER and covers[index + 1].status in CLEAR:
        index += 1
    return index


def _recheck_on(cover: Cover, provision: Provision | None) -> date | None:
    """When the primary source is to be looked at again, where the provision asks for it every so many days."""
    if provision is None or provision.verify is not Verify.EVERY_N_DAYS or not provision.every_days:
        return None
    if cover.credential is None or cover.term is None:
        return None
    looks = cover.credential.proofs(cover.term)
    return looks[-1].verified_on + timedelta(days=provision.every_days) if looks else None


def clear(
    findings: Sequence[Finding],
    clear_lists: Iterable[Sequence[Period]],
    as_of: date,
    within: Sequence[Period] = (ALWAYS,),
) -> Clearance:
    """Joins findings to a verdict. `clear_lists` are the clear periods of each; `within` are the assignment's days."""
    held = next((each for each in within if each.holds(as_of)), None)
    if held is None:
        findings = (_no_assignment(within, as_of), *findings)
    cleared = all(each.clears for each in findings)
    if not cleared:
        return Clearance(False, None, None, _cleared_from(clear_lists, within, as_of), tuple(findings))
    ends = [(each.until or FOREVER, each.requirement) for each in findings]
    until, ends_with = min([*ends, (held.ends_on if held else FOREVER, ASSIGNMENT)], key=lambda end: end[0])
    return Clearance(True, until, None if until == FOREVER else ends_with, None, tuple(findings))


def _no_assignment(within: Sequence[Period], as_of: date) -> Finding:
    later = next((each.starts_on for each in within if each.starts_on > as_of), None)
    past = [each.ends_on for each in within if each.ends_on < as_of]
    sentence = "Does not work here with this modality on that day."
    if later:
        sentence = f"Starts here on {in_words(later)}."
    elif past:
        sentence = f"Worked here until {in_words(max(past))}."
    return Finding(ASSIGNMENT, "Works here", Status.MISSING, sentence, _NO_CITATION, as_of, clear_from=later)


def _cleared_from(clear_lists: Iterable[Sequence[Period]], within: Sequence[Period], as_of: date) -> date | None:
    """The first later day on which every requirement is clear inside the assignment."""
    days: Sequence[Period] = within
    for each in clear_lists:
        days = intersection(days, each)
    ahead = Period(day_after(as_of), FOREVER)
    return next((each.starts_on for each in clip(days, ahead)), None)


def clearance(
    file: CredentialFile,
    requirements: Sequence[Requirement],
    as_of: date,
    *,
    clinic_id: UUID | None = None,
    clinic_file: CredentialFile | None = None,
    within: Sequence[Period] = (ALWAYS,),
) -> Clearance:
    """The verdict for one therapist; what is asked of the clinic is looked for in the clinic's own file."""
    covers = covers_of(file, requirements, clinic_id=clinic_id, clinic_file=clinic_file)
    findings = [finding(each, covers[each.code], as_of) for each in requirements]
    return clear(findings, [clear_periods(each) for each in covers.values()], as_of, within)


def covers_of(
    file: CredentialFile,
    requirements: Iterable[Requirement],
    *,
    clinic_id: UUID | None = None,
    clinic_file: CredentialFile | None = None,
) -> dict[str, Covers]:
    """The coverage of each requirement, by its code."""
    empty = CredentialFile(file.therapist_id, file.name)
    return {
        each.code: coverage((clinic_file or empty) if each.holder == "clinic" else file, each, clinic_id)
        for each in requirements
    }


def clearance_periods(covers: Mapping[str, Covers], within: Period) -> tuple[ClearancePeriod, ...]:
    """The verdict for every day of an assignment, without holes; equal neighbors are one."""
    starts = {within.starts_on}
    for each in covers.values():
        starts.update(c.starts_on for c in each if within.starts_on < c.starts_on <= within.ends_on)
    ordered = sorted(starts)
    places = dict.fromkeys(covers, 0)
    found: list[ClearancePeriod] = []
    for index, start in enumerate(ordered):
        end = day_before(ordered[index + 1]) if index + 1 < len(ordered) else within.ends_on
        status, requirement = _verdict(covers, places, start)
        _join(found, ClearancePeriod(start, end, status is Status.MET, status, requirement))
    return tuple(found)


def _verdict(covers: Mapping[str, Covers], places: dict[str, int], day: date) -> tuple[Status, str]:
    """The gravest status on a day and whose it is; `met` and nobody's when all is clear. `places` only move on."""
    worst, whose = Status.MET, ""
    for code, mine in covers.items():
        while mine[places[code]].ends_on < day:
            places[code] += 1
        status = mine[places[code]].status
        if status not in CLEAR and (worst is Status.MET or _GRAVITY[status] < _GRAVITY[worst]):
            worst, whose = status, code
    return worst, whose


def _join(found: list[ClearancePeriod], following: ClearancePeriod) -> None:
    if found and found[-1][2:] == following[2:]:
        found[-1] = found[-1]._replace(ends_on=following.ends_on)
    else:
        found.append(following)
