"""A file that came in: inspected in a child process, stored under its digest, and only then told to the database."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any, Final

from litestar.datastructures import UploadFile

from compliance.services.evidence import NewEvidence
from compliance.services.keeping_files import keep
from compliance.store import StoreUnavailable, open_store
from compliance.uploads.antivirus import ScannerUnavailable
from compliance.uploads.inspection import InspectionFailed
from compliance.uploads.refusals import Refused
from compliance.web.forms import Form
from compliance.web.page import Page

CHUNK: Final = 1 << 20
ACCEPT: Final = ".pdf,.png,.jpg,.jpeg,application/pdf,image/png,image/jpeg"
HINT: Final = "PDF, PNG or JPEG, up to 15 MB. Kept unchanged with its SHA-256."
"""What every field for such a file says."""

BROKEN: Final = "The file could not be looked into just now and was not taken. Try again, or tell your administrator."


async def take(page: Page, form: Form[Any], name: str, upload: UploadFile | None) -> NewEvidence | None:
    """The stored file as evidence to be; None without one, or with a sentence in the form why it is not taken.

    Called before the page's session speaks to the database, for a look may take half a minute.
    """
    if upload is None:
        return None
    with tempfile.TemporaryDirectory(prefix="upload-") as folder:
        path = Path(folder) / "file"
        await _save(upload, path)
        try:
            store = open_store(page.settings.evidence_url, page.settings.home)
            return await keep(store, path, name=upload.filename, scanner=page.settings.scanner_url)
        except (Refused, StoreUnavailable) as refusal:
            form.refuse(name, str(refusal))
        except (InspectionFailed, ScannerUnavailable):
            form.refuse(name, BROKEN)
    return None


async def _save(upload: UploadFile, path: Path) -> None:
    with path.open("wb") as out:
        while chunk := await upload.read(CHUNK):
            out.write(chunk)
