"""Who acts, by name: what stands in rows as `user:ID` is a person to a reader."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from compliance.db.records import PersonRow


async def people(session: AsyncSession, actors: Iterable[str]) -> dict[str, str]:
    """The names, else the addresses, of those actors that are people whom the records know."""
    ids = {id_ for id_ in map(_person, actors) if id_}
    if not ids:
        return {}
    query = select(PersonRow.id, PersonRow.name, PersonRow.email).where(PersonRow.id.in_(ids))
    return {f"user:{row.id}": row.name or row.email for row in await session.execute(query)}


async def names_of(session: AsyncSession, actors: Iterable[str]) -> dict[str, str]:
    """The words for each actor: a person's name, else what kind of actor it is."""
    every = set(actors)
    known = await people(session, every)
    return {each: known.get(each) or ("somebody who left" if _person(each) else _words(each)) for each in every}


def _person(actor: str) -> UUID | None:
    kind, _, id_ = actor.partition(":")
    try:
        return UUID(id_) if kind == "user" else None
    except ValueError:
        return None


_KINDS = {"key": "a program with a key", "link": "the holder of a link", "job": "the job", "cli": "the command line"}


def _words(actor: str) -> str:
    kind, _, rest = actor.partition(":")
    words = _KINDS.get(kind, actor)
    return f"{words} {rest}" if kind == "job" else words
