"""The lines of what waits for a person: who or what, why, since when, and the one thing to do."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final
from uuid import UUID

from compliance.catalog import load
from compliance.db.queries import decisions as reading
from compliance.db.queries.decisions import Open, Silent, Stopped, Waiting, Wanting
from compliance.db.queries.refused_addresses import RefusedAddress, refused_addresses
from compliance.db.queries.review import Submission, waiting
from compliance.db.queries.stored_verdicts import deciding_credentials
from compliance.domain.answers import Kind
from compliance.rendering import day as spell
from compliance.rendering import plural
from compliance.web.labels import requirement_title, type_title
from compliance.web.next_steps import Asked, NextStep, next_step
from compliance.web.page import Page
from compliance.web.sights import sight_of
from compliance.web.stopped_clinics import against
from compliance.web.verdicts import Sight

KINDS: Final = {
    "looks": "Not confirmed",
    "unverified": "Never verified",
    "missing": "Missing",
    "unknown": "Law not known",
    "answers": "Sent in",
    "silent": "No address",
    "refused": "Refused address",
    "imports": "Imports",
}


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that waits. `since` sorts the list and is said; `step` is none for those who may not do it."""

    kind: str
    status: str
    href: str
    name: str
    place: str
    lead: str
    why: str
    since: date
    step: NextStep | None
    aside: NextStep | None = None


async def lines(page: Page) -> list[Line]:
    """Every line that this viewer may see, the newest first."""
    session, mine, limited = page.session, page.organization_id, page.clinic_ids
    sight, _ = await sight_of(page)
    found = [_look(each, sight) for each in await reading.open_looks(session, mine, limited)]
    of_clinics = load().codes_of_clinics
    stopped = await reading.stopped(session, mine, page.today, of_clinics, limited)
    found += [_stopped(each, sight) for each in stopped]
    for status in ("unverified", "missing"):
        some = await reading.wanting(session, mine, page.today, status, limited, besides=of_clinics)
        rests = await deciding_credentials(session, mine, {each.therapist_id for each in some}, page.today)
        found += [_wanting(each, sight, rests, page.today) for each in some]
    unknown = await reading.wanting(session, mine, page.today, "unknown", limited)
    found += _questions(unknown, sight, page.today, page.may("policies.write"))
    found += [_answer(each, page) for each in await waiting(session, mine, limited)]
    found += [_silent(each, page) for each in await reading.silent(session, mine, page.today, limited)]
    found += [_refused(each, page) for each in await refused_addresses(session, mine, clinic_ids=limited)]
    if page.may("imports.run"):
        since = page.now - reading.RECENT
        found += [_import(each, page) for each in await reading.waiting_imports(session, mine, since)]
    return sorted(found, key=lambda line: line.since, reverse=True)


_SAID: Final[Mapping[str, str]] = {
    "differs": "The source says something else.",
    "not-found": "Not found at the source.",
    "could-not-check": "The source could not be checked.",
}


def _look(each: Open, sight: Sight) -> Line:
    title = f"{type_title(each.type, each.jurisdiction)} {each.number}".strip()
    place = sight.places.get(each.clinic_id) if each.clinic_id else None
    holder = f"/therapists/{each.therapist_id}" if each.therapist_id else f"/clinics/{each.clinic_id}"
    name = f"{each.first_name or ''} {each.last_name or ''}".strip() or (place.name if place else "A clinic")
    why = f"{title}, looked up by {each.verified_by}. {each.note}".strip()
    step = NextStep("Decide", f"/credentials/{each.credential_id}#looks", "decisions.write")
    return Line("looks", "unverified", holder, name, "", _SAID[each.result], why, each.verified_on, step)


def _wanting(each: Wanting, sight: Sight, rests: Mapping[tuple[UUID, str], UUID], day: date) -> Line:
    place = sight.places[each.clinic_id]
    asked = sight.frame.asked_at(each.modality, place.id)
    requirement = next((one for one in asked if one.code == each.requirement), None)
    held = rests.get((each.therapist_id, each.requirement))
    step = next_step(Asked(each.therapist_id, each.clinic_id, requirement, each.status, day, held, each.requirement))
    title = requirement_title(requirement, each.requirement)
    lead = "Not verified." if each.status == "unverified" else "Missing."
    name = f"{each.first_name} {each.last_name}".strip()
    person = f"/therapists/{each.therapist_id}"
    return Line(each.status, each.status, person, name, place.name, lead, f"{title}.", each.starts_on, step)


