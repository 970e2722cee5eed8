"""Erasing a person's file: nothing of it is left anywhere, the chain is whole, and nobody else is touched."""

from __future__ import annotations

import json
import zipfile
from datetime import date
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import pytest
from sqlalchemy import JSON, Table, Text, insert, select, update

from compliance.crypto.hashes import sha256_hex
from compliance.crypto.ids import new_id
from compliance.db import portable
from compliance.db.records import GLOBAL_TABLES, OutboxRow, PersonRow, Record, TherapistRow, TrailValueRow
from compliance.db.types import Words
from compliance.services import personal, therapists, trail
from compliance.services.refusals import Refused
from compliance.store import open_store
from tests import builders
from tests.web.conftest import Site, unlicensed
from tests.web.world import World, world

TODAY: Final = date(2026, 11, 23)
MARK: Final = "Zyxwvut-Marker"
STAYS: Final = {
    "organizations": "the organization itself",
    "people": "others who sign in",
    "memberships": "others who sign in",
    "clinics": "places",
    "policies": "what the organization asks",
    "board_addresses": "addresses of boards",
    "law_answers": "what the law asks",
    "api_keys": "machines",
    "tasks": "long work; where a result names the person, it is unsaid by name",
    "reports": "issued files",
    "report_fingerprints": "issued files",
    "trail_heads": "the chain",
    "trail_entries": "the chain",
    "capabilities": "links of others, by hash",
    "regular_reports": "a clinic's reports: how often, for whom of the staff, and why the last one could not be made",
    "calendar_feeds": "calendars of others",
    "import_rows": "rows of a file about others",
    "doomed_files": "hashes of documents, until these have left the store",
    "outbox": "mail to others; where it names the person, it is unsaid by name",
    "refused_addresses": "addresses of others",
    "delegations": "who stands in for whom",
    "ladders": "ladders of types",
    "credentials": "of clinics",
    "former_facts": "of the organization and its clinics",
}
"""Where a marker may stay, for what is there belongs to others."""


async def pointing(site: Site, here: World) -> UUID:
    """A row about the person in the tables of which the world has none; the id of their sign-in."""
    id_, now, person = here.ids["therapists"], site.clock.now, new_id(site.clock.now)
    address = {"email": "own@example.org", "folded_email": "own@example.org", "name": MARK, "created_at": now}
    reminder: dict[str, Any] = {"subject_id": id_, "anchor": "missing", "anchor_on": TODAY, "rung": 0, "recipient": "x"}
    reminder |= {"channel": "email", "local_date": TODAY, "time_zone": "UTC", "due_at": now, "state": "done"}
    rows: dict[str, dict[str, Any]] = {
        "memberships": {"person_id": person, "role": "therapist", "clinic_ids": (), "created_at": now},
        "reminders": reminder | {"reason": MARK, "created_at": now},
        "import_rows": {"task_id": here.ids["imports"], "line": 1, "read": {"name": MARK}, "problems": [],
                        "questions": [], "judged": {}, "outcome": "created"},
        "calendar_feeds": {"name": MARK, "created_by": here.ids["people"], "created_at": now},
        "retention_approvals": {"kind": "file", "through": TODAY, "approved_by": MARK, "approved_at": now},
    }  # fmt: skip
    async with site.database.write.begin() as session:
        await session.execute(insert(Record.metadata.tables["people"]), [address | {"id": person}])
        for name, row in rows.items():
            fixed = {"organization_id": site.ours.id, "id": new_id(now), "therapist_id": id_}
            await session.execute(insert(Record.metadata.tables[name]), [fixed | row])
    return person


async def marked(site: Site, organization_id: UUID) -> set[str]:
    """Writes the marker into every text of every row of the organization; the tables that have one."""
    found = set()
    async with site.database.write.begin() as session:
        for table in Record.metadata.sorted_tables:
            if table.name in GLOBAL_TABLES or table.name.startswith("trail_"):
                continue
            values = _free(table)
            if values:
                done: Any = await session.execute(
                    update(table).where(table.c.organization_id == organization_id).values(values)
                )
                found |= {table.name} if done.rowcount else set()
    return found


