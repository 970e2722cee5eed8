"""The evidence packet: all that the report names, by person, with hashes that hold, and nothing left out in silence."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from compliance.crypto.ids import new_id
from compliance.db.engine import Database
from compliance.db.queries.tasks import task as task_of
from compliance.db.records import TrailEntryRow
from compliance.domain.hours import Form
from compliance.services import education, evidence, evidence_packets
from compliance.services.evidence_packets import Plan, gather, pieces
from compliance.services.refusals import Unknown
from compliance.services.task_runner import Tools, run_one
from compliance.store import Store, open_store
from compliance.store.blobs import blob_name
from tests import builders
from tests.builders import NOW
from tests.services.report_world import LATER, World
from tests.signing import SIGNING
from tests.store.bucket import KEY, Bucket, listening

HARD = "Nguyễn/Thị: Ánh"


@dataclass
class Packets:
    """A clinic with two people of one name and their papers, and the report of it."""

    world: World
    store: Store
    report_id: UUID
    put: dict[str, bytes]

    @classmethod
    async def begin(cls, database: Database, store: Store) -> Packets:
        world = await World(database, store).begin()
        made = cls(world, store, new_id(NOW), {})
        async with database.write.begin() as session:
            for last in ("Ruiz", HARD):
                first = "Ana" if last == "Ruiz" else ""
                who = await builders.therapist(session, world.act, first or "Ánh", last)
                await builders.assignment(session, world.act, who, world.clinic_id)
                held = await builders.verified_license(session, world.act, who)
                both = await builders.credential(session, world.act, who, "cpr")
                file = await made.paper(session, held.id, f"license/{last}.pdf", f"license of {last}".encode())
                await evidence.link(session, act=world.act, evidence_id=file, credential_id=both.id)
                await made.paper(session, held.id, "license.pdf", f"another of {last}".encode())
                course = f"course of {last}".encode()
                await store.put(course, hashlib.sha256(course).hexdigest())
                certificate = made.file("Ethics?.pdf", course)
                new = education.NewCourse(who, "Ethics", builders.TODAY, 60, Form.LIVE, certificate=certificate)
                await education.record(session, act=world.act, course=new)
            own = await builders.credential(
                session, world.act, None, "establishment-license", clinic_id=world.clinic_id
            )
            await made.paper(session, own.id, "MM1.pdf", b"of the clinic")
        made.report_id = (await world.issue(LATER)).report_id
        return made

    def file(self, name: str, content: bytes) -> evidence.NewEvidence:
        digest = hashlib.sha256(content).hexdigest()
        self.put[digest] = content
        return evidence.NewEvidence(name, "pdf", "application/pdf", digest, len(content), 1)

    async def paper(self, session: Any, credential_id: UUID, name: str, content: bytes) -> UUID:
        file = self.file(name, content)
        await self.store.put(content, file.sha256)
        return await evidence.attach(session, act=self.world.act, evidence=file, credential_id=credential_id)

    async def made(self) -> dict[str, Any]:
        """The result of the task."""
        async with self.world.database.write.begin() as session:
            act = self.world.later(hours=2)
            task_id = await evidence_packets.start(session, act=act, report_id=self.report_id)
        tools = Tools(self.world.database, self.store, lambda: NOW + timedelta(hours=3), SIGNING)
        done = await run_one(tools, worker_id=new_id(NOW), task_id=task_id)
        assert done is not None
        assert (done.state, done.problem) == ("done", "")
        found: Any = done.result["packet"]
        return dict(found)

    async def zipped(self, made: dict[str, Any]) -> bytes:
        plan = await evidence_packets.plan_of(self.store, made["plan"])
        return b"".join([each async for each in pieces(plan, self.store)])


@pytest.fixture
async def packets(database: Database, tmp_path: Path) -> Packets:
    return await Packets.begin(database, open_store("file:evidence", tmp_path))


@pytest.fixture
def bucket(monkeypatch: pytest.MonkeyPatch) -> Iterator[Bucket]:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", KEY)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    with listening() as made:
        yield made


async def test_the_packet_holds_the_report_and_every_original_once_by_person(packets: Packets) -> None:
    made = await packets.made()
    content = await packets.zipped(made)
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert archive.testzip() is None
        names = archive.namelist()
        inside = {name: archive.read(name) for name in names}
        told = json.loads(inside["manifest.json"])
    assert len(set(names)) == len(names)
    assert sorted(name for name in names if name.startswith(("people/", "clinic/"))) == sorted(
        each["path"] for holder in told["evidence"] for each in holder["pieces"]
    )
    folders = {name.split("/")[1] for name in names if name.startswith("people/")}
    assert folders == {"Ana Ruiz", "Ánh Nguyễn-Thị_ Ánh"}
    assert {hashlib.sha256(each).hexdigest() for each in inside.values()} >= set(packets.put)
    for holder in told["evidence"]:
        for each in holder["pieces"]:
            assert inside[each["path"]] == packets.put[each["sha256"]]
            assert (each["size"], each["state"]) == (len(packets.put[each["sha256"]]), "in the packet")
    shared = next(each for each in told["evidence"][0]["pieces"] if each["original_name"] == "Ruiz.pdf")
    assert len(shared["proves"]) == 2
    sums = dict(line.split("  ", 1)[::-1] for line in inside["SHA256SUMS"].decode().splitlines())
    assert sums == {name: hashlib.sha256(inside[name]).hexdigest() for name in sums}
    assert set(names) - set(sums) == {"SHA256SUMS", "manifest.json", "README.txt"}
    assert told["whole"]["sha256"] == hashlib.sha256(inside["SHA256SUMS"]).hexdigest() == made["whole"]
    assert "NOT IN THE PACKET" not in inside["README.txt"].decode()
    assert (made["not_in_the_packet"], made["pieces"]) == (0, 7)


async def test_made_twice_it_is_the_same_to_the_byte_and_its_hash_stands_in_the_trail(packets: Packets) -> None:
    made = await packets.made()
    content = await packets.zipped(made)
    assert (hashlib.sha256(content).hexdigest(), len(content)) == (made["sha256"], made["size"])
    assert await packets.made() == made
    async with packets.world.database.read() as session:
        query = select(TrailEntryRow.body).where(TrailEntryRow.action == "packet.made")
        entries = [str(each) for each in await session.scalars(query)]
    assert len(entries) == 2
    assert all(made["sha256"] in each for each in entries)


async def test_what_is_missing_or_damaged_is_said_and_not_left_out_in_silence(packets: Packets, tmp_path: Path) -> None:
    gone, spoiled = sorted(packets.put)[:2]
    await packets.store.remove(gone)
    (tmp_path / "evidence" / blob_name(spoiled)).write_bytes(b"something else")
    await _says_what_is_not_there(packets, gone, spoiled)


async def test_a_bucket_gives_the_same_packet_and_its_holes_are_said_as_well(
    database: Database, tmp_path: Path, bucket: Bucket
) -> None:
    packets = await Packets.begin(database, open_store(bucket.url, tmp_path))
    made = await packets.made()
    with zipfile.ZipFile(io.BytesIO(await packets.zipped(made))) as archive:
        assert archive.testzip() is None
        kept = {hashlib.sha256(archive.read(each)).hexdigest() for each in archive.namelist()}
    assert kept >= set(packets.put)
    gone, spoiled = sorted(packets.put)[:2]
    await packets.store.remove(gone)
    bucket.objects[f"/evidence/clinics/{blob_name(spoiled)}"] = b"something else"
    await _says_what_is_not_there(packets, gone, spoiled)


async def _says_what_is_not_there(packets: Packets, gone: str, spoiled: str) -> None:
    made = await packets.made()
    assert made["not_in_the_packet"] == 2
    assert {state for _path, state in made["problems"]} == {"missing", "damaged"}
    with zipfile.ZipFile(io.BytesIO(await packets.zipped(made))) as archive:
        told, readme = json.loads(archive.read("manifest.json")), archive.read("README.txt").decode()
        sums = archive.read("SHA256SUMS").decode()
    states = {each["sha256"]: each["state"] for holder in told["evidence"] for each in holder["pieces"]}
    assert (states.pop(gone), states.pop(spoiled)) == ("missing", "damaged")
    assert set(states.values()) == {"in the packet"}
    assert sorted(told["not_in_the_packet"]) == sorted(path for path, _state in made["problems"])
    assert "NOT IN THE PACKET" in readme
    assert all(digest in readme and digest not in sums for digest in (gone, spoiled))


async def test_what_was_recorded_after_the_report_is_not_in_its_packet(packets: Packets) -> None:
    license_id = await packets.world.license_of(packets.world.ana)
    async with packets.world.database.write.begin() as session:
        packets.world.act = packets.world.later(days=1)
        await packets.paper(session, license_id, "late.pdf", b"late")
    with zipfile.ZipFile(io.BytesIO(await packets.zipped(await packets.made()))) as archive:
        assert not [name for name in archive.namelist() if "late" in name]


async def test_a_report_whose_own_file_is_gone_makes_no_packet(packets: Packets) -> None:
    issued = await packets.world.issue(LATER)
    await packets.store.remove(issued.sha256)
    async with packets.world.database.write.begin() as session:
        act = packets.world.later(hours=2)
        task_id = await evidence_packets.start(session, act=act, report_id=packets.report_id)
    tools = Tools(packets.world.database, packets.store, lambda: NOW + timedelta(hours=3), SIGNING)
    await run_one(tools, worker_id=new_id(NOW), task_id=task_id)
    async with packets.world.database.read() as session:
        found = await task_of(session, act.organization_id, task_id)
    assert found is not None
    assert found.state == "failed"
    assert issued.sha256 in found.problem


async def test_a_strangers_report_is_unknown(packets: Packets) -> None:
    async with packets.world.database.write.begin() as session:
        stranger = await builders.organization(session, "Somebody Else")
        with pytest.raises(Unknown):
            await evidence_packets.start(session, act=stranger, report_id=packets.report_id)


async def test_one_piece_at_a_time_is_in_memory(packets: Packets) -> None:
    class Watching:
        """The store, which sees whether what it gave is still held when the next is asked for."""

        def __init__(self, inner: Store) -> None:
            self.inner, self.asked = inner, 0

        async def get(self, sha256: str) -> bytes:
            self.asked += 1
            return await self.inner.get(sha256)

    async with packets.world.database.read() as session:
        from compliance.db.queries.audit_reports import issued_one

        report = await issued_one(session, packets.world.act.organization_id, packets.report_id)
        assert report is not None
        plan: Plan = await gather(session, organization_id=packets.world.act.organization_id, report=report)
    watching: Any = Watching(packets.store)
    stream = pieces(plan, watching)
    await anext(stream)
    assert watching.asked == 1, "the first bytes leave before the second file is read"
    await stream.aclose()  # type: ignore[attr-defined]
