"""Anybody checks a file: unchanged, changed, from elsewhere, expired, none; and the owner chooses what signs."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

from compliance.crypto.certificates import make
from compliance.crypto.offline.signed_pdf import INTACT, inspect
from compliance.reports.signing import Seal, sign
from tests.certificates import brought
from tests.markup import outline
from tests.web.conftest import Browser, Site
from tests.web.test_reports import ask, staffed


async def report(site: Site, browser: Browser) -> bytes:
    path = await ask(browser, format="pdf")
    return (await browser.get(f"{path}/file")).content


async def answered(site: Site, content: bytes) -> str:
    anybody = site.browser()
    await anybody.post("/verify", files={"file": ("report.pdf", content)})
    assert outline(anybody.page).faults == []
    return anybody.words


async def test_each_file_has_its_own_answer(site: Site) -> None:
    await staffed(site)
    content = await report(site, await site.sign_in("owner"))
    said = await answered(site, content)
    assert "Unchanged: this file was issued here." in said
    assert inspect(content).certificate.fingerprint in said  # type: ignore[union-attr]
    changed = content.replace(b"%PDF-1.7", b"%PDF-1.6", 1)
    assert "Changed: this file is not as it was signed." in await answered(site, changed)
    unsigned = content[: content.index(b"%%EOF\n") + 6]
    other = make("elsewhere.example.org", site.clock.now)
    theirs = await sign(unsigned, Seal(other.key, other.chain, site.clock.now))
    said = await answered(site, theirs)
    assert "This file is from another installation." in said
    assert "which is not a certificate of this installation" in said
    assert "No file with exactly these bytes was issued here." in await answered(site, unsigned)
    assert "This file is no report." in await answered(site, b"\x89PNG a picture")


async def test_an_expired_certificate_is_said_beside_an_unchanged_file(site: Site) -> None:
    await staffed(site)
    owner = await site.sign_in("owner")
    await owner.get("/organization/certificate")
    soon = brought(until=site.clock.now + timedelta(days=2))
    await owner.send_form("/organization/certificate", {"password": "open sesame"}, files={"file": ("own.p12", soon)})
    content = await report(site, owner)
    assert "Its certificate has expired since." not in await answered(site, content)
    site.clock.forward(days=3)
    assert "Its certificate has expired since." in await answered(site, content)


async def test_an_owner_brings_a_certificate_and_takes_it_away_again(site: Site) -> None:
    await staffed(site)
    owner = await site.sign_in("owner")
    await owner.get("/organization/certificate")
    assert "installation’s certificate" in owner.words
    assert outline(owner.page).faults == []
    files = {"file": ("own.p12", brought("Harbor Trigger Point"))}
    answer = await owner.send_form("/organization/certificate", {"password": "shut"}, files=files)
    assert answer.status_code == 422
    assert "its password is another one" in owner.words
    await owner.send_form("/organization/certificate", {"password": "open sesame"}, files=files)
    await owner.get("/organization/certificate")
    assert "Reports are signed with your own certificate." in owner.words
    found = inspect(await report(site, owner))
    assert (found.state, found.certificate and found.certificate.subject) == (INTACT, "CN=Harbor Trigger Point")
    await owner.send_form("/organization/certificate/remove", {})
    await owner.get("/organization/certificate")
    assert "Used before" in owner.words
    for role in ("manager", "auditor"):
        assert (await (await site.sign_in(role)).get("/organization/certificate")).status_code == 403


async def test_the_address_on_a_report_leads_to_it_and_the_scripts_to_an_auditor(site: Site, tmp_path: Path) -> None:
    await staffed(site)
    content = await report(site, await site.sign_in("owner"))
    anybody = site.browser()
    (tmp_path / "report.pdf").write_bytes(content)
    got = await anybody.get("/verify/script/verify_report.py")
    (tmp_path / "verify_report.py").write_bytes(got.content)
    command = [sys.executable, "-I", "-S", "verify_report.py", "report.pdf"]
    options = {"cwd": tmp_path, "capture_output": True, "text": True}
    done = await asyncio.to_thread(subprocess.run, command, check=False, **options)
    assert done.returncode == 0, done.stdout
    assert done.stdout.startswith("UNCHANGED.")
    assert (await anybody.get("/verify/script/secret.py")).status_code == 404
    pem = (await anybody.get("/verify/certificates.pem")).text
    assert pem.count("BEGIN CERTIFICATE") == 1
    assert "PRIVATE" not in pem
