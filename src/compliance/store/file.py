"""Evidence in a folder: one file per content, readable by the service's own account alone."""

from __future__ import annotations

import asyncio
import os
import secrets
from contextlib import suppress
from pathlib import Path
from urllib.parse import unquote, urlsplit

from compliance.store.blobs import (
    EvidenceMissing,
    StoreUnavailable,
    blob_name,
    must_match,
    probe,
    whole,
)


def open_folder(url: str, home: Path) -> FolderStore:
    """`file:evidence` is a folder under `home`, `file:/srv/evidence` (also `file:///...`) stands where it
    says.
    """
    parts = urlsplit(url)
    folder = unquote(parts.path)
    if parts.netloc or parts.query or parts.fragment or not folder.strip("/"):
        raise ValueError(f"{url!r} names no folder; allowed is file:FOLDER or file:/absolute/folder.")
    return FolderStore(home / folder)


class FolderStore:
    """Content lies at `blobs/ab/cdef...` under the root; `incoming` holds what is being written."""

    def __init__(self, root: Path) -> None:
        self.root = root

    async def put(self, content: bytes | Path, sha256: str) -> None:
        """See `Store.put`. The file appears whole, by rename, after its bytes have reached the disk."""
        await asyncio.to_thread(self._put, content, self._place(sha256), sha256)

    async def get(self, sha256: str) -> bytes:
        """See `Store.get`."""
        return whole(await asyncio.to_thread(self._read, self._place(sha256), sha256), sha256)

    async def exists(self, sha256: str) -> bool:
        """See `Store.exists`."""
        return await asyncio.to_thread(self._place(sha256).is_file)

    async def remove(self, sha256: str) -> None:
        """See `Store.remove`."""
        await asyncio.to_thread(self._remove, self._place(sha256))

    async def check(self) -> str:
        """See `Store.check`."""
        await probe(self)
        return f"folder {self.root}"

    def _place(self, sha256: str) -> Path:
        return self.root / blob_name(sha256)

    def _put(self, content: bytes | Path, place: Path, sha256: str) -> None:
        data = content.read_bytes() if isinstance(content, Path) else content
        must_match(data, sha256)
        try:
            if not place.is_file() or place.read_bytes() != data:
                self._write(data, place)
        except OSError as error:
            raise self._unavailable("written", error) from error

    def _write(self, data: bytes, place: Path) -> None:
        incoming = self.root / "incoming"
        for folder in (incoming, place.parent):
            _private_folder(folder, self.root)
        draft = incoming / secrets.token_hex(16)
        try:
            _write_durably(draft, data)
            draft.replace(place)
            _sync_folder(place.parent)
        finally:
            draft.unlink(missing_ok=True)

    def _read(self, place: Path, sha256: str) -> bytes:
        try:
            return place.read_bytes()
        except FileNotFoundError as error:
            raise EvidenceMissing(f"There is no evidence {sha256} in the folder {self.root}.") from error
        except OSError as error:
            raise self._unavailable("read", error) from error

    def _remove(self, place: Path) -> None:
        try:
            place.unlink(missing_ok=True)
            if place.parent.is_dir():
                _sync_folder(place.parent)
        except OSError as error:
            raise self._unavailable("written", error) from error

    def _unavailable(self, verb: str, error: OSError) -> StoreUnavailable:
        return StoreUnavailable(f"The evidence folder {self.root} cannot be {verb}: {error.strerror}.")


def _private_folder(folder: Path, root: Path) -> None:
    missing = [f for f in (folder, *folder.parents) if not f.exists()]
    for new in reversed(missing):
        # Above the root it is not ours to say who may look in.
        with suppress(FileExistsError):
            new.mkdir(mode=0o700 if new.is_relative_to(root) else 0o777)
            _sync_folder(new.parent)


def _write_durably(path: Path, data: bytes) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as stream:
        stream.write(data)
        stream.flush()
        os.fsync(stream.fileno())


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
