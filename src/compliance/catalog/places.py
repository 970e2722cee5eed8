"""A jurisdiction's file as values: the place itself, and what is asked there in dated wordings."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from itertools import pairwise

from msgspec.structs import asdict

from compliance.catalog.building import Sources, conditions, known
from compliance.catalog.shapes import AskedTable, DutyTable, JurisdictionFile, RequirementTable
from compliance.catalog.values import AfterExpiry, Board, CatalogError, Conflict, Duty, Exams, Jurisdiction
from compliance.domain.credential_types import CredentialType
from compliance.domain.credentials import StandingCode
from compliance.domain.periods import BEGINNING, FOREVER, day_before
from compliance.domain.requirements import Asked, Citation, Confidence, Provision, Requirement


def jurisdiction(file: JurisdictionFile, sources: Sources) -> Jurisdiction:
    """The place: who regulates, where to look up, what is not known."""
    return Jurisdiction(
        code=file.code,
        name=file.name,
        regulation=file.regulation,
        time_zones=file.time_zones,
        aliases=file.aliases,
        parent=file.parent,
        title=file.title,
        board=Board(**asdict(file.board)) if file.board else None,
        exams=Exams(**sources.cited(file.exams)) if file.exams else None,
        after_expiry=AfterExpiry(**sources.cited(file.after_expiry)) if file.after_expiry else None,
        duties=tuple(_duty(sources, each) for each in file.duty),
        conflicts=tuple(Conflict(**sources.cited(each)) for each in file.conflict),
        notes=file.notes,
        open_questions=file.open_questions,
        sources=tuple(sources.by_key.values()),
    )


def _duty(sources: Sources, table: DutyTable) -> Duty:
    figures = sources.cited(table)
    return Duty(**figures | {"applies_on": table.applies_on or BEGINNING})


def requirements(
    file: JurisdictionFile,
    sources: Sources,
    meanings: Mapping[str, RequirementTable],
    types: Mapping[str, CredentialType],
) -> dict[str, Requirement]:
    """What this place itself asks, by code, each with its dated wordings."""
    found: dict[str, list[AskedTable]] = {}
    for table in file.asked:
        for each in table.accepts or ():
            known(sources.name, "credential type", each, types)
        found.setdefault(known(sources.name, "requirement", table.requirement, meanings), []).append(table)
    return {code: _requirement(file, sources, meanings[code], tables) for code, tables in found.items()}


def unanswered(place: Jurisdiction, meaning: RequirementTable) -> Requirement:
    """A requirement of which the place's file does not say whether it is asked."""
    provision = Provision(
        asked=Asked.UNKNOWN,
        accepts=frozenset(meaning.accepts),
        jurisdiction=place.code,
        verify=meaning.verify,
        citation=Citation(f"The catalog does not say for {place.name}", confidence=Confidence.UNSURE),
        question=meaning.question or f"Is {meaning.title.lower()} asked in {place.name}?",
    )
    return Requirement(meaning.code, _title(place.name, meaning), (provision,), place.code, meaning.holder)


def _requirement(
    file: JurisdictionFile, sources: Sources, meaning: RequirementTable, tables: list[AskedTable]
) -> Requirement:
    ordered = sorted(tables, key=lambda each: each.applies_on or BEGINNING)
    starts = [each.applies_on or BEGINNING for each in ordered]
    ends = [*(day_before(each) for each in starts[1:]), FOREVER]
    provisions = [
        _provision(file, sources, meaning, table, table.ends_on or end)
        for table, end in zip(ordered, ends, strict=True)
    ]
    _refuse_overlaps(sources.name, meaning.code, provisions)
    return Requirement(meaning.code, _title(file.name, meaning), tuple(provisions), file.code, meaning.holder)


def _provision(
    file: JurisdictionFile, sources: Sources, meaning: RequirementTable, table: AskedTable, ends_on: date
) -> Provision:
    return Provision(
        applies_on=table.applies_on or BEGINNING,
        ends_on=ends_on,
        asked=table.asked,
        accepts=frozenset(meaning.accepts if table.accepts is None else table.accepts),
        jurisdiction=file.code,
        verify=table.verify or meaning.verify,
        every_days=table.every_days,
        when_stale=table.when_stale,
        practice_while=_practice_while(file),
        details=conditions(table.details),
        citation=sources[table.source],
        question=table.question,
    )


def _practice_while(file: JurisdictionFile) -> frozenset[StandingCode]:
    """The standings after expiry under which the place is known to let practice go on."""
    after = file.after_expiry
    if after is None:
        return frozenset()
    said = {
        StandingCode.PENDING_RENEWAL: after.practice_while_pending,
        StandingCode.GRACE: after.practice_in_grace,
    }
    return frozenset(standing for standing, asked in said.items() if asked is Asked.YES)


def _refuse_overlaps(name: str, code: str, provisions: Iterable[Provision]) -> None:
    for earlier, later in pairwise(provisions):
        if earlier.ends_on >= later.applies_on:
            raise CatalogError(
                f"{name}: two wordings of {code} hold on {later.applies_on}; end the earlier one before."
            )


def _title(place: str, meaning: RequirementTable) -> str:
    return f"{place} {meaning.title[0].lower()}{meaning.title[1:]}"
