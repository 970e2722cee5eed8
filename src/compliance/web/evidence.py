"""Evidence: a file comes in and hangs on a credential; what is shown of it is the rendition, never the original."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from litestar import get, post
from litestar.datastructures import UploadFile
from litestar.di import NamedDependency
from litestar.exceptions import NotFoundException
from litestar.params import FromPath
from litestar.response import Redirect, Response

from compliance.db.queries import evidence as reading
from compliance.db.queries.credentials import Held
from compliance.services import evidence
from compliance.services.refusals import Refused
from compliance.store import EvidenceDamaged, EvidenceMissing, StoreUnavailable, open_store
from compliance.web.access import needs
from compliance.web.forms import asked, blank
from compliance.web.holders import Holder, held_credential, label, looking
from compliance.web.kept_uploads import LONGEST_SEAL
from compliance.web.limits import RENEWAL_LIMIT
from compliance.web.page import Html, Page
from compliance.web.uploading import ACCEPT, HINT, take

SANDBOX: Final = {
    "content-security-policy": "sandbox; default-src 'none'; img-src 'self'; style-src 'unsafe-inline'",
    "x-content-type-options": "nosniff",
    "cache-control": "no-store",
}
"""A rendition is ours, drawn anew; it is still shown as if it were a stranger's."""


@dataclass(frozen=True)
class NewFile:
    """One file, and which term it proves."""

    file: UploadFile | None = asked("the file", default=None)
    kept_file: str = asked("the file", default="", longest=LONGEST_SEAL)
    term_id: UUID | None = None


@get("/credentials/{credential_id:uuid}/evidence/new", opt=needs("evidence.write"))
async def new(page: NamedDependency[Page], credential_id: FromPath[UUID]) -> Html:
    """The form."""
    held, holder = await held_credential(page, credential_id)
    last = held.last_term
    first = blank(NewFile, term_id=last.id if last else "")
    return page.show("evidence/new.html", **_around(held, holder) | {"values": first})


@post("/credentials/{credential_id:uuid}/evidence", opt=needs("evidence.write"), request_max_body_size=RENEWAL_LIMIT)
async def upload(page: NamedDependency[Page], credential_id: FromPath[UUID]) -> Html | Redirect:
    """Looked into, stored, and only then recorded."""
    form = await page.form(NewFile)
    async with looking(page) as before:
        held, holder = await held_credential(before, credential_id)
    around = _around(held, holder)
    file = await take(page, form, "file")
    if file is None:
        form.refuse("file", "Give the file.")
    if form.value is None or file is None or form.errors:
        return page.again("evidence/new.html", form, **around)
    about: dict[str, Any] = {"credential_id": held.id, "term_id": form.value.term_id}
    try:
        await evidence.attach(page.session, act=page.act, evidence=file, **about)
    except Refused as refusal:
        return page.again("evidence/new.html", form.refused(refusal), **around)
    return page.go(f"/credentials/{held.id}", f"{file.name} is kept as evidence.")


def _around(held: Held, holder: Holder) -> dict[str, Any]:
    terms = [(str(each.id), each.starts_on, each.ends_on) for each in reversed(held.terms)]
    return {"held": held, "holder": holder, "label": label(held), "terms": terms, "accept": ACCEPT, "hint": HINT}


@get("/evidence/{evidence_id:uuid}", opt=needs("evidence.read"))
async def show(page: NamedDependency[Page], evidence_id: FromPath[UUID]) -> Response[bytes]:
    """The rendition as a picture. The original stays in the store; an auditor gets it with the report."""
    file = page.found(await reading.proof(page.session, page.organization_id, evidence_id))
    await held_credential(page, file.credential_id)
    if file.rendition_sha256 is None:
        raise NotFoundException("There is no picture of this file.")
    store = open_store(page.settings.evidence_url, page.settings.home)
    try:
        content = await store.get(file.rendition_sha256)
    except (EvidenceMissing, EvidenceDamaged, StoreUnavailable):
        raise NotFoundException("The file cannot be read from the evidence store just now.") from None
    name = f'attachment; filename="{evidence_id}.jpg"'
    return Response(content, media_type=file.rendition_media_type, headers=SANDBOX | {"content-disposition": name})


ROUTES = [new, upload, show]
