"""A message that will not arrive: written into the trail, and somebody who answers for the person is told."""

from __future__ import annotations

from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from compliance.db.queries import ladders
from compliance.db.queries.ladders import Staff
from compliance.db.records import OutboxRow
from compliance.domain.matching import fold_email
from compliance.services import mailing, trail
from compliance.services.mailing import ALARM, GIVEN_UP, Draft, MailSettings
from compliance.services.trail import Act, Entry


async def give_up(
    session: AsyncSession, *, act: Act, mail: MailSettings, row: OutboxRow, reason: str, bad_address: bool
) -> None:
    """Records that a message is dead (or held, for nobody knows whether it arrived) and mails the managers, else the
    owners. Of such a mail nobody is told again."""
    action = "message.held" if row.state == "held" else "message.given-up"
    new = {"kind": row.kind, "recipient_address": row.recipient_address, "message": row.message_id}
    await trail.record(
        session,
        act=act,
        entry=Entry(action, f"outbox:{row.id}", row.therapist_id, new=new, why=reason),
    )
    if row.kind in (GIVEN_UP, ALARM):
        return
    organization = (await ladders.organizations(session, [act.organization_id]))[act.organization_id]
    today = act.effective.date()
    people = (await ladders.staff(session, [act.organization_id], today)).get(act.organization_id, [])
    facts = mailing.sender_facts(organization, None, str(row.facts.get("zone", organization.time_zone))) | {
        "recipient_name": row.recipient_name or row.recipient_address,
        "recipient_address": row.recipient_address,
        "original_subject": row.subject,
        "reason": reason,
        "bad_address": bad_address,
        "unsure": row.state == "held",
        "link": mail.link(f"therapists/{row.therapist_id}" if row.therapist_id else "outbox"),
    }
    drafts = [_draft(act, row, facts, each) for each in _who(people, row, organization.refused)]
    await mailing.put(session, drafts, act=act, mail=mail, why="A message was given up.")


def _who(people: list[Staff], row: OutboxRow, refused: frozenset[str]) -> list[Staff]:
    """Whoever answers questions about it first, then managers of all clinics, then owners; never who did not get it."""
    others = [each for each in people if mailing.usable(each.address) not in (None, row.recipient_address)]
    others = [each for each in others if fold_email(each.address) not in refused]
    asked = [each for each in others if each.address == row.facts.get("reply_to")]
    managers = [each for each in others if each.role == "manager" and not each.clinic_ids]
    owners = [each for each in others if each.role == "owner"]
    return asked or managers or owners


def _draft(act: Act, row: OutboxRow, facts: dict[str, Any], who: Staff) -> Draft:
    return Draft(
        organization_id=act.organization_id,
        kind=GIVEN_UP,
        keys=(f"{act.organization_id}/{GIVEN_UP}/{row.id}/{row.lease_token}/{who.recipient}",),
        address=who.address,
        name=who.name,
        facts=facts,
        therapist_id=row.therapist_id,
    )
