"""The question of an audit report, as it is asked and as it is kept."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from compliance.crypto.hashes import instant_text
from compliance.domain.audit_report import Span
from compliance.domain.periods import Period

MOST_SAMPLED: Final = 100_000
_DIGITS: Final = 8


@dataclass(frozen=True, slots=True)
class AskedSample:
    """How many people, drawn by which seed. Without one it is the trail head's first digits: nobody chose it."""

    size: int
    seed: int | None = None

    def seed_at(self, trail_head: str) -> int:
        """The seed that draws at a place in the trail."""
        return int(trail_head[:_DIGITS], 16) if self.seed is None else self.seed

    def drawn(self, ids: Collection[UUID], trail_head: str) -> list[UUID]:
        """The people: those whose SHA-256 of `SEED:ID` is the smallest. Anybody can draw them again."""
        seed = self.seed_at(trail_head)
        return sorted(ids, key=lambda id_: hashlib.sha256(f"{seed}:{id_}".encode()).digest())[: self.size]


@dataclass(frozen=True, slots=True)
class Asked:
    """Who could work on a day, and in a period? At one clinic, at several (`clinic_ids`), or anywhere.

    `therapist_ids` and `modalities` limit it to some; empty ones to none. A single one of `clinic_ids` is `clinic_id`.
    """

    clinic_id: UUID | None
    as_of: date
    known_at: datetime
    period: Span | None = None
    clinic_ids: tuple[UUID, ...] = ()
    therapist_ids: tuple[UUID, ...] = ()
    modalities: tuple[str, ...] = ()
    sample: AskedSample | None = None

    def __post_init__(self) -> None:
        clinics = {*self.clinic_ids, *([self.clinic_id] if self.clinic_id else [])}
        object.__setattr__(self, "clinic_id", next(iter(clinics)) if len(clinics) == 1 else None)
        object.__setattr__(self, "clinic_ids", tuple(sorted(clinics)) if len(clinics) > 1 else ())
        object.__setattr__(self, "therapist_ids", tuple(sorted(set(self.therapist_ids))))
        object.__setattr__(self, "modalities", tuple(sorted(set(self.modalities))))

    @property
    def clinics(self) -> frozenset[UUID]:
        """The clinics that it is limited to; empty: to none."""
        return frozenset((self.clinic_id,) if self.clinic_id else self.clinic_ids)

    @property
    def limited(self) -> bool:
        """Whether it is about a part of the organization."""
        return bool(self.clinics or self.therapist_ids or self.modalities or self.sample)

    @property
    def days(self) -> Period:
        """From the first to the last day that the question touches."""
        period = self.period or Span(self.as_of, self.as_of)
        return Period(min(self.as_of, period.starts_on), max(self.as_of, period.ends_on))

    def here(self, clinic_id: UUID) -> bool:
        """Whether it is about this clinic."""
        return not self.clinics or clinic_id in self.clinics

    def plain(self) -> dict[str, Any]:
        """The question as JSON; what does not limit it is left out, so that older questions read as before."""
        period = [self.period.starts_on.isoformat(), self.period.ends_on.isoformat()] if self.period else None
        said = {
            "clinic_id": str(self.clinic_id) if self.clinic_id else None,
            "as_of": self.as_of.isoformat(),
            "known_at": instant_text(self.known_at),
            "period": period,
        }
        limits = {
            "clinic_ids": [str(each) for each in self.clinic_ids],
            "therapist_ids": [str(each) for each in self.therapist_ids],
            "modalities": list(self.modalities),
            "sample": [self.sample.size, self.sample.seed] if self.sample else None,
        }
        return said | {key: value for key, value in limits.items() if value}


def asked_from(plain: Mapping[str, Any]) -> Asked:
    """The question out of what `plain` wrote."""
    period = plain["period"]
    return Asked(
        clinic_id=UUID(plain["clinic_id"]) if plain["clinic_id"] else None,
        as_of=date.fromisoformat(plain["as_of"]),
        known_at=datetime.fromisoformat(plain["known_at"]),
        period=Span(*map(date.fromisoformat, period)) if period else None,
        clinic_ids=tuple(map(UUID, plain.get("clinic_ids", ()))),
        therapist_ids=tuple(map(UUID, plain.get("therapist_ids", ()))),
        modalities=tuple(plain.get("modalities", ())),
        sample=AskedSample(*plain["sample"]) if plain.get("sample") else None,
    )
