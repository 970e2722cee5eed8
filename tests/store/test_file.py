from __future__ import annotations

import hashlib
import os
import stat
from pathlib import Path

import pytest

from compliance.store import StoreUnavailable, open_store
from compliance.store.blobs import blob_name
from compliance.store.file import FolderStore

SCAN = b"scan"
DIGEST = hashlib.sha256(SCAN).hexdigest()


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


async def test_files_and_folders_are_their_owners_alone_whatever_the_umask(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        await open_store("file:deep/evidence", tmp_path).put(SCAN, DIGEST)
    finally:
        os.umask(before)
    place = tmp_path / "deep" / "evidence" / blob_name(DIGEST)
    assert mode(place) == 0o600
    folders = [f for f in place.parents if f.is_relative_to(tmp_path / "deep" / "evidence")]
    assert {mode(folder) for folder in folders} == {0o700}
    assert len(folders) == 3


async def test_nothing_is_left_of_a_write_that_failed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = FolderStore(tmp_path / "evidence")

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(StoreUnavailable, match="cannot be written: No space left on device"):
        await store.put(SCAN, DIGEST)
    monkeypatch.undo()
    assert not await store.exists(DIGEST)
    assert not [file for file in tmp_path.rglob("*") if file.is_file()]


async def test_a_folder_that_cannot_be_made_is_unavailable(tmp_path: Path) -> None:
    (tmp_path / "evidence").write_text("a file, where the folder should be")
    with pytest.raises(StoreUnavailable, match="cannot be written"):
        await open_store("file:evidence", tmp_path).check()


@pytest.mark.parametrize("shape", ["file:{}", "file://{}"])
def test_an_absolute_folder_stands_where_it_says(tmp_path: Path, shape: str) -> None:
    store = open_store(shape.format(tmp_path / "else where"), Path("/nowhere"))
    assert isinstance(store, FolderStore)
    assert store.root == tmp_path / "else where"


async def test_a_file_by_its_path_keeps_the_content_and_not_the_name(tmp_path: Path) -> None:
    (tmp_path / "Ana Ruiz.pdf").write_bytes(SCAN)
    await FolderStore(tmp_path / "evidence").put(tmp_path / "Ana Ruiz.pdf", DIGEST)
    kept = [file.name for file in (tmp_path / "evidence").rglob("*") if file.is_file()]
    assert kept == [DIGEST[2:]]
