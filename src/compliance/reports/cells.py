"""What the spreadsheet and the CSV file hold, cell by cell."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from compliance.domain.audit_report import CredentialRecord, FindingLine
from compliance.domain.requirement_lines import RequirementLine
from compliance.reports.wording import credential_words, ends

Cell = str | int | date | datetime | None
Row = tuple[Cell, ...]
Held = Mapping[str, CredentialRecord]


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under their columns, to be gone through once; every row is as long as `columns`.

    Days are dates, open ends are None or read `does not end`.
    """

    title: str
    columns: tuple[str, ...]
    rows: Iterator[Row]


FINDING: Final = (
    *("requirement", "title", "status", "reason", "citation", "credential_id", "credential", "until", "recheck_on"),
)
LINE: Final = ("days_left", "verify", "verify_every", "verified_days_ago", "overdue", "verified_method")
CREDENTIAL: Final = ("id", "type", "title", "jurisdiction", "issuing_authority", "number", "standing")


def finding_cells(held: Held, finding: FindingLine) -> Row:
    """A finding under FINDING, without whose and for what."""
    return (
        finding.requirement,
        finding.title,
        finding.status,
        finding.reason,
        finding.citation,
        finding.credential,
        credential_words(held, finding.credential),
        last_day(finding.until, cleared=finding.clears),
        ends(finding.recheck_on),
    )


def line_cells(line: RequirementLine) -> Row:
    """What was worked out of a finding's credential, under LINE."""
    finding = line.finding
    method = line.look.method if line.look else None
    return (line.days_left, finding.verify, finding.verify_every, line.age, yes(line.overdue), method)


def credential_cells(credential: CredentialRecord) -> Row:
    """A credential under CREDENTIAL, without its terms, verifications and evidence."""
    return (
        credential.id,
        credential.type,
        credential.title,
        credential.jurisdiction,
        credential.issuing_authority,
        credential.number,
        credential.standing,
    )


def last_day(value: date | None, *, cleared: bool) -> date | str | None:
    """The last day of a verdict; nothing where there is no verdict to last."""
    return ends(value) or ("does not end" if cleared else None)


def open_end(value: date) -> date | str:
    """The last day, or that there is none."""
    return ends(value) or "does not end"


def yes(value: bool) -> str:
    """`yes` or `no`."""
    return "yes" if value else "no"
