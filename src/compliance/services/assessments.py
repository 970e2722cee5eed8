"""Verdicts from the database: read live for one person, and the stored copy of coverage and clearance for all.

The copy is rewritten for a therapist in the transaction of any change of that file; `refresh_stale` rewrites those
that were made from an older catalog, policies or program, in small transactions.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any, cast
from uuid import UUID

from sqlalchemy import Table, delete, select, union_all, update
from sqlalchemy.ext.asyncio import AsyncSession

from compliance.catalog import Catalog, load
from compliance.crypto.hashes import canonical_json, sha256_hex
from compliance.db.bulk import put
from compliance.db.queries.files import clinic_files, credential_files
from compliance.db.queries.former import former_facts, then
from compliance.db.queries.policies import encode, policies
from compliance.db.reach import reach
from compliance.db.records import ClearancePeriodRow, ClinicRow, CoveragePeriodRow, TherapistRow
from compliance.db.texts import among
from compliance.domain.assessment import Clearance, Covers, Finding, assess, clearance, clearance_periods
from compliance.domain.coverage import coverage
from compliance.domain.covers import Status
from compliance.domain.credentials import CredentialFile
from compliance.domain.of_clinics import asked_of_clinic, asked_there, spoken_of
from compliance.domain.periods import ALWAYS, BEGINNING, Period, union
from compliance.domain.requirements import Holder, Policy, Requirement, with_policies
from compliance.services import fresh
from compliance.services.law_answers import still_open

RULES_VERSION = "4"  # raised when the rules themselves change, so that stored copies are made anew
CHUNK = 400
AT_ONCE = 1_000  # more people than this are marked stale instead, so that no transaction lasts much over a second


@dataclass(frozen=True)
class Frame:
    """What verdicts in one organization depend on besides the files: catalog, policies, clinics and what these hold."""

    catalog: Catalog
    policies: tuple[Policy, ...]
    clinics: dict[UUID, str]  # id -> jurisdiction
    clinic_files: dict[UUID, CredentialFile]
    _asked: dict[tuple[str, str], tuple[Requirement, ...]] = field(default_factory=dict)
    _there: dict[tuple[str, str], tuple[Requirement, ...]] = field(default_factory=dict)
    _of_clinics: dict[str, tuple[Requirement, ...]] = field(default_factory=dict)
    _own_covers: dict[tuple[int, UUID], Covers] = field(default_factory=dict)

    def asked(self, modality: str, jurisdiction: str) -> tuple[Requirement, ...]:
        """What the law of a place and the organization ask for a modality; the same objects every time."""
        key = (modality, jurisdiction)
        if key not in self._asked:
            chain = self.catalog.chain(jurisdiction)
            mine = [each for each in self.policies if each.concerns(modality, chain)]
            self._asked[key] = with_policies(self.catalog.asked(modality, jurisdiction), mine)
        return self._asked[key]

    def asked_at(self, modality: str, clinic_id: UUID) -> tuple[Requirement, ...]:
        """The same at a clinic, joined by what the law asks of the clinic itself; the same objects every time."""
        return self.asked_in(modality, self.clinics[clinic_id])

    def asked_in(self, modality: str, jurisdiction: str) -> tuple[Requirement, ...]:
        """The same at any clinic of a place."""
        key = (modality, jurisdiction)
        if key not in self._there:
            law, mine = self.catalog.asked_of_clinic(jurisdiction), self._here(jurisdiction)
            self._there[key] = asked_there(self.asked(modality, jurisdiction), law, mine)
        return self._there[key]

    def clinic_file(self, clinic_id: UUID) -> CredentialFile:
        """What a clinic holds itself; an empty file where it is nothing."""
        return self.clinic_files.get(clinic_id) or CredentialFile(clinic_id, "")

    def own_covers(self, requirement: Requirement, clinic_id: UUID) -> Covers:
        """The coverage of what a clinic itself is asked, worked out once for all who work there."""
        key = (id(requirement), clinic_id)
        if key not in self._own_covers:
            self._own_covers[key] = coverage(self.clinic_file(clinic_id), requirement, clinic_id)
        return self._own_covers[key]

    def asked_of_clinic(self, clinic_id: UUID) -> tuple[Requirement, ...]:
        """What law and organization ask of a clinic itself, whether it keeps anything or not."""
        return self.asked_of_clinics(self.clinics[clinic_id])

    def asked_of_clinics(self, jurisdiction: str) -> tuple[Requirement, ...]:
        """The same of any clinic at a place; the same objects every time."""
        if jurisdiction not in self._of_clinics:
            law = self.catalog.asked_of_clinic(jurisdiction)
            self._of_clinics[jurisdiction] = asked_of_clinic(law, self._here(jurisdiction))
        return self._of_clinics[jurisdiction]

    def joined_by(self, clinic_id: UUID) -> tuple[Requirement, ...]:
        """What is asked of a clinic itself and joins the verdict of everybody who works there."""
        return spoken_of(self.asked_of_clinic(clinic_id))

    def _here(self, jurisdiction: str) -> list[Policy]:
        """The organization's policies on a place, whatever modality they speak of."""
        chain = set(self.catalog.chain(jurisdiction))
        return [each for each in self.policies if not each.jurisdictions or each.jurisdictions & chain]

    @cached_property
    def fingerprint(self) -> str:
        """Names the catalog, the policies and the rules that a stored copy was made from.

        Clinics are not in it: what a clinic holds rewrites its people when it changes (services/consequences.py).
        """
        parts = [RULES_VERSION, self.catalog.fingerprint, [encode(each) for each in self.policies]]
        return sha256_hex(canonical_json(parts))


