"""What a list of therapists is asked for, from its address and back into addresses."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Final
from urllib.parse import urlencode
from uuid import UUID

from compliance.catalog import load
from compliance.db.queries.clinics import Clinic
from compliance.db.queries.therapist_list import Slice, Wanted
from compliance.web.page import Page

VERDICTS: Final = {"": "All", "no": "Not cleared", "soon": "Ends within 30 days", "yes": "Cleared"}
PEOPLE: Final = {"current": "Working here or new", "former": "Left", "merged": "Merged records"}
SORTS: Final = ("name", "-name", "until", "-until", "added")


def read_wanted(page: Page) -> Wanted:
    """What the address asks for; a value that means nothing is left out, for a list should always come."""
    given = page.request.query_params
    return Wanted(
        text=given.get("q", "").strip()[:200],
        clinic_id=read_id(given.get("clinic", "")),
        modality=_one_of(given.get("modality", ""), load().modalities),
        verdict=_one_of(given.get("verdict", ""), VERDICTS),
        people=_one_of(given.get("people", ""), PEOPLE) or "current",
        sort=_one_of(given.get("sort", ""), SORTS) or "name",
    )


def _one_of(value: str, allowed: Collection[str]) -> str:
    return value if value in allowed else ""


def read_id(text: str) -> UUID | None:
    """An id of an address; what is none is as if it were not there."""
    try:
        return UUID(text)
    except ValueError:
        return None


def choices(clinics: Iterable[Clinic]) -> dict[str, list[tuple[str, str]]]:
    """What can be chosen above the list."""
    return {
        "clinic": [("", "All clinics"), *((str(each.id), each.name) for each in clinics)],
        "modality": [("", "All modalities"), *((each.code, each.title) for each in load().modalities.values())],
        "people": list(PEOPLE.items()),
    }


def links(page: Page, wanted: Wanted, found: Slice) -> dict[str, str]:
    """Addresses of the same list: each verdict, other orders, the pages beside this one."""
    here = query(page, wanted)
    given = {f"verdict {each}": address(here | {"verdict": each}) for each in VERDICTS}
    for column in ("name", "until"):
        turned = f"-{column}" if wanted.sort == column else column
        given[f"by {column}"] = address(here | {"sort": "" if turned == "name" else turned})
    given["last added"] = address(here | {"sort": "added"})
    if found.has_previous and found.rows:
        given["previous"] = address(here | {"before": str(found.rows[0].id)})
    if found.has_next and found.rows:
        given["next"] = address(here | {"after": str(found.rows[-1].id)})
    return given


def query(page: Page, wanted: Wanted) -> dict[str, str]:
    """What the address says of this list; empty where it says nothing."""
    return {
        "q": wanted.text,
        "clinic": str(wanted.clinic_id or ""),
        "modality": wanted.modality,
        "verdict": wanted.verdict,
        "people": "" if wanted.people == "current" else wanted.people,
        "sort": "" if wanted.sort == "name" else wanted.sort,
        "as_of": page.request.query_params.get("as_of", ""),
    }


def address(query: dict[str, str], path: str = "/therapists") -> str:
    """The path with what is not empty."""
    given = {name: value for name, value in query.items() if value}
    return f"{path}?{urlencode(given)}" if given else path
