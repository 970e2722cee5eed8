"""Rows of the credential file as the values that the rules read."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, Final

from compliance.db.queries.former import Formerly, day_of, facts_at, named_at
from compliance.domain.credentials import (
    Assignment,
    Credential,
    Evidence,
    Leave,
    Result,
    Standing,
    StandingCode,
    Term,
    Verification,
    Waiver,
)

FACTS: Final = ("type", "jurisdiction", "issuing_authority", "number", "first_issued_on", "details")
"""Of a credential, what may have been corrected in place."""


def known(row: Any, formerly: Formerly, known_seq: int | None) -> Any:
    """A row of a credential, or something like it with the facts as they were known at a place in the trail."""
    was = facts_at(formerly, known_seq)
    if not was:
        return row
    if was.get("first_issued_on"):
        was["first_issued_on"] = day_of(was["first_issued_on"])
    return SimpleNamespace(**{key: row._mapping[key] for key in ("id", "therapist_id", "clinic_id", *FACTS)} | was)


def credential(
    row: Any, terms: list[Term], standings: list[Standing], looks: list[Verification], proofs: list[Evidence]
) -> Credential:
    """A credential with everything that hangs on it."""
    return Credential(
        id=row.id,
        type=row.type,
        jurisdiction=row.jurisdiction,
        issuing_authority=row.issuing_authority,
        number=row.number,
        first_issued_on=row.first_issued_on,
        details=row.details or {},
        terms=tuple(terms),
        standings=tuple(standings),
        verifications=tuple(looks),
        evidence=tuple(proofs),
    )


def term(row: Any) -> Term:
    """A term."""
    return Term(row.id, row.starts_on, row.ends_on, row.inferred)


def standing(row: Any) -> Standing:
    """What the board says."""
    return Standing(StandingCode(row.standing), row.starts_on, row.ends_on, row.note)


def verification(row: Any, held: Any, formerly: Formerly) -> Verification:
    """A look, with what it named where that was changed since."""
    return Verification(
        id=row.id,
        result=Result(row.result),
        verified_on=row.verified_on,
        verified_by=row.verified_by,
        source=row.source,
        term_id=row.term_id,
        standing=StandingCode(row.standing) if row.standing else None,
        note=row.note,
        named=named_at(formerly, row.recorded_seq, held) if formerly else None,
        method=row.method or "",
    )


def proof(row: Any) -> Evidence:
    """A kept proof."""
    return Evidence(row.id, row.name, row.sha256, row.media_type)


def waiver(row: Any) -> Waiver:
    """An exception."""
    return Waiver(row.id, row.requirement, row.starts_on, row.ends_on, row.reason, row.granted_by, row.clinic_id)


def own_waiver(row: Any) -> Waiver:
    """A clinic's own exception."""
    return Waiver(row.id, row.requirement, row.starts_on, row.ends_on, row.reason, row.granted_by)


def assignment(row: Any) -> Assignment:
    """Work at a clinic."""
    return Assignment(row.id, row.clinic_id, row.modalities, row.starts_on, row.ends_on)


def leave(row: Any) -> Leave:
    """A leave."""
    return Leave(row.clinic_id, row.starts_on, row.ends_on)
