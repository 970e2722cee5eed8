"""A file that came in: inspected in a child process, stored under its digest, and only then told to the database.

A form that comes back, because something is wrong or because a day was to be worked out, keeps the files that it
brought: `take` is called before anything else can send it back.
"""

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
from compliance.web.kept_uploads import KeptUpload, seal, unseal
from compliance.web.page import Page

CHUNK: Final = 1 << 20
ACCEPT: Final = ".pdf,.png,.jpg,.jpeg,application/pdf,image/png,image/jpeg"
HINT: Final = "PDF, PNG or JPEG, up to 15 MB. Kept unchanged with its SHA-256."
"""What every field for such a file says."""

GONE: Final = "The file that was sent before cannot be used any more. Choose it again."
BROKEN: Final = "The file could not be looked into just now and was not taken. Try again, or tell your administrator."


async def take(page: Page, form: Form[Any], name: str, of: str = "") -> NewEvidence | None:
    """The file of this field as evidence to be: the one that came, else one that was kept since the form came back.
    None without one, or with a sentence in the form why it is not taken. The form's `kept_NAME` is where it is kept;
    `of` is what it is good for, where that is not this person at this address.

    Called before the page's session speaks to the database, for a look may take half a minute.
    """
    of = of or here(page)
    upload: UploadFile | None = form.read.get(name)
    if upload is None:
        return again(page, form, name, of)
    file = await _looked_into(page, form, name, upload)
    if file is None:
        again(page, form, name, of)
        return None
    return offer(page, form, name, of, file)


def here(page: Page) -> str:
    """What a kept file is good for: this person, in this organization, at this address."""
    return f"{page.organization_id}:{page.viewer.person_id}:{page.request.scope['path']}"


def again(page: Page, form: Form[Any], name: str, of: str) -> NewEvidence | None:
    """The file that was kept since the form came back before; it goes into the form once more."""
    sealed = str(form.typed.get(f"kept_{name}", ""))
    file = unseal(page.settings.secret_key(), of, sealed) if sealed else None
    if sealed and file is None:
        form.refuse(name, GONE)
    return offer(page, form, name, of, file) if file else None


def offer(page: Page, form: Form[Any], name: str, of: str, file: NewEvidence) -> NewEvidence:
    """Lets the form bring the file along when it comes back."""
    form.typed[name] = KeptUpload(file.name, seal(page.settings.secret_key(), of, file))
    return file


def name_of(shown: KeptUpload | str) -> str:
    """What the form then says of the file alone: that it has to be chosen again."""
    return shown.name if isinstance(shown, KeptUpload) else shown


async def _looked_into(page: Page, form: Form[Any], name: str, upload: UploadFile) -> NewEvidence | None:
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
