"""Mending refused rows where they are shown: what was put into their cells is checked as an import of its own."""

from __future__ import annotations

import asyncio
import re
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from litestar import post
from litestar.datastructures import FormMultiDict
from litestar.di import NamedDependency
from litestar.exceptions import ClientException
from litestar.params import FromPath
from litestar.response import Redirect

from compliance.crypto.hashes import sha256_hex_of_file
from compliance.db.queries import intake as reading
from compliance.services import intake
from compliance.services.intake import Options
from compliance.services.intake.corrections import corrections
from compliance.sources import FIELDS
from compliance.store import open_store
from compliance.uploads.names import clean_name
from compliance.web.access import needs
from compliance.web.flash import Flash
from compliance.web.page import Page

RUN: Final = needs("imports.run")
LONGEST: Final = 2000
_CELL: Final = re.compile(r"cell-([0-9]{1,9})-([0-9]{1,4}|[a-z][a-z_]{0,80})")
SAID: Final = "These are the refused rows with what you have changed, checked anew. The rest of the file waits in"


@post("/imports/{import_id:uuid}/mend", opt=RUN)
async def mend(page: NamedDependency[Page], import_id: FromPath[UUID]) -> Redirect:
    """All refused rows again, those of the page as they were mended: a new import, to be read before it is written."""
    found = page.found(await reading.import_of(page.session, page.organization_id, import_id))
    mended = _mended(found, await page.request.form())
    if found.state not in ("ready", "done") or not found.counts.refused:
        return page.go(f"/imports/{import_id}", Flash("No refused row waits here any more.", "missing"))
    pieces = corrections(page.session, organization_id=page.organization_id, import_id=import_id, mended=mended)
    sha256 = await _keep(page, pieces)
    new_id = await intake.start_import(
        page.session, act=page.act, name=_name(found.name), sha256=sha256, options=_options(found)
    )
    return page.go(f"/imports/{new_id}", Flash(SAID, "unverified", f"/imports/{import_id}", found.name))


def _mended(it: reading.Import, data: FormMultiDict) -> dict[tuple[int, str], str]:
    """What was put into which cell. Raises ClientException for a field that such a form does not have."""
    given: dict[tuple[int, str], str] = {}
    for name, value in data.multi_items():
        if name == "csrf_token":
            continue
        found = _CELL.fullmatch(name)
        if not found or not isinstance(value, str) or not _is_column(it, found[2]):
            raise ClientException(f"This form has no field {name[:80]!r}.")
        given[int(found[1]), found[2]] = " ".join(value.split())[:LONGEST]
    return given


def _is_column(it: reading.Import, column: str) -> bool:
    if column.isdigit():
        return int(column) < len(it.headers)
    return column in FIELDS


def _options(it: reading.Import) -> Options:
    """As the person has chosen for the whole file; nothing is written before they say so once more."""
    places = it.options.get("clinic_jurisdictions") or {}
    return Options(create_clinics=bool(it.options.get("create_clinics")), clinic_jurisdictions=places)


def _name(name: str) -> str:
    """`roster.xlsx` is `roster-mended.csv`, and so it stays."""
    return f"{Path(clean_name(name)).stem.removesuffix('-mended')}-mended.csv"


async def _keep(page: Page, pieces: AsyncIterator[bytes]) -> str:
    """Puts the rows into the store under their digest, until they were read; never all of them in memory."""
    store = open_store(page.settings.evidence_url, page.settings.home)
    with tempfile.TemporaryDirectory(prefix="roster-") as folder:
        path = Path(folder) / "roster"
        with path.open("wb") as file:
            async for each in pieces:
                file.write(each)
        sha256, _ = await asyncio.to_thread(sha256_hex_of_file, path)
        await store.put(path, sha256)
    return sha256


ROUTES: Final[list[Any]] = [mend]
