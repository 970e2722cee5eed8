"""From the files' tables to values: citations, types, renewal rules, offers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields

from compliance.catalog.reading import shaped
from compliance.catalog.shapes import (
    ConditionTable,
    EducationTable,
    LadderTable,
    OfferTable,
    RenewalTable,
    SourceTable,
    TypeTable,
)
from compliance.catalog.values import CatalogError
from compliance.domain.credential_types import CredentialType, Detail, IssuingAuthority, Ladder
from compliance.domain.hours import ContinuingEducation
from compliance.domain.periods import BEGINNING, FOREVER
from compliance.domain.renewal import MODELS, RenewalModel, RenewalRule
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


def renewal_rule(
    table: RenewalTable, sources: Sources, jurisdiction: str | None, types: Mapping[str, CredentialType]
) -> RenewalRule:
    """A rule of renewal with its model, its continuing education and its days."""
    education = table.continuing_education
    return RenewalRule(
        type=known(sources.name, "credential type", table.type, types),
        model=_model(sources.name, table.model),
        citation=sources[table.source],
        jurisdiction=jurisdiction,
        window_days_before=table.window_days_before,
        window_citation=sources[table.window_source] if table.window_source else None,
        continuing_education=_education(education, sources) if education else None,
        notes=table.notes,
        applies_on=table.applies_on or BEGINNING,
        ends_on=table.ends_on or FOREVER,
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


def _education(table: EducationTable, sources: Sources) -> ContinuingEducation:
    figures = {each: getattr(table, each) for each in table.__struct_fields__ if each != "source"}
    return ContinuingEducation(citation=sources[table.source], **figures)


def _model(name: str, table: Mapping[str, str | int]) -> RenewalModel:
    shape = MODELS[known(name, "renewal shape", str(table.get("shape", "")), MODELS)]
    figures = {figure: value for figure, value in table.items() if figure != "shape"}
    allowed = {each.name: None for each in fields(shape)}
    for figure in figures:
        known(name, f"figure of {shape.name}", figure, allowed)
    return shaped(f"{name}, {shape.name}", figures, shape)