async def frame(session: AsyncSession, organization_id: UUID, *, known_seq: int | None = None) -> Frame:
    """Reads what an organization's verdicts depend on."""
    places = select(ClinicRow.id, ClinicRow.jurisdiction).where(ClinicRow.organization_id == organization_id)
    clinics = {row.id: row.jurisdiction for row in await session.execute(places)}
    if known_seq is not None:
        former = await former_facts(session, organization_id, "clinic", after_seq=known_seq)
        clinics |= {id_: was["jurisdiction"] for id_, was in then(former, known_seq).items() if "jurisdiction" in was}
    kept = await policies(session, organization_id, known_seq=known_seq)
    own = tuple(each for each in kept if still_open(load(), each))
    held = await clinic_files(session, organization_id, known_seq=known_seq)
    return Frame(load(), own, clinics, held)


async def clearance_of(
    session: AsyncSession,
    *,
    organization_id: UUID,
    therapist_id: UUID,
    clinic_id: UUID,
    modality: str,
    as_of: date,
    known_seq: int | None = None,
    hypothetical: bool = False,
) -> Clearance | None:
    """One verdict, read live; None for a therapist or clinic that this organization does not have."""
    around = await frame(session, organization_id, known_seq=known_seq)
    files = await credential_files(session, organization_id, [therapist_id], known_seq=known_seq)
    if therapist_id not in files or clinic_id not in around.clinics:
        return None
    return verdict(around, files[therapist_id], clinic_id, modality, as_of, hypothetical=hypothetical)


def verdict(
    around: Frame, file: CredentialFile, clinic_id: UUID, modality: str, as_of: date, *, hypothetical: bool = False
) -> Clearance:
    """The verdict for one file at one clinic. `hypothetical` does not ask whether the therapist works there."""
    works = (ALWAYS,) if hypothetical else worked(file, clinic_id, modality)
    asked, own = around.asked_at(modality, clinic_id), around.clinic_file(clinic_id)
    return clearance(file, asked, as_of, clinic_id=clinic_id, clinic_file=own, within=works)


def clinic_findings(around: Frame, clinic_id: UUID, as_of: date) -> tuple[Finding, ...]:
    """What is asked of a clinic itself on a day, against what it holds."""
    return assess(around.clinic_file(clinic_id), around.asked_of_clinic(clinic_id), as_of)


def joined_findings(around: Frame, clinic_id: UUID, as_of: date) -> tuple[Finding, ...]:
    """Those of them that join the verdict of everybody who works there."""
    return assess(around.clinic_file(clinic_id), around.joined_by(clinic_id), as_of)


def worked(file: CredentialFile, clinic_id: UUID, modality: str) -> tuple[Period, ...]:
    """The days on which a therapist is assigned to a clinic with a modality."""
    mine = (each for each in file.assignments if each.clinic_id == clinic_id and modality in each.modalities)
    return union(each.period for each in mine)


def places_of(file: CredentialFile) -> list[tuple[UUID, str]]:
    """Each clinic and modality that a therapist is or was assigned to, in the order of the assignments."""
    return list(dict.fromkeys((each.clinic_id, modality) for each in file.assignments for modality in each.modalities))


async def refresh(session: AsyncSession, *, organization_id: UUID, therapist_ids: Collection[UUID]) -> None:
    """Rewrites the stored coverage and clearance of therapists from their files as they are in this transaction.

    More than AT_ONCE of them are only marked: `refresh-coverage` rewrites them, and pages work them out until then.
    """
    if not therapist_ids:
        return
    if len(therapist_ids) > AT_ONCE:
        await _mark_stale(session, organization_id, list(therapist_ids))
        return
    await session.flush()  # what the caller has added must be there to be read
    around = fresh.known(session, Frame) or await frame(session, organization_id)
    ids = list(dict.fromkeys(therapist_ids))
    for start in range(0, len(ids), CHUNK):
        await _rewrite(session, organization_id, around, ids[start : start + CHUNK])


