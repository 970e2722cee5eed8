"""What was typed, read back in every format: pages, CSV, XLSX, JSON, PDF, calendars, mail. It is text there and no more."""

from __future__ import annotations

import asyncio
import io
import json
import re
import subprocess
import zipfile
from collections import deque
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from email import message_from_bytes
from email.policy import default
from pathlib import Path
from typing import Any, Final

import pypdfium2
from sqlalchemy import select, update

from compliance.db.records import OrganizationRow, OutboxRow
from compliance.services import reminders
from tests import builders
from tests.attack.faults import (
    PRODUCT,
    faults_of_calendar,
    faults_of_csv,
    faults_of_document,
    faults_of_mail,
    faults_of_page,
    faults_of_workbook,
)
from tests.attack.injecting import PAYLOADS, addresses
from tests.attack.tally import Tally
from tests.attack.target import COMMAND, Target
from tests.browser.addresses import Found, links_of
from tests.outside import Mailserver
from tests.web.conftest import Browser
from tests.web.world import MAIL

MARK: Final = re.compile(r"zq\d\d")


class Formats:
    """How many outputs of each format were read, and how many held a payload at all."""

    def __init__(self) -> None:
        self.tally = Tally("outputs read back, whole")
        self.counts: dict[str, list[int]] = {}

    def add(self, kind: str, what: str, text: str, faults: Iterable[str]) -> None:
        """One output."""
        seen = self.counts.setdefault(kind, [0, 0])
        seen[0] += 1
        seen[1] += bool(MARK.search(text))
        found = list(faults)
        self.tally.tried += 1
        self.tally.harmless += not found
        self.tally.wrong.extend(f"{kind} {what}: {each}" for each in found[:3])

    def done(self) -> Tally:
        """The tally; a format that held no payload proves nothing, and is wrong."""
        for kind, (read, marked) in self.counts.items():
            self.tally.notes.append(f"{kind}: {read} read, {marked} with what was typed")
            if not marked:
                self.tally.wrong.append(f"{kind}: nothing that was typed came back, so nothing is shown")
        return self.tally


async def read_back(site: Target) -> Tally:
    """Every page that links lead to, every export, reports in all formats, a calendar, the API, all mail."""
    formats, browser = Formats(), await site.sign_in("owner")
    await browser.get("/account")
    await _pages(site, browser, formats)
    await _exports(browser, formats)
    await _calendar(site, browser, formats)
    await _api(site, formats)
    await asyncio.to_thread(_reports, site, formats)
    await _mail(site, formats)
    return formats.done()


async def _pages(site: Target, browser: Browser, formats: Formats) -> None:
    found, waiting = Found(), deque(addresses(site))
    seen: set[str] = set()
    while waiting and len(seen) < 700:
        path = waiting.popleft()
        if path in seen:
            continue
        seen.add(path)
        answer = await browser.get(path)
        if answer.status_code >= 500 and answer.status_code != 503:
            formats.tally.failed.append(f"GET {path} -> {answer.status_code}")
        if answer.status_code == 200 and "text/html" in answer.headers.get("content-type", ""):
            formats.add("HTML", path, answer.text, faults_of_page(answer.text))
            waiting.extend(each for each in links_of(answer.text) if each.startswith("/") and found.add(each))


async def _exports(browser: Browser, formats: Formats) -> None:
    for path in ("/exports/roster.csv", "/exports/roster.xlsx", "/matrix/matrix.csv", "/matrix/matrix.xlsx"):
        answer = await browser.get(path)
        if answer.status_code != 200:
            continue
        if path.endswith("csv"):
            formats.add("CSV", path, answer.text, faults_of_csv(answer.text))
        else:
            formats.add("XLSX", path, _words_of_workbook(answer.content), faults_of_workbook(answer.content))


def _words_of_workbook(content: bytes) -> str:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return "".join(
            archive.read(name).decode("utf-8", "replace") for name in archive.namelist() if name.endswith(".xml")
        )


async def _calendar(site: Target, browser: Browser, formats: Formats) -> None:
    answer = await browser.post("/calendars", data={"csrf_token": browser.token, "of": "all"})
    found = re.search(r"(/calendar/[\w.-]+)", answer.text if answer.status_code == 200 else browser.page)
    if found:
        feed = await site.browser().get(found.group(1))
        formats.add("ICS", found.group(1), re.sub(r"\r\n[ \t]", "", feed.text), faults_of_calendar(feed.text))


async def _api(site: Target, formats: Formats) -> None:
    assert site.keys
    browser = site.browser(authorization=f"Bearer {site.keys['ours']}")
    ids = site.our_world.ids
    for path in ("/api/v1/clinics", "/api/v1/therapists", f"/api/v1/therapists/{ids['therapists']}",
                 f"/api/v1/credentials/{ids['credentials']}/reminders"):  # fmt: skip
        answer = await browser.get(path)
        formats.add("JSON", path, json.dumps(answer.json(), ensure_ascii=False), _faults_of_json(answer.text))


def _faults_of_json(text: str) -> list[str]:
    return [f"a template was carried out: {PRODUCT}"] if PRODUCT in text else []


