"""The demonstration clinics: one organization in which every verdict can be seen, loaded and dropped as a whole.

It is marked as what it is: its mail never leaves the built-in mailbox, and `drop` refuses every other organization.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from compliance.db.queries.accounts import person_by_email
from compliance.db.records import (
    INSTALLATION,
    OrganizationRow,
    Record,
)
from compliance.domain.matching import fold
from compliance.domain.requirements import Asked, Citation, Policy, Provision, Requirement
from compliance.services import (
    accounts,
    assignments,
    clinics,
    consequences,
    credentials,
    links,
    organizations,
    policies,
    therapists,
    trail,
    verifications,
    waivers,
)
from compliance.services.demonstration import courses, licenses
from compliance.services.demonstration.people import CLINICS, MASSAGE, THERAPISTS
from compliance.services.demonstration.stories import REVIEWER, Held, held_by
from compliance.services.refusals import Problem, Unknown, refuse
from compliance.services.trail import Act, Entry

NAME: Final = "Lantern Bodywork (demonstration)"
ZONE: Final = "America/New_York"
OPEN_FOR: Final = timedelta(days=6 * 365)
LASTS: Final = timedelta(hours=12)
"""How long a link into the demonstration is good."""


@dataclass(frozen=True, slots=True)
class DemonstrationPerson:
    """Somebody who signs in to look around, in one role."""

    email: str
    name: str
    role: str


PEOPLE: Final = (
    DemonstrationPerson("owner@demonstration.example", "Olivia Hart", "owner"),
    DemonstrationPerson("manager@demonstration.example", "Miguel Santos", "manager"),
    DemonstrationPerson("reviewer@demonstration.example", REVIEWER, "reviewer"),
    DemonstrationPerson("auditor@demonstration.example", "Audrey Collins", "auditor"),
)


async def find(session: AsyncSession) -> UUID | None:
    """The demonstration organization, if it is loaded."""
    query = select(OrganizationRow.id).where(OrganizationRow.demonstration, OrganizationRow.folded_name == fold(NAME))
    return await session.scalar(query)


async def load(session: AsyncSession, *, act: Act) -> UUID:
    """Loads the organization with clinics, people and files; its id. Raises Refused when it is there already."""
    if await find(session) is not None:
        raise refuse("name", f"{NAME} is loaded already. `compliance demo --reset` drops it and loads it anew.")
    address = "1 Lantern Square, Tampa, FL 33602"
    organization_id = await organizations.add(
        session, act=act, name=NAME, time_zone=ZONE, postal_address=address, demonstration=True
    )
    act = replace(act, organization_id=organization_id)
    today = act.effective.astimezone(ZoneInfo(ZONE)).date()
    async with consequences.once(session, act=act):
        places = await _clinics(session, act, today)
        await _sign_ins(session, act)
        await _open_question(session, act, today)
        ids = await _therapists(session, act)
        await _assign(session, act, today, places, ids)
        await _hold(session, act, today, ids)
        await courses.record(session, act, today, ids)
        await licenses.record(session, act, today - OPEN_FOR, today, places)
        await _happenings(session, act, today, ids)
    return organization_id


async def sign_in_links(session: AsyncSession, *, now: datetime) -> list[tuple[DemonstrationPerson, str]]:
    """Each person of the loaded demonstration with the token of a link that signs in once; earlier ones end."""
    organization_id = await find(session)
    if organization_id is None:
        return []
    made = []
    for each in PEOPLE:
        person = await person_by_email(session, each.email)
        if person is not None:
            token = await links.make_link(
                session,
                kind=links.SIGN_IN,
                person_id=person.id,
                organization_id=organization_id,
                lasts=LASTS,
                now=now,
            )
            made.append((each, token))
    return made


# -- who and where -------------------------------------------------------------------------------------------------


async def _clinics(session: AsyncSession, act: Act, today: date) -> dict[str, UUID]:
    opened = today - OPEN_FOR
    new = [clinics.NewClinic(name, *place[:2], place[2], opened) for name, place in CLINICS.items()]
    return dict(zip(CLINICS, await clinics.add_many(session, act=act, clinics=new), strict=True))


async def _sign_ins(session: AsyncSession, act: Act) -> None:
    for each in PEOPLE:
        await accounts.invite(session, act=act, email=each.email, role=each.role, name=each.name)


async def _therapists(session: AsyncSession, act: Act) -> list[UUID]:
    new = []
    for index, each in enumerate(THERAPISTS):
        born = date(each.birth_year, 4, 1 + index % 28)
        new.append(therapists.NewTherapist(each.first_name, each.last_name, each.email, birth_date=born))
    return await therapists.add_many(session, act=act, therapists=new)


async def _assign(session: AsyncSession, act: Act, today: date, places: dict[str, UUID], ids: Sequence[UUID]) -> None:
    new = []
    for index, (person, id_) in enumerate(zip(THERAPISTS, ids, strict=True)):
        starts_on = today - timedelta(days=400 + index * 23)
        starts_on = today + timedelta(days=5) if person.story == "starts-soon" else starts_on
        new.append(assignments.NewAssignment(id_, places[person.clinic], person.modalities, starts_on))
        if person.story == "two-clinics":
            new.append(assignments.NewAssignment(id_, places["Wichita"], MASSAGE, starts_on))
    await assignments.add_many(session, act=act, assignments=new)


# -- what they hold ------------------------------------------------------------------------------------------------


async def _hold(session: AsyncSession, act: Act, today: date, ids: Sequence[UUID]) -> None:
    pairs = zip(THERAPISTS, ids, strict=True)
    held = [(id_, each) for serial, (person, id_) in enumerate(pairs) for each in held_by(person, serial, today)]
    await _record(session, act, today, held)


async def _record(session: AsyncSession, act: Act, today: date, held: Sequence[tuple[UUID, Held]]) -> None:
    """Credentials with their first terms, then their renewals in order, then what was looked up."""
    added = await credentials.add_many(session, act=act, credentials=[_new(id_, each) for id_, each in held])
    terms = [[each.term_id] if each.term_id else [] for each in added]
    for nth in range(1, max(len(each.terms) for _, each in held)):
        chosen = [index for index, (_, each) in enumerate(held) if len(each.terms) > nth]
        renewals = [_renewal(added[index].id, held[index][1], nth) for index in chosen]
        made = await credentials.renew_many(session, act=act, renewals=renewals)
        for index, term_id in zip(chosen, made, strict=True):
            terms[index].append(term_id)
    looks = [
        look
        for ids, mine, (_, each) in zip(added, terms, held, strict=True)
        for look in _looks(ids.id, mine, each, today)
    ]
    await verifications.record_many(session, act=act, verifications=looks)
    said = [
        credentials.StandingChange(ids.id, each.said.standing, each.said.since, note=each.said.note)
        for ids, (_, each) in zip(added, held, strict=True)
        if each.said
    ]
    await credentials.record_standings(session, act=act, changes=said)


def _new(therapist_id: UUID, held: Held) -> credentials.NewCredential:
    first = held.terms[0] if held.terms else None
    authority = "cbmtpt" if held.type == "cmtpt" else held.authority
    return credentials.NewCredential(
        type=held.type,
        therapist_id=therapist_id,
        jurisdiction=held.jurisdiction,
        issuing_authority=authority,
        number=held.number,
        first_issued_on=first[0] if first else None,
        term=credentials.NewTerm(*first) if first else None,
    )


def _renewal(credential_id: UUID, held: Held, nth: int) -> credentials.Renewal:
    starts_on, ends_on = held.terms[nth]
    return credentials.Renewal(credential_id, ends_on, starts_on)


def _looks(
    credential_id: UUID, terms: Iterable[UUID], held: Held, today: date
) -> Iterable[verifications.NewVerification]:
    for term_id, (starts_on, _), result in zip(terms, held.terms, held.looks, strict=False):
        if result is not None:
            looked_on = min(starts_on + timedelta(days=9), today)
            note = "The register prints another expiry." if result == "differs" else ""
            yield verifications.NewVerification(
                credential_id, result, looked_on, REVIEWER, held.source, term_id=term_id, note=note
            )


# -- what happened -------------------------------------------------------------------------------------------------


async def _open_question(session: AsyncSession, act: Act, today: date) -> None:
    """Something that nobody knows yet: it does not clear, and names whom to ask."""
    question = "Does the city of Wichita ask for a permit for work with heated stones?"
    citation = Citation("Asked by the owner; not answered yet")
    permit = frozenset({"local-permit"})
    provision = Provision(applies_on=today, asked=Asked.UNKNOWN, accepts=permit, question=question, citation=citation)
    requirement = Requirement("city-permit", "Permit of the city", (provision,))
    policy = Policy(requirement, frozenset({"hot-stone-massage"}), frozenset({"us-ks"}))
    await policies.add(session, act=act, policy=policy, applies_on=today, at_once=True)


async def _happenings(session: AsyncSession, act: Act, today: date, ids: Sequence[UUID]) -> None:
    """Leaving, a leave, a marriage, an exception."""
    of = {person.story: id_ for person, id_ in zip(THERAPISTS, ids, strict=True) if person.story != "clear"}
    await therapists.depart(
        session, act=act, therapist_id=of["left"], last_day=today - timedelta(days=75), reason="Moved to Oregon."
    )
    await assignments.record_leave(
        session,
        act=act,
        therapist_id=of["on-leave"],
        starts_on=today - timedelta(weeks=6),
        ends_on=today + timedelta(weeks=6),
        reason="Parental leave",
    )
    married = therapists.Change(
        of["former-name"], last_name="Carver-Lowe", name_starts_on=today - timedelta(days=130), reason="Marriage"
    )
    await therapists.change(session, act=act, change=married)
    await waivers.grant(
        session,
        act=act,
        therapist_id=of["waived"],
        requirement="membership",
        starts_on=today - timedelta(days=20),
        ends_on=today + timedelta(days=70),
        reason="Her application lies with the association; the receipt is on file.",
        granted_by=PEOPLE[0].name,
    )


# -- dropping it ---------------------------------------------------------------------------------------------------


async def drop(session: AsyncSession, *, act: Act, organization_id: UUID) -> None:
    """Drops a demonstration organization with everything of it. Raises Unknown, Refused for any other one."""
    row = await session.get(OrganizationRow, organization_id)
    if row is None:
        raise Unknown(Problem("organization_id", f"No organization has the id {organization_id}."))
    if not row.demonstration:
        raise refuse("organization_id", f"{row.name} is no demonstration. Nothing was dropped.")
    entry = Entry("organization.dropped", f"organization:{organization_id}", old={"name": row.name})
    await trail.record(session, act=replace(act, organization_id=INSTALLATION), entry=entry)
    for table in reversed(Record.metadata.sorted_tables):
        if "organization_id" in table.c:
            await session.execute(delete(table).where(table.c.organization_id == organization_id))
    session.expunge_all()
    await session.execute(delete(OrganizationRow).where(OrganizationRow.id == organization_id))


__all__ = ["NAME", "PEOPLE", "THERAPISTS", "DemonstrationPerson", "drop", "find", "load", "sign_in_links"]
