"""The logo of an organization: taken as evidence is, printed on reports, taken away, and remembered as it was."""

from __future__ import annotations

import io
import json
from typing import Any

import pikepdf
import pytest
from sqlalchemy import select

from compliance.db.records import TrailEntryRow
from tests.uploads import files
from tests.web.conftest import Browser, Site
from tests.web.test_reports import ask, staffed

PAGE = "/organization/logo"


async def give(owner: Browser, content: bytes, name: str = "logo.png") -> Any:
    await owner.get(PAGE)
    return await owner.send_form(PAGE, {}, files={"file": (name, content)})


async def report(owner: Browser) -> bytes:
    path = await ask(owner, format="pdf")
    return (await owner.get(f"{path}/file")).content


def attached(pdf: bytes) -> dict[str, Any]:
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        return dict(json.loads(opened.attachments["audit.json"].get_file().read_bytes()))


async def test_a_logo_is_printed_on_reports_until_it_is_taken_away(site: Site) -> None:
    await staffed(site)
    owner = await site.sign_in("owner")
    without = await report(owner)
    assert attached(without)["logo_sha256"] is None
    answer = await give(owner, files.png((300, 100)))
    assert answer.status_code == 303
    await owner.get(PAGE)
    assert "Reports print this logo." in owner.words
    shown = await owner.get(f"{PAGE}/picture")
    assert shown.content[:3] == b"\xff\xd8\xff"
    assert b"secret-metadata" not in shown.content
    site.clock.forward(minutes=5)
    with_logo = await report(owner)
    assert attached(with_logo)["logo_sha256"] is not None
    await owner.get(PAGE)
    await owner.send_form(f"{PAGE}/remove", {})
    await owner.get(PAGE)
    assert "Reports print no logo." in owner.words
    assert (await owner.get(f"{PAGE}/picture")).status_code == 404
    async with site.database.of(site.ours.id).read() as session:
        told = list(await session.scalars(select(TrailEntryRow.action).order_by(TrailEntryRow.seq)))
    assert told.count("organization.logo-changed") == 2


@pytest.mark.parametrize(
    ("content", "name", "said"),
    [
        (files.png((600, 60)), "logo.png", "too narrow"),
        (files.png((300, 30)), "logo.png", "30 pixels"),
        (files.pdf(), "logo.pdf", "A logo is a picture"),
        (files.gif(), "logo.png", "but is"),
    ],
)
async def test_what_cannot_be_printed_is_refused(site: Site, content: bytes, name: str, said: str) -> None:
    owner = await site.sign_in("owner")
    answer = await give(owner, content, name)
    assert answer.status_code == 422
    assert said in owner.words
    await owner.get(PAGE)
    assert "Reports print no logo." in owner.words


async def test_nobody_but_an_owner_reaches_it(site: Site) -> None:
    for role in ("manager", "auditor"):
        assert (await (await site.sign_in(role)).get(PAGE)).status_code == 403
