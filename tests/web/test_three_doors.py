"""One question, three doors: the therapist's page, `compliance check` and the API's gate give the same answer."""

from __future__ import annotations

import asyncio
import json
import re
from dataclasses import dataclass
from datetime import date, timedelta
from html import unescape
from random import Random
from typing import Any
from uuid import UUID

import pytest
from click.testing import CliRunner

from compliance.cli import main
from compliance.domain.credentials import StandingCode
from compliance.domain.periods import FOREVER
from compliance.services import standings, waivers
from tests import builders
from tests.web import people
from tests.web.conftest import KEY, Browser, Site
from tests.web.people import MASSAGE, ORLANDO, TAMPA, TRIGGER_POINT
from tests.web.test_api import ask, key_for

PEOPLE = 4
DAYS = 3
STARTED = date(2023, 1, 9)  # as tests.web.people has everybody start


@dataclass(frozen=True)
class Question:
    """May they practice this there on that day?"""

    therapist: UUID
    clinic: UUID
    modality: str
    on: date


def some_day(random: Random, first: date = STARTED, last: date = date(2028, 12, 31)) -> date:
    return first + timedelta(days=random.randrange((last - first).days))


async def somebody(site: Site, random: Random, number: int) -> tuple[UUID, int]:
    """A file as they come: licenses that lapse, are suspended or nobody has looked up, and gaps, and waivers."""
    clinic = random.choice((TAMPA, ORLANDO))
    id_ = await people.therapist(site, f"Person {'ABCDEFGH'[number]}", clinic, (MASSAGE, TRIGGER_POINT))
    ends_on = some_day(random, date(2026, 6, 1))
    if random.random() < 0.9:
        looked = random.random() < 0.8
        held = await people.license_of(site, id_, verified=looked, starts_on=date(2024, 9, 1), ends_on=ends_on)
        if random.random() < 0.3:
            await suspended(site, held.id, some_day(random, date(2025, 1, 1), date(2026, 11, 1)))
    for type_, ends in (("mblex", FOREVER), ("bctmb", some_day(random)), ("amta-membership", some_day(random))):
        if random.random() < 0.85:
            more = {"jurisdiction": None, "starts_on": STARTED - timedelta(days=400), "ends_on": ends}
            await people.credential(site, id_, type_, **more)
    if random.random() < 0.4:
        await waived(site, id_, some_day(random, date(2026, 11, 23)))
    return id_, clinic


async def suspended(site: Site, credential_id: UUID, day: date) -> None:
    async with site.database.write.begin() as session:
        told = standings.StandingChange(credential_id, StandingCode.SUSPENDED, day)
        await standings.record_standing(session, act=site.act(), change=told)


async def waived(site: Site, id_: UUID, ends_on: date) -> None:
    async with site.database.write.begin() as session:
        await waivers.grant(
            session, act=site.act(), therapist_id=id_, requirement="membership", starts_on=builders.TODAY,
            ends_on=ends_on, reason="The receipt is on file.", granted_by="Dana Owner",
        )  # fmt: skip


async def lapsing_establishment(site: Site) -> None:
    """Orlando's own license ends while people work there."""
    async with site.database.write.begin() as session:
        days = {"starts_on": date(2025, 1, 1), "ends_on": date(2027, 1, 31)}
        where = site.ours.clinics[ORLANDO]
        await builders.credential(session, site.act(), None, "establishment-license", clinic_id=where, **days)


async def questions(site: Site, seed: int) -> list[Question]:
    """Random people, each asked about on the day after a lapse of the clinic and on days before and after today."""
    random = Random(seed)
    await lapsing_establishment(site)
    found = []
    for number in range(PEOPLE):
        id_, clinic = await somebody(site, random, number)
        for day in (date(2027, 2, 1), *(some_day(random) for _ in range(DAYS - 1))):
            modality = random.choice((MASSAGE, TRIGGER_POINT))
            found.append(Question(id_, site.ours.clinics[clinic], modality, day))
    return found


