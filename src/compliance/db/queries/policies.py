"""An organization's policies as values, and their form in the database (`policies.body`)."""

from __future__ import annotations

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
