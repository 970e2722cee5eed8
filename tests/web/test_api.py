"""The API: what a key opens, what it does not, and that nothing but a key opens anything."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any
from uuid import UUID

import httpx
import pytest
from litestar.routes import HTTPRoute
from sqlalchemy import update

from compliance.crypto.ids import new_id
from compliance.db.records import ApiKeyRow, OrganizationRow
from compliance.services import api_keys
from compliance.services.refusals import Refused
from tests import builders
from tests.web.conftest import Browser, Organization, Site, wired
from tests.web.world import World, world

ALL = tuple(api_keys.SCOPES)
GATE = "/api/v1/clearance"


async def key_for(
    site: Site,
    organization: Organization | None = None,
    scopes: Iterable[str] = ALL,
    clinic_ids: Iterable[UUID] = (),
    ends_on: date | None = None,
) -> api_keys.Made:
    """A new key."""
    act = site.act((organization or site.ours).id)
    today = site.clock.now.date()
    async with site.database.write.begin() as session:
        return await api_keys.make(
            session, act=act, name="Booking", scopes=scopes, clinic_ids=clinic_ids, ends_on=ends_on, today=today
        )


def program(site: Site, key: str) -> Browser:
    """As a program asks: no cookie, no browser's words about where it comes from."""
    browser = site.browser(authorization=f"Bearer {key}")
    del browser.headers["sec-fetch-site"]
    return browser


async def ask(site: Site, key: str, path: str, **params: Any) -> httpx.Response:
    """Reads."""
    return await program(site, key).get(path, params=params)


async def tell(site: Site, key: str, path: str, **body: Any) -> httpx.Response:
    """Records."""
    return await program(site, key).post(path, json=body)


def api_routes() -> list[tuple[str, str]]:
    """Method and address of everything in the API."""
    found = (route for route in wired().routes if isinstance(route, HTTPRoute))
    handlers = ((each.path_format, handler) for each in found for handler in each.route_handlers)
    return [("POST" if "POST" in one.http_methods else "GET", path) for path, one in handlers if "scope" in one.opt]


def api_paths() -> list[str]:
    """Every address of the API that is read."""
    return [path for method, path in api_routes() if method == "GET"]


async def kim_at_tampa(site: Site) -> dict[str, Any]:
    """The question about somebody who has a license and an examination, and has worked at Tampa since 2020."""
    here = site.ours.clinics[0]
    async with site.database.write.begin() as session:
        kim = await builders.therapist(session, site.act(), "Kim", "Low")
        await builders.assignment(session, site.act(), kim, here)
        held = await builders.credential(session, site.act(), kim)
        await builders.verification(session, site.act(), held.id)
    return {"therapist": str(kim), "clinic": str(here), "modality": "massage-therapy"}


async def test_the_gate_says_yes_until_when_and_why(site: Site) -> None:
    question, key = await kim_at_tampa(site), await key_for(site)
    answer = await ask(site, key.key, GATE, **question)
    assert answer.status_code == 200, answer.text
    found = answer.json()
    assert found["cleared"] is True
    assert found["until"] > builders.TODAY.isoformat()
    assert {"requirement", "status", "reason", "citation", "credential", "until"} <= set(found["findings"][0])
    after = await ask(site, key.key, GATE, **question | {"on": "2190-01-01"})
    assert after.json()["cleared"] is False
    assert after.json()["until"] is None


async def test_the_gate_takes_names_and_the_british_spelling_of_no_one_else(site: Site) -> None:
    question, key = await kim_at_tampa(site), await key_for(site)
    named = await ask(site, key.key, GATE, **question | {"therapist": "Kim Low", "clinic": "tampa"})
    assert named.json()["cleared"] is True


@pytest.mark.parametrize(
    ("wrong", "status", "said"),
    [
        ({"therapist": "Nobody"}, 404, "'Nobody'"),
        ({"clinic": "Elsewhere"}, 404, "'Elsewhere'"),
        ({"modality": "dancing"}, 422, "'dancing'; known are massage-therapy"),
        ({"on": "tomorrow"}, 400, "on"),
        ({"on": "0001-01-01"}, 422, "from 1900 to 2199"),
        ({"modality": None}, 400, "modality"),
    ],
)
async def test_what_cannot_be_told_is_never_yes_and_says_why(
    site: Site, wrong: dict[str, str | None], status: int, said: str
) -> None:
    question, key = await kim_at_tampa(site), await key_for(site)
    asked = {name: value for name, value in (question | wrong).items() if value is not None}
    answer = await ask(site, key.key, GATE, **asked)
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"].startswith("application/problem+json")
    assert said in answer.json()["detail"]
    assert "cleared" not in answer.json()