def _reports(site: Target, formats: Formats) -> None:
    kinds = {kind: site.home / f"report.{kind}" for kind in ("json", "csv", "xlsx", "pdf")}
    asked = ("report", "audit", "--organization", str(site.ours.id))
    with ThreadPoolExecutor(2) as pool:  # each is a process of its own
        told = pool.map(lambda kind: _run(site, *asked, "--format", kind, "--output", str(kinds[kind])), kinds)
        saids = dict(zip(kinds, told, strict=True))
    for kind, out in kinds.items():
        said = saids[kind]
        if not out.exists():
            formats.tally.failed.append(f"report as {kind}: {said[-300:]}")
            continue
        _read_report(formats, kind, out)


def _read_report(formats: Formats, kind: str, out: Path) -> None:
    content = out.read_bytes()
    if kind == "json":
        text = json.dumps(json.loads(content), ensure_ascii=False)
        formats.add("JSON", out.name, text, _faults_of_json(text))
    elif kind == "xlsx":
        formats.add("XLSX", out.name, _words_of_workbook(content), faults_of_workbook(content))
    elif kind == "csv":
        texts = _csv_texts(content)
        formats.add("CSV", out.name, "".join(texts), [each for text in texts for each in faults_of_csv(text)])
    else:
        document = pypdfium2.PdfDocument(content)
        text = "\n".join(document[number].get_textpage().get_text_bounded() for number in range(len(document)))
        document.close()
        formats.add("PDF", out.name, text, faults_of_document(content))


def _csv_texts(content: bytes) -> list[str]:
    """One file, or those of a ZIP."""
    if not content.startswith(b"PK"):
        return [content.decode("utf-8-sig")]
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return [archive.read(name).decode("utf-8-sig") for name in archive.namelist() if name.endswith(".csv")]


class Rawserver(Mailserver):
    """Keeps each message as it came."""

    def __init__(self) -> None:
        super().__init__()
        self.raw: list[tuple[list[str], bytes]] = []

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:
        """Keeps the bytes."""
        self.raw.append((list(envelope.rcpt_tos), envelope.content))
        return "250 accepted"


HORIZONS: Final = (0, 20, 60, 120, 200, 270, 300)
"""Days from now on which the rungs and digests of what was typed are due: the jobs are run as if it were then."""


async def _mail(site: Target, formats: Formats) -> None:
    """Everything that can be written about what was typed is written and sent: reminders, digests, letters to staff."""
    await _live(site)
    for days in HORIZONS:
        then = (site.clock.now + timedelta(days=days)).isoformat()
        for job in ("plan-reminders", "send-digests"):
            await _job(site, formats, job, "--at", then)
    async with site.database.write.begin() as session:
        at_once = {"state": "pending", "next_at": site.clock.now}
        await session.execute(update(OutboxRow).where(OutboxRow.state.in_(("pending", "held", "kept"))).values(at_once))
    with Rawserver() as server:
        await _job(site, formats, "deliver-outbox", COMPLIANCE_SMTP_URL=server.url)
        for to, raw in server.raw:
            several = ["several readers"] if len(to) != 1 else []
            formats.add("mail", f"to {to}", _words_of_mail(raw), faults_of_mail(raw) + several)


async def _live(site: Target) -> None:
    """The reminders are on, and somebody with a hostile name, whose license ends, is among those they are about."""
    async with site.database.write.begin() as session:
        act, typed = site.act(), PAYLOADS[0]
        one = await builders.therapist(session, act, typed, typed)
        clinic = await builders.clinic(session, act, typed)
        await builders.assignment(session, act, one, clinic)
        ends = act.now.date() + timedelta(days=30)
        await builders.verified_license(session, act, one, ends_on=ends, number=typed)
        begun = select(OrganizationRow.reminders_started_at).where(OrganizationRow.id == site.ours.id)
        if await session.scalar(begun) is None:
            await reminders.go_live(session, act=act, mail=MAIL)


async def _job(site: Target, formats: Formats, *words: str, **more: str) -> None:
    said = await asyncio.to_thread(_run, site, "run", *words, **more)
    if "Traceback" in said or '"ok": false' in said:
        formats.tally.failed.append(f"{' '.join(words)}: {said[-300:]}")


def _words_of_mail(raw: bytes) -> str:
    message = message_from_bytes(raw, policy=default)
    parts = [part for part in message.walk() if part.get_content_maintype() == "text"]
    return str(message["Subject"]) + "".join(str(part.get_content()) for part in parts)


def _run(site: Target, *words: str, **more: str) -> str:
    surroundings = site.environment() | more
    done = subprocess.run(
        [*COMMAND, *words], env=surroundings, capture_output=True, text=True, check=False, timeout=180
    )
    return done.stdout + done.stderr


def failed_in_log(log: Path) -> list[str]:
    """What the service itself wrote down as a defect."""
    found = []
    for line in log.read_text(errors="replace").splitlines():
        try:
            said = json.loads(line)
        except ValueError:
            if "Traceback" in line:
                found.append(line[:200])
            continue
        if said.get("status", 0) >= 500 and said["status"] != 503:
            found.append(f"{said.get('method')} {said.get('path')} -> {said['status']}")
    return found
