"""A therapist with a Florida license that ends soon, the link of its reminder, and a phone that opens it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

import httpx
from sqlalchemy import select

from compliance.db.records import OutboxRow, SubmissionRow, TermRow
from compliance.services.mailing import MailSettings
from compliance.services.renewal_links import Cycle, renewal_links
from tests.uploads import files
from tests.web import people
from tests.web.conftest import KEY, Browser, Site

ENDS, NEW_END = date(2026, 12, 22), date(2028, 12, 22)
MAIL = MailSettings("compliance@example.org", "http://127.0.0.1:8000", KEY.encode())
PHOTO = ("card.jpg", files.jpeg(), "image/jpeg")
RENEWED = {"ends_on": NEW_END.isoformat(), "sure": "yes"}  # by the rule it would be in August


@dataclass
class Phone:
    """The browser of somebody who has only a mail."""

    site: Site
    browser: Browser
    therapist: UUID
    credential: UUID
    token: str

    @property
    def path(self) -> str:
        """Where the link leads."""
        return f"/renew/{self.token}"

    async def open(self) -> httpx.Response:
        """Taps the link."""
        return await self.browser.get(self.path)

    async def send(self, way: str, values: dict[str, Any] | None = None, **more: Any) -> httpx.Response:
        """Fills in one of the page's forms and sends it; on success the page that it leads to is shown."""
        await self.open()
        return await self.post(way, values, **more)

    async def post(self, way: str, values: dict[str, Any] | None = None, **more: Any) -> httpx.Response:
        """The same from the page that is shown."""
        answer = await self.browser.send_form(f"{self.path}/{way}", values, **more)
        if answer.status_code == 303:
            await self.browser.get(answer.headers["location"])
        return answer

    async def renew(self, content: Any = PHOTO, **values: str) -> httpx.Response:
        """Sends in a photo of the new card."""
        return await self.send("renewal", RENEWED | values, files={"file": content})

    async def rows(self, table: Any) -> list[Any]:
        """Everything in a table, the oldest first."""
        async with self.site.database.read() as session:
            query = select(*table.__table__.columns).order_by(*table.__table__.primary_key)
            return list((await session.execute(query)).all())

    async def submissions(self) -> list[tuple[str, str]]:
        """Kind and state of what was sent in."""
        return [(row.kind, row.state) for row in await self.rows(SubmissionRow)]

    async def last_days(self) -> list[date]:
        """Of the terms of the credential."""
        mine = (row for row in await self.rows(TermRow) if row.credential_id == self.credential)
        return sorted(row.ends_on for row in mine if row.voided_seq is None)

    async def letters(self, kind: str) -> list[Any]:
        """Messages of a kind."""
        return [row for row in await self.rows(OutboxRow) if row.kind == kind]


async def phone(site: Site, **more: Any) -> Phone:
    """Makes them."""
    who = await people.therapist(site, email="sofia@example.org", **more)
    held = await people.license_of(site, who, starts_on=date(2024, 12, 23), ends_on=ENDS)
    return Phone(site, site.browser(), who, held.id, await token(site, who, held.id))


async def token(site: Site, therapist: UUID, credential: UUID, email: str = "sofia@example.org") -> str:
    """The token of the link that their mail has."""
    cycle = Cycle(site.ours.id, therapist, credential, ENDS, email)
    async with site.database.write.begin() as session:
        found = await renewal_links(session, mail=MAIL, wanted=[cycle], now=site.clock.now)
    return found[cycle].rpartition("/")[2]
