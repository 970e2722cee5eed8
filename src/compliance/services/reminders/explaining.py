"""Why a person got a mail, or none; and what will go out, before it does. Reads only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Final
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from compliance.db.queries import ladders
from compliance.db.queries.ladders import Subject
from compliance.db.queries.own_ladders import OwnLadder
from compliance.db.queries.reminders import Sent, carriers, known_of_clinics, known_of_files, known_reminders
from compliance.db.records import CredentialRow, TermRow
from compliance.domain.credential_types import Ladder
from compliance.domain.periods import ONE_DAY
from compliance.domain.reminders import choose, endless
from compliance.rendering import day
from compliance.services.reminders.looking import Looked, files_at, matters_of, rests_until, subjects_of_clinics
from compliance.services.reminders.rungs_explained import (
    LATER as LATER,
)
from compliance.services.reminders.rungs_explained import (
    Note,
    in_order,
    key_of,
    not_decided,
    notes_of,
    place_of,
    told,
)
from compliance.services.reminders.rungs_explained import (
    WhyRung as WhyRung,
)
from compliance.services.reminders.situation import Situation, label, situations

OFF: Final = "Reminders of this organization are not switched on yet."
LEFT: Final = "Nothing goes out, because the therapist does not work here now."
CLOSED: Final = "Nothing goes out, because the clinic is closed."
RESTS: Final = "Nothing goes out until {}: the therapist is away or has not started."
NO_END: Final = "It does not end, so there is nothing to remind of."
VOIDED: Final = "The credential was voided."


@dataclass(frozen=True, slots=True)
class LadderInForce:
    """By which steps a credential is reminded of, and where they come from: `own` is what somebody set for it, for its
    type or for everything here; None: the catalog's."""

    ladder: Ladder
    own: OwnLadder | None
    opens_on: date | None
    apply_by: date | None


@dataclass(frozen=True, slots=True)
class Why:
    """All that is to be said about one credential's reminders, or (no credential) about a file's as a whole; `notice`
    where nothing will go out at all, `ladder` the one in force."""

    credential_id: UUID | None
    label: str
    therapist_id: UUID | None
    therapist: str
    notice: str
    rungs: tuple[WhyRung, ...]
    ladder: LadderInForce | None = None


async def why(session: AsyncSession, organization_id: UUID, credential_id: UUID, now: datetime) -> Why:
    """Every rung of every term of one credential, with its state and its reason. Raises LookupError for a stranger."""
    owned = {credential_id: organization_id}
    held = await _credential(session, organization_id, credential_id)
    found = await ladders.subjects(session, owned, today=now.date() - ONE_DAY)
    notes = notes_of(await known_reminders(session, owned))
    sent = await carriers(session, organization_id, [each.note.id for each in notes])
    last = next(iter(await situations(session, found, now)), None)
    if last is None:
        rungs = [told(each, each.anchor_on, {}, sent) for each in notes]
        return Why(credential_id, label(*held), None, "", VOIDED, tuple(sorted(rungs, key=in_order)))
    every = [*(replace(last, subject=each, answer=None) for each in await _earlier(session, last.subject)), last]
    mine = {here.subject.term_id: [each for each in notes if each.of(here)] for here in every}
    shown = {each.note.id for some in mine.values() for each in some}
    rungs = [told(each, each.anchor_on, last.contacts, sent) for each in notes if each.note.id not in shown]
    rungs.sort(key=in_order)
    for here in every:
        rungs += _explained(here, here is last, _notice(last), mine[here.subject.term_id], sent)
    rungs += await _looks(session, last, {(each.anchor, each.anchor_on, each.recipient, each.days) for each in rungs})
    ladder = LadderInForce(last.ladder, last.subject.own_ladder, last.law.opens_on, last.law.apply_by)
    about = (credential_id, last.label, last.therapist_id, last.holder_name)
    return Why(*about, _notice(last), tuple(rungs), ladder)


async def why_file(session: AsyncSession, organization_id: UUID, therapist_id: UUID, now: datetime) -> Why:
    """The same for a file as a whole: what is missing, looks that are due, exceptions that end. Raises LookupError."""
    owned = {therapist_id: organization_id}
    about = (await ladders.files(session, owned, today=now.date() - ONE_DAY)).get(therapist_id)
    if about is None or about.holder is None:
        raise LookupError(f"No therapist has the id {therapist_id}.")
    here = Situation(about, now)
    known = (await known_of_files(session, owned)).get(therapist_id, {})
    notes = notes_of(known)
    sent = await carriers(session, organization_id, [each.note.id for each in notes])
    found = await files_at(session, organization_id, now, therapist_ids=[therapist_id])
    rungs = _with_those_ahead(notes, sent, here, found)
    notice = OFF if about.organization.reminders_started_at is None else _rests(here)
    return Why(None, "", therapist_id, here.holder_name, notice, rungs)


