"""An exported trail: checked by anybody with Python alone, and the fourteen kinds of tampering are found in it."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest

from compliance.crypto.checkpoints import TrailKey
from compliance.crypto.hashes import GENESIS, chain_hash
from compliance.crypto.offline import script
from compliance.crypto.offline.trail_file import Broken as BrokenFile
from compliance.crypto.offline.trail_file import check, read_notes
from compliance.db.engine import Database
from compliance.services import trail, trail_export
from compliance.services.trail import Act, Entry
from tests.services.trails import KEY, MINE, NOW, THEIRS, sign, ten_entries


@pytest.fixture
async def ten(database: Database) -> Database:
    return await ten_entries(database)


async def exported(database: Database, **more: bool) -> list[str]:
    async with database.read() as session:
        made: AsyncIterator[str] = trail_export.lines(
            session, organization_id=MINE, name="Harbor", key=KEY, now=NOW, **more
        )
        return [line async for line in made]


async def test_an_export_holds_with_its_checkpoints_and_with_those_kept_elsewhere(ten: Database) -> None:
    lines = await exported(ten)
    assert len(lines) == 1 + 10 + 3
    mailed = f"Dear owner,\n\n{(await sign(ten)).note}\nkeep this"
    held = check(lines, key=KEY.verifier(MINE), outside=read_notes(mailed))
    assert (held.entries, held.checkpoints, held.name) == (10, 3, "Harbor")
    assert "@example.org" not in "".join(lines)
    whole = await exported(ten, values=True)
    assert "3@example.org" in "".join(whole)
    assert check(whole).entries == 10


async def test_dates_of_birth_go_along_for_whoever_asks_for_them_alone(database: Database) -> None:
    born = Entry("therapist.added", "therapist:1", new={"first_name": "Ana", "birth_date": "1985-04-03"})
    async with database.write.begin() as session:
        await trail.record(session, act=Act(MINE, "user:tester", NOW), entry=born)
    without, whole = await exported(database, values=True), await exported(database, values=True, birth_dates=True)
    assert "Ana" in "".join(without)
    assert "1985" not in "".join(without)
    assert "1985-04-03" in "".join(whole)
    assert check(without).entries == check(whole).entries == 1


def rows(lines: list[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in lines]


def anew(found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The hashes worked out again, head and all, by whoever made the file."""
    prev = GENESIS
    for seq, row in enumerate((each for each in found if "body" in each), 1):
        prev = chain_hash(MINE, seq, prev, row["body"].encode())
        row |= {"seq": seq, "hash": prev.hex()}
    found[0] |= {"seq": sum("body" in each for each in found), "hash": prev.hex()}
    return found


def changed(row: dict[str, Any], old: str, new: str) -> dict[str, Any]:
    assert old in row["body"]
    return row | {"body": row["body"].replace(old, new)}


IN_A_FILE: dict[str, tuple[Callable[[list[dict[str, Any]]], list[dict[str, Any]]], str]] = {
    "words": (lambda f: [*f[:5], changed(f[5], "Georgia", "Florida"), *f[6:]], "Entry 5 does not hold"),
    "actor": (lambda f: [*f[:5], changed(f[5], "user:dana", "user:bob"), *f[6:]], "Entry 5 does not hold"),
    "time": (lambda f: [*f[:5], changed(f[5], "2026-11-22T15", "2026-11-21T15"), *f[6:]], "Entry 5 does not hold"),
    "first gone": (lambda f: [f[0], *f[2:]], "Entry 1 is not there"),
    "middle gone": (lambda f: [*f[:5], *f[6:]], "Entry 5 is not there"),
    "last gone": (lambda f: [*f[:10], *f[11:]], "had 10 entries when it was exported; 9 are here"),
    "tail gone, said so": (lambda f: anew([*f[:6], *f[11:]]), "had 8 entries at a checkpoint; only 5 are here"),
    "inserted, written anew": (lambda f: anew([*f[:6], dict(f[5]), *f[6:]]), "Up to entry 8 the trail is not the one"),
    "swapped": (lambda f: [*f[:4], f[5], f[4], *f[6:]], "Entry 4 is not there"),
    "another organization": (lambda f: [f[0] | {"organization": str(THEIRS)}, *f[1:]], "Entry 1 does not hold"),
    "replayed": (lambda f: [*f[:11], f[5], *f[11:]], "Entry 11 is not there"),
    "written anew": (
        lambda f: anew([*f[:6], changed(f[6], "Georgia", "Florida"), *f[7:]]),
        "Up to entry 8 the trail is not the one",
    ),
    "place twice": (lambda f: [*f[:6], f[5], *f[6:]], "Entry 6 is not there: its place has entry 5"),
    "look-alike": (lambda f: [*f[:5], changed(f[5], "Georgia", "G\u0435orgia"), *f[6:]], "Entry 5 does not hold"),
}


@pytest.mark.parametrize("kind", IN_A_FILE)
async def test_the_fourteen_kinds_are_found_in_an_export_as_well(ten: Database, kind: str) -> None:
    deed, sentence = IN_A_FILE[kind]
    tampered = [json.dumps(row) for row in deed(rows(await exported(ten)))]
    with pytest.raises(BrokenFile, match=sentence):
        check(tampered)


async def test_a_history_made_up_with_its_own_checkpoints_fits_none_that_was_kept(ten: Database) -> None:
    kept = (await sign(ten)).note
    other = TrailKey(b"another secret of at least 32 bytes.")
    found = anew([changed(row, "Georgia", "Florida") if "body" in row else row for row in rows(await exported(ten))])
    found[0]["key"] = other.verifier(MINE)
    made = [json.dumps(row) for row in found if "checkpoint" not in row]
    made.append(json.dumps({"checkpoint": other.checkpoint(MINE, 10, bytes.fromhex(found[0]["hash"])).note}))
    assert check(made).entries == 10
    with pytest.raises(BrokenFile, match="was not signed with the key of this trail"):
        check(made, outside=read_notes(kept))
    with pytest.raises(BrokenFile, match="another key"):
        check(made, key=KEY.verifier(MINE))


async def test_a_value_beside_the_chain_that_was_changed_is_found(ten: Database) -> None:
    tampered = "".join(await exported(ten, values=True)).replace("3@example.org", "9@example.org")
    with pytest.raises(BrokenFile, match=r"the value of new\.email beside it is another one"):
        check(tampered.splitlines())


def run(folder: Path, *words: str) -> tuple[int, str]:
    (folder / "verify_trail.py").write_text(script("verify_trail.py"), "utf-8")
    command = [sys.executable, "-I", "-S", "verify_trail.py", *words]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


async def test_an_auditor_with_python_alone_checks_an_export(ten: Database, tmp_path: Path) -> None:
    lines = await exported(ten)
    (tmp_path / "trail.jsonl").write_text("".join(lines), "utf-8")
    (tmp_path / "mail.txt").write_text((await sign(ten)).note, "utf-8")
    words = ("trail.jsonl", "--key", KEY.verifier(MINE), "--checkpoint", "mail.txt")
    status, said = run(tmp_path, *words)
    assert (status, said.splitlines()[0]) == (
        0,
        "WHOLE. Harbor: all 10 entries hold, and 3 checkpoints in the file.",
    )
    (tmp_path / "trail.jsonl").write_text("".join(lines).replace("Georgia", "Florida", 1), "utf-8")
    assert run(tmp_path, *words) == (
        1,
        "BROKEN. Entry 1 does not hold: its words, its place or what came before it were changed.\n",
    )
    assert run(tmp_path, "mail.txt")[0] == 1
    assert run(tmp_path, "none.jsonl")[0] == 2