def _stopped(each: Stopped, sight: Sight) -> Line:
    """One clinic that lacks something of its own, however many people wait for it."""
    place, frame = sight.places[each.clinic_id], sight.frame
    requirement = next((one for one in frame.joined_by(place.id) if one.code == each.requirement), None)
    found = against(frame, place, sight.days[place.id])
    title, people = requirement_title(requirement, each.requirement), plural(each.people, "person waits", "people wait")
    lead = "Not verified." if each.status == "unverified" else "Missing."
    step, aside = (found.step, found.way_out) if found else (None, None)
    why = f"{title}. {people} for it."
    return Line(
        each.status, each.status, f"/clinics/{place.id}", place.name, "", lead, why, each.starts_on, step, aside
    )


def _questions(found: Iterable[Wanting], sight: Sight, day: date, may_answer: bool) -> list[Line]:
    """One line for each requirement and place that the law is not known of, however many people it concerns."""
    groups: dict[tuple[str, str], list[Wanting]] = {}
    for each in found:
        groups.setdefault((each.requirement, sight.places[each.clinic_id].jurisdiction), []).append(each)
    return [_question(code, place, some, sight, day, may_answer) for (code, place), some in groups.items()]


def _question(code: str, jurisdiction: str, some: list[Wanting], sight: Sight, day: date, may_answer: bool) -> Line:
    asked = sight.frame.asked_in(some[0].modality, jurisdiction)
    requirement = next((one for one in asked if one.code == code), None)
    provision = requirement.provision_on(day) if requirement else None
    name = load().jurisdictions[jurisdiction].name
    people = plural(len({each.therapist_id for each in some}), "person waits", "people wait")
    question = provision.question if provision else ""
    why = f"{requirement_title(requirement, code)}: {question} {people} for the answer.".replace("  ", " ")
    step = NextStep("Read the law", f"/law/{jurisdiction}", "policies.read")
    if may_answer and requirement:
        there = f"/law/{requirement.jurisdiction or jurisdiction}/answers/new?question={code}"
        step = NextStep("Answer", there, "policies.write")
    since = min(each.starts_on for each in some)
    return Line("unknown", "unknown", f"/law/{jurisdiction}", name, "", "Not known.", why, since, step)


_ANSWERED: Final[Mapping[str, tuple[str, str]]] = {
    Kind.RENEWAL: ("Renewal sent in.", "Review renewal"),
    Kind.APPLIED: ("Has applied.", "Look at it"),
    Kind.NOT_RENEWING: ("Is not renewing.", "Look at it"),
    Kind.NOT_ME: ("Wrong address.", "Look at it"),
}


def _answer(each: Submission, page: Page) -> Line:
    lead, step = _ANSWERED[each.kind]
    title = f"{type_title(each.type, each.jurisdiction)} {each.number}".strip()
    why = f"{title}, which ends {spell(each.about_ends_on)}."
    if each.kind == Kind.NOT_ME:
        why = f"Whoever reads mail at {each.folded_email} is somebody else."
    since, href = page.membership.today(each.sent_at), f"/therapists/{each.therapist_id}"
    do = NextStep(step, f"/renewals/{each.id}", "submissions.write")
    return Line("answers", "unverified", href, each.name, "", lead, why, since, do)


def _silent(each: Silent, page: Page) -> Line:
    person = f"/therapists/{each.therapist_id}"
    step = NextStep("Add address", f"{person}/change", "therapists.write")
    name = f"{each.first_name} {each.last_name}".strip()
    since = page.membership.today(each.created_at)
    return Line("silent", "unknown", person, name, "", "No e-mail address.", "No reminder can reach them.", since, step)


def _refused(each: RefusedAddress, page: Page) -> Line:
    href = f"/therapists/{each.therapist_id}" if each.therapist_id else f"/addresses/{each.id}"
    step = NextStep("Look at it", f"/addresses/{each.id}", "decisions.read")
    since = page.membership.today(each.refused_at)
    why = f"A mail server said of {each.address}: {each.reason}"
    return Line("refused", "lapsed", href, each.name, "", "Refused address.", why, since, step)


def _import(each: Waiting, page: Page) -> Line:
    href, since = f"/imports/{each.import_id}", page.membership.today(each.updated_at)
    if each.state == "ready":
        step = NextStep("Read and import", href, "imports.run")
        return Line("imports", "unverified", href, each.name, "", "Checked.", "Nothing is written yet.", since, step)
    step = NextStep("Read the questions", f"{href}?show=questions", "imports.run")
    why = f"{plural(each.questions, 'fact disagrees', 'facts disagree')} with the law or with what was on file."
    return Line("imports", "unverified", href, each.name, "", "Imported with questions.", why, since, step)