async def test_nothing_but_a_key_that_holds_opens_the_api(site: Site) -> None:
    """Not a session, however high; not a key that is wrong, over, or taken back."""
    ours, key = await world(site, site.ours), await key_for(site)
    over = await key_for(site, ends_on=site.clock.now.date())
    back = await key_for(site)
    async with site.database.write.begin() as session:
        await api_keys.revoke(session, act=site.act(), key_id=back.id)
    owner = await site.sign_in("owner")
    site.clock.forward(days=1)
    for path in map(ours.path, api_paths()):
        answers = [await owner.get(path), await site.browser().get(path)]
        wrong = key.key[:-1] + ("A" if key.key[-1] != "A" else "B")
        answers += [await ask(site, each, path) for each in (wrong, over.key, back.key, "", "ck_", key.key[:11])]
        for answer in answers:
            assert answer.status_code == 401, path
            assert answer.headers["www-authenticate"] == "Bearer"
    for path in [ours.path(each) for method, each in api_routes() if method == "POST"]:
        told = [await tell(site, each, path) for each in (wrong, over.key, back.key, "", "ck_", key.key[:11])]
        assert [each.status_code for each in told] == [401] * len(told), path
        assert (await owner.post(path, json={})).status_code == 401, path


async def test_a_key_opens_what_it_is_allowed_and_nothing_else(site: Site) -> None:
    ours = await world(site, site.ours)
    for scope in ALL:
        key = await key_for(site, scopes=[scope])
        for route in wired().routes:
            for handler in route.route_handlers if isinstance(route, HTTPRoute) else ():
                if "scope" in handler.opt:
                    does = tell if "POST" in handler.http_methods else ask
                    answer = await does(site, key.key, ours.path(route.path_format))
                    refused = answer.status_code == 403
                    assert refused == (handler.opt["scope"] != scope), (scope, route.path)


def listed_by_ids(ours: World) -> list[str]:
    return [ours.path(each) for each in api_paths() if "{" in each]


async def test_a_strangers_things_are_answered_like_things_that_nobody_has(site: Site) -> None:
    theirs, key = await world(site, site.theirs), await key_for(site)
    for path, template in zip(listed_by_ids(theirs), [e for e in api_paths() if "{" in e], strict=True):
        answer = await ask(site, key.key, path)
        nobody = await ask(site, key.key, template.split("{")[0] + str(new_id(site.clock.now)) + template.split("}")[1])
        assert (answer.status_code, nobody.status_code) == (404, 404), path
        assert answer.json()["detail"] == nobody.json()["detail"]
    person, place = str(theirs.ids["therapists"]), str(theirs.ids["clinics"])
    asked = {"therapist": person, "clinic": place, "modality": "massage-therapy"}
    assert (await ask(site, key.key, GATE, **asked)).status_code == 404


async def test_a_key_for_one_clinic_sees_nobody_of_another(site: Site) -> None:
    tampa = await world(site, site.ours, clinic=0)
    key = await key_for(site, clinic_ids=[site.ours.clinics[1]])
    for path in listed_by_ids(tampa):
        assert (await ask(site, key.key, path)).status_code == 404, path
    assert [each["name"] for each in (await ask(site, key.key, "/api/v1/clinics")).json()["items"]] == ["Orlando"]
    assert (await ask(site, key.key, "/api/v1/therapists")).json()["items"] == []
    question = {"therapist": str(tampa.ids["therapists"]), "modality": "massage-therapy"}
    for clinic in site.ours.clinics:
        assert (await ask(site, key.key, GATE, clinic=str(clinic), **question)).status_code == 404