async def _mark_stale(session: AsyncSession, organization_id: UUID, ids: Sequence[UUID]) -> None:
    for start in range(0, len(ids), CHUNK):
        mine = (TherapistRow.organization_id == organization_id, TherapistRow.id.in_(ids[start : start + CHUNK]))
        await session.execute(
            update(TherapistRow).where(*mine).values(coverage_fingerprint=""),
            execution_options={"synchronize_session": False},
        )


async def _rewrite(session: AsyncSession, organization_id: UUID, around: Frame, ids: Sequence[UUID]) -> None:
    files = fresh.files(session, ids)
    unknown = [each for each in ids if each not in files]
    if unknown:
        files |= await credential_files(session, organization_id, unknown)
    covered: list[dict[str, Any]] = []
    cleared: list[dict[str, Any]] = []
    for file in files.values():
        copy = _Copy(around, file)
        cleared.extend(copy.clearance_rows())
        covered.extend(copy.coverage_rows())
    connection = await session.connection()  # in sets and past the session: nothing of this is ever loaded as an object
    mine = (TherapistRow.organization_id == organization_id, among(TherapistRow.id, ids))
    now_true = {"coverage_fingerprint": around.fingerprint, "next_look_on": BEGINNING}  # the planner looks at once
    await connection.execute(update(TherapistRow).where(*mine).values(now_true))
    for table in (CoveragePeriodRow, ClearancePeriodRow):
        gone = delete(table).where(table.organization_id == organization_id, among(table.therapist_id, ids))
        await connection.execute(gone)
    await put(session, cast("Table", CoveragePeriodRow.__table__), covered, organization_id=organization_id)
    await put(session, cast("Table", ClearancePeriodRow.__table__), cleared, organization_id=organization_id)


class _Copy:
    """The rows of one therapist's copy; each requirement's coverage is worked out once."""

    def __init__(self, around: Frame, file: CredentialFile) -> None:
        self.key = {"therapist_id": file.therapist_id}
        self.around, self.file = around, file
        self.at_a_clinic = any(each.clinic_id for each in file.waivers)
        self.known: dict[tuple[int, UUID | None], Covers] = {}
        self.requirements: dict[tuple[str, str], Requirement] = {}

    def _covers(self, requirement: Requirement, clinic_id: UUID) -> Covers:
        if requirement.holder is Holder.CLINIC:
            return self.around.own_covers(requirement, clinic_id)
        place = clinic_id if self.at_a_clinic else None
        key = (id(requirement), place)
        if key not in self.known:
            self.known[key] = coverage(self.file, requirement, place)
        self.requirements[(requirement.code, requirement.jurisdiction or "")] = requirement
        return self.known[key]

    def clearance_rows(self) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = []
        for clinic_id, modality in places_of(self.file):
            asked = self.around.asked_at(modality, clinic_id)
            covers = {each.code: self._covers(each, clinic_id) for each in asked}
            for within in worked(self.file, clinic_id, modality):
                for each in clearance_periods(covers, within):
                    span = {"starts_on": each.starts_on, "ends_on": each.ends_on, "reach": reach(*each[:2])}
                    said = {"cleared": each.cleared, "status": each.status, "requirement": each.requirement}
                    rows.append({**self.key, "clinic_id": clinic_id, "modality": modality, **span, **said})
        return rows

    def coverage_rows(self) -> list[dict[str, Any]]:
        """Rows for the requirements that `clearance_rows` met on its way."""
        rows: list[dict[str, Any]] = []
        for (code, jurisdiction), requirement in self.requirements.items():
            covers = self.known.get((id(requirement), None)) or coverage(self.file, requirement)
            here = self.key | {"requirement": code, "jurisdiction": jurisdiction}
            rows.extend(
                here
                | {
                    "starts_on": each.starts_on,
                    "ends_on": each.ends_on,
                    "status": each.status.value,
                    "credential_id": each.credential.id if each.credential else None,
                }
                for each in covers
                if each.status is not Status.MISSING
            )
        return rows


async def stale(session: AsyncSession, *, organization_id: UUID, limit: int) -> list[UUID]:
    """Therapists whose stored copy was made from something older than what holds now."""
    current = (await frame(session, organization_id)).fingerprint
    row = TherapistRow
    mine = (row.organization_id == organization_id, row.merged_into_id.is_(None))
    # What sorts before and behind it: two ranges of the index; a comparison with <> would read everybody each time.
    sides = (row.coverage_fingerprint < current, row.coverage_fingerprint > current)
    parts = [select(row.id).where(*mine, each).limit(limit).subquery() for each in sides]
    query = union_all(*(select(each.c.id) for each in parts)).limit(limit)
    return list(await session.scalars(query))


async def refresh_stale(session: AsyncSession, *, organization_id: UUID, limit: int = CHUNK) -> int:
    """Rewrites at most `limit` stale copies; how many were rewritten. Call again until it says 0."""
    ids = await stale(session, organization_id=organization_id, limit=limit)
    await refresh(session, organization_id=organization_id, therapist_ids=ids)
    return len(ids)
