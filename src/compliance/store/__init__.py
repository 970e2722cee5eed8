"""Where evidence lies. The door: the scheme of `EVIDENCE_URL`, and how to open such a store."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from compliance.store import file, s3
from compliance.store.blobs import EvidenceDamaged, EvidenceMissing, Store, StoreUnavailable

__all__ = ["STORES", "EvidenceDamaged", "EvidenceMissing", "Store", "StoreUnavailable", "open_store"]

STORES: dict[str, Callable[[str, Path], Store]] = {"file": file.open_folder, "s3": s3.open_bucket}
"""Opens a store from its URL and the installation's home. Raises ValueError with one sentence for a wrong
URL.
"""


def open_store(url: str, home: Path) -> Store:
    """The store that the URL names: `file:evidence` lies under `home`, `s3://bucket/prefix` elsewhere.

    Nothing is written or connected yet; `check()` does that. Raises ValueError with a sentence for a wrong
    URL.
    """
    scheme, colon, _ = url.partition(":")
    if not colon or scheme not in STORES:
        raise ValueError(f"{url!r} names no evidence store; allowed is file:FOLDER or s3://bucket/prefix.")
    return STORES[scheme](url, home)
