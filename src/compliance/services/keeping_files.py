"""A file that came in, wherever from: inspected in a child process, stored under its digest, evidence to be.

Nothing is told to the database here: what is stored and never linked is nobody's evidence.
"""

from __future__ import annotations

from pathlib import Path

from compliance.services.evidence import NewEvidence
from compliance.store import Store
from compliance.uploads.antivirus import scan
from compliance.uploads.inspection import inspect
from compliance.uploads.names import clean_name


async def keep(store: Store, path: Path, *, name: str, scanner: str | None = None) -> NewEvidence:
    """The file at `path`, kept with its rendition. `name` is what it was called where it came from; `scanner` the
    address of a virus scanner, where there is one.

    Raises uploads.refusals.Refused for a file that cannot be kept, InspectionFailed, ScannerUnavailable and
    StoreUnavailable.
    """
    if scanner is not None:
        await scan(scanner, path, declared_name=name)
    found = await inspect(path, declared_name=name)
    await store.put(path, found.sha256)
    await store.put(found.rendition, found.rendition_sha256)
    return NewEvidence(
        name=clean_name(name),
        kind=found.kind,
        media_type=found.media_type,
        sha256=found.sha256,
        size=found.size,
        pages=found.pages,
        rendition_sha256=found.rendition_sha256,
        rendition_media_type=found.rendition_media_type,
    )
