"""The person of a roster's rows: who it is, what the rows say of them, and what that changes on file."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import date

from compliance.db.queries.intake_known import OnFile
from compliance.domain.matching import Sought, fold, fold_email
from compliance.services.intake.grouping import keys_of, license_of
from compliance.services.intake.lines import Line, folded, folded_name, good
from compliance.services.intake.plan import Around, Plan
from compliance.services.refusals import Checks
from compliance.services.therapist_checks import check_names, check_person
from compliance.services.therapists import NewTherapist

FACTS = ("first_name", "last_name", "email", "phone", "npi", "birth_date")
NOBODY = (
    "Nothing tells who this is for certain: the row has no e-mail address, no license number with its state, "
    "and no birth date. Give one of them on every row."
)


OR_TWO = {"email": "; if they are two people, part their names, by a middle initial for instance"}
"""What else can be done about a fact that nobody shares: the same name and birth date made them one."""


def check_identity(lines: Sequence[Line], around: Around, *, named: bool) -> None:
    """Notes rows that nothing identifies, facts that cannot be true, and rows that contradict each other.

    `named`: somebody on file was found, perhaps by the record's own id, which means nothing elsewhere.
    """
    for line in lines:
        if not line.refused and not named and not any(each for each in keys_of(line.values) if each[0] != "t"):
            line.refuse("email", NOBODY)
    said: dict[tuple[str, str, str], list[Line]] = {}
    for line in lines:
        said.setdefault((line["first_name"], line["last_name"], line["birth_date"]), []).append(line)
    for same in said.values():
        _check_facts(same, around)
    for name in FACTS:
        check_agreement(lines, name)


def _check_facts(same: Sequence[Line], around: Around) -> None:
    """Notes what cannot be a name or a birth date, on all rows that say the same."""
    checks, first = Checks(), same[0]
    check_names(checks, first["first_name"], first["last_name"])
    check_person(checks, around.act, None, None, first.day("birth_date"))
    for each in checks.problems:
        for line in same:
            line.refuse(each.field, each.sentence)


def line_value(line: Line, name: str) -> str:
    """A fact as it is compared between rows."""
    text = line[name]
    if name == "phone":
        return _digits(text)
    return fold_email(text) if name == "email" else folded(text)


def _digits(phone: str) -> str:
    return re.sub(r"\D", "", phone) or fold(phone)


def check_agreement(lines: Sequence[Line], name: str) -> None:
    """Refuses every row that takes part in a contradiction, each naming the first row that says something else."""
    said: dict[str, list[Line]] = {}
    if len({line[name] for line in lines}) < 2:
        return
    for line in lines:
        value = line_value(line, name)
        if value:
            said.setdefault(value, []).append(line)
    if len(said) < 2:
        return
    firsts = [group[0] for group in said.values()]
    for group in said.values():
        other = next(each for each in firsts if each is not group[0])
        for line in group:
            sentence = (
                f"Lines {min(line.number, other.number)} and {max(line.number, other.number)} are about the same "
                f"person but say “{line[name]}” and “{other[name]}” as {name}. Make them agree{OR_TWO.get(name, '')}."
            )
            line.refuse(name, sentence)


def sought(lines: Iterable[Line]) -> Sought:
    """What tells who this is."""
    email, name, born = "", "", None
    licenses = set()
    for line in lines:
        email = email or fold_email(line["email"])
        name = name or folded_name(line["first_name"], line["last_name"])
        born = born or line.day("birth_date")
        found = license_of(line.values)
        if found:
            licenses.add(found)
    return Sought(email, name, born, frozenset(licenses))


def plan_person(plan: Plan, around: Around) -> None:
    """Fills in what is new or different about the therapist, from the rows that are taken."""
    lines = good(plan.lines)
    if not lines:
        return
    facts = {name: next((each[name] for each in lines if each[name]), "") for name in FACTS}
    notes = _notes(plan.lines, lines)
    if plan.on_file is None:
        born = date.fromisoformat(facts["birth_date"]) if facts["birth_date"] else None
        plan.new = NewTherapist(
            facts["first_name"], facts["last_name"], facts["email"] or None, facts["phone"], facts["npi"] or None,
            born, "\n".join(notes),
        )  # fmt: skip
        lines[0].create("Therapist", lines[0].name)
        return
    _differences(plan, plan.on_file, lines, facts)
    together = with_lines(plan.on_file.notes, notes)
    if together != plan.on_file.notes:
        plan.changed["notes"] = together
        lines[0].change("Therapist", "notes", plan.on_file.notes, together)


def _differences(plan: Plan, on_file: OnFile, lines: Sequence[Line], facts: dict[str, str]) -> None:
    _name(plan, on_file, lines, facts)
    for name, old, same in (
        ("email", on_file.email, fold_email(on_file.email) == fold_email(facts["email"])),
        ("phone", on_file.phone, _digits(on_file.phone) == _digits(facts["phone"])),
        ("npi", on_file.npi, on_file.npi == facts["npi"]),
        ("birth_date", on_file.birth_date, shown_iso(on_file.birth_date) == facts["birth_date"]),
    ):
        if not facts[name] or same:
            continue
        new = date.fromisoformat(facts[name]) if name == "birth_date" else facts[name]
        plan.changed[name] = new
        next(each for each in lines if each[name]).change("Therapist", name, old, new)


def shown_iso(day: date | None) -> str:
    """A day as the rows hold it."""
    return day.isoformat() if day else ""


def _name(plan: Plan, on_file: OnFile, lines: Sequence[Line], facts: dict[str, str]) -> None:
    given = folded_name(facts["first_name"], facts["last_name"])
    current = folded_name(on_file.first_name, on_file.last_name)
    if given == current or not facts["first_name"]:
        return
    if given in on_file.names:
        lines[0].ask("last_name", f"The roster has a former name; on file is {on_file.name} now. It was left so.")
        return
    plan.changed |= {"first_name": facts["first_name"], "last_name": facts["last_name"]}
    lines[0].change("Therapist", "name", on_file.name, f"{facts['first_name']} {facts['last_name']}")


def _notes(lines: Sequence[Line], taken: Sequence[Line]) -> list[str]:
    """What belongs to the person: their notes, and extra columns that say the same on all their rows."""
    notes = [each["therapist_notes"] for each in taken]
    notes += [each["notes"] for each in taken if not each.meant.type]
    notes += [f"{name}: {value}" for name, value in shared_extras(lines).items()]
    return list(dict.fromkeys(each for each in notes if each))


def shared_extras(lines: Sequence[Line]) -> dict[str, str]:
    """Extra columns whose filled cells agree on all rows of the person: they are about the person."""
    said: dict[str, set[str]] = {}
    for line in lines:
        for name, value in line.extras.items():
            said.setdefault(name, set()).add(value)
    return {name: next(iter(values)) for name, values in said.items() if len(values) == 1}


def with_lines(stored: str, pieces: Iterable[str]) -> str:
    """Notes with the lines that they do not hold yet; what is there is never taken away."""
    lines = stored.splitlines()
    known = {each.strip() for each in lines}
    for piece in pieces:
        for each in piece.splitlines():
            if each.strip() and each.strip() not in known:
                known.add(each.strip())
                lines.append(each.strip())
    return "\n".join(lines)


def two_found(names: Sequence[str]) -> str:
    """The problem of a row that fits several people on file."""
    return f"This fits several people on file: {' and '.join(names)}. Merge them if they are one, or give the e-mail."
