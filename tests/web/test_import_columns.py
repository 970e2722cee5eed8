"""What a header means is said once, and every file that comes after is read that way."""

from __future__ import annotations

import re

from sqlalchemy import select

from compliance.db.records import TherapistRow, TrailEntryRow
from tests.markup import outline
from tests.web.conftest import Site
from tests.web.test_imports import upload

STRANGE = "Given,Clan,Where to write,Favorite tea\nSofia,Ray,sofia@example.org,mint\n"


def named(page: str) -> list[str]:
    """The headers whose meaning may be chosen, in their order."""
    return re.findall(r'<option value="([^"=]+)="', page)


async def test_a_file_that_nobody_understands_is_explained_once_and_read_from_then_on(site: Site) -> None:
    browser = await site.sign_in("manager")
    path = await upload(site, browser, STRANGE)
    assert "could not be imported" in browser.words
    assert named(browser.page) == ["Given", "Clan", "Where to write", "Favorite tea"]
    assert outline(browser.page).faults == []
    said = ["Given=first_name", "Clan=last_name", "Where to write=email", "Favorite tea="]
    answer = await browser.send_form(f"{path}/columns", {"columns": said})
    assert answer.headers["location"] == "/imports/new"
    await browser.get("/imports/new")
    assert "clan Last name" in browser.words
    await upload(site, browser, STRANGE)
    assert "1 therapist to create, 0 to change: import them?" in browser.words
    await upload(site, browser, STRANGE.replace("Clan", " CLAN "), "next-month.csv")  # as it is folded
    assert "1 therapist to create, 0 to change: import them?" in browser.words
    async with site.database.read() as session:
        mine = (TrailEntryRow.organization_id == site.ours.id, TrailEntryRow.action == "organization.changed")
        assert len((await session.scalars(select(TrailEntryRow.seq).where(*mine))).all()) == 1


async def test_two_columns_cannot_mean_the_same_and_a_header_that_is_not_of_the_file_is_not_kept(site: Site) -> None:
    browser = await site.sign_in("manager")
    path = await upload(site, browser, STRANGE)
    both = {"columns": ["Given=last_name", "Clan=last_name"]}
    answer = await browser.send_form(f"{path}/columns", both)
    assert answer.status_code == 422
    assert "Two columns cannot both be last name." in browser.words
    answer = await browser.send_form(f"{path}/columns", {"columns": ["Given=spell"]})
    assert "cannot mean 'spell'" in browser.words
    await browser.send_form(f"{path}/columns", {"columns": ["Elsewhere=last_name"]})
    await browser.get("/imports/new")
    assert "elsewhere" not in browser.words


async def test_what_one_organization_has_explained_means_nothing_in_another(site: Site) -> None:
    browser = await site.sign_in("manager")
    path = await upload(site, browser, STRANGE)
    await browser.send_form(f"{path}/columns", {"columns": ["Given=first_name", "Clan=last_name"]})
    stranger = await site.sign_in("manager", stranger=True)
    theirs = await upload(site, stranger, STRANGE)
    assert "could not be imported" in stranger.words
    assert (await stranger.send_form(f"{path}/columns", {"columns": ["Given=npi"]})).status_code == 404
    assert theirs != path
    async with site.database.read() as session:
        assert (await session.scalars(select(TherapistRow.id).where(TherapistRow.last_name == "Ray"))).all() == []
