"""What the demonstration does not have of itself, so that every page has something to show: done once, on the pages."""

from __future__ import annotations

import asyncio
import re
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from pathlib import Path
from secrets import token_hex
from urllib.parse import urlsplit
from uuid import UUID

from PIL import Image
from playwright.sync_api import StorageState
from sqlalchemy import select

from compliance import clock
from compliance.db.engine import open_database
from compliance.db.records import OrganizationRow
from compliance.services import accounts, links
from compliance.services.demonstration.loading import NAME
from compliance.services.trail import Act
from tests.browser.installation import Served
from tests.outside import Visitor

DATA = Path(__file__).parent.parent / "data"


class Resident:
    """An owner who uses everything once."""

    def __init__(self, served: Served, state: StorageState, today: date) -> None:
        self.visitor = Visitor(served.address)
        for cookie in state["cookies"]:
            self.visitor.browser.cookies.set(cookie["name"], cookie["value"])
        self.home, self.today = served.installation.home, today

    def live(self) -> list[str]:
        """All of it; the addresses that lead to what was made."""
        made = [self.report(), *self.proofs(), *self.absences(), *self.merge()]
        return [*made, *self.imports(), self.question(), *self.answer()]

    @property
    def _at(self) -> str:
        return urlsplit(self.visitor.at).path

    def report(self) -> str:
        """A report of all clinics."""
        self.visitor.open("/reports")
        self.visitor.fill_in({"clinic_id": "", "format": "pdf"})
        return self._at

    def proofs(self) -> list[str]:
        """A scan of a license, and what the board says of it."""
        scan = self.home / "scan.png"
        Image.new("RGB", (300, 200), "white").save(scan)
        self.visitor.find("Marchetti")
        self.visitor.open(self.visitor.href("/depart").replace("/depart", "#credentials"))
        self.visitor.open(self.visitor.link("Texas"))
        credential = self._at
        self.visitor.open(f"{credential}/evidence/new")
        self.visitor.fill_in({}, {"file": scan})
        self.visitor.open(f"{credential}/standings/new")
        self.visitor.fill_in({"standing": "active", "starts_on": str(self.today - timedelta(days=30))})
        return [credential]

    def absences(self) -> list[str]:
        """A leave, and a waiver, of two people."""
        week = timedelta(days=7)
        days = {"starts_on": str(self.today + week), "ends_on": str(self.today + 2 * week)}
        self.visitor.find("Fonseca")
        on_leave = self._at
        self.visitor.open(f"{on_leave}/leaves/new")
        self.visitor.fill_in(days | {"reason": "Parental leave"})
        self.visitor.find("Delgado")
        waived = self._at
        self.visitor.open(f"{waived}/waivers/new")
        self.visitor.fill_in(days | {"requirement": "membership", "reason": "Applied for; the receipt is on file."})
        return [on_leave, waived, f"{waived}/waivers/new"]

    def question(self) -> str:
        """Somebody of whom a look-up has shown something else, which waits for a decision."""
        self.visitor.find("Doyle")
        held: set[str] = set(re.findall(r"/credentials/[0-9a-f-]{36}(?=\")", self.visitor.page))
        for each in sorted(held):
            self.visitor.open(each)
            if "/resolve" in self.visitor.page:
                return each
        raise AssertionError("nothing that he holds waits for a decision")

    def answer(self) -> list[str]:
        """What a therapist answers by the link in their reminder, which waits for review."""
        for _ in range(60):
            self.visitor.open("/mailbox")
            letter = re.search(r'href="(/mailbox/[0-9a-f-]{36})">Your [^<]* ended', self.visitor.page)
            if letter:
                break
            time.sleep(0.5)  # the planner's first round
        assert letter, "no reminder is in the mailbox"
        self.visitor.open(letter.group(1))
        self.visitor.open(self.visitor.link("/renew/"))
        self.visitor.fill_in({"answer": "not-renewing", "note": "I am moving to Portugal."})
        return [self._at, "/renewals"]

    def merge(self) -> list[str]:
        """Two records of one person, and a third that is not compared to the end."""
        first, second, third = (self._add(name) for name in ("Ada", "Adah", "Adda"))
        self.visitor.open(f"{first}/merge/{second.rpartition('/')[2]}")
        self.visitor.fill_in({"reason": "One person, by her own word."})
        return [second, f"{first}/merge/{third.rpartition('/')[2]}", first]

    def _add(self, first_name: str) -> str:
        self.visitor.open("/therapists/new")
        self.visitor.fill_in({"first_name": first_name, "last_name": "Twofold"})
        if not self._at.startswith("/therapists/0"):
            self.visitor.open(self.visitor.href("/depart").removesuffix("/depart"))
        return self._at

    def imports(self) -> list[str]:
        """A roster that waits with refused rows, and one that was applied and undone."""
        waiting = self._upload(DATA / "roster-bad-rows.csv")
        small = self.home / "small.csv"
        row = "Ida,Import,ida@demonstration.example,Tampa,massage therapy"
        small.write_text(f"first_name,last_name,email,clinic,modalities\n{row}\n", encoding="utf-8")
        applied = self._upload(small)
        self.visitor.fill_in({"deed": "apply"})
        self._settled()
        self.visitor.open(f"{applied}/undo")
        self.visitor.fill_in({"reason": "Only to see how it goes."})
        return [waiting, applied, self._at]

    def _upload(self, roster: Path) -> str:
        self.visitor.open("/imports/new")
        self.visitor.fill_in({}, {"file": roster})
        self._settled()
        return self._at

    def _settled(self) -> None:
        """Until the task of the page is done."""
        for _ in range(150):
            if "data-refresh" not in self.visitor.page:
                return
            time.sleep(0.2)
            self.visitor.open(self.visitor.at)
        raise AssertionError(f"{self.visitor.at} is not done after half a minute: {self.visitor.words}")


def therapists_link(served: Served, therapist_id: str) -> str:
    """A one-time link for a therapist. No page invites therapists yet, so it is made by the services beneath."""
    return one_time_link(served, "therapist", therapist_id)


def one_time_link(served: Served, role: str, therapist_id: str | None = None) -> str:
    """A link that signs in somebody new in this role, once."""

    async def make() -> str:
        database = open_database(f"sqlite:///{served.installation.home / 'compliance.db'}").system
        try:
            async with database.write.begin() as session:
                demonstration = select(OrganizationRow.id).where(OrganizationRow.name == NAME)
                act = Act((await session.scalars(demonstration)).one(), "cli:tests", clock.now())
                own = UUID(therapist_id) if therapist_id else None
                email = f"{role}-{token_hex(4)}@demonstration.example"
                invited = await accounts.invite(session, act=act, email=email, role=role, therapist_id=own)
                return await links.make_link(
                    session,
                    kind=links.SIGN_IN,
                    person_id=invited.person_id,
                    organization_id=act.organization_id,
                    lasts=timedelta(hours=1),
                    now=act.now,
                )
        finally:
            await database.close()

    with ThreadPoolExecutor(1) as thread:  # this thread's loop is the browser's
        token = thread.submit(asyncio.run, make()).result()
    return f"{served.address}/sign-in/{token}"
