"""Hostile files sent to the service by its form, and what it shows and keeps of those that it takes."""

from __future__ import annotations

import asyncio
import hashlib
import re
import stat
import time
import unicodedata
from typing import Final
from uuid import UUID

from sqlalchemy import select

from compliance.db.records import EvidenceRow
from tests.attack.hostile_files import PAYLOAD, Hostile
from tests.attack.tally import Tally
from tests.attack.target import Target
from tests.web.conftest import Browser

AT_ONCE: Final = 2
LONGEST: Final = 65.0
"""Seconds that a request may take, one look at 30 that waits for another of 30 included."""
DECEIVING: Final = '\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\u200b\ufeff/\\\r\n\0<>|:"'


async def upload(site: Target, files: list[Hostile]) -> Tally:
    """Each as evidence of a credential, two at a time; then what became of those that were taken."""
    tally = Tally(f"{len(files)} hostile uploads")
    browser = await site.sign_in("manager")
    await browser.get("/account")
    before = await _kept(site)
    turns = asyncio.Semaphore(AT_ONCE)
    slowest = 0.0

    async def one(file: Hostile) -> None:
        nonlocal slowest
        async with turns:
            began = time.perf_counter()
            await _send(site, browser, file, tally)
            slowest = max(slowest, time.perf_counter() - began)

    await asyncio.gather(*(one(each) for each in files))
    tally.notes.append(f"the slowest was answered after {slowest:.1f} s")
    if slowest > LONGEST:
        tally.wrong.append(f"a file held the form for {slowest:.0f} s")
    await _shown_harmless(site, browser, tally, [id_ for id_ in await _kept(site) if id_ not in before])
    _stored_harmless(site, tally)
    return tally


async def _send(site: Target, browser: Browser, file: Hostile, tally: Tally) -> None:
    path = f"/credentials/{site.our_world.ids['credentials']}/evidence"
    given = (file.name.encode("utf-8", "surrogatepass").decode("utf-8"), file.content, "application/octet-stream")
    answer = await browser.post(path, data={"csrf_token": browser.token}, files={"file": given})
    expected = (422, 400) if file.refuse else (303, 422, 400)
    tally.judge(file.what, answer.status_code, expected=expected, refused=answer.status_code != 303)


async def _kept(site: Target) -> dict[UUID, tuple[UUID, str, str]]:
    async with site.database.read() as session:
        row = EvidenceRow
        query = select(row.id, row.name, row.sha256).where(row.organization_id == site.ours.id)
        return {id_: (id_, name, sha256) for id_, name, sha256 in (await session.execute(query)).all()}


async def _shown_harmless(site: Target, browser: Browser, tally: Tally, ids: list[UUID]) -> None:
    """What is shown is a JPEG of our own, as attachment, in a sandbox; its name deceives nobody."""
    stranger = await site.sign_in("owner", stranger=True)
    kept = await _kept(site)
    for id_ in ids:
        name, sha256 = kept[id_][1:]
        shown = await browser.get(f"/evidence/{id_}")
        faults = [
            "is no picture"
            if shown.content[:3] != b"\xff\xd8\xff" or shown.headers["content-type"] != "image/jpeg"
            else "",
            "shows what was sent" if PAYLOAD in shown.content else "",
            "is the original" if hashlib.sha256(shown.content).hexdigest() == sha256 else "",
            "is no attachment" if not shown.headers["content-disposition"].startswith("attachment") else "",
            "is in no sandbox" if not shown.headers["content-security-policy"].startswith("sandbox;") else "",
            "may be sniffed" if shown.headers["x-content-type-options"] != "nosniff" else "",
            "has a name that deceives" if _deceives(name) else "",
            "is shown to a stranger" if (await stranger.get(f"/evidence/{id_}")).status_code != 404 else "",
        ]
        tally.wrong.extend(f"evidence {name!r} {fault}" for fault in faults if fault)


def _deceives(name: str) -> bool:
    controls = any(unicodedata.category(each)[0] == "C" and each not in "\u200c\u200d" for each in name)
    return controls or bool(set(name) & set(DECEIVING)) or len(name) > 120 or name[:1] in "=+-@\t"


def _stored_harmless(site: Target, tally: Tally) -> None:
    """Files by their hash, readable by one account, run by nobody, nothing beside them."""
    root = site.home / "evidence"
    for path in root.rglob("*"):
        if path.is_file():
            place = path.relative_to(root).as_posix()
            if not re.fullmatch(r"blobs/[0-9a-f]{2}/[0-9a-f]{62}", place):
                tally.wrong.append(f"the store holds {place!r}")
            elif hashlib.sha256(path.read_bytes()).hexdigest() != place[6:].replace("/", ""):
                tally.wrong.append(f"{place} is not what its name says")
            if stat.S_IMODE(path.stat().st_mode) != 0o600:
                tally.wrong.append(f"{place} may be read or run by others")