def _free(table: Table) -> dict[str, Any]:
    """The marker for each text of a table that takes any."""
    return {column.name: _mark(column) for column in table.columns if _is_free(table, column)}


def _is_free(table: Table, column: Any) -> bool:
    """Whether any text fits: no key, nothing unique, nothing that is one of a few words."""
    unique = {each.name for key in table.constraints for each in getattr(key, "columns", ())}
    fixed = {
        "state",
        "kind",
        "form",
        "anchor",
        "channel",
        "recipient",
        "status",
        "modality",
        "type",
        "standing",
        "role",
        "every",
    }
    plain = isinstance(column.type, (Text, JSON)) and not isinstance(column.type, Words)
    return (
        plain
        and column.name not in unique | fixed
        and not any(column in set(i.columns) for i in table.indexes if i.unique)
    )


def _mark(column: Any) -> Any:
    return {"said": MARK} if isinstance(column.type, JSON) else MARK


async def left(site: Site) -> set[str]:
    """The tables in which the marker stands."""
    async with site.database.reader.connect() as connection:
        return {
            table.name
            for table in Record.metadata.sorted_tables
            for line in [each async for each in portable.lines(connection, table)]
            if MARK.encode() in line
        }


async def departed(site: Site, here: World) -> UUID:
    """The person of the world, whose last day has gone by."""
    id_ = here.ids["therapists"]
    async with site.database.write.begin() as session:
        await therapists.depart(session, act=site.act(), therapist_id=id_, last_day=date(2026, 11, 1), reason="left")
    return id_


async def test_nothing_of_an_erased_file_is_left_in_any_table(site: Site) -> None:
    """Derived from the schema: a new table with a text about a person is found here, or listed above with a reason."""
    await unlicensed(site)  # what clinics hold is nobody's, and stays
    here = await world(site, site.ours)
    id_ = await departed(site, here)
    person = await pointing(site, here)
    planted = await marked(site, site.ours.id)
    theirs = {
        name
        for name, table in Record.metadata.tables.items()
        if "therapist_id" in table.columns and not name.startswith("trail_")
    }
    assert {name for name in theirs - planted if _free(Record.metadata.tables[name])} == set()
    async with site.database.write.begin() as session:
        assignment, who = Record.metadata.tables["assignments"], TherapistRow
        await session.execute(update(assignment).values(ends_on=date(2026, 11, 1)))
        every = await session.scalars(
            select(who.id).where(who.organization_id == site.ours.id, who.merged_into_id.is_(None))
        )
        for each in list(every):  # all who are on file, so that whatever is left is nobody's
            await personal.erase(session, act=site.act(), therapist_id=each, reason="asked for")
    assert await left(site) - set(STAYS) == set()
    async with site.database.read() as session:
        for table in Record.metadata.sorted_tables:
            if "therapist_id" in table.columns and table.name != "trail_entries":
                assert await session.scalar(select(table).where(table.c.therapist_id == id_).limit(1)) is None, (
                    table.name
                )
        assert await session.get(PersonRow, person) is None
        count, broken = await trail.verify(session, organization_id=site.ours.id)
    assert count > 10
    assert broken is None


