"""People in words: their verdicts, each requirement across, and what else is on file."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from compliance.domain.audit_report import (
    AuditReport,
    CredentialRecord,
    CredentialTerm,
    FindingLine,
    ModalityVerdict,
    TherapistRecord,
    VerificationLine,
)
from compliance.domain.requirement_lines import RequirementLine, credentials_of, lines_of
from compliance.rendering import day, status_word
from compliance.reports.tables import holders
from compliance.reports.wording import age_words, days_left, ends, until

Words = dict[str, Any]
Rows = list[list[Any]]
_SHORT: Final = 200
_A_THIRD_OF_A_PAGE: Final = 2_000
"""Characters of one person's verdicts that are kept on one page."""


def words(report: AuditReport) -> Words:
    """The sections about people."""
    held = credentials_of(report)
    lines = [list(lines_of(person, held, report.question.as_of)) for person in report.therapists]
    shown = {each.credential.id: each for mine in lines for each in mine if each.credential}
    return {
        "verdicts": [_verdicts(therapist) for therapist in report.therapists],
        "lines": [_group(person, mine) for person, mine in zip(report.therapists, lines, strict=True)],
        "on_file": _on_file(report, shown),
    }


# -- verdicts ------------------------------------------------------------------------------------------------------


def _verdicts(therapist: TherapistRecord) -> Words:
    numbers = ", ".join(therapist.license_numbers)
    rows = [_verdict(modality) for modality in therapist.modalities] or [_NOTHING]
    return {
        "name": therapist.name,
        "small": _also(therapist),
        "email": therapist.email,
        "numbers": f"License {numbers}" if numbers else "No license number",
        "rows": rows,
        "together": len(therapist.name) + len(str(rows)) < _A_THIRD_OF_A_PAGE,
    }


_NOTHING = ["No modality", {"mark": "missing", "word": "Not cleared"}, "", ["No modality is assigned here."]]


def _also(therapist: TherapistRecord) -> str:
    legal = therapist.legal_name if therapist.legal_name != therapist.name else ""
    former = ", ".join(therapist.former_names)
    return "; ".join(part for part in (legal and f"legal name {legal}", former and f"formerly {former}") if part)


def _verdict(modality: ModalityVerdict) -> list[Any]:
    against = [finding for finding in modality.findings if not finding.clears]
    if not modality.cleared:
        worst = against[0].status if against else "missing"
        mark = {"mark": worst, "word": "Not cleared"}
        return [modality.title, mark, _again(modality), [line for finding in against for line in _because(finding)]]
    soon = any(finding.status == "expiring" for finding in modality.findings)
    mark = {"mark": "expiring" if soon else "met", "word": "Cleared"}
    return [modality.title, mark, until(modality.until), _ends_with(modality)]


def _because(finding: FindingLine) -> list[str]:
    said = f"{status_word(finding.status)}: {finding.title}"
    return [short(finding.reason), said] if finding.reason else [said, ""]


def _again(modality: ModalityVerdict) -> str:
    again = ends(modality.cleared_from)
    return f"from {day(again)}" if again else ""


def _ends_with(modality: ModalityVerdict) -> list[str]:
    last = ends(modality.until)
    return [
        line
        for finding in modality.findings
        if last and ends(finding.until) == last
        for line in ("", f"Ends with: {finding.title}")
    ]


def short(text: str) -> str:
    """For places that cannot run over a page; the whole text stands in another section."""
    return text if len(text) <= _SHORT else text[: _SHORT - 1] + "…"


# -- requirements, one line each -----------------------------------------------------------------------------------


def _group(therapist: TherapistRecord, lines: list[RequirementLine]) -> Words:
    """Everything asked of one person; the same finding for several modalities is one line."""
    every = len(therapist.modalities)
    note = ", ".join(therapist.license_numbers)
    return {"name": short(therapist.name), "note": short(note), "rows": [_line(each, every) for each in lines]}


