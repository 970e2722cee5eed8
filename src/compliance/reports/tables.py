"""A report as tables: what the spreadsheet and the CSV file hold, cell by cell."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from compliance.domain.audit_report import (
    NOT_LEGAL_ADVICE,
    AuditReport,
    CredentialRecord,
    FindingLine,
    ModalityVerdict,
    TherapistRecord,
)
from compliance.reports.wording import answer, credential_words, ends, in_part, span, stamp

Cell = str | int | date | datetime | None
Row = tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under their columns; every row is as long as `columns`. Days are dates, open ends are None."""

    title: str
    columns: tuple[str, ...]
    rows: list[Row]


def tables(report: AuditReport) -> list[Table]:
    """Every table of the report, in reading order; those that were not asked for are absent."""
    found = [about(report), verdicts(report), findings(report), credentials(report), terms(report)]
    found += [verifications(report), evidence(report)]
    if report.lapses is not None:
        found.append(lapses(report))
    found += [waivers(report), unknowns(report)]
    if report.sent is not None:
        found.append(sent(report))
    if report.changes is not None:
        found.append(changes(report))
    return found


def about(report: AuditReport) -> Table:
    """The question, its short answer, and what the report was made from."""
    question, clinic, made_from = report.question, report.clinic, report.provenance
    rows: list[Row] = [
        ("answer", answer(report)),
        ("in_part", in_part(report)),
        ("organization", report.organization),
        ("clinic", clinic.name),
        ("address", clinic.address),
        ("jurisdiction", clinic.jurisdiction),
        ("time_zone", clinic.time_zone),
        ("as_of", question.as_of),
        ("forecast", "yes" if report.forecast else "no"),
        ("known_at", stamp(question.known_at)),
        ("period", span(question.period)),
        *((key, getattr(report.summary, key)) for key in ("therapists", "cleared", "partly", "not_cleared")),
        *((f"findings_{status}", count) for status, count in report.summary.findings.items()),
        ("recorded_seq", made_from.recorded_seq),
        ("trail_head", made_from.trail_head),
        ("catalog_fingerprint", made_from.catalog_fingerprint),
        ("program_version", made_from.program_version),
        ("supersedes", made_from.supersedes),
        ("checkpoint", made_from.checkpoint),
        ("verify_at", made_from.verify_at),
        ("notice", NOT_LEGAL_ADVICE),
    ]
    return Table("About", ("key", "value"), rows)


def verdicts(report: AuditReport) -> Table:
    """One row per therapist and modality; a therapist without a modality has one row too."""
    columns = (
        *("therapist", "email", "legal_name", "former_names", "license_numbers", "verdict"),
        *("modality", "modality_title", "cleared", "until", "cleared_from"),
    )
    rows = [
        (*_person(therapist), therapist.verdict, *_verdict(modality))
        for therapist in report.therapists
        for modality in (therapist.modalities or (None,))
    ]
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
    yes = "yes" if modality.cleared else "no"
    return (modality.modality, modality.title, yes, last, ends(modality.cleared_from))


def last_day(value: date | None, *, cleared: bool) -> date | str | None:
    """The last day of a verdict; nothing where there is no verdict to last."""
    return ends(value) or ("does not end" if cleared else None)


def findings(report: AuditReport) -> Table:
    """One row per therapist, modality and finding."""
    columns = (
        *("therapist", "email", "modality", "cleared", "requirement", "title", "status", "reason"),
        *("citation", "credential_id", "credential", "until", "recheck_on"),
    )
    rows = [
        (
            therapist.name,
            therapist.email,
            modality.modality,
            "yes" if modality.cleared else "no",
            *finding_cells(therapist, finding),
        )
        for therapist in report.therapists
        for modality in therapist.modalities
        for finding in modality.findings
    ]
    return Table("Findings", columns, rows)


def finding_cells(therapist: TherapistRecord, finding: FindingLine) -> Row:
    """A finding, without whose and for what."""
    return (
        finding.requirement,
        finding.title,
        finding.status,
        finding.reason,
        finding.citation,
        finding.credential,
        credential_words(therapist, finding.credential),
        last_day(finding.until, cleared=finding.clears),
        ends(finding.recheck_on),
    )


