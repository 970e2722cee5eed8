"""Values of the rules become the lines of a report: words instead of ids, ends as they are."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import Any, Final
from uuid import UUID

from compliance.catalog import Catalog
from compliance.db.queries.report_facts import Change, Sent, Span
from compliance.domain.assessment import Clearance, Finding
from compliance.domain.audit_report import (
    ChangeLine,
    CredentialRecord,
    CredentialTerm,
    EvidenceLine,
    FieldChange,
    FindingLine,
    ModalityVerdict,
    SentLine,
    VerificationLine,
)
from compliance.domain.credentials import Credential, Verification, otherwise
from compliance.domain.methods import method_words
from compliance.domain.requirements import Provision, Verify
from compliance.rendering import day

LICENSES = frozenset(
    {
        "massage-license", "massage-registration", "state-certification", "local-permit", "temporary-permit",
        "compact-privilege",
    }
)  # fmt: skip
"""Types whose number is what a board knows a therapist by."""


def credential_record(catalog: Catalog, held: Credential, as_of: date) -> CredentialRecord:
    """One credential with all that is kept about it; the standing is that of the day."""
    kind = catalog.types.get(held.type)
    return CredentialRecord(
        id=str(held.id),
        type=held.type,
        title=kind.title if kind else held.type,
        jurisdiction=place_name(catalog, held.jurisdiction),
        issuing_authority=held.issuing_authority,
        number=held.number,
        standing=_standing(held, as_of),
        terms=tuple(CredentialTerm(*each) for each in sorted((t.starts_on, t.ends_on, t.inferred) for t in held.terms)),
        verifications=tuple(
            VerificationLine(
                each.verified_on, each.verified_by, each.source, _result(each, held), method_words(each.method)
            )
            for each in sorted(held.verifications, key=lambda look: look.verified_on)
        ),
        evidence=tuple(EvidenceLine(each.name, each.sha256) for each in held.evidence),
    )


def _result(look: Verification, held: Credential) -> str:
    """`confirmed`, and what was corrected since: then it proves nothing of what stands beside it."""
    facts = " and ".join(otherwise(look.named, held))
    return f"{look.result.value}, before the {facts} was corrected" if facts else look.result.value


def credential_records(catalog: Catalog, held: Iterable[Credential], as_of: date) -> tuple[CredentialRecord, ...]:
    """Credentials by the first day of their first term; those without one come first."""
    records = [credential_record(catalog, each, as_of) for each in held]
    return tuple(sorted(records, key=lambda r: (r.terms[0].starts_on if r.terms else date.min, r.title, r.number)))


def _standing(held: Credential, as_of: date) -> str:
    begun = [each for each in held.standings if each.starts_on <= as_of <= each.ends_on]
    return max(begun, key=lambda each: each.starts_on).standing.value.replace("-", " ") if begun else ""


def place_name(catalog: Catalog, jurisdiction: str | None) -> str:
    """`us-fl` as `Florida`."""
    place = catalog.jurisdictions.get(jurisdiction or "")
    return place.name if place else jurisdiction or ""


def license_numbers(held: Iterable[Credential]) -> tuple[str, ...]:
    """The numbers that boards know a therapist by, each once."""
    return tuple(sorted({each.number for each in held if each.type in LICENSES and each.number}))


Wording = Callable[[str], "Provision | None"]
"""The provision of a requirement, by its code, as it is worded on the day."""


def modality_verdict(
    code: str, title: str, clearance: Clearance, mine: frozenset[UUID], wording: Wording
) -> ModalityVerdict:
    """A verdict; a finding points at a credential only where it is one of the report's (`mine`)."""
    findings = tuple(finding_line(each, mine, wording(each.requirement)) for each in clearance.findings)
    return ModalityVerdict(code, title, clearance.cleared, clearance.until, clearance.cleared_from, findings)


