"""What cannot be true of a therapist, and what would make one person look like another."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from typing import Final
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from compliance.db.records import TherapistRow
from compliance.db.texts import among
from compliance.domain.matching import email_problem, fold, fold_email, npi_problem
from compliance.domain.months import in_words
from compliance.services import rows
from compliance.services.refusals import Checks
from compliance.services.trail import Act

_UNTYPABLE: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")


def check_names(checks: Checks, first_name: str, last_name: str, index: int = 0) -> None:
    """Notes what cannot be a name."""
    if not fold(last_name):
        checks.refuse("last_name", "Give the last name. Who has one name only has it as last name.", index)
    for field, name in (("first_name", first_name), ("last_name", last_name)):
        if _UNTYPABLE.search(name) or len(name) > 200:
            checks.refuse(field, f"{name[:40]!r} is no name: it is too long or has characters nobody can type.", index)


def check_person(
    checks: Checks, act: Act, email: str | None, npi: str | None, birth_date: date | None, index: int = 0
) -> None:
    """Notes what cannot be true of address, NPI and birth date."""
    checks.refuse("email", email_problem(email) if email and email.strip() else None, index)
    checks.refuse("npi", npi_problem(npi) if npi else None, index)
    if birth_date and not act.effective.year - 110 <= birth_date.year <= act.effective.year - 14:
        checks.refuse(
            "birth_date",
            f"{in_words(birth_date)} is not the birth date of somebody who works. Look at the year.",
            index,
        )


async def check_addresses(session: AsyncSession, act: Act, addresses: Sequence[tuple[str | None, UUID | None]]) -> None:
    """Nobody shares an address: a reminder must reach its therapist, and the import matches by it."""
    await rows.take_turn(session, act)
    wanted = [fold_email(email) for email, _own in addresses if email and email.strip()]
    taken = await _holders(session, act, wanted)
    checks, seen = Checks(), set[str]()
    for index, (email, own) in enumerate(addresses):
        folded = fold_email(email or "")
        others = taken.get(folded, set()) - {own}
        if folded and (others or folded in seen):
            whose = f" ({', '.join(map(str, others))})" if others else ""
            checks.refuse("email", f"{email} is the address of another therapist{whose}. Each needs an own one.", index)
        seen.add(folded)
    checks.done()


async def _holders(session: AsyncSession, act: Act, emails: Sequence[str]) -> dict[str, set[UUID]]:
    found: dict[str, set[UUID]] = {}
    for start in range(0, len(emails), rows.CHUNK):
        chunk = emails[start : start + rows.CHUNK]
        mine = (TherapistRow.organization_id == act.organization_id, TherapistRow.merged_into_id.is_(None))
        query = select(TherapistRow.folded_email, TherapistRow.id).where(*mine, among(TherapistRow.folded_email, chunk))
        for folded, id_ in await session.execute(query):
            found.setdefault(folded or "", set()).add(id_)
    return found
