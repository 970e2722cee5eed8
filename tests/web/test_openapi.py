"""What the OpenAPI document promises of each question is what the service answers: status, kind and shape."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
from jsonschema import Draft202012Validator

from compliance.crypto.ids import new_id
from compliance.web.limits import BODY_LIMIT
from tests.web.conftest import Browser, Site
from tests.web.test_api import key_for, program
from tests.web.world import world

UNSEEN = {"500", "503"}
"""What only a defect or a database that is away makes; their shape is that of the others."""
GOOD = {"title": "Ethics at work", "completed_on": "2026-05-02", "minutes": 180, "form": "live"}
GATE = {"modality": "massage-therapy", "on": "2026-11-23"}

Asked = tuple[str, str, str, dict[str, Any]]
"""The path as the document names it, the method, the address itself, and what goes with it."""


def asked_of(person: str, held: str, clinic: str) -> Iterator[Asked]:
    """Every question with ids that are there, and in every way that is refused for what it says."""
    gate, lists, one = "/api/v1/clearance", "/api/v1/therapists", "/api/v1/therapists/{therapist_id}"
    good = GATE | {"therapist": person, "clinic": clinic}
    changes: tuple[dict[str, str], ...] = (
        {}, {"therapist": "x"}, {"on": "x"}, {"on": "0001-01-01"}, {"modality": "x"}, {"clinic": "\0"}
    )  # fmt: skip
    for change in changes:
        yield gate, "get", gate, {"params": good | change}
    for params in ({}, {"limit": "1"}, {"limit": "0"}, {"limit": "x"}, {"cursor": "x"}):
        yield lists, "get", lists, {"params": params}
    for params in ({}, {"x": "\0"}):
        yield one, "get", f"/api/v1/therapists/{person}", {"params": params}
        yield "/api/v1/clinics", "get", "/api/v1/clinics", {"params": params}
        path = "/api/v1/credentials/{credential_id}/reminders"
        yield path, "get", f"/api/v1/credentials/{held}/reminders", {"params": params}
    bodies: tuple[Any, ...] = ([GOOD], [], [GOOD | {"minutes": 0}], [GOOD | {"form": "x"}], [GOOD] * 201, "x")
    for courses in bodies:
        yield f"{one}/courses", "post", f"/api/v1/therapists/{person}/courses", {"json": {"courses": courses}}
    large = {"content": b"[" * (BODY_LIMIT + 1)}
    for body in ({"content": b"\xff{"}, large):
        yield f"{one}/courses", "post", f"/api/v1/therapists/{person}/courses", body


class Promise:
    """The document, and what was seen of it."""

    def __init__(self, document: dict[str, Any]) -> None:
        self.document = document
        self.seen: set[tuple[str, str, str]] = set()

    def holds(self, path: str, method: str, answer: httpx.Response) -> None:
        """Fails where the answer is none of those promised."""
        code, what = str(answer.status_code), f"{method} {answer.url}: {answer.status_code} {answer.text[:200]}"
        promised = self.document["paths"][path][method]["responses"]
        assert code in promised, what
        assert answer.headers["content-type"].split(";")[0] in promised[code]["content"], what
        (content,) = promised[code]["content"].values()
        found = Draft202012Validator(self.document | content["schema"]).iter_errors(answer.json())
        assert not [each.message for each in found], what
        self.seen.add((path, method, code))

    def never_seen(self) -> set[tuple[str, str, str]]:
        """Promises that no answer showed."""
        operations = [(path, how, one) for path, item in self.document["paths"].items() for how, one in item.items()]
        return {(p, how, code) for p, how, one in operations for code in one["responses"]} - self.seen


async def test_every_answer_is_in_the_document_and_everything_in_the_document_is_answered(site: Site) -> None:
    ours, some = await world(site, site.ours), str(new_id(site.clock.now))
    may = program(site, (await key_for(site)).key)
    narrow = [program(site, (await key_for(site, scopes=[each])).key) for each in ("clinics.read", "reminders.read")]
    promise = Promise((await site.browser().get("/schema/openapi.json")).json())

    async def ask(browser: Browser, question: Asked) -> None:
        path, method, address, more = question
        promise.holds(path, method, await browser.request(method, address, **more))

    asked = list(asked_of(*(str(ours.ids[each]) for each in ("therapists", "credentials", "clinics"))))
    for question in asked:
        await ask(may, question)
    for question in {each[0]: each for each in reversed(asked)}.values():
        for browser in (*narrow, site.browser()):
            await ask(browser, question)
    for question in asked_of(some, some, some):
        await ask(may, question)
    assert {code for _path, _method, code in promise.never_seen()} == UNSEEN, promise.never_seen()


async def test_the_document_says_that_a_key_is_needed(site: Site) -> None:
    document = (await site.browser().get("/schema/openapi.json")).json()
    (name,) = document["components"]["securitySchemes"]
    assert document["components"]["securitySchemes"][name] | {"description": ""} == {
        "type": "http", "scheme": "bearer", "description": "",
    }  # fmt: skip
    assert document["security"] == [{name: []}]
