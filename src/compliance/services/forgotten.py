"""A forgotten password where no mail can be sent: whoever runs the service hands over a link."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from compliance.db.queries.accounts import memberships_of, person_by_email
from compliance.services import links, trail
from compliance.services.refusals import refuse
from compliance.services.trail import Act, Entry

BY_HAND: Final = timedelta(hours=1)
"""Longer than a mailed link's ten minutes, since somebody has to carry it over."""


async def password_link(session: AsyncSession, *, act: Act, email: str) -> str:
    """The token of a link that sets a new password once; earlier links stop working. Refused for a stranger's address.

    `act` is one of the installation: the person may belong to several organizations.
    """
    person = await person_by_email(session, email)
    theirs = await memberships_of(session, person.id, now=act.now) if person else []
    if person is None or not theirs:
        raise refuse("email", f"Nobody signs in with {email.strip()!r} here. Add them with `compliance user add`.")
    await trail.record(session, act=act, entry=Entry("password.link_made", f"person:{person.id}"))
    return await links.make_link(
        session,
        kind=links.SET_PASSWORD,
        person_id=person.id,
        organization_id=theirs[0].organization_id,
        lasts=BY_HAND,
        now=act.now,
    )