async def why_clinic(session: AsyncSession, organization_id: UUID, clinic_id: UUID, now: datetime) -> Why:
    """The same for what a clinic itself holds. Raises LookupError."""
    found = await files_at(session, organization_id, now, clinic_ids=[clinic_id])
    if not found:
        raise LookupError(f"No clinic has the id {clinic_id}.")
    looked = found[0]
    known = await known_of_clinics(session, organization_id, subjects_of_clinics([looked]))
    notes = notes_of(known.get(clinic_id, {}))
    sent = await carriers(session, organization_id, [each.note.id for each in notes])
    off = looked.here.subject.organization.reminders_started_at is None
    notice = OFF if off else CLOSED if looked.here.wakes_on is None else ""
    rungs = _with_those_ahead(notes, sent, looked.here, [looked])
    return Why(None, "", None, looked.here.holder_name, notice, rungs)


def _with_those_ahead(
    notes: Sequence[Note], sent: Mapping[UUID, Sent], here: Situation, found: Sequence[Looked]
) -> tuple[WhyRung, ...]:
    rungs = [told(each, each.anchor_on, here.contacts, sent) for each in notes]
    shown = {(each.anchor, each.anchor_on, each.recipient, each.days) for each in rungs}
    rungs += [each for each, _ in _of_files(found) if key_of(each) not in shown]
    return tuple(sorted(rungs, key=in_order))


async def _looks(session: AsyncSession, here: Situation, shown: set[tuple[str, date, str, int]]) -> list[WhyRung]:
    """Looks at the credential's source that are due or lie ahead, where nothing was decided on them yet."""
    if here.subject.holder is None or here.subject.organization.reminders_started_at is None:
        return []
    whose = [here.subject.holder.id]
    found = _of_files(await files_at(session, here.subject.organization.id, here.now, therapist_ids=whose))
    mine = here.subject.credential_id
    return [each for each, credential_id in found if credential_id == mine and key_of(each) not in shown]


def _of_files(looked: Sequence[Looked]) -> list[tuple[WhyRung, UUID | None]]:
    """Rungs of what follows from a file now, each with the credential that it is about."""
    found = []
    for here, matter, rungs in ((each.here, *some) for each in looked for some in matters_of(each)):
        reached = {place_of(each.rung): each for each in choose(rungs, here.today)}
        for rung in rungs:
            told = not_decided(here, rung, reached.get(place_of(rung)), True, _rests(here))
            told = replace(told, term_id=None, ends_on=matter.on)
            found.append((told, matter.credential.id if matter.credential else None))
    return found


def _rests(here: Situation) -> str:
    awake = rests_until(here)
    if awake is None:
        return LEFT
    return "" if awake <= here.today else RESTS.format(day(awake))


async def _credential(session: AsyncSession, organization_id: UUID, credential_id: UUID) -> tuple[str, str | None]:
    mine = (CredentialRow.organization_id == organization_id, CredentialRow.id == credential_id)
    query = select(CredentialRow.type, CredentialRow.jurisdiction).where(*mine)
    found = (await session.execute(query)).one_or_none()
    if found is None:
        raise LookupError(f"No credential has the id {credential_id}.")
    return found.type, found.jurisdiction


async def _earlier(session: AsyncSession, last: Subject) -> list[Subject]:
    """The same credential with each of its earlier terms."""
    mine = (TermRow.organization_id == last.organization.id, TermRow.credential_id == last.credential_id)
    query = select(TermRow.id, TermRow.ends_on).where(*mine, TermRow.voided_seq.is_(None), TermRow.id != last.term_id)
    found = await session.execute(query.order_by(TermRow.ends_on))
    return [replace(last, term_id=term, ends_on=ends_on) for term, ends_on in found]


def _notice(here: Situation) -> str:
    if here.subject.organization.reminders_started_at is None:
        return OFF
    if endless(here.subject.ends_on):
        return NO_END
    if here.wakes_on is None:
        return LEFT
    return "" if here.wakes_on <= here.today else RESTS.format(day(here.wakes_on))


def _explained(
    here: Situation, last: bool, notice: str, decided: list[Note], sent: Mapping[UUID, Sent]
) -> list[WhyRung]:
    reached = {place_of(each.rung): each for each in choose(here.rungs, here.today)}
    known = {each.place for each in decided}
    found = [told(each, here.subject.ends_on, here.contacts, sent) for each in decided]
    if not last:
        found = [replace(each, state="skipped", reason=LATER) if each.state == "planned" else each for each in found]
    if last or found:
        rungs = [rung for rung in here.rungs if place_of(rung) not in known]
        found += [not_decided(here, rung, reached.get(place_of(rung)), last, notice) for rung in rungs]
    return sorted(found, key=in_order)
