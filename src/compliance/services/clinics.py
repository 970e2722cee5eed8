"""Clinics: one place of work each, in one jurisdiction, with a time zone. They open, change, close and reopen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from urllib.parse import urlsplit
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from compliance import catalog
from compliance.crypto.ids import new_id
from compliance.db.records import BoardAddressRow, ClinicRow, CredentialRow
from compliance.domain.matching import fold
from compliance.domain.months import in_words
from compliance.domain.periods import BEGINNING
from compliance.services import assignments, consequences, reminders, rows, trail
from compliance.services.former import Former, keep
from compliance.services.organizations import zone_problem
from compliance.services.refusals import Checks, need_reason, refuse
from compliance.services.trail import Act, Entry


@dataclass(frozen=True, slots=True)
class NewClinic:
    """A clinic to add. Without a time zone it has its jurisdiction's, where that has only one."""

    name: str
    jurisdiction: str
    time_zone: str | None = None
    address: str = ""
    opened_on: date | None = None


async def add(session: AsyncSession, *, act: Act, clinic: NewClinic) -> UUID:
    """One clinic; its id."""
    return (await add_many(session, act=act, clinics=[clinic]))[0]


async def add_many(session: AsyncSession, *, act: Act, clinics: Sequence[NewClinic]) -> list[UUID]:
    """Clinics; their ids in the same order. Raises Refused for names that are taken, unknown places and zones."""
    await rows.take_turn(session, act)
    checks, taken = Checks(), await _names(session, act)
    for index, each in enumerate(clinics):
        checks.refuse("name", _name_problem(each.name, taken), index)
        checks.refuse("jurisdiction", place_problem(each.jurisdiction), index)
        checks.refuse("time_zone", _zone_problem(each), index)
        taken.setdefault(fold(each.name), None)
    checks.done()
    made = [_values(act, each) for each in clinics]
    entries = [Entry("clinic.added", f"clinic:{each['id']}", new=_facts(each)) for each in made]
    await trail.record_all(session, act=act, entries=entries)
    await rows.add(session, act, ClinicRow, made)
    return [each["id"] for each in made if isinstance(each["id"], UUID)]


def _values(act: Act, clinic: NewClinic) -> rows.Values:
    return {
        "id": new_id(act.now),
        "name": clinic.name.strip(),
        "folded_name": fold(clinic.name),
        "jurisdiction": clinic.jurisdiction,
        "time_zone": clinic.time_zone or catalog.load().jurisdictions[clinic.jurisdiction].time_zones[0],
        "address": clinic.address.strip(),
        "opened_on": clinic.opened_on,
        "closed_on": None,
        "created_at": act.now,
        "next_look_on": BEGINNING,  # what it holds itself is looked at once
    }


def _facts(values: rows.Values) -> rows.Values:
    return {key: values[key] for key in ("name", "jurisdiction", "time_zone", "address", "opened_on")}


async def change(
    session: AsyncSession,
    *,
    act: Act,
    clinic_id: UUID,
    name: str | None = None,
    jurisdiction: str | None = None,
    time_zone: str | None = None,
    address: str | None = None,
    opened_on: date | None = None,
    reason: str = "",
) -> None:
    """Changes what is given; None leaves it. The jurisdiction may change only while nobody was ever assigned there."""
    await rows.take_turn(session, act)
    row = (await rows.load(session, act, ClinicRow, [clinic_id], "clinic"))[clinic_id]
    given = {
        "name": name.strip() if name is not None else None,
        "jurisdiction": jurisdiction,
        "time_zone": time_zone,
        "address": address.strip() if address is not None else None,
        "opened_on": opened_on,
    }
    new: rows.Values = {k: v for k, v in given.items() if v is not None and v != getattr(row, k)}
    await _check_change(session, act, row, new)
    if not new:
        return
    old = {key: getattr(row, key) for key in new}
    entry = Entry("clinic.changed", f"clinic:{clinic_id}", None, old, new, reason)
    seq = await trail.record(session, act=act, entry=entry)
    await keep(session, act, "clinic", [Former(clinic_id, seq, old)])
    if name is not None:
        new["folded_name"] = fold(name)
    await rows.change(session, act, ClinicRow, {clinic_id: new})
    await reminders.look_again_at_clinics(session, act=act, clinic_ids=[clinic_id])


