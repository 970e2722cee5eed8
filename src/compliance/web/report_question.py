"""The form of an audit report's question: what was typed becomes a question, or a sentence for each field."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession

from compliance.catalog import load
from compliance.db.queries import references
from compliance.db.queries.accounts import sees_therapist
from compliance.db.queries.clinics import clinic
from compliance.domain.audit_report import Span
from compliance.rendering import plural
from compliance.services.audit_reports import Asked, AskedSample
from compliance.web.forms import Form, asked
from compliance.web.page import Page

FORMATS: Final = {"pdf": "PDF", "xlsx": "Excel", "csv": "CSV", "json": "JSON"}
MOST_NAMED: Final = 50


@dataclass(frozen=True)
class Question:
    """What a report answers. No clinic: the whole organization; `known_on`: what was on record at its end.

    `therapists` are names, addresses or ids, a semicolon or a comma between them.
    """

    as_of: date = asked("the day that the report is about")
    clinic_id: UUID | None = asked("a clinic of the list", default=None)
    clinic_ids: tuple[UUID, ...] = asked("clinics of the list", default=())
    therapists: str = asked("the therapists", default="", longest=5_000)
    modalities: tuple[str, ...] = asked("modalities of the list", default=())
    sample: int | None = asked("how many people", default=None)
    seed: int | None = asked("the seed", default=None)
    starts_on: date | None = asked("the period's first day", default=None)
    ends_on: date | None = asked("the period's last day", default=None)
    known_on: date | None = asked("the day up to which records count", default=None)
    format: str = asked("the format", default="pdf")

    @property
    def clinics(self) -> frozenset[UUID]:
        """All clinics that were chosen, in whichever way."""
        return frozenset((*self.clinic_ids, *([self.clinic_id] if self.clinic_id else [])))


async def question_of(page: Page, session: AsyncSession, form: Form[Question]) -> Asked | None:
    """The question that was asked; None when something in it is wrong, which the form then says."""
    given = form.value
    if given is None:
        return None
    await _check_clinics(page, session, form, given)
    _check_days(form, given)
    _check_rest(form, given)
    people = await _people(page, session, form, given)
    if form.errors:
        return None
    return Asked(
        clinic_id=None,
        as_of=given.as_of,
        known_at=_known_at(page, given.known_on),
        period=Span(given.starts_on, given.ends_on) if given.starts_on and given.ends_on else None,
        clinic_ids=tuple(given.clinics),
        therapist_ids=people,
        modalities=given.modalities,
        sample=AskedSample(given.sample, given.seed) if given.sample else None,
    )


async def _check_clinics(page: Page, session: AsyncSession, form: Form[Question], given: Question) -> None:
    for each in given.clinics:
        page.see_clinic(each)
        page.found(await clinic(session, page.organization_id, each))
    if page.clinic_ids and not given.clinics:
        form.refuse("clinic_id", "Choose one of your clinics.")


def _check_days(form: Form[Question], given: Question) -> None:
    if (given.starts_on is None) != (given.ends_on is None):
        form.refuse("starts_on" if given.starts_on is None else "ends_on", "Give both days of the period, or neither.")
    elif given.starts_on and given.ends_on and given.ends_on < given.starts_on:
        form.refuse("ends_on", "The period ends before it begins. Give a last day that is not earlier.")


def _check_rest(form: Form[Question], given: Question) -> None:
    if given.format not in FORMATS:
        form.refuse("format", f"“{given.format}” is no format; there are {', '.join(FORMATS.values())}.")
    strange = next((each for each in given.modalities if each not in load().modalities), None)
    if strange is not None:
        form.refuse("modalities", f"“{strange}” is no modality of the list.")
    if given.sample is not None and given.sample < 1:
        form.refuse("sample", "A sample has at least one person.")
    if given.seed is not None and given.sample is None:
        form.refuse("sample", "Say how many people the seed is to draw.")
    if given.seed is not None and given.seed < 0:
        form.refuse("seed", "Give a seed of 0 or more.")


async def _people(page: Page, session: AsyncSession, form: Form[Question], given: Question) -> tuple[UUID, ...]:
    """The therapists whom the text names: of this organization, and in sight of the viewer."""
    refs = [each.strip() for each in given.therapists.replace(";", ",").split(",") if each.strip()]
    if len(refs) > MOST_NAMED:
        form.refuse("therapists", f"These are {len(refs)}; name at most {MOST_NAMED}, or ask for a clinic.")
        return ()
    found: list[UUID] = []
    for ref in refs:
        there = [each.id for each in await references.therapists(session, ref, page.organization_id)]
        seen = [each for each in there if await _sees(page, session, each)]
        if len(seen) != 1:
            which = "Nobody here is" if not seen else f"{len(seen)} people are"
            form.refuse("therapists", f"{which} called “{ref}”. Give the e-mail address, or the whole name.")
        found += seen[:1]
    return tuple(found)


async def _sees(page: Page, session: AsyncSession, therapist_id: UUID) -> bool:
    return await sees_therapist(session, page.organization_id, therapist_id, clinic_ids=page.clinic_ids)


def _known_at(page: Page, day: date | None) -> datetime:
    """The end of that day in the organization's zone, or now if that is earlier."""
    if day is None:
        return page.now
    return min(datetime.combine(day, time.max, ZoneInfo(page.membership.time_zone)), page.now)


def again(plain: dict[str, Any]) -> list[tuple[str, str]]:
    """The hidden fields of a form that asks a kept question anew."""
    period = plain["period"] or (None, None)
    sample = plain.get("sample") or (None, None)
    one = {
        "as_of": plain["as_of"],
        "starts_on": period[0],
        "ends_on": period[1],
        "therapists": ", ".join(plain.get("therapist_ids", ())),
        "sample": sample[0],
        "seed": sample[1],
    }
    clinics = plain.get("clinic_ids") or [plain["clinic_id"]]
    many = [("clinic_ids", each) for each in clinics if each]
    many += [("modalities", each) for each in plain.get("modalities", ())]
    return [(name, str(value)) for name, value in (*one.items(), *many) if value not in (None, "")]


def limits(plain: dict[str, Any]) -> list[str]:
    """What a kept question is limited to, in words."""
    known = load().modalities
    people, codes = len(plain.get("therapist_ids", ())), plain.get("modalities", ())
    found = [plural(people, "therapist")] if people else []
    found += [known[each].title if each in known else each for each in codes]
    if plain.get("sample"):
        size, seed = plain["sample"]
        found.append(f"a sample of {size:,}, drawn by {'the trail head' if seed is None else f'seed {seed}'}")
    return found
