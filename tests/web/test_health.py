"""Whether it lives, whether it is ready, and what is counted."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from sqlalchemy import insert, text

from compliance.db.engine import open_database
from compliance.db.records import JobRunRow
from compliance.web.app import create_app
from tests.web.conftest import Site


async def ready(site: Site) -> tuple[int, dict[str, Any]]:
    answer = await site.browser().get("/health/ready")
    return answer.status_code, answer.json()


async def test_it_lives_whatever_the_database_does(site: Site) -> None:
    site.app = create_app(site.settings, open_database("sqlite:////nowhere/at/all.db"), clock=site.clock)
    assert (await site.browser().get("/health/live")).status_code == 200
    status, said = await ready(site)
    assert status == 503
    assert said["database"].startswith("does not answer")
    assert "nowhere" not in str(said)


async def test_a_page_without_a_database_says_that_it_is_not_ready(site: Site) -> None:
    browser = await site.sign_in("owner")
    site.app = create_app(site.settings, open_database("sqlite:////nowhere/at/all.db"), clock=site.clock)
    asking = site.browser()
    asking.cookies = browser.cookies
    answer = await asking.get("/account")
    assert answer.status_code == 503
    assert "retry-after" in answer.headers
    assert "The service is not ready" in asking.words


async def test_it_is_ready_on_exactly_the_schema_of_this_program(site: Site) -> None:
    assert await ready(site) == (200, {"status": "ready", "database": "ok", "schema": "ok", "scheduler": WAITING})
    for other in ("0000_older", "9999_newer"):
        async with site.database.writer.begin() as connection:
            await connection.execute(text("UPDATE alembic_version SET version_num = :other"), {"other": other})
        status, said = await ready(site)
        assert status == 503
        assert other in said["schema"]
        assert "compliance db upgrade" in said["schema"]


WAITING = {"state": "waiting for its first run", "last_run": None}


async def test_a_scheduler_that_stands_still_is_an_alarm(site: Site) -> None:
    started = site.clock.now
    site.clock.forward(minutes=16)
    assert (await ready(site))[0] == 503  # nothing ever ran
    async with site.database.write.begin() as session:
        row = {"job": "plan-reminders", "started_at": started, "ended_at": site.clock.now, "done": {}, "error": "",
               "took_ms": 1}  # fmt: skip
        await session.execute(insert(JobRunRow), [row])
    status, said = await ready(site)
    assert (status, said["scheduler"]["state"]) == (200, "ok")
    site.clock.forward(minutes=16)
    status, said = await ready(site)
    assert (status, said["scheduler"]["state"]) == (503, "late")


async def test_metrics_count_and_name_nobody(site: Site) -> None:
    browser = site.browser()
    await browser.get("/nowhere")
    said = (await browser.get("/metrics")).text
    assert 'compliance_requests_total{method="GET",status="404"}' in said
    assert "compliance_organizations 2.0" in said
    assert "Harbor" not in said
    assert "harbor.example" not in said


async def test_metrics_are_for_the_inside_alone(site: Site) -> None:
    for header in ("x-forwarded-for", "forwarded", "x-real-ip"):
        assert (await site.browser().get("/metrics", headers={header: "203.0.113.9"})).status_code == 404


async def test_the_api_is_described_and_no_page_of_elsewhere_is_served(site: Site) -> None:
    browser = site.browser()
    described = (await browser.get("/schema/openapi.json")).json()
    assert described["openapi"].startswith("3.1")
    assert not [path for path in described["paths"] if not path.startswith("/api/")]
    for name in ("swagger", "redoc", "elements", "rapidoc", "openapi.yaml"):
        assert (await browser.get(f"/schema/{name}")).status_code == 404


def test_the_web_process_loads_nothing_that_renders_or_reads_files(tmp_path: Path) -> None:
    """Each of these costs tens of megabytes; they are loaded in child processes only."""
    program = (
        "import sys\n"
        "from compliance.db.engine import open_database\n"
        "from compliance.settings import read_settings\n"
        "from compliance.web.app import create_app\n"
        "settings = read_settings()\n"
        "create_app(settings, open_database(settings.database_url))\n"
        "print(*sys.modules)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        env=os.environ | {"COMPLIANCE_HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        check=True,
    )
    heavy = {"typst", "pikepdf", "pypdfium2", "PIL", "python_calamine", "xlsxwriter", "numpy", "obstore", "lxml"}
    assert not heavy & set(done.stdout.split())
