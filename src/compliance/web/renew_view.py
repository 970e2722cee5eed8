"""What the page behind a reminder's link says: no more than the mail did, and what came of an earlier answer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from compliance.catalog import load
from compliance.catalog.values import Board
from compliance.db.queries.clinics import board_addresses
from compliance.db.queries.education import ledgers
from compliance.db.queries.renewal_links import Link
from compliance.db.records import MembershipRow, PersonRow, SubmissionRow
from compliance.domain.answers import Kind, State
from compliance.domain.periods import ONE_DAY
from compliance.domain.reminders import local_day
from compliance.domain.renewal import RenewalFacts, RenewalRule, disagrees
from compliance.rendering import plural
from compliance.services.balances import missing_hours
from compliance.services.mailing import usable
from compliance.services.reminders.message import FORBIDS_PRACTICE
from compliance.services.reminders.situation import Situation
from compliance.web.prediction import Prediction, by_the_rule


@dataclass(frozen=True, slots=True)
class Said:
    """The last answer about this cycle."""

    kind: str
    state: str
    sent_at: datetime
    ends_on: date | None
    reason: str


@dataclass(frozen=True, slots=True)
class Account:
    """Where the therapist signs in."""

    person_id: UUID
    email: str
    name: str


async def frame(session: AsyncSession, link: Link, here: Situation) -> dict[str, Any]:
    """Everything that the page says; the days are counted in the clinic's zone."""
    subject, today = here.subject, local_day(here.now, here.zone)
    rule = _rule(subject.type, subject.jurisdiction)
    board = _board(subject.jurisdiction)
    address = (await board_addresses(session, link.organization_id)).get(subject.jurisdiction or "")
    places = _places(here)
    return {
        "sender": subject.organization.name,
        "first_name": subject.holder.first_name if subject.holder else "",
        "label": here.label,
        "number": subject.number,
        "ends_on": subject.ends_on,
        "from_on": subject.ends_on + ONE_DAY,
        "day": today,
        "forbids": subject.type in FORBIDS_PRACTICE and bool(places),
        "places": places,
        "opens_on": rule.window_opens_on(subject.ends_on) if rule else None,
        "hours": await _missing(session, link, today) or _hours(rule),
        "predicted": predicted(here),
        "board": board.name if board else "",
        "board_url": address or (board.lookup_url if board else ""),
        "answers": here.answers.name if here.answers else "",
        "answers_email": usable(here.answers.address) if here.answers else None,
        "good_until": local_day(link.good_until, here.zone) - ONE_DAY,
        "said": await _said(session, link),
        "account": await account_of(session, link),
        "zone": here.zone,
    }


def _places(here: Situation) -> list[str]:
    """The clinics that the credential speaks of: those in its jurisdiction, or all if it is good anywhere."""
    of = here.subject.jurisdiction
    return [each.name for each in here.clinics if of is None or f"{each.jurisdiction}-".startswith(f"{of}-")]


def _rule(type_: str, jurisdiction: str | None) -> RenewalRule | None:
    law = load()
    if type_ not in law.types:
        return None
    return law.renewal(jurisdiction if jurisdiction in law.jurisdictions else None, type_)


async def _missing(session: AsyncSession, link: Link, today: date) -> str:
    """How the ledger stands to what is asked, where one is kept and hours are known to be missing."""
    mine = (link.organization_id, [link.therapist_id])
    if not any((await ledgers(session, *mine)).values()):
        return ""
    due = (await missing_hours(session, *mine, today)).get(link.credential_id)
    return due.sentence if due else ""


def _hours(rule: RenewalRule | None) -> str:
    """What is asked, as far as the catalog knows it."""
    asked = rule.continuing_education if rule else None
    if asked is None or not asked.hours:
        return ""
    hours = f"{asked.hours:g} hours of continuing education"
    return f"{hours} in {plural(asked.window_years, 'year')}" if asked.window_years else hours


def _board(jurisdiction: str | None) -> Board | None:
    place = load().jurisdictions.get(jurisdiction or "")
    return place.board if place else None


def predicted(here: Situation) -> Prediction | None:
    """When the next term would end by the rule, where what the mail tells is enough to say so: a birthday would be told
    to whoever has the link."""
    subject = here.subject
    rule = _rule(subject.type, subject.jurisdiction)
    found = by_the_rule(rule, _facts(here, subject.ends_on)) if rule else None
    return found if found and found.ends_on else None


def asked_back(here: Situation, printed: date) -> str | None:
    """The question about a new last day that the rule does not expect, by the same facts."""
    subject, expected = here.subject, predicted(here)
    rule = _rule(subject.type, subject.jurisdiction)
    if rule is None or (expected and expected.ends_on == printed):
        return None
    return disagrees(rule.model, _facts(here, printed), printed)


def _facts(here: Situation, ends_on: date) -> RenewalFacts:
    surname = here.subject.holder.last_name if here.subject.holder else ""
    return RenewalFacts(None, ends_on, None, here.subject.number, surname)


async def _said(session: AsyncSession, link: Link) -> Said | None:
    row = SubmissionRow
    mine = (row.organization_id == link.organization_id, row.credential_id == link.credential_id)
    about = (row.about_ends_on == link.about_ends_on, row.kind != Kind.NOT_ME, row.state != State.WITHDRAWN)
    query = select(row.kind, row.state, row.sent_at, row.ends_on, row.reason).where(*mine, *about)
    found = (await session.execute(query.order_by(row.recorded_seq.desc()).limit(1))).one_or_none()
    return Said(*found) if found else None


async def account_of(session: AsyncSession, link: Link) -> Account | None:
    """The therapist's own sign-in in this organization, where there is one."""
    member = MembershipRow
    mine = (member.organization_id == link.organization_id, member.therapist_id == link.therapist_id)
    query = (
        select(PersonRow.id, PersonRow.email, PersonRow.name)
        .join(member, member.person_id == PersonRow.id)
        .where(*mine, member.role == "therapist", member.ended_at.is_(None))
        .limit(1)
    )
    found = (await session.execute(query)).one_or_none()
    return Account(*found) if found else None
