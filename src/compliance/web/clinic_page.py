"""What one clinic's page shows: its people with their verdicts, what it holds itself, and what is asked there."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import date
from typing import Any, Final
from urllib.parse import urlencode
from uuid import UUID

from compliance.catalog import Board, load
from compliance.catalog.telling import TOPICS
from compliance.catalog.values import Duty, Topic
from compliance.db.queries.clearances import by_clinic
from compliance.db.queries.clinic_pages import working_at
from compliance.db.queries.clinics import Clinic, board_addresses
from compliance.db.queries.therapist_list import Wanted, therapists
from compliance.domain.requirements import Asked
from compliance.services.assessments import Frame, clinic_findings
from compliance.web import stopped_clinics
from compliance.web.labels import credential_label, current_term, place
from compliance.web.law import lines_with_clinics, zone_name
from compliance.web.page import Page
from compliance.web.sights import narrowed, sight_of
from compliance.web.verdicts import Verdict, verdicts

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
    after, before = [known_id(page.request.query_params.get(each, "")) for each in ("after", "before")]
    about: dict[str, Any] = {"clinic_ids": page.clinic_ids, "limit": ROWS, "after": after, "before": before}
    found = await therapists(session, mine, wanted, here, **about)
    codes = {each.code for each in sight.frame.joined_by(clinic.id)}
    alone = replace(sight, places={clinic.id: sight.places[clinic.id]}, days={clinic.id: here[0].day})
    links = {each: address(clinic, "", verdict=each, as_of=_as_of(page)) for each in SHOWN}
    if found.has_previous and found.rows:
        links["previous"] = address(clinic, "", verdict=wanted.verdict, as_of=_as_of(page), before=found.rows[0].id)
    if found.has_next and found.rows:
        links["next"] = address(clinic, "", verdict=wanted.verdict, as_of=_as_of(page), after=found.rows[-1].id)
    return {
        "rows": found.rows,
        "verdicts": _said_once(await verdicts(session, mine, found.rows, alone), codes),
        "working": (await working_at(session, mine, here))[clinic.id],
        "against": (await by_clinic(session, mine, here)).get(clinic.id, 0),
        "soon": (await by_clinic(session, mine, here, within_days=30)).get(clinic.id, 0),
        "shown": wanted.verdict,
        "choices": SHOWN,
        "links": links,
        "day": here[0].day,
        "stale": any(each.fingerprint != sight.frame.fingerprint for each in found.rows),
    } | await around(page, clinic, sight.frame, here[0].day)


def _said_once(found: dict[UUID, Verdict], codes: Collection[str]) -> dict[UUID, Verdict]:
    """What to do about what the clinic itself lacks stands above the list, and not beside everybody in it."""
    return {id_: replace(each, step=None) if each.requirement in codes else each for id_, each in found.items()}


def _as_of(page: Page) -> str:
    return page.request.query_params.get("as_of", "")


def address(clinic: Clinic, part: str, **query: object) -> str:
    """The clinic's page, or a part of it, with what the query says."""
    given = {name: value for name, value in query.items() if value}
    return f"/clinics/{clinic.id}{part}" + (f"?{urlencode(given)}" if given else "")


def known_id(text: str) -> UUID | None:
    """The id in an address; None for what is none."""
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
        "own_findings": clinic_findings(rules, clinic.id, day),
        "stopped": stopped_clinics.against(rules, clinic, day),
        "waived": [each for each in rules.clinic_file(clinic.id).waivers if each.ends_on >= day],
        "duties": duties(clinic, day),
        "law": law(rules, clinic, day),
        "board": board(clinic.jurisdiction),
        "board_address": addresses.get(clinic.jurisdiction),
    }


def law(rules: Frame, clinic: Clinic, day: date) -> list[Any]:
    """What is asked there on a day, the organization's own policies among it."""
    return lines_with_clinics(rules, clinic.jurisdiction, day)


TOLD: Final = (Topic.DISPLAY, Topic.LICENSE_CHECK, Topic.DISCLOSURE, Topic.NOTICE)
"""Duties of whoever runs a place, which no credential meets."""


def duties(clinic: Clinic, day: date) -> list[tuple[str, Duty]]:
    """What has to be displayed, checked, handed out and reported at the place, with where that is said."""
    law = load()
    told = [duty for code in law.chain(clinic.jurisdiction) for duty in law.jurisdictions[code].duties]
    here = [each for each in told if each.topic in TOLD and each.applies_on <= day and each.asked is Asked.YES]
    return [(TOPICS[each.topic], each) for each in sorted(here, key=lambda each: TOLD.index(each.topic))]


def board(jurisdiction: str) -> Board | None:
    """The board of the place, or of the state that it lies in."""
    chain = reversed(load().chain(jurisdiction))
    return next((found for each in chain if (found := load().jurisdictions[each].board)), None)


def held(rules: Frame, clinic: Clinic, day: date) -> list[dict[str, Any]]:
    """What the clinic holds itself, with its term and whether that is in force."""
    found = []
    for each in rules.clinic_file(clinic.id).credentials:
        term = current_term(each, day)
        in_force = term is not None and term.starts_on <= day <= term.ends_on
        found.append({"id": each.id, "label": credential_label(each), "term": term, "in_force": in_force})
    return found
