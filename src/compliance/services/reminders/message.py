"""What a reminder says, as facts: the words are in `templates/messages/renewal-reminder/`."""

from __future__ import annotations

from datetime import date
from typing import Final

from compliance.catalog import load
from compliance.db.queries.ladders import Clinic
from compliance.domain.periods import ONE_DAY
from compliance.domain.reminders import THERAPIST, Rung, next_rung_day
from compliance.services.mailing import MailSettings, sender_facts
from compliance.services.reminders.situation import Situation

FORBIDS_PRACTICE: Final = frozenset(
    {"massage-license", "massage-registration", "local-permit", "temporary-permit", "compact-privilege"}
)
"""Types without which the law lets nobody practice; of others the mail only says that they end."""


def reminder_facts(here: Situation, rung: Rung, mail: MailSettings) -> dict[str, object]:
    """The facts of one reminder. All of them are plain text, numbers or ISO days."""
    subject, answers = here.subject, here.answers
    opens_on, board = _window(here)
    places = _places(here)
    return sender_facts(subject.organization, answers, here.zone) | {
        "to": "therapist" if rung.recipient == THERAPIST else "staff",
        "first_name": subject.holder.first_name if subject.holder else "",
        "holder": here.holder_name,
        "by_clinic": subject.holder is None,
        "credential": here.label,
        "number": subject.number,
        "ends_on": subject.ends_on.isoformat(),
        "from_on": (subject.ends_on + ONE_DAY).isoformat(),
        "clinic": _listed([each.name for each in places]),
        "forbids_practice": subject.type in FORBIDS_PRACTICE and bool(places),
        "opens_on": opens_on.isoformat() if opens_on else None,
        "board": board,
        "answers": answers.name if answers else "",
        "next_on": _iso(next_rung_day((each for each in here.rungs if each.recipient == rung.recipient), here.today)),
        "link": mail.link(_page(here)),
    }


def _places(here: Situation) -> list[Clinic]:
    """The clinics that the credential speaks of: those in its jurisdiction, or all if it is good anywhere."""
    of = here.subject.jurisdiction
    return [each for each in here.clinics if of is None or f"{each.jurisdiction}-".startswith(f"{of}-")]


def _listed(names: list[str]) -> str:
    return " and ".join(filter(None, (", ".join(names[:-1]), *names[-1:])))


def _page(here: Situation) -> str:
    if here.therapist_id:
        return f"therapists/{here.therapist_id}"
    return f"clinics/{here.clinic.id}" if here.clinic else ""


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None


def _window(here: Situation) -> tuple[date | None, str]:
    """From when the board takes renewals, where the catalog knows it, and the board's name."""
    catalog, subject = load(), here.subject
    place = catalog.jurisdictions.get(subject.jurisdiction or "")
    if place is None:
        return None, ""
    rule = catalog.renewal(place.code, subject.type, subject.ends_on)
    return (rule.window_opens_on(subject.ends_on) if rule else None), (place.board.name if place.board else "")