async def test_what_others_are_told_of_them_is_unsaid(site: Site) -> None:
    here = await world(site, site.ours)
    id_ = await departed(site, here)
    async with site.database.write.begin() as session:
        who = (await session.scalars(select(TherapistRow).where(TherapistRow.id == id_))).one()
        name = f"{who.first_name} {who.last_name}"
        mail = (await session.scalars(select(OutboxRow.id).where(OutboxRow.organization_id == site.ours.id))).first()
        said = {"therapist_id": None, "text": f"{name} is not cleared.", "facts": {"lines": [name]}}
        await session.execute(update(OutboxRow).where(OutboxRow.id == mail).values(said))
    async with site.database.write.begin() as session:
        await personal.erase(session, act=site.act(), therapist_id=id_, reason="asked for")
    async with site.database.read() as session:
        row = (await session.execute(select(OutboxRow.text, OutboxRow.facts).where(OutboxRow.id == mail))).one()
        values = [json.dumps(each) for each in await session.scalars(select(TrailValueRow.kept))]
    assert tuple(row) == ("(erased) is not cleared.", {"lines": ["(erased)"]})
    assert not [each for each in values if name in each]


async def test_a_colleagues_file_and_another_organization_stay_as_they_are(site: Site) -> None:
    here, theirs = await world(site, site.ours), await world(site, site.theirs)
    async with site.database.write.begin() as session:
        colleague = await builders.therapist(session, site.act(), "Iris", "Stays", email="iris@example.org")
        held = await builders.verified_license(session, site.act(), colleague)
    id_ = await departed(site, here)
    async with site.database.reader.connect() as connection:
        before = await _rows(connection, site.theirs.id)
    async with site.database.write.begin() as session:
        await personal.erase(session, act=site.act(), therapist_id=id_, reason="asked for")
    async with site.database.reader.connect() as connection:
        assert await _rows(connection, site.theirs.id) == before
    browser = await site.sign_in("owner")
    assert (await browser.get(f"/credentials/{held.id}")).status_code == 200
    assert (await browser.get(f"/therapists/{id_}")).status_code == 404
    assert (
        await (await site.sign_in("owner", stranger=True)).get(f"/therapists/{theirs.ids['therapists']}")
    ).is_success


async def _rows(connection: Any, organization_id: UUID) -> set[bytes]:
    mark = str(organization_id).encode()
    return {line for table in portable.tables() async for line in portable.lines(connection, table) if mark in line}


@pytest.mark.parametrize("why_not", ["works", "held", "reason"])
async def test_a_file_is_not_erased_while_it_must_be_kept(site: Site, why_not: str) -> None:
    here = await world(site, site.ours)
    id_ = here.ids["therapists"] if why_not == "works" else await departed(site, here)
    async with site.database.write() as session:
        if why_not == "held":
            await therapists.set_legal_hold(session, act=site.act(), therapist_id=id_, hold=True, reason="a lawsuit")
        reason = "" if why_not == "reason" else "asked for"
        with pytest.raises(Refused, match={"works": "last day", "held": "legal hold", "reason": "Say why"}[why_not]):
            await personal.erase(session, act=site.act(), therapist_id=id_, reason=reason)


async def test_the_file_is_handed_out_with_documents_and_history(site: Site, tmp_path: Path) -> None:
    here = await world(site, site.ours)
    store, content = open_store("file:evidence", tmp_path), b"a scan"
    await store.put(content, sha256_hex(content))
    async with site.database.write.begin() as session:
        evidence = Record.metadata.tables["evidence"]
        await session.execute(update(evidence).values(sha256=sha256_hex(content), kind="jpeg"))
    path = tmp_path / "file.zip"
    async with site.database.read() as session:
        told = await personal.read(
            session, organization_id=site.ours.id, therapist_id=here.ids["therapists"], now=site.clock.now
        )
    count = await personal.write(store, told, path)
    with zipfile.ZipFile(path) as archive:
        told = json.loads(archive.read("file.json"))
        assert archive.read(f"evidence/{sha256_hex(content)}.jpeg") == content
    assert count >= 1
    assert {"therapists", "credentials", "terms", "assignments", "courses", "submissions", "waivers"} <= set(told)
    assert {each["action"] for each in told["history"]} >= {"therapist.added", "credential.added"}
    assert "password_hash" not in json.dumps(told)
