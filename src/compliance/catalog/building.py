"""From the files' tables to values: citations, types, offers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from msgspec.structs import asdict

from compliance.catalog.shapes import ConditionTable, LadderTable, OfferTable, SourceTable, TypeTable
from compliance.catalog.strict import CitedTable
from compliance.catalog.values import CatalogError
from compliance.domain.credential_types import CredentialType, Detail, IssuingAuthority, Ladder
from compliance.domain.requirements import Citation, DetailCondition, Policy, Provision, Requirement


class Sources:
    """The citations of one file, by the keys that its tables name them by."""

    def __init__(self, name: str, tables: Mapping[str, SourceTable]) -> None:
        self.name = name
        self.by_key = {key: _citation(table) for key, table in tables.items()}

    def __getitem__(self, key: str) -> Citation:
        if key not in self.by_key:
            raise CatalogError(f"{self.name}: source “{key}” is not written; there are {', '.join(self.by_key)}.")
        return self.by_key[key]

    def cited(self, table: CitedTable) -> dict[str, Any]:
        """The table's figures with the citation itself in place of its source's key."""
        figures = asdict(table)
        return {**{key: value for key, value in figures.items() if key != "source"}, "citation": self[table.source]}


def known(name: str, what: str, given: str, allowed: Mapping[str, object]) -> str:
    """The code itself, if it is one of the allowed; else CatalogError with both."""
    if given not in allowed:
        raise CatalogError(f"{name}: {what} “{given}” is not known; there are {', '.join(sorted(allowed))}.")
    return given


def credential_type(table: TypeTable, sources: Sources, default: LadderTable) -> CredentialType:
    """A type; one that expires climbs the default ladder unless it names its own."""
    ladder = table.ladder or (default if table.expires else LadderTable())
    return CredentialType(
        code=table.code,
        title=table.title,
        short=table.short,
        holder=table.holder,
        aliases=table.aliases,
        expires=table.expires,
        longest_months=table.longest_months,
        usual_months=table.usual_months,
        jurisdiction_bound=table.jurisdiction_bound,
        authorities=tuple(IssuingAuthority(a.code, a.name, a.aliases, a.url) for a in table.authority),
        authority_asked=table.authority_asked,
        details=tuple(Detail(d.name, d.title, d.kind, d.unit, d.choices) for d in table.detail),
        ladder=Ladder(ladder.therapist, ladder.manager, ladder.owner),
        notes=table.notes,
        citation=sources[table.source] if table.source else None,
    )


def offer(table: OfferTable, sources: Sources, jurisdiction: str | None, types: Mapping[str, CredentialType]) -> Policy:
    """A policy that an organization may adopt; it starts on the day that the organization gives it."""
    provision = Provision(
        accepts=frozenset(known(sources.name, "credential type", each, types) for each in table.accepts),
        jurisdiction=jurisdiction,
        verify=table.verify,
        details=conditions(table.details),
        citation=sources[table.source],
    )
    return Policy(
        requirement=Requirement(table.requirement, table.title, (provision,), jurisdiction, table.holder),
        modalities=frozenset(table.modalities),
        jurisdictions=frozenset((jurisdiction,) if jurisdiction else ()),
        widens=table.widens,
    )


def conditions(tables: tuple[ConditionTable, ...]) -> tuple[DetailCondition, ...]:
    """What a provision asks of a credential's details."""
    return tuple(DetailCondition(each.name, each.at_least, each.equals) for each in tables)


def _citation(table: SourceTable) -> Citation:
    return Citation(table.text, table.url, table.as_of, table.confidence)
