"""Other people's attackers: schemathesis on the API, wapiti and sqlmap on the pages. Each is bounded in time.

They live in environments of their own (`requirements-attack.txt`, `requirements-wapiti.txt`) and are processes here.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, Final

from tests.attack.injecting import SKIPPED
from tests.attack.tally import Tally
from tests.attack.target import Target
from tests.builders import MASSAGE
from tests.web.conftest import Browser

EXAMPLES: Final = 60
SECONDS: Final = {"wapiti": 150, "sqlmap": 60}
"""How long each may take; sqlmap for each address."""
ADDRESSES: Final = (
    "/therapists?q=a", "/search?q=a", "/sign-in?next=a", "/trail?after=a", "/reports?clinic=a",
    "/api/v1/therapists?limit=10", "/api/v1/clearance?therapist=a&modality=massage-therapy&clinic=Tampa",
)  # fmt: skip
"""Pages whose words in the address go into questions to the database."""


async def scan(site: Target, tools: Path) -> AsyncIterator[Tally]:
    """Each of them in turn; one that is not installed is said so and proves nothing."""
    browser = await site.sign_in("owner")
    await browser.get("/account")
    yield await asyncio.to_thread(schemathesis, site, tools / "attack" / "bin" / "st")
    yield await asyncio.to_thread(wapiti, site, browser, tools / "wapiti" / "bin" / "wapiti")
    yield await sqlmap(site, browser, tools / "attack" / "bin" / "sqlmap")


BEGINS: Final = (
    "/therapists/new",
    "/clinics/new",
    "/reports",
    "/policies",
    "/people/invite",
    "/matrix",
    "/trail",
    "/search?q=a",
)
"""Where wapiti begins, beside the first page: it finds less by itself in the time that it has."""


def _run(words: list[str], seconds: int, folder: Path, **more: Any) -> str:
    clean = {"PATH": "/usr/bin:/bin", "HOME": str(folder), "PYTHONWARNINGS": "ignore", "LC_ALL": "C.UTF-8"}
    try:
        done = subprocess.run(
            words, env=clean, cwd=folder, capture_output=True, text=True, check=False, timeout=seconds, **more
        )
    except subprocess.TimeoutExpired as late:
        return (late.stdout or b"").decode() if isinstance(late.stdout, bytes) else str(late.stdout or "")
    return done.stdout + done.stderr


KNOWN: Final = ("path.therapist_id", "path.credential_id", "query.therapist", "query.clinic", "query.modality")
"""Words of a question that are taken from our own world most of the time: by chance alone nothing would be found."""


def _settings(site: Target, folder: Path) -> Path:
    """What schemathesis is told of this API: ids that are there, and that 422 refuses what has the right form."""
    ids = site.our_world.ids
    there = (ids["therapists"], ids["credentials"], ids["therapists"], ids["clinics"], MASSAGE)
    told = folder / "schemathesis.toml"
    lists = [f'"{name}" = {{ values = ["{value}"] }}' for name, value in zip(KNOWN, there, strict=True)]
    bound = [f'"{name}" = {{ dictionary = "{name}", probability = 0.7 }}' for name in KNOWN]
    taken = json.dumps(["2xx", "401", "403", "404", "422", "5xx"])
    checks = f"[checks.positive_data_acceptance]\nexpected-statuses = {taken}"
    told.write_text("\n".join(["[dictionaries]", *lists, "[parameters]", *bound, checks]))
    return told


PHASES: Final = {"examples,coverage,fuzzing": 90, "stateful": 45}
"""Phases of schemathesis, and seconds for them: asked for together, the first ones leave no time for the last."""


def schemathesis(site: Target, program: Path) -> Tally:
    """All checks and all phases, stateful ones too, with a key that may do everything."""
    tally = Tally("schemathesis: the API, all checks and phases")
    told = _settings(site, site.home)
    for phases, seconds in PHASES.items():
        _phases(site, [str(program), "--config-file", str(told)], phases, seconds, tally)
    return tally


def _phases(site: Target, program: list[str], phases: str, seconds: int, tally: Tally) -> None:
    assert site.keys
    report = site.home / f"schemathesis-{phases[:8]}.json"
    words = [
        *program, "run", f"{site.settings.public_url}/schema/openapi.json", "--checks", "all", "--phases", phases, "--seed", "1",
        "--max-examples", str(EXAMPLES), "--max-time", str(seconds), "--continue-on-failure", "--report-json-path", str(report),
        "--header", f"Authorization: Bearer {site.keys['ours']}",
    ]  # fmt: skip
    said = _run(words, seconds + 60, site.home)
    if not report.exists():
        tally.unfinished = f"no report of {phases}: {said[-500:]}"
        return
    found = json.loads(report.read_text())
    cases, begun = found["test_cases"], found["phases"] or {}
    tally.tried += cases["generated"]
    tally.harmless += cases["generated"] - cases["with_failures"]
    ended = f"ended by its limit of {seconds} s" if found["stop_reason"] == "max_time" else "ran to the end"
    states = ", ".join(f"{name} {state['status']}" for name, state in begun.items() if name in phases)
    tally.notes.append(f"{phases}: {cases['generated']} cases, {ended} ({states})")
    for each in [*found["failures"], *found["errors"]]:
        words_of_it = json.dumps(each, ensure_ascii=False)
        (tally.failed if "server_error" in words_of_it.lower() else tally.wrong).append(words_of_it[:600])


MODULES: Final = "sql,timesql,xss,permanentxss,exec,file,crlf,redirect,ssrf,xxe,ldap,methods"


def wapiti(site: Target, browser: Browser, program: Path) -> Tally:
    """Injection into every page and form that it finds as an owner; nothing of it goes beyond this machine."""
    tally = Tally("wapiti: pages and forms, as an owner")
    report, address = site.home / "wapiti.json", site.settings.public_url
    begins = [f"{address}{path}" for path in ("/", *BEGINS, f"/therapists/{site.our_world.ids['therapists']}")]
    words = [
        str(program), "-u", begins[0], *(each for start in begins[1:] for each in ("-s", start)), "-C", cookie_of(browser),
        "-H", "Sec-Fetch-Site: same-origin", "-m", MODULES, "-f", "json", "-o", str(report), "--scope", "domain",
        *(each for path in SKIPPED for each in ("-x", f"{address}{path}")), "--max-scan-time", "60", "--max-attack-time", "8",
        "--max-links-per-page", "15", "--flush-session", "--skip", "csrf_token", "--no-bugreport", "-d", "1", "--tasks", "4", "-dr", "1",
        "--external-endpoint", address, "--internal-endpoint", address, "--dns-endpoint", "127.0.0.1",
    ]  # fmt: skip
    before = signed_in(site.log)
    said = _run(words, SECONDS["wapiti"], site.home)
    tally.tried = tally.harmless = signed_in(site.log) - before
    if not report.exists():
        tally.unfinished = f"no report: {said[-500:]}"
        return tally
    found = json.loads(report.read_text())
    for kind, each in found["vulnerabilities"].items():
        tally.wrong.extend(f"{kind}: {one['method']} {one['path']} {one['info']}" for one in each)
    for kind, each in found["anomalies"].items():
        tally.notes.extend(f"{kind}: {one['method']} {one['path']}" for one in each)
    return tally


def cookie_of(browser: Browser) -> str:
    """What a signed-in browser sends."""
    return "; ".join(f"{each.name}={each.value}" for each in browser.cookies.jar)


async def sqlmap(site: Target, browser: Browser, program: Path) -> Tally:
    """Every word of some addresses of pages and of the API, by all of its techniques; two addresses at a time."""
    tally = Tally("sqlmap: words in addresses, as an owner and with a key")
    assert site.keys
    who = f"Cookie: {cookie_of(browser)}\\nSec-Fetch-Site: same-origin\\nAuthorization: Bearer {site.keys['ours']}"
    before, late, turns = requests(site.log), list[str](), asyncio.Semaphore(2)

    async def one(number: int, path: str) -> None:
        folder = site.home / f"sqlmap-{number}"  # it keeps what it knows of a host in its home
        folder.mkdir()
        words = _sqlmap_words(program, f"{site.settings.public_url}{path}", who, site.database.embedded)
        async with turns:
            said = await asyncio.to_thread(_run, words, SECONDS["sqlmap"], folder)
        tally.wrong.extend(f"{path}: {line.strip()}" for line in said.splitlines() if _found(line))
        late.extend([] if "[*] ending @" in said else [path])

    await asyncio.gather(*(one(number, path) for number, path in enumerate(ADDRESSES)))
    tally.tried = tally.harmless = requests(site.log) - before
    if late:
        tally.notes.append(f"ended by its limit of {SECONDS['sqlmap']} seconds at {', '.join(sorted(late))}")
    return tally


def _sqlmap_words(program: Path, address: str, who: str, embedded: bool) -> list[str]:
    rows = "SQLite" if embedded else "PostgreSQL"
    return [
        str(program), "-u", address, f"--headers={who}", "--batch", "--level=2", "--risk=1", "--technique=BEUST",
        "--time-sec=2", f"--dbms={rows}", "--disable-coloring", "--ignore-redirects", "--flush-session", "--ignore-code=*",
    ]  # fmt: skip


def _found(line: str) -> bool:
    """Whether a line of sqlmap says that it got in; what it only took for a way in, it has dropped itself by then."""
    return "identified the following injection point" in line or "is vulnerable" in line


def requests(log: Path) -> int:
    """How many the service has answered so far."""
    return log.read_text(errors="replace").count('"event": "request"')


def signed_in(log: Path) -> int:
    """How many requests of somebody signed in the service has answered: what a scanner asks as nobody shows little."""
    return log.read_text(errors="replace").count('"viewer": "')