def finding_line(finding: Finding, mine: frozenset[UUID], provision: Provision | None) -> FindingLine:
    """One finding as it is printed."""
    held = finding.credential
    often = provision.verify if provision else Verify.NO
    return FindingLine(
        requirement=finding.requirement,
        title=finding.title,
        status=finding.status.value,
        reason=finding.reason,
        citation=finding.citation.text,
        credential=str(held.id) if held and held.id in mine else None,
        until=finding.until,
        recheck_on=finding.recheck_on,
        verify=often.value,
        verify_every=provision.every_days if provision and often is Verify.EVERY_N_DAYS else None,
    )


def name_on(spans: list[Span], as_of: date) -> str:
    """What somebody was called (or where mail went) on a day; before the first span it is the first one."""
    begun = [each for each in spans if each.starts_on <= as_of] or spans[:1]
    return begun[-1].text if begun else ""


def former_names(spans: list[Span], as_of: date) -> tuple[str, ...]:
    """The names before that day's, the oldest first."""
    now = name_on(spans, as_of)
    return tuple(dict.fromkeys(each.text for each in spans if each.starts_on <= as_of and each.text != now))


_OUTCOMES: Final = {
    "sent": "accepted by the mail server",
    "kept": "kept in the mailbox; no mail server is set",
    "bounced": "returned",
    "dead": "given up",
}


def sent_line(sent: Sent) -> SentLine:
    """A message that left, or was given up."""
    to = f"{sent.name} <{sent.address}>" if sent.name else sent.address
    outcome = ": ".join(part for part in (_OUTCOMES.get(sent.state, sent.state), sent.reply) if part)
    return SentLine(sent.at, to, sent.subject, "in the mailbox" if sent.state == "kept" else sent.state, outcome)


def change_line(change: Change, people: dict[str, str], whose: dict[UUID, str]) -> ChangeLine:
    """An entry of the trail in words: `credential corrected, Ana Ruiz`."""
    what = change.action.replace(".", " ").replace("-", " ")
    name = whose.get(change.therapist_id) if change.therapist_id else None
    return ChangeLine(
        at=change.at,
        who=actor(change.actor, people),
        what=f"{what}, {name}" if name else what,
        old=facts(change.old),
        new=facts(change.new),
        why=change.why,
        fields=field_changes(change.old, change.new),
    )


def field_changes(old: Mapping[str, Any], new: Mapping[str, Any]) -> tuple[FieldChange, ...]:
    """Each field with its value before and after; ids, which tell a reader nothing, are left out."""
    pairs = ((key, _shown(old.get(key)), _shown(new.get(key))) for key in dict.fromkeys((*old, *new)))
    return tuple(FieldChange(key.replace("_", " "), before, after) for key, before, after in pairs if before or after)


def _shown(value: Any) -> str:
    return "" if value is None or _is_id(str(value)) else _fact(value)


def actor(code: str, people: dict[str, str]) -> str:
    """`job:plan-reminders` as `job plan-reminders`, a person by name."""
    kind, _, rest = code.partition(":")
    said = {"job": f"job {rest}", "cli": f"{rest}, on the command line", "link": "a mailed link", "key": f"key {rest}"}
    return people.get(code) or said.get(kind, code)


def facts(values: dict[str, Any]) -> str:
    """`number: MA 12345; ends on: Aug 31, 2027`; ids, which tell a reader nothing, are left out."""
    shown = {key: _fact(value) for key, value in values.items() if not _is_id(str(value))}
    return "; ".join(f"{key.replace('_', ' ')}: {value}" for key, value in shown.items() if value)


def _is_id(text: str) -> bool:
    try:
        return UUID(text.rpartition(":")[2]) is not None
    except ValueError:
        return False


def _fact(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(_fact(each) for each in value)
    if isinstance(value, dict):
        return ", ".join(f"{key} {_fact(each)}" for key, each in value.items())
    return "" if value is None else _day(str(value))


def _day(text: str) -> str:
    try:
        return day(date.fromisoformat(text))
    except ValueError:
        return text


def title_of(held: CredentialRecord) -> str:
    """`Florida massage license MA 92644`."""
    title = f"{held.jurisdiction} {held.title[:1].lower()}{held.title[1:]}" if held.jurisdiction else held.title
    return f"{title} {held.number}".strip()
