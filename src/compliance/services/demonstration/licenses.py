"""What the demonstration's clinics hold themselves, where the law licenses massage establishments."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from compliance.services import credentials
from compliance.services.trail import Act

HELD: Final = {"Tampa": ("us-fl", "MM 41207", 430), "Austin": ("us-tx", "ME 3318", 610)}
"""The state, the number, and for how many days from now on it holds."""
RENEWED: Final = timedelta(days=300)


async def record(session: AsyncSession, act: Act, opened: date, today: date, places: Mapping[str, UUID]) -> None:
    """Held since the clinics opened, in two terms."""
    renewed_on = today - RENEWED
    first = credentials.NewTerm(opened, renewed_on - timedelta(days=1))
    new = [
        credentials.NewCredential(
            "establishment-license", clinic_id=places[name], jurisdiction=place, number=number, term=first
        )
        for name, (place, number, _days) in HELD.items()
    ]
    added = await credentials.add_many(session, act=act, credentials=new)
    ends = [today + timedelta(days=days) for _place, _number, days in HELD.values()]
    renewals = [credentials.Renewal(each.id, end, renewed_on) for each, end in zip(added, ends, strict=True)]
    await credentials.renew_many(session, act=act, renewals=renewals)
