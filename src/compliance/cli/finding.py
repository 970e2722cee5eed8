"""What a REF means: exactly one thing, or a refusal that lists the candidates."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING
from uuid import UUID

from compliance.cli.saying import Said

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

    from compliance.db.queries.references import Candidate


async def organization_of(session: AsyncSession, ref: str | None) -> Candidate:
    """The organization; without a REF the only one there is."""
    from compliance.db.queries import references

    found = await references.organizations(session, ref)
    if ref is None and len(found) != 1:
        if not found:
            raise Said("There is no organization yet. `compliance organization add NAME` adds one.")
        raise Said(f"Several organizations are here; say which with --organization: {_names(found)}.")
    return _one("organization", ref or "", found, await references.organizations(session, None))


async def clinic_of(session: AsyncSession, ref: str, organization_id: UUID | None = None) -> Candidate:
    """The clinic."""
    from compliance.db.queries import references

    found = await references.clinics(session, ref, organization_id)
    return _one("clinic", ref, found, [] if found else await references.clinics(session, None, organization_id))


async def therapist_of(session: AsyncSession, ref: str, organization_id: UUID | None = None) -> Candidate:
    """The therapist."""
    from compliance.db.queries import references

    return _one("therapist", ref, await references.therapists(session, ref, organization_id))


async def credential_of(session: AsyncSession, ref: str, organization_id: UUID | None = None) -> Candidate:
    """The credential, by id or number."""
    from compliance.db.queries import references

    return _one("credential", ref, await references.credentials(session, ref, organization_id))


def jurisdiction_of(text: str) -> str:
    """The code of a jurisdiction by code or name."""
    from compliance.catalog import load

    code = load().jurisdiction_of(text)
    if code is None:
        known = ", ".join(f"{each.code} ({each.name})" for each in load().jurisdictions.values())
        raise Said(f"The jurisdiction {text!r} is not known. Known are: {known}.")
    return code


def modality_of(text: str) -> str:
    """The code of a modality."""
    from compliance.catalog import load

    code = load().modality_of(text)
    if code is None:
        raise Said(f"The modality {text!r} is not known. Known are: {', '.join(load().modalities)}.")
    return code


def _one(noun: str, ref: str, found: Sequence[Candidate], others: Sequence[Candidate] = ()) -> Candidate:
    if len(found) == 1:
        return found[0]
    if not found:
        there = f" There are: {_names(others)}." if others else ""
        raise Said(f"No {noun} has the id{_ways(noun)} {ref!r}.{there}")
    lines = [f"  {each.id}  {each.name}{f' ({each.about})' if each.about else ''}" for each in found]
    raise Said("\n".join([f"{ref!r} may be any of these; give the id of one:", *lines]))


def _ways(noun: str) -> str:
    return {"therapist": ", address or name", "credential": " or number"}.get(noun, " or name")


def _names(found: Sequence[Candidate]) -> str:
    return ", ".join(each.name for each in found[:10]) + (", ..." if len(found) > 10 else "")
