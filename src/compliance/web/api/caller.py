"""What an API handler works with: which key asks, for which organization, at which instant, over a reader's session."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from litestar.connection import ASGIConnection, Request
from litestar.exceptions import ClientException, NotFoundException
from litestar.openapi.spec import OpenAPIType
from sqlalchemy.ext.asyncio import AsyncSession

from compliance.crypto.tokens import prefix_of, token_hash
from compliance.db.queries.accounts import of_clinics, sees_therapist
from compliance.db.queries.api_keys import Caller, caller_of

SCHEME: Final = "Bearer "
TEXT: Final = {"pattern": "^[^\\u0000]*$"}
"""In the document: a text of an address holds no zero byte."""
DAY: Final = {"one_of": None, "type": OpenAPIType.STRING, "format": "date"}
"""In the document: a day, where it is given at all."""
LIMIT: Final = 100
"""How many things a list gives at once, unless fewer are asked for."""
NUMBER: Final = {"minimum": 1, "maximum": LIMIT}
CURSOR: Final = {"one_of": None, "type": OpenAPIType.STRING, "format": "uuid"}


@dataclass(frozen=True, slots=True)
class Api:
    """One question of a machine."""

    caller: Caller
    session: AsyncSession
    now: datetime

    @property
    def organization_id(self) -> UUID:
        """Leads every query."""
        return self.caller.organization_id

    @property
    def clinic_ids(self) -> frozenset[UUID]:
        """The clinics that the key is limited to; empty: all."""
        return self.caller.key.clinic_ids

    def today(self) -> date:
        """The day in the organization's zone."""
        return self.caller.today(self.now)

    async def see_therapist(self, therapist_id: UUID) -> None:
        """404 for a therapist of another organization or out of the key's clinics."""
        if not await sees_therapist(self.session, self.organization_id, therapist_id, clinic_ids=self.clinic_ids):
            raise NotFoundException("No therapist here has this id.")

    async def in_sight(self, therapist_ids: Sequence[UUID]) -> set[UUID]:
        """Which of these therapists of the organization the key sees; the same question, whoever is asked about."""
        if not self.clinic_ids:
            return set(therapist_ids)
        return await of_clinics(self.session, self.organization_id, therapist_ids, clinic_ids=self.clinic_ids)

    def see_clinic(self, clinic_id: UUID) -> None:
        """404 for a clinic that the key is not limited to."""
        if self.clinic_ids and clinic_id not in self.clinic_ids:
            raise NotFoundException("No clinic here has this id.")


async def identify(
    connection: ASGIConnection[Any, Any, Any, Any], session: AsyncSession, now: datetime
) -> Caller | None:
    """Whose key the `Authorization` header holds; a session's cookie counts for nothing here."""
    given = connection.headers.get("authorization", "")
    if given[: len(SCHEME)].lower() != SCHEME.lower():
        return None
    key = given[len(SCHEME) :].strip()
    return await caller_of(session, prefix=prefix_of(key), key_hash=token_hash(key), now=now)


async def provide_api(request: Request[Any, Any, Any]) -> AsyncGenerator[Api, None]:
    """The dependency `api`; the guard has seen to it that there is a key."""
    state = request.scope["state"]
    yield Api(state["caller"], state["reader"], state["now"])
    await state["reader"].close()


def cursor_of(text: str | None) -> UUID | None:
    """Where a list goes on: what `next_cursor` of the answer before said."""
    if text is None:
        return None
    try:
        return UUID(text)
    except ValueError:
        raise ClientException(f"cursor is {text!r}; give the next_cursor of the answer before, or none.") from None


def limit_of(number: int) -> int:
    """How many are asked for."""
    if not 1 <= number <= LIMIT:
        raise ClientException(f"limit is {number}; give a number from 1 to {LIMIT}.")
    return number
