"""What an audit report says of clinics themselves: what they hold, what is asked of them, what is waived."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from compliance.domain.audit_report import ClinicRecord, FindingLine, WaiverLine
from compliance.services import assessments
from compliance.services.audit_reports.frame import Around, Clinic
from compliance.services.audit_reports.lines import credential_records, finding_line, place_name


def clinic_record(around: Around) -> ClinicRecord:
    """The clinic with its own licenses; for the organization, all places and all licenses."""
    catalog, as_of = around.frame.catalog, around.asked.as_of
    here, only = around.here, around.only
    codes = sorted({each.jurisdiction for each in here})
    held = [each for clinic in here for each in around.frame.clinic_file(clinic.id).credentials]
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
    mine = frozenset(each.id for each in around.frame.clinic_file(clinic.id).credentials)
    for each in assessments.clinic_findings(around.frame, clinic.id, around.asked.as_of):
        line = finding_line(each, mine, None)
        yield replace(line, title=f"{clinic.name}: {line.title}") if named else line


def waivers_of_clinics(around: Around) -> Iterator[WaiverLine]:
    """What the clinics of the question are excepted from in its days, under the clinic's name."""
    days, frame = around.asked.days, around.frame
    for clinic in around.here:
        titles = {each.code: each.title for each in frame.asked_of_clinic(clinic.id)}
        for each in sorted(frame.clinic_file(clinic.id).waivers, key=lambda waiver: waiver.starts_on):
            if each.starts_on <= days.ends_on and each.ends_on >= days.starts_on:
                title = titles.get(each.requirement, each.requirement)
                yield WaiverLine(clinic.name, title, each.reason, each.granted_by, each.starts_on, each.ends_on)
