"""A clinic's own license as a roster tells it, beside everybody who works there: the same words on all its rows.

It is judged once for the clinic, by the rules of a therapist's credential, and recorded before the people.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from compliance.catalog import load
from compliance.db.queries.intake_known import ClinicOnFile, HeldCredential, OnFile
from compliance.domain.matching import fold
from compliance.domain.requirements import Holder
from compliance.services.intake.credentials import check_credential, plan_credentials
from compliance.services.intake.lines import PLACE, Line, Meant, folded_number
from compliance.services.intake.plan import Around, License, Plan
from compliance.sources import FIELDS

OWN_LICENSE: Final = "establishment-license"
COLUMNS: Final = {
    "number": "clinic_license_number",
    "issued_on": "clinic_license_issued_on",
    "expires_on": "clinic_license_expires_on",
}
"""A field of the credential, and the column that tells it."""
Said = dict[str, list[list[Any]]]
"""By column, what was said first, as [text, line], and what contradicts it, if anything does."""


def told(values: Sequence[str], column: str) -> str:
    """The cell of a column; rows that were read by an earlier version have no place for it."""
    return values[PLACE[column]] if len(values) > PLACE[column] else ""


def note(said: Said, values: Sequence[str], line: int) -> None:
    """Takes in what one row says of its clinic's license."""
    for column in COLUMNS.values():
        text, known = told(values, column), said.get(column, [])
        if text and len(known) < 2 and _folded(column, text) not in [_folded(column, each[0]) for each in known]:
            said.setdefault(column, []).append([text, line])


def _folded(column: str, text: str) -> str:
    return folded_number(text) if column == COLUMNS["number"] else text


def licenses_of(
    around: Around, places: Iterable[Mapping[str, Any]], held: Mapping[UUID, Sequence[HeldCredential]]
) -> dict[str, License]:
    """What the rows say of each clinic's own license, by the clinic's folded name, judged."""
    found = {}
    for each in places:
        said, name = each.get("license") or {}, fold(each["name"])
        on_file = around.clinics.get(name)
        place = on_file.jurisdiction if on_file else around.new_clinics.get(name)
        if said and place:
            found[name] = judged(around, each["name"], said, place, on_file, held)
    return found


def judged(
    around: Around,
    name: str,
    said: Mapping[str, Sequence[Sequence[Any]]],
    place: str,
    on_file: ClinicOnFile | None,
    held: Mapping[UUID, Sequence[HeldCredential]],
) -> License:
    """One clinic's license: contradictions first, then what is new against what the clinic holds."""
    values = [""] * len(FIELDS)
    for field, column in COLUMNS.items():
        values[PLACE[field]] = said[column][0][0] if column in said else ""
    first = min(each[1] for some in said.values() for each in some)
    line = Line(first, 0, values, {}, {}, meant=Meant(type=OWN_LICENSE, jurisdiction=_asked_by(place)))
    found = License(name, line, conflicts={column: _conflict(name, some) for column, some in said.items() if some[1:]})
    check_credential(line, around, Holder.CLINIC)
    if not line.refused and not found.conflicts:
        own = held.get(on_file.id, ()) if on_file else ()
        plan = Plan(0, [line], OnFile(UUID(int=0), "", name, "", "", "", None, "", credentials=own))
        plan_credentials(plan, around)
        found.drafts = plan.drafts
    return found


def _asked_by(place: str) -> str:
    """Whose license it is: that of the place whose law asks for one, a city or its state; else the clinic's own."""
    asked = (each for each in load().asked_of_clinic(place) if not each.silent)
    takes = (each for each in asked for wording in each.provisions if OWN_LICENSE in wording.accepts)
    return next((each.jurisdiction for each in takes if each.jurisdiction), place)


def _conflict(name: str, some: Sequence[Sequence[Any]]) -> str:
    (one, first), (other, second) = some[0], some[1]
    return f"Lines {first} and {second} say “{one}” and “{other}” of the license of {name}. Make them agree."


def check_license(line: Line, around: Around) -> None:
    """Notes what a row says wrongly of its clinic's license."""
    said = {field: column for field, column in COLUMNS.items() if told(line.values, column)}
    if not said:
        return
    if not line.meant.clinic:
        column = next(iter(said.values()))
        line.refuse(column, f"The row has {column} but no clinic. Say at which clinic, or leave the cell blank.")
        return
    found = around.licenses.get(line.meant.clinic)
    if found is None:
        return  # the clinic is not known, which is told already
    for column in said.values():
        line.refuse(column, found.conflicts.get(column))
    for each in found.line.problems:
        line.refuse(COLUMNS.get(each.field, "clinic"), each.problem, each.value)


def tell_license(line: Line, around: Around) -> None:
    """What is new about the clinic's license, and what is asked about it, on the first row that tells of it."""
    found = around.licenses.get(line.meant.clinic)
    if found is None or found.line.number != line.number or found.conflicts:
        return
    for each in found.line.questions:
        line.ask(COLUMNS.get(each.field, each.field), each.problem, each.value)
    line.changes += [each._replace(what=f"{each.what}, {found.clinic}") for each in found.line.changes]
    line.creates = line.creates or found.line.creates
