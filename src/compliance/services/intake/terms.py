"""The term of a roster's row: the one on file, a new one, or a question. Dates are never overwritten."""

from __future__ import annotations

from datetime import date

from compliance.catalog import load
from compliance.domain.periods import FOREVER, day_after
from compliance.domain.renewal import NoRenewal, RenewalFacts, RenewalRule, disagrees
from compliance.domain.terms import term_start
from compliance.services.intake.lines import Line, shown
from compliance.services.intake.plan import Draft, DraftTerm


def plan_term(draft: Draft, line: Line, born: date | None, *, ask: bool) -> DraftTerm | None:
    """The term that the row is about, recorded in the draft where it is new; None where the row tells none.

    `ask`: whether the catalog's rule is asked what it thinks of the expiry.
    """
    rule = load().renewal(draft.jurisdiction or None, draft.type)
    if ask:
        _ask_the_rule(line, rule, born)
    ends_on = line.day("expires_on")
    if ends_on is None:
        return _without_expiry(draft, line, rule, born)
    same = next((each for each in draft.terms if each.ends_on == ends_on), None)
    if same:
        _compare(draft, line, same)
        return same
    last = draft.terms[-1] if draft.terms else None
    if last and last.ends_on > ends_on:
        _ask_about_earlier(line, last)
        return None
    return _append(draft, line, rule, born, ends_on)


def _ask_the_rule(line: Line, rule: RenewalRule | None, born: date | None) -> None:
    """The printed expiry wins; that it is not what the rule gives is worth a look."""
    expires_on = line.day("expires_on")
    if rule is None or expires_on is None:
        return
    facts = RenewalFacts(line.day("issued_on"), expires_on, born, line["number"], line["last_name"])
    line.ask("expires_on", disagrees(rule.model, facts, expires_on))


def _without_expiry(draft: Draft, line: Line, rule: RenewalRule | None, born: date | None) -> DraftTerm | None:
    """A blank cell leaves what is on file; a new credential may be of those that never end."""
    if draft.terms:
        return _term_of(draft, line)
    if line.meant.standing == "pending-initial":
        return None
    type_ = load().types[draft.type]
    open_ended = not type_.expires or (rule is not None and isinstance(rule.model, NoRenewal))
    if not open_ended and type_.longest_months is not None:
        line.ask("expires_on", "It has no expiry here, but this kind ends on a day. It is recorded without a term.")
        _first_issue(draft, line, line.day("issued_on"))
        return None
    return _append(draft, line, rule, born, FOREVER)


def _term_of(draft: Draft, line: Line) -> DraftTerm | None:
    """The term that a row without an expiry can only mean."""
    if len(draft.terms) == 1:
        return draft.terms[0]
    day = line.day("verified_on") or line.day("renewed_on") or line.day("issued_on")
    found = [each for each in draft.terms if day and each.starts_on <= day <= each.ends_on]
    return found[0] if len(found) == 1 else None


def _compare(draft: Draft, line: Line, term: DraftTerm) -> None:
    """Another date in the same term is a question; a first issue that was not known is filled in."""
    renewed_on, issued_on = line.day("renewed_on"), line.day("issued_on")
    starts = {each.starts_on for each in draft.terms if not each.inferred}
    if renewed_on and term.id and renewed_on != term.starts_on and not term.inferred:
        line.ask("renewed_on", f"On file this term starts on {shown(term.starts_on)}. It was left so.")
    if issued_on is None or issued_on in starts or issued_on == draft.first_issued_on:
        return
    if draft.first_issued_on is None and issued_on < min(each.starts_on for each in draft.terms):
        line.change("Credential", "first_issued_on", None, issued_on)
        _first_issue(draft, line, issued_on)
        return
    known = draft.first_issued_on or term.starts_on
    line.ask("issued_on", f"On file it was issued on {shown(known)}. It was left so.")


def _first_issue(draft: Draft, line: Line, issued_on: date | None) -> None:
    draft.first_issued_on = draft.first_issued_on or issued_on
    if draft.held and issued_on and draft.held.first_issued_on is None:
        draft.corrected["first_issued_on"] = issued_on


def _ask_about_earlier(line: Line, last: DraftTerm) -> None:
    end = "it has no end" if last.ends_on == FOREVER else f"it ends on {shown(last.ends_on)}"
    line.ask("expires_on", f"On file {end}, later than here. It was left so: is the roster old, or the file wrong?")


def _append(draft: Draft, line: Line, rule: RenewalRule | None, born: date | None, ends_on: date) -> DraftTerm | None:
    """A new term behind those on file."""
    issued_on, renewed_on = line.day("issued_on"), line.day("renewed_on")
    model, type_ = (rule.model if rule else None), load().types[draft.type]
    start = term_start(type_, model, issued_on, renewed_on, ends_on, born)
    line.ask("issued_on", start.question)
    if start.starts_on is None:
        return None
    starts_on, inferred = start.starts_on, start.inferred
    last = draft.terms[-1] if draft.terms else None
    if last and starts_on <= last.ends_on:
        starts_on, inferred = day_after(last.ends_on), True
    _first_issue(draft, line, start.first_issued_on)
    term = DraftTerm(starts_on, ends_on, inferred)
    draft.terms.append(term)
    if draft.held:
        line.change("Credential", "expires_on", last.ends_on if last else None, ends_on)
    return term