def on_the_command_line(site: Site, asked: Question) -> Any:
    words = ("--therapist", str(asked.therapist), "--clinic", str(asked.clinic), "--modality", asked.modality)
    names = {"COMPLIANCE_DATABASE_URL": site.settings.database_url, "COMPLIANCE_SECRET_KEY": KEY}
    done = CliRunner(env=names).invoke(main, ["check", *words, "--on", asked.on.isoformat(), "--json"])
    answer = json.loads(done.stdout)
    assert done.exit_code == (0 if answer["cleared"] else 1)
    return answer


async def on_the_page(browser: Browser, asked: Question) -> tuple[str, list[tuple[str, str, str, str, str]]]:
    """The sentence, and each line of the table: requirement, status, reason, citation and last day."""
    query = {"clinic": str(asked.clinic), "modality": asked.modality, "as_of": asked.on.isoformat()}
    answer = await browser.get(f"/therapists/{asked.therapist}", params=query)
    assert answer.status_code == 200
    sentence = plain(re.search(r"<h1>(.*?)</h1>", browser.page, re.DOTALL))
    lines = re.findall(r'<tr role="row" id="([\w-]+)">(.*?)</tr>', browser.page, re.DOTALL)
    return sentence, [(code, *cells(line)) for code, line in lines]


def cells(line: str) -> tuple[str, str, str, str]:
    said = [plain(each) for each in re.finditer(r'<span class="second">(.*?)</span>', line, re.DOTALL)]
    status, until = re.search(r'data-status="([\w-]+)"', line), re.search(r'<time datetime="([\d-]+)"', line)
    assert status
    return status.group(1), said[1], said[0], until.group(1) if until else ""


def plain(found: re.Match[str] | None) -> str:
    assert found
    return " ".join(unescape(re.sub(r"<[^>]+>", "", found.group(1))).split())


@pytest.mark.parametrize("seed", [1, 2])
async def test_page_command_and_gate_give_one_answer_on_past_and_future_days(site: Site, seed: int) -> None:
    every = await questions(site, seed)
    key, browser, seen = (await key_for(site)).key, await site.sign_in("owner"), set()
    for asked in every:
        query = {"therapist": asked.therapist, "clinic": asked.clinic, "modality": asked.modality, "on": asked.on}
        gate = (await ask(site, key, "/api/v1/clearance", **{name: str(each) for name, each in query.items()})).json()
        assert await asyncio.to_thread(on_the_command_line, site, asked) == gate
        sentence, lines = await on_the_page(browser, asked)
        assert lines == [
            (each["requirement"], each["status"], each["reason"], each["citation"], each["until"] or "")
            for each in gate["findings"]
            if each["requirement"] != "assignment"
        ]
        agrees(sentence, gate)
        seen |= {gate["cleared"]} | {each["status"] for each in gate["findings"]}
    assert seen >= {True, False, "met", "lapsed", "missing"}, "These files have come out too much alike."


def agrees(sentence: str, gate: Any) -> None:
    """The page's sentence names the verdict, its last day and what ends it, or what stands against it."""
    titles = {each["requirement"]: each["title"] for each in gate["findings"]}
    assert (": Cleared for" in sentence) == gate["cleared"], sentence
    if not gate["cleared"]:
        assert gate["until"] is gate["ends_with"] is None
        assert any(each["title"] in sentence for each in gate["findings"] if each["status"] not in CLEAR), sentence
    elif gate["until"]:
        assert re.search(rf"until {date.fromisoformat(gate['until']):%b} 0?{int(gate['until'][8:])}, ", sentence)
        assert sentence.lower().endswith(f"then the {titles[gate['ends_with']]}.".lower()), sentence
    else:
        assert "without an end" in sentence


CLEAR = ("met", "expiring", "waived", "not-asked")
