"""The organization's logo: a picture that was inspected and drawn anew, printed on its reports from then on.

The organization's settings name its hash, and `former_facts` what it was before: a report prints the logo of the place
in the trail up to which it knows the records, so that it is the same whenever it is asked for again.
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from compliance.db.records import OrganizationRow
from compliance.domain.audit_report import Logo
from compliance.reports.logo import size
from compliance.services import trail
from compliance.services.evidence import NewEvidence
from compliance.services.former import Former, keep
from compliance.services.refusals import refuse
from compliance.services.rows import table
from compliance.services.trail import Act, Entry
from compliance.store import Store

MEDIA_TYPE: Final = "image/jpeg"
HEAVIEST: Final = 200_000
"""Bytes of the picture as it is printed: each report carries it."""
WIDEST: Final = 5
"""How many times as wide as high, to stand beside the kind of report; and the other way round."""
FINEST, COARSEST = 2_000, 40


async def use(session: AsyncSession, *, act: Act, picture: NewEvidence, drawn: bytes) -> None:
    """Reports print it from now on. `drawn` is the rendition of the picture, which the store has. Raises Refused."""
    if picture.kind == "pdf" or picture.rendition_sha256 is None:
        raise refuse("file", "A logo is a picture: give a PNG or a JPEG.")
    refuse_unfit(drawn)
    await _change(session, act, picture.rendition_sha256, {"file": picture.name, "original": picture.sha256})


def refuse_unfit(drawn: bytes) -> None:
    """Raises Refused for a picture that cannot be printed in a report's head."""
    width, height = size(drawn)
    if max(width, height) > FINEST or min(width, height) < COARSEST:
        raise refuse(
            "file", f"The picture has {width} by {height} pixels. Give one of {COARSEST} to {FINEST} each way."
        )
    if width > WIDEST * height or height > WIDEST * width:
        raise refuse("file", f"The picture is too narrow: at most {WIDEST} times as long one way as the other.")
    if len(drawn) > HEAVIEST:
        raise refuse("file", "The picture is too heavy to stand in every report. One of 600 pixels is enough.")


async def remove(session: AsyncSession, *, act: Act) -> None:
    """Reports print none from now on. Raises Refused where there is none."""
    await _change(session, act, None, {})


async def _change(session: AsyncSession, act: Act, sha256: str | None, more: dict[str, object]) -> None:
    query = select(OrganizationRow).where(OrganizationRow.id == act.organization_id).with_for_update()
    row = (await session.scalars(query.execution_options(populate_existing=True))).one()
    old = logo_of(row)
    if sha256 is None and not old:
        raise refuse("file", "There is no logo to take away.")
    if sha256 == old:
        return
    entry = Entry("organization.logo-changed", f"organization:{row.id}", old={"logo": old}, new={"logo": sha256} | more)
    seq = await trail.record(session, act=act, entry=entry)
    await keep(session, act, "organization", [Former(row.id, seq, {"logo": old})])
    at = table(OrganizationRow)
    kept = {key: value for key, value in row.settings.items() if key != "logo"} | ({"logo": sha256} if sha256 else {})
    await session.execute(update(at).where(at.c.id == row.id).values(settings=kept))


def logo_of(row: OrganizationRow) -> str:
    """The hash of the picture that is printed now; empty without one."""
    return str(row.settings.get("logo") or "")


async def current(session: AsyncSession, act: Act) -> str:
    """The same, read."""
    row = OrganizationRow
    kept = await session.scalar(select(row.settings).where(row.id == act.organization_id))
    return str((kept or {}).get("logo") or "")


async def printed(store: Store, sha256: str) -> Logo | None:
    """The picture for a report; None without one. Raises the store's errors: a report never goes out without it."""
    return Logo(await store.get(sha256), MEDIA_TYPE, sha256) if sha256 else None
