"""Who is on file where pages about people are tested."""

from __future__ import annotations

import re
from datetime import date
from typing import Any
from uuid import UUID

from compliance.domain.periods import FOREVER
from compliance.services import credentials
from compliance.services.credentials import Added
from tests import builders
from tests.web.conftest import Browser, Site

TRIGGER_POINT, MASSAGE = builders.TRIGGER_POINT, builders.MASSAGE
TAMPA, ORLANDO = 0, 1


async def therapist(
    site: Site,
    name: str = "Sofia Papadopoulou",
    clinic: int | None = TAMPA,
    modalities: tuple[str, ...] = (MASSAGE,),
    starts_on: date = date(2023, 1, 9),
    ends_on: date = FOREVER,
    **more: Any,
) -> UUID:
    """Somebody who works at one of our clinics, with nothing on file yet."""
    first, _, last = name.partition(" ")
    async with site.database.write.begin() as session:
        id_ = await builders.therapist(session, site.act(), first, last, **more)
        if clinic is not None:
            where = site.ours.clinics[clinic]
            await builders.assignment(session, site.act(), id_, where, modalities, starts_on, ends_on)
    return id_


async def license_of(site: Site, id_: UUID, *, verified: bool = True, **more: Any) -> Added:
    """A Florida license from September 2025 to August 2027, checked at the board unless said otherwise."""
    async with site.database.write.begin() as session:
        make = builders.verified_license if verified else builders.credential
        return await make(session, site.act(), id_, **more)


async def cleared(site: Site, name: str = "Sofia Papadopoulou", **more: Any) -> UUID:
    """Somebody who may practice massage therapy until August 31, 2027."""
    id_ = await therapist(site, name, **more)
    await license_of(site, id_)
    return id_


async def credential(site: Site, id_: UUID, type_: str, **more: Any) -> Added:
    """Something else that is held."""
    async with site.database.write.begin() as session:
        return await builders.credential(session, site.act(), id_, type_, **more)


async def renewed(site: Site, credential_id: UUID, ends_on: date, starts_on: date | None = None) -> UUID:
    """A later term."""
    async with site.database.write.begin() as session:
        new = credentials.Renewal(credential_id, ends_on, starts_on)
        return await credentials.renew(session, act=site.act(), renewal=new)


async def open_credential(browser: Browser) -> None:
    """Follows the link to the credential that the page names first."""
    held = re.search(r"/credentials/[0-9a-f]{8}-[0-9a-f-]{27}", browser.page)
    assert held
    await browser.get(held.group())


async def send(browser: Browser, form: str, to: str, values: dict[str, Any], **more: Any) -> Any:
    """Opens a form, fills it in and sends it; on success the page that it leads to is shown."""
    opened = await browser.get(form)
    assert opened.status_code == 200, opened.text[:500]
    answer = await browser.send_form(to, values, **more)
    if answer.status_code == 303:
        await browser.get(answer.headers["location"])
    return answer