def holders(report: AuditReport) -> Iterator[tuple[str, tuple[CredentialRecord, ...]]]:
    """Everyone who holds credentials, the clinic first, with what they hold."""
    yield report.clinic.name, report.clinic.establishment_licenses
    for therapist in report.therapists:
        yield therapist.name, therapist.credentials


def held_by(report: AuditReport) -> Iterator[tuple[str, CredentialRecord]]:
    """Every credential with its holder's name."""
    for holder, credentials_ in holders(report):
        for credential in credentials_:
            yield holder, credential


def credentials(report: AuditReport) -> Table:
    columns = ("holder", "id", "type", "title", "jurisdiction", "issuing_authority", "number", "standing")
    rows: list[Row] = [(holder, *credential_cells(held)) for holder, held in held_by(report)]
    return Table("Credentials", columns, rows)


def credential_cells(credential: CredentialRecord) -> Row:
    """A credential, without its terms, verifications and evidence."""
    return (
        credential.id,
        credential.type,
        credential.title,
        credential.jurisdiction,
        credential.issuing_authority,
        credential.number,
        credential.standing,
    )


def terms(report: AuditReport) -> Table:
    columns = ("holder", "credential_id", "credential", "number", "starts_on", "ends_on", "inferred")
    rows: list[Row] = [
        (
            holder,
            held.id,
            held.title,
            held.number,
            term.starts_on,
            ends(term.ends_on) or "does not end",
            "yes" if term.inferred else "no",
        )
        for holder, held in held_by(report)
        for term in held.terms
    ]
    return Table("Terms", columns, rows)


def verifications(report: AuditReport) -> Table:
    columns = ("holder", "credential_id", "credential", "number", "on", "by", "source", "result")
    rows: list[Row] = [
        (holder, held.id, held.title, held.number, look.on, look.by, look.source, look.result)
        for holder, held in held_by(report)
        for look in held.verifications
    ]
    return Table("Verifications", columns, rows)


def evidence(report: AuditReport) -> Table:
    columns = ("holder", "credential_id", "credential", "number", "name", "sha256")
    rows: list[Row] = [
        (holder, held.id, held.title, held.number, proof.name, proof.sha256)
        for holder, held in held_by(report)
        for proof in held.evidence
    ]
    return Table("Evidence", columns, rows)


def lapses(report: AuditReport) -> Table:
    rows: list[Row] = [
        (
            lapse.therapist,
            lapse.modality,
            lapse.requirement,
            lapse.starts_on,
            ends(lapse.ends_on) or "does not end",
            lapse.reason,
        )
        for lapse in report.lapses or ()
    ]
    return Table("Lapses", ("therapist", "modality", "requirement", "from", "to", "reason"), rows)


def waivers(report: AuditReport) -> Table:
    rows: list[Row] = [
        (
            waiver.therapist,
            waiver.requirement,
            waiver.reason,
            waiver.by,
            waiver.starts_on,
            ends(waiver.ends_on) or "does not end",
        )
        for waiver in report.waivers
    ]
    return Table("Waivers", ("therapist", "requirement", "reason", "by", "from", "to"), rows)


def unknowns(report: AuditReport) -> Table:
    rows: list[Row] = [(unknown.requirement, unknown.question, unknown.ask) for unknown in report.unknowns]
    return Table("Open questions", ("requirement", "question", "ask"), rows)


def sent(report: AuditReport) -> Table:
    rows: list[Row] = [(stamp(line.at), line.to, line.about, line.state) for line in report.sent or ()]
    return Table("What was sent", ("at", "to", "about", "state"), rows)


def changes(report: AuditReport) -> Table:
    rows: list[Row] = [
        (stamp(line.at), line.who, line.what, line.old, line.new, line.why) for line in report.changes or ()
    ]
    return Table("Changes", ("at", "who", "what", "old", "new", "why"), rows)
