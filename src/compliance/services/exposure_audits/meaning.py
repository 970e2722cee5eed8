"""What the words of a file of treatments mean: each word is looked up once, however many lines have it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import date
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from compliance.db.queries import exposures as reading
from compliance.db.queries.clinics import clinics
from compliance.domain.exposures import Line, Words
from compliance.domain.matching import fold, fold_email, fold_number
from compliance.services.intake.words import modality_words
from compliance.sources.dates import NoDate, parse_date


async def words_of(
    session: AsyncSession, organization_id: UUID, lines: Collection[Line], today: date, only: frozenset[UUID]
) -> Words:
    """The meaning of every word. `only`: the clinics that whoever asks is limited to; none: all."""
    return Words(
        await _therapists(session, organization_id, {each.therapist for each in lines}),
        await _clinics(session, organization_id, {each.clinic for each in lines}, only),
        {each: _modality(each) for each in {line.modality for line in lines}},
        {each: _day(each, today) for each in {line.day for line in lines}},
    )


async def _therapists(session: AsyncSession, organization_id: UUID, given: set[str]) -> dict[str, UUID | str]:
    """By id, address, license number or name, whichever it is; a name also as "last, first"."""
    keys = {each: _keys(each) for each in given}
    asked = {key for each in keys.values() for key in each}
    emails = {each for each in asked if "@" in each}
    ids = {found for each in given if (found := _id(each))}
    named = await reading.called(session, organization_id, asked - emails, emails, ids)
    numbers = {fold_number(each) for each in given if any(char.isdigit() for char in each) and "@" not in each}
    numbered = await reading.numbered(session, organization_id, numbers - {""})
    known: dict[str, set[UUID]] = defaultdict(set)
    for key, id_ in (*named, *(("#" + number, id_) for number, id_ in numbered)):
        known[key].add(id_)
    return {each: _one(each, set().union(*(known.get(key, set()) for key in keys[each]))) for each in given}


def _keys(given: str) -> tuple[str, ...]:
    """Under what a therapist may be found: names are kept as "last first"."""
    if "@" in given:
        return (fold_email(given),)
    last, comma, first = given.partition(",")
    parts = fold(given).split()
    turned = [" ".join([*parts[at:], *parts[:at]]) for at in range(len(parts))] if not comma else []
    return tuple(dict.fromkeys([fold(f"{last} {first}"), *turned, f"#{fold_number(given)}", given.strip().lower()]))


def _one(given: str, found: set[UUID]) -> UUID | str:
    if not given.strip():
        return "No therapist is named."
    if not found:
        return f"Nobody here is called “{given}”."
    if len(found) > 1:
        return f"{len(found)} people here are called “{given}”. Give their address or license number."
    return next(iter(found))


async def _clinics(
    session: AsyncSession, organization_id: UUID, given: Iterable[str], only: frozenset[UUID]
) -> dict[str, UUID | str]:
    known: dict[str, UUID] = {}
    for each in await clinics(session, organization_id, only=only or None):
        known |= {fold(each.name): each.id, str(each.id): each.id}
    return {each: known.get(fold(each)) or _no_clinic(each, limited=bool(only)) for each in given}


def _no_clinic(given: str, *, limited: bool) -> str:
    if not given.strip():
        return "No clinic is named."
    return f"“{given}” is none of your clinics." if limited else f"No clinic here is called “{given}”."


def _modality(given: str) -> tuple[str, str]:
    if not given.strip():
        return "", "No modality is named."
    codes, problem = modality_words(given)
    if problem or len(codes) != 1:
        return "", problem or f"“{given}” names {len(codes)} modalities; one line is about one."
    return codes[0], ""


def _day(given: str, today: date) -> date | str:
    if not given.strip():
        return "No day is given."
    try:
        found = parse_date(given.strip())
    except NoDate as problem:
        return str(problem)
    return f"“{given}” lies ahead: nothing can have been done yet." if found > today else found


def _id(given: str) -> UUID | None:
    try:
        return UUID(given.strip())
    except ValueError:
        return None