async def test_a_list_goes_on_from_its_cursor_and_names_everybody_once(site: Site) -> None:
    async with site.database.write.begin() as session:
        made = {await builders.therapist(session, site.act(), "Kim", f"Low {each}") for each in range(5)}
    key, seen, cursor = await key_for(site), [], None
    for _ in range(4):
        page = (
            await ask(site, key.key, "/api/v1/therapists", limit=2, **({"cursor": cursor} if cursor else {}))
        ).json()
        seen += [UUID(each["id"]) for each in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert sorted(seen) == sorted(made)
    assert len(seen) == len(made)
    assert (await ask(site, key.key, "/api/v1/therapists", limit=1000)).status_code == 400
    assert (await ask(site, key.key, "/api/v1/therapists", cursor="x")).status_code == 400


async def test_a_therapists_file_gives_no_birth_date_away(site: Site) -> None:
    ours, key = await world(site, site.ours), await key_for(site)
    found = (await ask(site, key.key, f"/api/v1/therapists/{ours.ids['therapists']}")).json()
    assert found["credentials"][0]["terms"]
    assert not {"birth_date", "phone", "notes"} & set(found)


async def test_why_a_reminder_was_sent_or_not_is_told(site: Site) -> None:
    ours, key = await world(site, site.ours), await key_for(site)
    found = (await ask(site, key.key, f"/api/v1/credentials/{ours.ids['credentials']}/reminders")).json()
    assert found["notice"] or found["rungs"]


async def test_the_use_of_a_key_is_noted(site: Site) -> None:
    key = await key_for(site)
    await ask(site, key.key, "/api/v1/clinics")
    async with site.database.read() as session:
        row = await session.get(ApiKeyRow, key.id)
        assert row is not None
        assert row.last_used_at == site.clock.now


async def test_only_a_hash_of_a_key_is_kept(site: Site) -> None:
    key = await key_for(site)
    async with site.database.read() as session:
        row = await session.get(ApiKeyRow, key.id)
        assert row is not None
        assert key.key not in repr(vars(row))


async def test_the_document_names_each_question_and_nothing_else(site: Site) -> None:
    document = (await site.browser().get("/schema/openapi.json")).json()
    assert document["openapi"].startswith("3.1")
    assert set(document["paths"]) == {path for _method, path in api_routes()}
    asked = document["paths"][GATE]["get"]["parameters"]
    assert [each["description"] for each in asked if each["name"] == "therapist"] == [
        "Id, e-mail address or exact name."
    ]


# -- the pages -----------------------------------------------------------------------------------------------------


async def test_an_owner_makes_a_key_that_is_shown_once_and_takes_it_back(site: Site) -> None:
    owner = await site.sign_in("owner")
    await owner.get("/keys/new")
    answer = await owner.send_form("/keys", {"name": "Booking", "scopes": "clinics.read"})
    key = next(word for word in owner.words.split() if word.startswith("ck_"))
    assert answer.status_code in (200, 201)
    assert (await ask(site, key, "/api/v1/clinics")).status_code == 200
    await owner.get("/keys")
    assert "Booking" in owner.words
    assert key not in owner.page
    revoke = owner.page.split('action="/keys/')[1].split('"')[0]
    await owner.send_form(f"/keys/{revoke}")
    assert (await ask(site, key, "/api/v1/clinics")).status_code == 401
    await owner.get("/keys")
    assert "No key opens anything here." in owner.words


async def test_a_key_without_a_name_or_anything_to_read_is_refused_with_what_was_typed(site: Site) -> None:
    owner = await site.sign_in("owner")
    await owner.get("/keys/new")
    answer = await owner.send_form("/keys", {"name": " ", "ends_on": "2020-01-01"})
    assert answer.status_code == 422
    assert "2020-01-01" in owner.page


async def test_the_page_that_tries_the_api_has_every_question_with_its_fields(site: Site) -> None:
    owner = await site.sign_in("owner")
    await owner.get("/keys/try")
    for path in api_paths():
        assert f'data-asks="{path}"' in owner.page
    assert "modality" in owner.words


async def test_scopes_and_clinics_that_are_not_known_are_refused(site: Site) -> None:
    with pytest.raises(Refused, match="nothing a key can be allowed"):
        await key_for(site, scopes=["everything"])
    with pytest.raises(Refused, match="clinics is not known"):
        await key_for(site, clinic_ids=site.theirs.clinics)


async def test_a_key_holds_through_its_last_day_in_the_organizations_own_zone(site: Site) -> None:
    key = await key_for(site, ends_on=site.clock.now.date())
    async with site.database.write.begin() as session:
        await session.execute(update(OrganizationRow).values(time_zone="Pacific/Honolulu"))
    site.clock.forward(hours=19)  # past midnight UTC and in New York, the same day in Honolulu
    assert (await ask(site, key.key, "/api/v1/clinics")).status_code == 200
    site.clock.forward(hours=6)
    assert (await ask(site, key.key, "/api/v1/clinics")).status_code == 401