async def _check_change(session: AsyncSession, act: Act, row: ClinicRow, new: rows.Values) -> None:
    checks = Checks()
    if "name" in new:
        taken = {key: id_ for key, id_ in (await _names(session, act)).items() if id_ != row.id}
        checks.refuse("name", _name_problem(str(new["name"]), taken))
    if "time_zone" in new:
        checks.refuse("time_zone", zone_problem(str(new["time_zone"])))
    if "jurisdiction" in new:
        checks.refuse("jurisdiction", place_problem(str(new["jurisdiction"])))
        if await consequences.staff_of(session, act, [row.id]):
            checks.refuse("jurisdiction", MOVED)
    checks.done()


MOVED = (
    "People have been assigned to this clinic under the law of its place. Close it and add a new clinic at the new "
    "place, so that the history keeps what was where."
)


async def close(session: AsyncSession, *, act: Act, clinic_id: UUID, closed_on: date, reason: str = "") -> int:
    """Closes a clinic after its last day; assignments that run longer end with it. How many ended."""
    await rows.take_turn(session, act)
    row = (await rows.load(session, act, ClinicRow, [clinic_id], "clinic"))[clinic_id]
    if row.closed_on is not None:
        closed = f"{row.name} closed on {in_words(row.closed_on)} already."
        raise refuse("closed_on", f"{closed} Reopen it first to change that.")
    if row.opened_on and closed_on < row.opened_on:
        opened = f"{in_words(row.opened_on)}, the day on which {row.name} opened"
        raise refuse("closed_on", f"{in_words(closed_on)} is before {opened}.")
    entry = Entry("clinic.closed", f"clinic:{clinic_id}", new={"closed_on": closed_on}, why=reason)
    seq = await trail.record(session, act=act, entry=entry)
    await keep(session, act, "clinic", [Former(clinic_id, seq, {"closed_on": None})])
    await rows.change(session, act, ClinicRow, {clinic_id: {"closed_on": closed_on}})
    if closed_on <= act.effective.date():
        held = await _held(session, act, clinic_id)
        await reminders.withdraw(session, act=act, credential_ids=[*held, clinic_id], reason="the clinic is closed")
    return await assignments.end_at_clinic(session, act, clinic_id=clinic_id, last_day=closed_on, reason=reason)


async def reopen(session: AsyncSession, *, act: Act, clinic_id: UUID, reason: str) -> None:
    """Takes a closing back. Assignments that ended with it stay ended, until someone takes that back too."""
    need_reason(reason, "the clinic is reopened")
    row = (await rows.load(session, act, ClinicRow, [clinic_id], "clinic"))[clinic_id]
    if row.closed_on is None:
        raise refuse("clinic_id", f"{row.name} is not closed.")
    entry = Entry("clinic.reopened", f"clinic:{clinic_id}", old={"closed_on": row.closed_on}, why=reason)
    seq = await trail.record(session, act=act, entry=entry)
    await keep(session, act, "clinic", [Former(clinic_id, seq, {"closed_on": row.closed_on})])
    await rows.change(session, act, ClinicRow, {clinic_id: {"closed_on": None}})
    held, today = await _held(session, act, clinic_id), act.effective.date()
    await reminders.schedule(session, organization_id=act.organization_id, credential_ids=held, today=today)
    await reminders.look_again_at_clinics(session, act=act, clinic_ids=[clinic_id])


async def _held(session: AsyncSession, act: Act, clinic_id: UUID) -> list[UUID]:
    """The credentials of the clinic itself."""
    row = CredentialRow
    mine = (row.organization_id == act.organization_id, row.clinic_id == clinic_id, row.voided_seq.is_(None))
    return list(await session.scalars(select(row.id).where(*mine)))


