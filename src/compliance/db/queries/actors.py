"""Who acts, by name: what stands in rows as `user:ID` is a person to a reader."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from compliance.db.records import PersonRow


async def names_of(session: AsyncSession, actors: Iterable[str]) -> dict[str, str]:
    """The words for each actor: a person's name, else what kind of actor it is."""
    every = set(actors)
    people = {each: UUID(each.removeprefix("user:")) for each in every if _is_person(each)}
    known: dict[UUID, str] = {}
    if people:
        query = select(PersonRow.id, PersonRow.name, PersonRow.email).where(PersonRow.id.in_(people.values()))
        known = {row.id: row.name or row.email for row in await session.execute(query)}
    return {each: known.get(people[each], "somebody who left") if each in people else _words(each) for each in every}


def _is_person(actor: str) -> bool:
    kind, _, rest = actor.partition(":")
    try:
        UUID(rest)
    except ValueError:
        return False
    return kind == "user"


_KINDS = {"key": "a program with a key", "link": "the holder of a link", "job": "the job", "cli": "the command line"}


def _words(actor: str) -> str:
    kind, _, rest = actor.partition(":")
    words = _KINDS.get(kind, actor)
    return f"{words} {rest}" if kind == "job" else words
