"""A file's tables of renewal as rules: the model, the days to apply, what continuing education is asked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import fields, replace
from itertools import pairwise
from typing import Any

from msgspec.structs import asdict

from compliance.catalog.building import Sources, known
from compliance.catalog.education_shapes import EducationTable, MaximumTable, MinimumTable
from compliance.catalog.reading import shaped
from compliance.catalog.shapes import DayBeforeTable, RenewalTable
from compliance.catalog.values import CatalogError
from compliance.domain.credential_types import CredentialType
from compliance.domain.deadlines import DayBefore
from compliance.domain.hours import ContinuingEducation, First, Maximum, Minimum, Tier, Which, YearDay, which
from compliance.domain.periods import BEGINNING, FOREVER, day_before
from compliance.domain.renewal import MODELS, RenewalModel, RenewalRule


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
        opens=_day_before(sources.name, table.opens),
        window_citation=sources[table.window_source] if table.window_source else None,
        apply_by=_day_before(sources.name, table.apply_by),
        continuing_education=_education(education, sources) if education else None,
        notes=table.notes,
        applies_on=table.applies_on or BEGINNING,
        ends_on=table.ends_on or FOREVER,
    )


def in_order(name: str, wordings: Iterable[RenewalRule]) -> tuple[RenewalRule, ...]:
    """One type's rules at a place by their first day; a later wording ends the one before it."""
    ordered = sorted(wordings, key=lambda each: each.applies_on)
    for earlier, later in pairwise(ordered):
        if earlier.applies_on == later.applies_on or FOREVER > earlier.ends_on >= later.applies_on:
            raise CatalogError(f"{name}: two rules of renewal for {later.type} hold on {later.applies_on}.")
    ends = [*(day_before(each.applies_on) for each in ordered[1:]), FOREVER]
    return tuple(replace(each, ends_on=min(each.ends_on, end)) for each, end in zip(ordered, ends, strict=True))


def _model(name: str, table: Mapping[str, Any]) -> RenewalModel:
    shape = MODELS[known(name, "renewal shape", str(table.get("shape", "")), MODELS)]
    figures = {figure: value for figure, value in table.items() if figure != "shape"}
    allowed = {each.name: None for each in fields(shape)}
    for figure in figures:
        known(name, f"figure of {shape.name}", figure, allowed)
    return shaped(f"{name}, {shape.name}", figures, shape)


def _day_before(name: str, table: DayBeforeTable | None) -> DayBefore | None:
    if table is None:
        return None
    try:
        return DayBefore(**asdict(table))
    except ValueError as error:
        raise CatalogError(f"{name}: of a day before the end, {error}.") from error


def _education(table: EducationTable, sources: Sources) -> ContinuingEducation:
    parts: dict[str, Any] = {
        "minimum": tuple(Minimum(**asdict(each) | {"which": _which(each)}) for each in table.minimum),
        "maximum": tuple(Maximum(**asdict(each) | {"which": _which(each)}) for each in table.maximum),
        "first": tuple(First(**asdict(each)) for each in table.first),
        "tier": tuple(Tier(**asdict(each)) for each in table.tier),
        "opens": YearDay(**asdict(table.opens)) if table.opens else None,
        "closes": YearDay(**asdict(table.closes)) if table.closes else None,
    }
    return ContinuingEducation(**sources.cited(table) | parts)


def _which(table: MinimumTable | MaximumTable) -> Which:
    """What a minimum or a limit speaks of; without a table of its own, what its words say."""
    return Which(**asdict(table.which)) if table.which else which(table.what)