async def void(session: AsyncSession, *, act: Act, clinic_id: UUID, reason: str) -> None:
    """Voids a clinic that should not have been added: it is in no list any more, and its name is free again.

    Raises Unknown, and Refused without a reason, or where somebody is assigned there or the clinic holds a license.
    """
    need_reason(reason, "the clinic is void")
    await rows.take_turn(session, act)
    row = (await rows.load(session, act, ClinicRow, [clinic_id], "clinic"))[clinic_id]
    checks = Checks()
    if row.voided_seq is not None:
        checks.refuse("clinic_id", f"{row.name} is void already.")
    if await consequences.staff_of(session, act, [clinic_id]):
        checks.refuse("clinic_id", f"People are assigned to {row.name}; void their assignments first.")
    if await rows.of_holders(session, act, CredentialRow, "clinic_id", [clinic_id]):
        checks.refuse("clinic_id", f"{row.name} holds credentials; void those first.")
    checks.done()
    seq = await trail.record(session, act=act, entry=Entry("clinic.voided", f"clinic:{clinic_id}", why=reason))
    gone: rows.Values = {"voided_seq": seq, "void_reason": reason, "folded_name": f"{row.folded_name}#{clinic_id}"}
    await rows.change(session, act, ClinicRow, {clinic_id: gone})
    await reminders.look_again_at_clinics(session, act=act, clinic_ids=[clinic_id])


async def save_board_address(session: AsyncSession, *, act: Act, jurisdiction: str, url: str) -> UUID:
    """Keeps a board's look-up address for this organization, where the catalog has none or a wrong one."""
    checks = Checks()
    checks.refuse("jurisdiction", place_problem(jurisdiction))
    url = url if ":" in url or "." not in url else f"https://{url}"  # as people type it
    checks.refuse("url", _address_problem(url))
    checks.done()
    id_ = new_id(act.now)
    entry = Entry("board-address.saved", f"jurisdiction:{jurisdiction}", new={"url": url})
    seq = await trail.record(session, act=act, entry=entry)
    row = {"id": id_, "recorded_seq": seq, "jurisdiction": jurisdiction, "url": url}
    await rows.add(session, act, BoardAddressRow, [row])
    return id_


def _address_problem(url: str) -> str | None:
    try:
        parts = urlsplit(url)
    except ValueError:  # a bracket without its other half, or a sign that no host has
        parts = urlsplit("")
    if parts.scheme in ("http", "https") and parts.netloc and not any(each.isspace() for each in url):
        return None
    return f"{url!r} is no web address. It begins with https:// and has no spaces." if url else "Give the address."


async def _names(session: AsyncSession, act: Act) -> dict[str, UUID | None]:
    query = select(ClinicRow.folded_name, ClinicRow.id).where(ClinicRow.organization_id == act.organization_id)
    return {each.folded_name: each.id for each in await session.execute(query)}


def _name_problem(name: str, taken: dict[str, UUID | None]) -> str | None:
    if not name.strip():
        return "Give the clinic's name."
    return f"A clinic called {name.strip()!r} exists already." if fold(name) in taken else None


def place_problem(jurisdiction: str) -> str | None:
    """Why this is no jurisdiction of the catalog."""
    places = catalog.load().jurisdictions
    if jurisdiction in places:
        return None
    return f"The jurisdiction {jurisdiction!r} is not known here. Allowed are {', '.join(sorted(places))}."


def _zone_problem(clinic: NewClinic) -> str | None:
    if clinic.time_zone:
        return zone_problem(clinic.time_zone)
    place = catalog.load().jurisdictions.get(clinic.jurisdiction)
    if place is None or len(place.time_zones) == 1:
        return None
    return f"{place.name} has several time zones. Say which: {', '.join(place.time_zones)}."
