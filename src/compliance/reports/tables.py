"""A report as tables: what the spreadsheet holds, a sheet for each. Scripts name its columns: add some, rename none."""

from __future__ import annotations

from collections.abc import Iterator

from compliance.domain.audit_report import (
    NOT_LEGAL_ADVICE,
    AuditReport,
    CredentialRecord,
    ModalityVerdict,
    TherapistRecord,
)
from compliance.domain.report_exceptions import KINDS, exceptions
from compliance.domain.requirement_lines import coverage, credentials_of, expiries, line
from compliance.reports import table_events as events
from compliance.reports.cells import (
    CREDENTIAL,
    FINDING,
    LINE,
    Row,
    Table,
    credential_cells,
    finding_cells,
    last_day,
    line_cells,
    open_end,
    yes,
)
from compliance.reports.wording import answer, ends, in_part, sampled, span, stamp


def tables(report: AuditReport) -> Iterator[Table]:
    """Every table of the report, in reading order; those that were not asked for are absent."""
    yield Table("About", ("key", "value"), _about(report))
    yield _coverage(report)
    yield _expiries(report)
    yield _exceptions(report)
    yield _of_the_clinic(report)
    yield _verdicts(report)
    yield _findings(report)
    yield from _files(report)
    yield from events.tables(report)


def _about(report: AuditReport) -> Iterator[Row]:
    """The question, its short answer, and what the report was made from."""
    question, clinic, made_from = report.question, report.clinic, report.provenance
    yield "answer", answer(report)
    yield "in_part", in_part(report)
    yield "organization", report.organization
    yield "clinic", clinic.name
    yield "clinics", "; ".join(clinic.names)
    yield "address", clinic.address
    yield "jurisdiction", clinic.jurisdiction
    yield "time_zone", clinic.time_zone
    yield "as_of", question.as_of
    yield "forecast", yes(report.forecast)
    yield "known_at", stamp(question.known_at)
    yield "period", span(question.period)
    yield "limited_to_therapists", "; ".join(question.therapists)
    yield "limited_to_modalities", "; ".join(question.modalities)
    yield "sample", sampled(question.sample)
    yield from ((key, getattr(report.summary, key)) for key in ("therapists", "cleared", "partly", "not_cleared"))
    yield from ((f"findings_{status}", count) for status, count in report.summary.findings.items())
    yield "recorded_seq", made_from.recorded_seq
    yield "trail_head", made_from.trail_head
    yield "catalog_fingerprint", made_from.catalog_fingerprint
    yield "program_version", made_from.program_version
    yield "supersedes", made_from.supersedes
    yield "checkpoint", made_from.checkpoint
    yield "verify_at", made_from.verify_at
    yield "notice", NOT_LEGAL_ADVICE


def _coverage(report: AuditReport) -> Table:
    columns = ("requirement", "title", "met", "expiring", "excused", "against")
    return Table("Coverage", columns, _bars(report))


def _bars(report: AuditReport) -> Iterator[Row]:
    for each in coverage(report):
        yield each.requirement, each.title, *each.people.values()


def _expiries(report: AuditReport) -> Table:
    return Table("Expiries by month", ("month", "credentials"), ((month, count) for month, count in expiries(report)))


def _exceptions(report: AuditReport) -> Table:
    columns = ("kind", "what", "therapist", "about", "detail")
    rows = ((each.kind, KINDS[each.kind], each.therapist, each.about, each.detail) for each in exceptions(report))
    return Table("Exceptions", columns, rows)


def _of_the_clinic(report: AuditReport) -> Table:
    """What is asked of the clinic itself on the day, as the other shapes list it."""
    held = credentials_of(report)
    return Table("Asked of the clinic", FINDING, (finding_cells(held, each) for each in report.clinic.asked))


# -- therapists ----------------------------------------------------------------------------------------------------


def _verdicts(report: AuditReport) -> Table:
    """One row per therapist and modality; a therapist without a modality has one row too."""
    columns = (
        *("therapist", "email", "legal_name", "former_names", "license_numbers", "verdict"),
        *("modality", "modality_title", "cleared", "until", "cleared_from"),
    )
    rows = (
        (*_person(therapist), therapist.verdict, *_verdict(modality))
        for therapist in report.therapists
        for modality in (therapist.modalities or (None,))
    )
    return Table("Therapists", columns, rows)


