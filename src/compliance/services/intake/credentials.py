"""The credential of a roster's row: which one on file it is, and what the row adds to it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from compliance.catalog import load
from compliance.db.queries.intake_known import HeldCredential
from compliance.domain.credential_types import CredentialType
from compliance.domain.requirements import Holder
from compliance.services.credential_checks import Facts, check_facts, day_problem, detail_values
from compliance.services.intake.lines import Line, folded_number, good, shown
from compliance.services.intake.person import shared_extras, with_lines
from compliance.services.intake.plan import Around, Draft, DraftTerm, Plan
from compliance.services.intake.standings import plan_look, plan_standing, source_told
from compliance.services.intake.terms import plan_term
from compliance.services.refusals import Checks
from compliance.sources.dates import NoDate, parse_date

FIELDS = {"type": "credential_type", "first_issued_on": "issued_on"}
ORDER = (
    ("issued_on", "expires_on", "The term would end on {1}, before it began on {0}. Look at both dates."),
    ("renewed_on", "expires_on", "The term would end on {1}, before it was renewed on {0}. Look at both dates."),
    ("issued_on", "renewed_on", "It would be renewed on {1}, before it was issued on {0}. Look at both dates."),
)


def check_credential(line: Line, around: Around, holder: Holder = Holder.THERAPIST) -> None:
    """Notes what cannot be true of the row's credential."""
    if not line.meant.type:
        return
    checks, type_ = Checks(), load().types[line.meant.type]
    check_facts(checks, _facts(line, type_, holder))
    for each in checks.problems:
        if each.field != "jurisdiction" or not line["jurisdiction"]:
            line.refuse(FIELDS.get(each.field, each.field), each.sentence)
    for name in ("issued_on", "renewed_on", "expires_on", "verified_on"):
        line.refuse(name, day_problem(line.day(name)))
    for earlier, later, sentence in ORDER:
        first, last = line.day(earlier), line.day(later)
        if first and last and last < first:
            line.refuse(later, sentence.format(shown(first), shown(last)))
    looked = line.day("verified_on")
    if looked and looked > around.today + timedelta(days=1):
        line.ask("verified_on", f"{shown(looked)} is still to come, so it proves nothing; it is kept as a remark.")


def _facts(line: Line, type_: CredentialType, holder: Holder) -> Facts:
    meant = line.meant
    details = dict(_details(line, type_))
    place = meant.jurisdiction or None
    return Facts(meant.type, holder, place, line["issuing_authority"], line["number"], None, details)


def _details(line: Line, type_: CredentialType) -> dict[str, object]:
    """Details as typed; those that are days are read like all other dates."""
    days = {each.name for each in type_.details if each.kind == "date"}
    found: dict[str, object] = dict(line.details)
    for name in days & found.keys():
        try:
            found[name] = parse_date(str(found[name]))
        except NoDate as wrong:
            line.refuse(f"detail_{name}", str(wrong))
    return found


def plan_credentials(plan: Plan, around: Around) -> None:
    """Fills in the credentials of the rows that are taken, older terms first."""
    plan.drafts = [_draft_of(each) for each in plan.on_file.credentials] if plan.on_file else []
    shared = shared_extras(plan.lines)
    lines = [each for each in good(plan.lines) if each.meant.type]
    for line in sorted(lines, key=lambda each: each["expires_on"] or "9999"):
        draft = _find(plan.drafts, line)
        fresh = draft is None
        if draft is None:
            draft = _new(plan, line)
        else:
            _correct(draft, line)
        _note(draft, line, {k: v for k, v in line.extras.items() if k not in shared}, around, fresh)
        term = plan_term(draft, line, _born(plan), ask=not around.checked)
        if plan_look(draft, line, term, around):
            _look_told(draft, line, fresh)
        plan_standing(draft, line, term, around, fresh=fresh)


def _born(plan: Plan) -> date | None:
    return next((each.day("birth_date") for each in plan.lines if each["birth_date"]), None) or (
        plan.on_file.birth_date if plan.on_file else None
    )


def _draft_of(held: HeldCredential) -> Draft:
    terms = [DraftTerm(each.starts_on, each.ends_on, each.inferred, each.id) for each in held.terms]
    terms.sort(key=lambda each: each.ends_on)
    return Draft(
        held.type,
        held.jurisdiction,
        held.issuing_authority,
        held.number,
        held,
        held.first_issued_on,
        dict(held.details),
        held.notes,
        terms,
    )


