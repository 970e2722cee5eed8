"""What a report says of the clinic or clinics themselves."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from uuid import UUID

from compliance.domain.audit_report import ClinicRecord, FindingLine
from compliance.services import assessments
from compliance.services.audit_reports.frame import Around, Clinic
from compliance.services.audit_reports.lines import credential_records, finding_line, place_name


def clinic_record(around: Around) -> ClinicRecord:
    """The clinic with its own licenses; for the organization, all places and all licenses."""
    catalog, as_of = around.frame.catalog, around.asked.as_of
    here, only = around.here, around.only
    codes = sorted({each.jurisdiction for each in here})
    files = [around.frame.clinic_files[each.id] for each in here if each.id in around.frame.clinic_files]
    held = [each for file in files for each in file.credentials]
    return ClinicRecord(
        name=around.named,
        jurisdiction=", ".join(codes),
        time_zone=around.zone,
        address=only.address if only else "",
        jurisdiction_title=", ".join(place_name(catalog, each) for each in codes),
        establishment_licenses=credential_records(catalog, held, as_of),
        asked=tuple(each for clinic in here for each in _asked_of(around, clinic, named=only is None)),
        names=() if only else tuple(each.name for each in here),
    )


def _asked_of(around: Around, clinic: Clinic, *, named: bool) -> Iterator[FindingLine]:
    """What is asked of a clinic itself; its name stands before it where the report is of several."""
    own = around.frame.clinic_files.get(clinic.id)
    mine = frozenset(each.id for each in own.credentials) if own else frozenset[UUID]()
    for each in assessments.clinic_findings(around.frame, clinic.id, around.asked.as_of):
        line = finding_line(each, mine, None)
        yield replace(line, title=f"{clinic.name}: {line.title}") if named else line