def _person(therapist: TherapistRecord) -> Row:
    return (
        therapist.name,
        therapist.email,
        therapist.legal_name,
        "; ".join(therapist.former_names),
        "; ".join(therapist.license_numbers),
    )


def _verdict(modality: ModalityVerdict | None) -> Row:
    if modality is None:
        return (None, None, "no", None, None)
    last = last_day(modality.until, cleared=modality.cleared)
    return (modality.modality, modality.title, yes(modality.cleared), last, ends(modality.cleared_from))


LOOK = ("verified_on", "verified_by", "verification_source", "result")


def _findings(report: AuditReport) -> Table:
    """One row per therapist, modality and finding, with the credential that decides, its term and its last look."""
    columns = ("therapist", "email", "modality", "cleared", *FINDING, *LINE, *CREDENTIAL[1:2], *CREDENTIAL[3:])
    return Table("Findings", (*columns, "issued_on", "expires_on", *LOOK, "evidence"), _finding_rows(report))


def _finding_rows(report: AuditReport) -> Iterator[Row]:
    held, as_of = credentials_of(report), report.question.as_of
    for therapist in report.therapists:
        for modality in therapist.modalities:
            whose = (therapist.name, therapist.email, modality.modality, yes(modality.cleared))
            for finding in modality.findings:
                each = line(therapist, (modality,), finding, held, as_of)
                term, look = each.term, each.look
                days = (term.starts_on, open_end(term.ends_on)) if term else (None, None)
                seen = (look.on, look.by, look.source, look.result) if look else (None,) * 4
                facts = (*_facts(each.credential), *days, *seen, _proofs(each.credential))
                yield (*whose, *finding_cells(held, finding), *line_cells(each), *facts)


def _facts(credential: CredentialRecord | None) -> Row:
    if credential is None:
        return (None,) * 5
    _id, type_, _title, *rest = credential_cells(credential)
    return (type_, *rest)


def _proofs(credential: CredentialRecord | None) -> str | None:
    return "; ".join(f"{proof.name} {proof.sha256}" for proof in credential.evidence) if credential else None


# -- what is on file -----------------------------------------------------------------------------------------------


def holders(report: AuditReport) -> Iterator[tuple[str, tuple[CredentialRecord, ...]]]:
    """Everyone who holds credentials, the clinic first, with what they hold."""
    yield report.clinic.name, report.clinic.establishment_licenses
    for therapist in report.therapists:
        yield therapist.name, therapist.credentials


def held_by(report: AuditReport) -> Iterator[tuple[str, CredentialRecord]]:
    """Every credential with its holder's name."""
    for holder, credentials in holders(report):
        for credential in credentials:
            yield holder, credential


WHOSE = ("holder", "credential_id", "credential", "number")


def _files(report: AuditReport) -> Iterator[Table]:
    credentials = ((holder, *credential_cells(held)) for holder, held in held_by(report))
    yield Table("Credentials", ("holder", *CREDENTIAL), credentials)
    terms = (
        (*_whose(holder, held), term.starts_on, open_end(term.ends_on), yes(term.inferred))
        for holder, held in held_by(report)
        for term in held.terms
    )
    yield Table("Terms", (*WHOSE, "starts_on", "ends_on", "inferred"), terms)
    looks = (
        (*_whose(holder, held), look.on, look.by, look.source, look.result, look.method)
        for holder, held in held_by(report)
        for look in held.verifications
    )
    yield Table("Verifications", (*WHOSE, "on", "by", "source", "result", "method"), looks)
    proofs = (
        (*_whose(holder, held), proof.name, proof.sha256) for holder, held in held_by(report) for proof in held.evidence
    )
    yield Table("Evidence", (*WHOSE, "name", "sha256"), proofs)


def _whose(holder: str, held: CredentialRecord) -> tuple[str, str, str, str]:
    return holder, held.id, held.title, held.number
