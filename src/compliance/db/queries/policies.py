"""An organization's policies as values, and their form in the database (`policies.body`)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from compliance.db.queries.known import standing_at
from compliance.db.records import PolicyRow
from compliance.domain.requirements import Policy


def encode(policy: Policy) -> dict[str, Any]:
    """A policy as plain JSON; sets are sorted, so that equal policies have equal bodies."""
    body: dict[str, Any] = msgspec.to_builtins(policy, order="deterministic")
    return body


def decode(body: dict[str, Any]) -> Policy:
    """The policy of a body."""
    return msgspec.convert(body, Policy)


async def policies(session: AsyncSession, organization_id: UUID, *, known_seq: int | None = None) -> tuple[Policy, ...]:
    """All policies of an organization, also ended ones: their provisions are dated."""
    mine = PolicyRow.organization_id == organization_id
    query = select(PolicyRow.body).where(mine, standing_at(PolicyRow, known_seq)).order_by(PolicyRow.recorded_seq)
    return tuple(decode(body) for body in await session.scalars(query))


@dataclass(frozen=True, slots=True)
class Held:
    """A policy with the id by which it can be ended or voided, and its days."""

    id: UUID
    code: str
    policy: Policy
    applies_on: date
    ends_on: date


async def held(session: AsyncSession, organization_id: UUID) -> list[Held]:
    """An organization's policies that are not void, ended ones too, in the order in which they take effect."""
    row = PolicyRow
    columns = (row.id, row.code, row.body, row.applies_on, row.ends_on)
    mine = (row.organization_id == organization_id, row.voided_seq.is_(None))
    found = await session.execute(select(*columns).where(*mine).order_by(row.applies_on, row.recorded_seq))
    return [Held(each.id, each.code, decode(each.body), each.applies_on, each.ends_on) for each in found]