def _line(line: RequirementLine, every: int) -> list[Any]:
    finding, held = line.finding, line.credential
    titles = [modality.title for modality in line.modalities]
    only = "" if len(titles) == every else "For " + ", ".join(titles)
    clear = f"Clear until {day(finding.until)}" if finding.clears and finding.until and ends(finding.until) else ""
    reason = {"mark": finding.status, "word": status_word(finding.status), "under": _some(finding.reason, clear)}
    return [
        under(finding.title, finding.citation, only),
        reason,
        _held(held) if held else (finding.credential or "none on file"),
        _term(line),
        _look(line),
        {"files": [[proof.name, proof.sha256] for proof in held.evidence]} if held else "",
    ]


def under(large: str, *small: str) -> list[str]:
    """A line with small ones under it."""
    first, *others = [*_some(*small), ""]
    return [large, *([first] if first else []), *(text for each in others if each for text in ("", each))]


def _some(*texts: str) -> list[str]:
    return [each for each in texts if each]


def _held(held: CredentialRecord) -> list[str]:
    about = ", ".join(part for part in (held.issuing_authority, held.jurisdiction) if part)
    standing = f"Listed as {held.standing}" if held.standing else "No standing recorded"
    return under(" ".join(part for part in (held.title, held.number) if part), about, standing)


def _term(line: RequirementLine) -> list[str]:
    """First and last day of the term, and how long that still is."""
    if line.term is None:
        return ["", "no term recorded"] if line.credential else []
    issued = "issued; worked out, not recorded" if line.term.inferred else "issued"
    left = days_left(line.days_left)
    expires = f"expires, {left}" if left else ""
    return [day(line.term.starts_on), issued, until(line.term.ends_on), expires]


def _look(line: RequirementLine) -> list[str]:
    finding, look = line.finding, line.look
    if look is None or line.age is None:
        never = "nobody has looked at the source" if finding.verify != "no" else "no look at the source is asked"
        return ["", never] if line.credential else []
    late = "; overdue" if line.overdue else ""
    said = f"{result(look)}, {age_words(line.age, finding.verify_every)}{late}"
    again = ends(finding.recheck_on)
    return under(day(look.on), said, *_how(look), f"next check by {day(again)}" if again else "")


def _how(look: VerificationLine) -> tuple[str, str]:
    method = f"{look.method}: " if look.method else ""
    return f"{method}{look.source}", f"by {look.by}" if look.by else ""


def result(look: VerificationLine) -> str:
    """`not found`."""
    return look.result.replace("-", " ")


# -- what else is on file ------------------------------------------------------------------------------------------


def _on_file(report: AuditReport, shown: dict[str, RequirementLine]) -> list[Words]:
    """What no line above shows: the clinic's licenses, other credentials, earlier terms and looks."""
    groups = []
    for holder, credentials in holders(report):
        rows = [row for each in credentials for row in _rest(each, shown.get(each.id))]
        if rows:
            groups.append({"name": short(holder), "note": "", "rows": rows})
    return groups


def _rest(held: CredentialRecord, line: RequirementLine | None) -> Rows:
    """One row with what the lines do not show of a credential; none if that is nothing."""
    terms = [each for each in held.terms if line is None or each is not line.term]
    looks = [each for each in held.verifications if line is None or each is not line.look]
    if line is not None and not terms and not looks:
        return []
    files = [[proof.name, proof.sha256] for proof in held.evidence] if line is None else []
    seen = (text for each in looks for text in (f"{day(each.on)} {result(each)}", ", ".join(_some(*_how(each)))))
    return [[_held(held), _terms(terms), list(seen), {"files": files}]]


def _terms(terms: Iterable[CredentialTerm]) -> list[str]:
    """Small lines, one a term."""
    return [text for each in terms for text in ("", _span(each))]


def _span(term: CredentialTerm) -> str:
    guess = ", start worked out" if term.inferred else ""
    last = f"to {day(term.ends_on)}" if ends(term.ends_on) else "without end"
    return f"{day(term.starts_on)} {last}{guess}"
