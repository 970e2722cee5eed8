"""The weekly digest: one mail a week to each manager and owner, of their clinics, on the day and hour they choose."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.ext.asyncio import AsyncSession

from compliance.crypto.tokens import derive_key, same
from compliance.db.queries import decisions
from compliance.db.queries.clearances import Against, At, against, by_clinic, count_against
from compliance.db.queries.clinics import Clinic, clinics
from compliance.db.queries.digests import Reader, Wish, readers, wish_of
from compliance.db.queries.ladders import organizations
from compliance.db.records import DigestRow
from compliance.domain.digests import due_day
from compliance.domain.months import in_words
from compliance.domain.release import local_day
from compliance.services import mailing, rows, trail
from compliance.services.assessments import Frame, frame
from compliance.services.mailing import DIGEST, Draft, MailSettings, sender_facts, usable
from compliance.services.refusals import Checks
from compliance.services.trail import Act, Entry

ACTOR: Final = "job:send-digests"
SOON: Final = 30
PARTS, LINES = 12, 6
"""So many clinics and so many people of each are named; of the rest the mail says how many."""

Facts = dict[str, Any]


async def due(session: AsyncSession, *, now: datetime) -> dict[UUID, list[Reader]]:
    """Whose digest is due at this instant, by organization."""
    found: dict[UUID, list[Reader]] = defaultdict(list)
    for each in await readers(session, now.date()):
        if _day(each, now) and usable(each.email):
            found[each.organization_id].append(each)
    return found


def _day(reader: Reader, now: datetime) -> date | None:
    wish = reader.wish
    return due_day(now, reader.zone, wish.weekday, wish.hour, last_on=wish.last_on, since=reader.since)


async def write(session: AsyncSession, *, act: Act, mail: MailSettings, readers: Sequence[Reader]) -> int:
    """Puts the digests of these readers of one organization into the outbox, each once for its day; how many. Whose
    digest is no longer due at this instant gets none, and nothing is noted of them."""
    await rows.take_turn(session, act)
    readers = [each for each in readers if _day(each, act.effective)]
    around = await frame(session, act.organization_id)
    drafts = []
    for reader in readers:
        facts = await _facts(session, around, reader, act.effective, mail)
        if reader.wish.when_empty or facts["no_count"] or facts["soon_count"] or facts["waiting"]:
            drafts.append(_draft(reader, act.effective, facts))
    queued = await mailing.put(session, drafts, act=act, mail=mail)
    for reader in readers:
        await _keep(session, act.organization_id, reader.person_id, {"last_on": _day(reader, act.effective)})
    return len(queued)


def _draft(reader: Reader, now: datetime, facts: Facts) -> Draft:
    day = _day(reader, now)
    key = f"{reader.organization_id}/digest/{reader.person_id}/{day.isoformat() if day else ''}"
    return Draft(reader.organization_id, DIGEST, (key,), reader.email, reader.name, facts)


async def _facts(session: AsyncSession, around: Frame, reader: Reader, now: datetime, mail: MailSettings) -> Facts:
    mine = reader.organization_id
    organization = (await organizations(session, [mine]))[mine]
    places = [each for each in await clinics(session, mine, only=reader.clinics or None) if each.closed_on is None]
    at = tuple(At(each.today(now), (each.id,)) for each in places)
    today = local_day(now, reader.zone)
    token = unsubscribe_token(mail.secret, mine, reader.person_id)
    return sender_facts(organization, None, reader.zone) | {
        "name": reader.name,
        "no_count": (await count_against(session, mine, at)).number,
        "soon_count": (await count_against(session, mine, at, within_days=SOON)).number,
        "waiting": await decisions.count(
            session, mine, today, clinic_ids=reader.clinics, of_clinics=around.catalog.codes_of_clinics
        ),
        "parts": await _parts(session, around, mine, places, at),
        "link": mail.link("/"),
        "decisions_link": mail.link("/decisions"),
        "settings_link": mail.link("/digest"),
        "unsubscribe": mail.link(f"/unsubscribe/{token}"),
    }


async def _parts(
    session: AsyncSession, around: Frame, organization_id: UUID, places: Sequence[Clinic], at: Sequence[At]
) -> list[Facts]:
    """The clinics where somebody may not practice or soon will not, the worst first."""
    no = await by_clinic(session, organization_id, at)
    soon = await by_clinic(session, organization_id, at, within_days=SOON)
    worst = sorted(zip(places, at, strict=True), key=lambda each: (-no.get(each[0].id, 0), -soon.get(each[0].id, 0)))
    found = []
    for place, here in [each for each in worst if each[0].id in no or each[0].id in soon][:PARTS]:
        named = [await _lines(session, around, organization_id, here, days) for days in (0, SOON)]
        found.append(_part(place, named, no.get(place.id, 0), soon.get(place.id, 0)))
    return found


def _part(place: Clinic, named: Sequence[list[Facts]], no: int, soon: int) -> Facts:
    return {
        "clinic": place.name,
        "no": named[0],
        "no_more": max(no - len(named[0]), 0),
        "soon": named[1],
        "soon_more": max(soon - len(named[1]), 0),
    }


async def _lines(
    session: AsyncSession, around: Frame, organization_id: UUID, here: At, within_days: int
) -> list[Facts]:
    """The first few people, one line each, with what stands against them; what the clinic itself must hold is one line
    for all who work there."""
    hits = await against(session, organization_id, (here,), within_days=within_days, limit=LINES * 4)
    first: dict[UUID, Against] = {}
    for each in hits:
        its_own = each.requirement in around.catalog.codes_of_clinics
        first.setdefault(each.clinic_id if its_own else each.therapist_id, each)
    return [_line(around, each, soon=bool(within_days)) for each in list(first.values())[:LINES]]


def _line(around: Frame, hit: Against, *, soon: bool) -> Facts:
    asked = around.asked_at(hit.modality, hit.clinic_id)
    title = next((each.title for each in asked if each.code == hit.requirement), hit.requirement)
    why = f"{title} ends, not cleared from {in_words(hit.starts_on)}" if soon else f"{title}: {hit.status.value}"
    its_own = hit.requirement in around.catalog.codes_of_clinics
    return {"name": "Everybody" if its_own else f"{hit.first_name} {hit.last_name}".strip(), "why": why}


# -- wishes --------------------------------------------------------------------------------------------------------


async def wish(
    session: AsyncSession, *, act: Act, person_id: UUID, weekday: int, hour: int, wanted: bool, when_empty: bool
) -> None:
    """When a person wants the digest, if at all. Raises Refused for no weekday or hour."""
    checks = Checks()
    checks.refuse("weekday", None if 0 <= weekday <= 6 else "Choose a day of the week.")
    checks.refuse("hour", None if 5 <= hour <= 22 else "Choose an hour from 5 AM to 10 PM.")
    checks.done()
    old = await wish_of(session, act.organization_id, person_id)
    new: Facts = {"weekday": weekday, "hour": hour, "wanted": wanted, "when_empty": when_empty}
    before = {name: getattr(old, name) for name in new}
    entry = Entry("digest.changed", f"person:{person_id}", old=before, new=new)
    await trail.record(session, act=act, entry=entry)
    await _keep(session, act.organization_id, person_id, new)


async def unsubscribe(session: AsyncSession, *, act: Act, person_id: UUID) -> None:
    """No digest from now on; the rest of what was wished stays."""
    old = await wish_of(session, act.organization_id, person_id)
    if old.wanted:
        await wish(
            session,
            act=act,
            person_id=person_id,
            weekday=old.weekday,
            hour=old.hour,
            wanted=False,
            when_empty=old.when_empty,
        )


async def _keep(session: AsyncSession, organization_id: UUID, person_id: UUID, said: Mapping[str, object]) -> None:
    make = sqlite_insert if session.get_bind().dialect.name == "sqlite" else postgresql_insert
    row = {"organization_id": organization_id, "person_id": person_id} | dict(said)
    first = {name: value for name, value in asdict(Wish()).items() if name not in row} | row
    query = make(DigestRow).values(first)
    await session.execute(query.on_conflict_do_update(index_elements=["organization_id", "person_id"], set_=dict(said)))


# -- the link that ends them ---------------------------------------------------------------------------------------


def unsubscribe_token(secret: bytes, organization_id: UUID, person_id: UUID) -> str:
    """What stands in the link: whose digest of which organization it ends, and that we said so."""
    who = organization_id.bytes + person_id.bytes
    return base64.urlsafe_b64encode(who + _proof(secret, who)).decode().rstrip("=")


def whose(secret: bytes, token: str) -> tuple[UUID, UUID] | None:
    """Organization and person of a token that we made; none for any other text."""
    try:
        given = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
    except ValueError:
        return None
    who, proof = given[:32], given[32:]
    if len(who) != 32 or not same(proof.hex(), _proof(secret, who).hex()):
        return None
    return UUID(bytes=who[:16]), UUID(bytes=who[16:])


def _proof(secret: bytes, who: bytes) -> bytes:
    return hmac.new(derive_key(secret, "unsubscribe"), who, hashlib.sha256).digest()[:16]
