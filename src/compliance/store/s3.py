"""Evidence in an S3 bucket (Amazon's or one that speaks the same), by the client `obstore` of the extra `s3`.

The keys come from where Amazon's own tools look for them: `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY`, or
the machine's role. They are never part of the URL, which stands in logs.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import SplitResult, parse_qsl, urlsplit

from compliance.store.blobs import EvidenceMissing, StoreUnavailable, blob_name, must_match, probe, whole

if TYPE_CHECKING:
    from obstore.store import S3Config, S3Store

T = TypeVar("T")

_BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
_PREFIX = re.compile(r"[A-Za-z0-9!_.*'()/-]*")
_SHAPE = "s3://bucket/prefix, with ?region=us-east-1 and, for another server than Amazon's, &endpoint=https://host"
_PATIENCE = timedelta(seconds=30)


def open_bucket(url: str, home: Path) -> BucketStore:
    """`s3://bucket/prefix`. Raises ValueError with a sentence for a wrong URL or when the extra is not
    installed.
    """
    parts = urlsplit(url)
    options = dict(parse_qsl(parts.query, keep_blank_values=True))
    if not _well_formed(parts, options):
        raise ValueError(f"{_shown(parts)!r} names no bucket; allowed is {_SHAPE}.")
    prefix = parts.path.strip("/")
    return BucketStore(parts.netloc, prefix, _client(parts.netloc, prefix, options))


class BucketStore:
    """Content lies at `prefix/blobs/ab/cdef...`."""

    def __init__(self, bucket: str, prefix: str, client: S3Store) -> None:
        self._where = f"s3://{bucket}/{prefix}"
        self._client = client

    async def put(self, content: bytes | Path, sha256: str) -> None:
        """See `Store.put`. One request writes the whole, so nobody ever sees a part."""
        name = blob_name(sha256)
        data = await asyncio.to_thread(content.read_bytes) if isinstance(content, Path) else content
        must_match(data, sha256)
        await self._try(self._client.put_async(name, data, use_multipart=False))

    async def get(self, sha256: str) -> bytes:
        """See `Store.get`."""
        try:
            found = await self._try(self._client.get_async(blob_name(sha256)))
            return whole(bytes(await self._try(found.bytes_async())), sha256)
        except FileNotFoundError as error:
            raise EvidenceMissing(f"There is no evidence {sha256} in {self._where}.") from error

    async def exists(self, sha256: str) -> bool:
        """See `Store.exists`."""
        try:
            await self._try(self._client.head_async(blob_name(sha256)))
        except FileNotFoundError:
            return False
        return True

    async def remove(self, sha256: str) -> None:
        """See `Store.remove`."""
        try:
            await self._try(self._client.delete_async(blob_name(sha256)))
        except FileNotFoundError:
            return

    async def check(self) -> str:
        """See `Store.check`."""
        await probe(self)
        return f"bucket {self._where}"

    async def _try(self, request: Awaitable[T]) -> T:
        from obstore.exceptions import BaseError

        try:
            return await request
        except FileNotFoundError:
            raise
        except (BaseError, OSError) as error:
            reason = str(error).split("\n")[0][:300]
            raise StoreUnavailable(f"The bucket {self._where} does not answer as it should: {reason}") from error


def _well_formed(parts: SplitResult, options: dict[str, str]) -> bool:
    endpoint = options.get("endpoint", "https://")
    return (
        _BUCKET.fullmatch(parts.netloc) is not None
        and _PREFIX.fullmatch(parts.path) is not None
        and ".." not in parts.path
        and not parts.fragment
        and set(options) <= {"region", "endpoint"}
        and endpoint.startswith(("https://", "http://"))
    )


def _shown(parts: SplitResult) -> str:
    # Someone may have put keys before an @: they must not come back in an error.
    return f"s3://{parts.netloc.rpartition('@')[2]}{parts.path}"


def _client(bucket: str, prefix: str, options: dict[str, str]) -> S3Store:
    try:
        from obstore.store import S3Store
    except ImportError as error:
        raise ValueError("Evidence in s3:// needs the extra s3: pip install 'compliance[s3]'.") from error
    # Plain HTTP only to a server that the operator names with http://, such as one on the same machine.
    plain = options.get("endpoint", "").startswith("http://")
    return S3Store(
        bucket,
        prefix=prefix or None,
        config=_config(options),
        client_options={"allow_http": plain, "timeout": _PATIENCE, "connect_timeout": timedelta(seconds=5)},
        retry_config={"max_retries": 3, "retry_timeout": _PATIENCE},
    )


def _config(options: dict[str, str]) -> S3Config:
    config: S3Config = {}
    if "region" in options:
        config["region"] = options["region"]
    if "endpoint" in options:
        config["endpoint"] = options["endpoint"].rstrip("/")
        config["virtual_hosted_style_request"] = False
    return config
