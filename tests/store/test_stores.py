"""What every store at the door promises."""

from __future__ import annotations

import asyncio
import hashlib
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from compliance.store import STORES, EvidenceDamaged, EvidenceMissing, Store, StoreUnavailable, open_store
from compliance.store.blobs import blob_name
from tests.store.bucket import KEY, Bucket, listening

SCAN = b"%PDF-1.7 a scanned license" * 1000
DIGEST = hashlib.sha256(SCAN).hexdigest()
ABSENT = hashlib.sha256(b"absent").hexdigest()

Spoil = Callable[[bytes], None]


@pytest.fixture
def bucket(monkeypatch: pytest.MonkeyPatch) -> Iterator[Bucket]:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", KEY)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    with listening() as made:
        yield made


@pytest.fixture(params=STORES)
def opened(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[Store, Spoil]:
    """A store of each kind, and how to overwrite the scan behind its back."""
    if request.param == "s3":
        bucket: Bucket = request.getfixturevalue("bucket")
        place = f"/evidence/clinics/{blob_name(DIGEST)}"
        return open_store(bucket.url, tmp_path), lambda data: bucket.objects.update({place: data})
    assert request.param == "file", "a new kind of store needs its way into these tests"
    folder = tmp_path / "evidence"
    return open_store("file:evidence", tmp_path), lambda data: _overwrite(folder / blob_name(DIGEST), data)


def _overwrite(place: Path, data: bytes) -> None:
    place.write_bytes(data)


async def test_what_was_put_comes_back(opened: tuple[Store, Spoil], tmp_path: Path) -> None:
    store, _ = opened
    assert not await store.exists(DIGEST)
    await store.put(SCAN, DIGEST)
    assert await store.exists(DIGEST)
    assert await store.get(DIGEST) == SCAN


async def test_a_file_is_put_as_well_as_bytes(opened: tuple[Store, Spoil], tmp_path: Path) -> None:
    store, _ = opened
    (tmp_path / "scan.pdf").write_bytes(SCAN)
    await store.put(tmp_path / "scan.pdf", DIGEST)
    assert await store.get(DIGEST) == SCAN


async def test_putting_again_even_at_the_same_time_is_harmless(opened: tuple[Store, Spoil]) -> None:
    store, _ = opened
    await asyncio.gather(*(store.put(SCAN, DIGEST) for _ in range(8)))
    await store.put(SCAN, DIGEST)
    assert await store.get(DIGEST) == SCAN


async def test_content_under_another_digest_is_refused(opened: tuple[Store, Spoil]) -> None:
    store, _ = opened
    with pytest.raises(ValueError, match="does not have the digest"):
        await store.put(SCAN + b"!", DIGEST)
    assert not await store.exists(DIGEST)


@pytest.mark.parametrize("name", ["", "../../etc/passwd", DIGEST.upper(), DIGEST + "/", "g" * 64, DIGEST + "\n"])
async def test_only_a_digest_is_a_name(opened: tuple[Store, Spoil], name: str) -> None:
    store, _ = opened
    for ask in (store.get, store.exists, store.remove):
        with pytest.raises(ValueError, match="is no SHA-256"):
            await ask(name)
    with pytest.raises(ValueError, match="is no SHA-256"):
        await store.put(SCAN, name)


async def test_what_is_missing_is_said_to_be_missing(opened: tuple[Store, Spoil]) -> None:
    store, _ = opened
    with pytest.raises(EvidenceMissing, match=ABSENT):
        await store.get(ABSENT)
    await store.remove(ABSENT)


async def test_damage_is_noticed_and_mended_by_putting_again(opened: tuple[Store, Spoil]) -> None:
    store, spoil = opened
    await store.put(SCAN, DIGEST)
    spoil(SCAN[:-1])
    with pytest.raises(EvidenceDamaged, match=DIGEST):
        await store.get(DIGEST)
    await store.put(SCAN, DIGEST)
    assert await store.get(DIGEST) == SCAN


async def test_what_was_removed_is_gone(opened: tuple[Store, Spoil]) -> None:
    store, _ = opened
    await store.put(SCAN, DIGEST)
    await store.remove(DIGEST)
    assert not await store.exists(DIGEST)


async def test_the_check_says_where_the_store_is_and_leaves_nothing(
    opened: tuple[Store, Spoil], tmp_path: Path
) -> None:
    store, _ = opened
    assert "evidence" in await store.check()
    assert not [file for file in tmp_path.rglob("*") if file.is_file()]


async def test_a_bucket_that_fails_is_unavailable_and_not_empty(bucket: Bucket, tmp_path: Path) -> None:
    store = open_store(bucket.url, tmp_path)
    bucket.failing = 403
    for asked in (store.get(DIGEST), store.exists(DIGEST), store.put(SCAN, DIGEST), store.check()):
        with pytest.raises(StoreUnavailable, match="s3://evidence/clinics"):
            await asked


def test_without_the_extra_the_sentence_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setitem(sys.modules, "obstore.store", None)
    with pytest.raises(ValueError, match=r"pip install 'compliance\[s3\]'"):
        open_store("s3://evidence", tmp_path)


WRONG = [
    "", "evidence", "ftp://x/y", "file:", "file:///", "file://host/folder", "s3://", "s3://B", "s3://bucket/../x",
    "s3://AKIA:secret@bucket", "s3://bucket?key=secret", "s3://bucket?endpoint=ftp://x",
]  # fmt: skip


@pytest.mark.parametrize("url", WRONG)
def test_a_wrong_url_gets_one_sentence_without_secrets(url: str, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="allowed is") as caught:
        open_store(url, tmp_path)
    assert "secret" not in str(caught.value)
