"""Telling people by mail that something about their sign-in changed: whoever did not do it learns of it at once."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from compliance.crypto.ids import new_id
from compliance.db.queries.accounts import memberships_of, person_by_id
from compliance.db.queries.ladders import organizations
from compliance.db.scope import Scope, reaching
from compliance.services import mailing
from compliance.services.mailing import Draft, MailSettings
from compliance.services.trail import Act

KIND = "account-changed"
Change = Literal[
    "app-added",
    "app-removed",
    "codes-made",
    "code-used",
    "passkey-added",
    "passkey-removed",
    "identity-linked",
    "identity-unlinked",
    "second-factor-reset",
    "second-factor-guessed",
    "password-set",
]
"""What happened; the words stand in `templates/messages/account-changed/`."""


async def tell(
    session: AsyncSession, *, act: Act, mail: MailSettings, person_id: UUID, change: Change, about: str = ""
) -> None:
    """Mails the person, in the name of an organization that they belong to; who belongs to none gets no mail.

    A demonstration's mail stays where others read it, so it comes last.
    """
    person = await person_by_id(session, person_id)
    theirs = await memberships_of(session, person_id, now=act.now)
    if person is None or not theirs or mailing.usable(person.email) is None:
        return
    id_ = min(theirs, key=lambda each: each.demonstration).organization_id
    async with reaching(session, Scope(id_, person_id)):
        organization = (await organizations(session, [id_]))[id_]
        facts = mailing.sender_facts(organization, None, organization.time_zone) | {
            "name": person.name,
            "address": person.email,
            "change": change,
            "about": about,
            "public_url": mail.link(""),
        }
        draft = Draft(
            organization_id=id_,
            kind=KIND,
            keys=(f"{id_}/{KIND}/{new_id(act.effective)}",),
            address=person.email,
            name=person.name or person.email,
            facts=facts,
        )
        await mailing.put(session, [draft], act=replace(act, organization_id=id_), mail=mail)
