"""Clinics that a roster names and nobody has recorded: told, and created when the person says so.

The jurisdiction is that of their people's licenses where these agree; where they do not tell, it is asked.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from compliance.catalog import load
from compliance.db.queries import intake_known
from compliance.domain.matching import fold
from compliance.services import clinics
from compliance.services.clinics import NewClinic
from compliance.services.intake.licenses import Said, note
from compliance.services.intake.lines import PLACE, folded
from compliance.services.intake.words import jurisdiction_word, type_word
from compliance.services.trail import Act

CLINIC, STATE, TYPE = PLACE["clinic"], PLACE["jurisdiction"], PLACE["credential_type"]


@dataclass(slots=True)
class Named:
    """A clinic as a file names it: whose people work there, which jurisdictions license them, and what the rows say of
    its own license."""

    name: str
    jurisdictions: dict[str, int] = field(default_factory=dict)
    people: set[int] = field(default_factory=set)
    license: Said = field(default_factory=dict)


@dataclass(slots=True)
class Clinics:
    """The clinics of a file, gathered while it is read."""

    named: dict[str, Named] = field(default_factory=dict)

    def see(self, values: Sequence[str], person: int, line: int) -> None:
        """Takes in one row."""
        if not values[CLINIC]:
            return
        name = folded(values[CLINIC])
        here = self.named.get(name)
        if here is None:
            here = self.named[name] = Named(values[CLINIC])
        here.people.add(person)
        note(here.license, values, line)
        code, type_ = jurisdiction_word(values[STATE])[0] if values[STATE] else "", type_word(values[TYPE])[0]
        if code and type_ and load().types[type_].jurisdiction_bound:
            here.jurisdictions[code] = here.jurisdictions.get(code, 0) + 1

    def as_kept(self) -> list[dict[str, object]]:
        """As the task's result keeps it."""
        return [
            {
                "name": each.name,
                "jurisdictions": each.jurisdictions,
                "people": len(each.people),
                "license": each.license,
            }
            for each in self.named.values()
        ]


@dataclass(frozen=True, slots=True)
class Missing:
    """A clinic that is not on file. `jurisdiction` is "" where it has to be asked."""

    name: str
    jurisdiction: str
    people: int
    create: bool

    @property
    def zone(self) -> str:
        """The usual time zone of its jurisdiction."""
        return load().jurisdictions[self.jurisdiction].time_zones[0] if self.jurisdiction else ""

    def as_kept(self) -> dict[str, object]:
        """As the task's result keeps it."""
        kept = {"name": self.name, "jurisdiction": self.jurisdiction, "people": self.people, "create": self.create}
        several = bool(self.jurisdiction) and len(load().jurisdictions[self.jurisdiction].time_zones) > 1
        return kept | {"time_zone": self.zone, "zone_asked": several}


async def missing(
    session: AsyncSession, organization_id: UUID, kept: Iterable[Mapping[str, Any]], options: Mapping[str, Any]
) -> list[Missing]:
    """The clinics of the file that are not on file, and what is to be done with them by these options."""
    known = await intake_known.clinics(session, organization_id)
    given = {fold(name): jurisdiction_word(text)[0] for name, text in options.get("clinic_jurisdictions", {}).items()}
    wanted = bool(options.get("create_clinics") or given)
    found = []
    for each in kept:
        if fold(each["name"]) in known:
            continue
        told = list(each["jurisdictions"])
        place = given.get(fold(each["name"])) or (told[0] if len(told) == 1 else "")
        found.append(Missing(each["name"], place, each["people"], wanted and bool(place)))
    return found


def only_used(found: Iterable[Missing], used: Container[str]) -> list[Missing]:
    """The same clinics; of those to be created only the ones that are used, by their folded names."""
    return [replace(each, create=each.create and fold(each.name) in used) for each in found]


async def create(session: AsyncSession, act: Act, wanted: Iterable[Missing]) -> None:
    """Records the clinics that are to be created and are not there yet."""
    known = await intake_known.clinics(session, act.organization_id)
    new = [each for each in wanted if each.create and fold(each.name) not in known]
    if new:
        made = [NewClinic(each.name, each.jurisdiction, each.zone) for each in new]
        await clinics.add_many(session, act=act, clinics=made)
