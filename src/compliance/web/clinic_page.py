"""What one clinic's page shows: its people with their verdicts, what it holds itself, and what is asked there."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any, Final
from urllib.parse import urlencode
from uuid import UUID

from compliance.catalog import Board, load
from compliance.db.queries.clearances import by_clinic
from compliance.db.queries.clinic_pages import working_at
from compliance.db.queries.clinics import Clinic, board_addresses
from compliance.db.queries.therapist_list import Wanted, therapists
from compliance.domain.credentials import CredentialFile
from compliance.services.assessments import Frame
from compliance.web.labels import credential_label, current_term, place
from compliance.web.law import lines, zone_name
from compliance.web.page import Page
from compliance.web.sights import narrowed, sight_of
from compliance.web.verdicts import verdicts

ROWS: Final = 50
SHOWN: Final = {"": "Everybody", "no": "Not cleared", "soon": "Ends within 30 days", "yes": "Cleared"}


def where(clinic: Clinic) -> str:
    """`Florida, Eastern time`."""
    return f"{place(clinic.jurisdiction)}, {zone_name(clinic.time_zone)}"


async def people(page: Page, clinic: Clinic) -> dict[str, Any]:
    """A page of who works there, with the verdict of each at this clinic alone."""
    session, mine = page.session, page.organization_id
    sight, at = await sight_of(page)
    here = narrowed(at, clinic.id)
    shown = page.request.query_params.get("verdict", "")
    wanted = Wanted(clinic_id=clinic.id, verdict=shown if shown in SHOWN else "")
    after, before = [_id(page.request.query_params.get(each, "")) for each in ("after", "before")]
    about: dict[str, Any] = {"clinic_ids": page.clinic_ids, "limit": ROWS, "after": after, "before": before}
    found = await therapists(session, mine, wanted, here, **about)
    alone = replace(sight, places={clinic.id: sight.places[clinic.id]}, days={clinic.id: here[0].day})
    links = {each: _address(clinic, verdict=each, as_of=_as_of(page)) for each in SHOWN}
    if found.has_previous and found.rows:
        links["previous"] = _address(clinic, verdict=wanted.verdict, as_of=_as_of(page), before=found.rows[0].id)
    if found.has_next and found.rows:
        links["next"] = _address(clinic, verdict=wanted.verdict, as_of=_as_of(page), after=found.rows[-1].id)
    return {
        "rows": found.rows,
        "verdicts": await verdicts(session, mine, found.rows, alone),
        "working": (await working_at(session, mine, here))[clinic.id],
        "against": (await by_clinic(session, mine, here)).get(clinic.id, 0),
        "soon": (await by_clinic(session, mine, here, within_days=30)).get(clinic.id, 0),
        "shown": wanted.verdict,
        "choices": SHOWN,
        "links": links,
        "day": here[0].day,
        "stale": any(each.fingerprint != sight.frame.fingerprint for each in found.rows),
    } | await around(page, clinic, sight.frame, here[0].day)


def _as_of(page: Page) -> str:
    return page.request.query_params.get("as_of", "")


def _address(clinic: Clinic, **query: object) -> str:
    given = {name: value for name, value in query.items() if value}
    return f"/clinics/{clinic.id}" + (f"?{urlencode(given)}" if given else "")


def _id(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


async def around(page: Page, clinic: Clinic, rules: Frame, day: date) -> dict[str, Any]:
    """The clinic's facts, its own credentials, the law of the place and the board that answers for it."""
    addresses = await board_addresses(page.session, page.organization_id)
    return {
        "where": where(clinic),
        "held": held(rules, clinic, day),
        "asked_of_clinic": [each for each in law(rules, clinic, day) if each.of_clinic],
        "law": law(rules, clinic, day),
        "board": board(clinic.jurisdiction),
        "board_address": addresses.get(clinic.jurisdiction),
    }


def law(rules: Frame, clinic: Clinic, day: date) -> list[Any]:
    """What is asked there on a day, the organization's own policies among it."""
    return lines(lambda modality: rules.asked(modality, clinic.jurisdiction), day)


def board(jurisdiction: str) -> Board | None:
    """The board of the place, or of the state that it lies in."""
    chain = reversed(load().chain(jurisdiction))
    return next((found for each in chain if (found := load().jurisdictions[each].board)), None)


def held(rules: Frame, clinic: Clinic, day: date) -> list[dict[str, Any]]:
    """What the clinic holds itself, with its term and whether that is in force."""
    file = rules.clinic_files.get(clinic.id, CredentialFile(clinic.id, clinic.name))
    found = []
    for each in file.credentials:
        term = current_term(each, day)
        in_force = term is not None and term.starts_on <= day <= term.ends_on
        found.append({"id": each.id, "label": credential_label(each), "term": term, "in_force": in_force})
    return found