def _find(drafts: Sequence[Draft], line: Line) -> Draft | None:
    """The credential that the row speaks of: the same number, or the only one it can be where a number is missing."""
    number, meant = folded_number(line["number"]), line.meant
    same = [
        each
        for each in drafts
        if each.type == meant.type
        and (not meant.jurisdiction or not each.jurisdiction or each.jurisdiction == meant.jurisdiction)
        and not (load().types[each.type].authority_asked and meant.authority and each.authority != meant.authority)
    ]
    if not number:
        return _dated(same, line) if len(same) > 1 else (same[0] if same else None)
    exact = [each for each in same if folded_number(each.number) == number]
    unnumbered = [each for each in same if not each.number]
    return exact[0] if exact else (unnumbered[0] if len(unnumbered) == 1 else None)


def _dated(drafts: Sequence[Draft], line: Line) -> Draft | None:
    """Among several without a number to tell them apart: the one with this expiry, else the latest."""
    ends_on = line.day("expires_on")
    exact = [each for each in drafts if any(term.ends_on == ends_on for term in each.terms)]
    if exact:
        return exact[0]
    return max(drafts, key=lambda each: max((term.ends_on for term in each.terms), default=date.min))


def _new(plan: Plan, line: Line) -> Draft:
    meant, type_ = line.meant, load().types[line.meant.type]
    details = detail_values(type_, _details(line, type_)) if line.details else {}
    _ask_about_another(plan, line, type_)
    draft = Draft(meant.type, meant.jurisdiction, meant.authority, line["number"], details=details)
    plan.drafts.append(draft)
    line.create(label(draft), "")
    return draft


def _ask_about_another(plan: Plan, line: Line, type_: CredentialType) -> None:
    """A second license of one state is possible, but may be a typing error."""
    if not type_.jurisdiction_bound or not line["number"]:
        return
    for each in plan.drafts:
        if each.type == line.meant.type and each.jurisdiction == line.meant.jurisdiction and each.number:
            sentence = f"{label(each)} is there already; this is recorded beside it. Is the number read right?"
            line.ask("number", sentence)


def label(draft: Draft) -> str:
    """The credential as people call it: "Massage license MA80000 (us-fl)"."""
    place = f" ({draft.jurisdiction})" if draft.jurisdiction else ""
    return f"{load().types[draft.type].title} {draft.number}".rstrip() + place


def _correct(draft: Draft, line: Line) -> None:
    """Facts that the row says differently, or for the first time."""
    meant, type_ = line.meant, load().types[draft.type]
    for name, old, new in (
        ("jurisdiction", draft.jurisdiction, meant.jurisdiction),
        ("issuing_authority", draft.authority, meant.authority),
        ("number", draft.number, line["number"]),
    ):
        if new and new != old and not (name == "number" and folded_number(old) == folded_number(new)):
            draft.corrected[name] = new
            line.change(label(draft), name, old, new)
    draft.jurisdiction = draft.jurisdiction or meant.jurisdiction
    draft.authority, draft.number = meant.authority or draft.authority, draft.number or line["number"]
    if line.details:
        new_details = detail_values(type_, _details(line, type_))
        for name, value in new_details.items():
            if draft.details.get(name) != value:
                line.change(label(draft), f"detail_{name}", draft.details.get(name), value)
                draft.details[name] = value
                draft.corrected["details"] = draft.details


def _note(draft: Draft, line: Line, extras: dict[str, str], around: Around, fresh: bool) -> None:
    """Remarks, columns of its own, and a look that proves nothing because one of its three facts is missing."""
    pieces = [line["notes"], *(f"{name}: {value}" for name, value in extras.items()), remark_of_look(line, around)]
    if not any(pieces):
        return
    together = with_lines(draft.notes, pieces)
    if together == draft.notes:
        return
    if not fresh:
        line.change(label(draft), "notes", draft.notes, together)
    if draft.held:
        draft.corrected["notes"] = together
    draft.notes = together


def remark_of_look(line: Line, around: Around) -> str:
    """What a row says of a look that is no verification; "" when it is a whole one, or none."""
    day, by, source = line.day("verified_on"), line["verified_by"], source_told(line)
    whole = day and by and source and day <= around.today + timedelta(days=1)
    if whole or not (day or by or source):
        return ""
    told = [f"on {shown(day)}" if day else "", f"by {by}" if by else "", f"at {source}" if source else ""]
    return f"Roster says verified {' '.join(each for each in told if each)}; that is not a whole verification."


def _look_told(draft: Draft, line: Line, fresh: bool) -> None:
    if not fresh:
        line.change(label(draft), "verified_on", None, line.day("verified_on"))
