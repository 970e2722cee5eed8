"""What a deed for many would do: a line for each whom it is done for, and one with the reason for each left out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from compliance.db.queries.chosen import Chosen
from compliance.services import tasks
from compliance.services.trail import Act

KIND: Final = "together"
MOST: Final = 500


@dataclass(frozen=True, slots=True)
class Does:
    """One for whom it is done; `what` says in words what is written, `number` whose it is on paper (never kept)."""

    who: Chosen
    what: str
    number: str = ""


@dataclass(frozen=True, slots=True)
class LeftOut:
    """One for whom it is not done, and why."""

    who: Chosen
    why: str


@dataclass(slots=True)
class Plan:
    """Everybody who was chosen, in one of two lists."""

    does: list[Does] = field(default_factory=list)
    left_out: list[LeftOut] = field(default_factory=list)

    def do(self, who: Chosen, what: str, number: str = "") -> None:
        """It is done for them."""
        self.does.append(Does(who, what, number))

    def leave(self, who: Chosen, why: str) -> None:
        """It is not."""
        self.left_out.append(LeftOut(who, why))

    def as_result(self) -> Mapping[str, object]:
        """As it is kept: by id, for names may have to be erased."""
        return {
            "does": [[str(each.who.id), each.what] for each in self.does],
            "left_out": [[str(each.who.id), each.why] for each in self.left_out],
        }


async def keep(session: AsyncSession, *, act: Act, title: str, plan: Plan) -> UUID:
    """Keeps what was done and what was not, for the page that tells of it; its id."""
    return await tasks.note(session, act=act, kind=KIND, title=title, result=plan.as_result())
