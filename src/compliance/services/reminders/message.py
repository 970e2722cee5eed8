"""What a reminder says, as facts: the words are in `templates/messages/renewal-reminder/`.

A message has a frame (who writes to whom) and a line for each reminder it carries.
"""

from __future__ import annotations

from datetime import date
from typing import Final

from compliance.db.queries.ladders import Clinic
from compliance.domain.matters import Matter, from_on
from compliance.domain.periods import ONE_DAY
from compliance.domain.reminders import THERAPIST, Rung
from compliance.services.mailing import MailSettings, sender_facts
from compliance.services.reminders.situation import Situation, label

FORBIDS_PRACTICE: Final = frozenset(
    {"massage-license", "massage-registration", "local-permit", "temporary-permit", "compact-privilege"}
)
"""Types without which the law lets nobody practice; of others the mail only says that they end."""

Facts = dict[str, object]


def frame_facts(here: Situation, recipient: str) -> Facts:
    """What the whole message says, whatever it carries."""
    answers, holder = here.answers, here.subject.holder
    return sender_facts(here.subject.organization, answers, here.zone) | {
        "to": "therapist" if recipient == THERAPIST else "staff",
        "whom": here.contacts[recipient].whom,
        "first_name": holder.first_name if holder else "",
        "answers": answers.name if answers else "",
    }


def term_facts(here: Situation, rung: Rung, mail: MailSettings) -> Facts:
    """What a reminder about the end of a term says. All of it is plain text, numbers or ISO days."""
    subject, law, places = here.subject, here.law, _places(here)
    return {
        "anchor": rung.anchor,
        "holder": here.holder_name,
        "by_clinic": subject.holder is None,
        "credential": here.label,
        "number": subject.number,
        "ends_on": subject.ends_on.isoformat(),
        "from_on": (subject.ends_on + ONE_DAY).isoformat(),
        "clinic": listed([each.name for each in places]),
        "forbids_practice": subject.type in FORBIDS_PRACTICE and bool(places),
        "opens_on": _iso(law.opens_on),
        "apply_by_on": _iso(law.apply_by),
        "board": law.board,
        "hours_asked": law.hours_asked,
        "hours_years": law.hours_years,
        "link": mail.link(_page(here)),
        "link_is": "",
    }


def matter_facts(here: Situation, matter: Matter, rung: Rung, mail: MailSettings) -> Facts:
    """What a reminder about something else in a file says."""
    places, held = here.subject.places, matter.credential
    return {
        "anchor": rung.anchor.partition(":")[0],
        "holder": here.holder_name,
        "by_clinic": here.subject.holder is None,
        "credential": label(held.type, held.jurisdiction) if held else "",
        "number": held.number if held else "",
        "ends_on": matter.on.isoformat(),
        "from_on": from_on(matter).isoformat(),
        "clinic": listed([places[each].name for each in matter.clinic_ids if each in places]),
        "forbids_practice": False,
        "opens_on": None,
        "board": "",
        "requirement": matter.requirement,
        "first_look": matter.first_look,
        "link": mail.link(f"credentials/{held.id}" if held else _page(here)),
        "link_is": "",
    }


def _places(here: Situation) -> list[Clinic]:
    """The clinics that the credential speaks of: those in its jurisdiction, or all if it is good anywhere."""
    of = here.subject.jurisdiction
    return [each for each in here.clinics if of is None or f"{each.jurisdiction}-".startswith(f"{of}-")]


def listed(names: list[str]) -> str:
    """`Tampa, Miami and Ocala`."""
    return " and ".join(filter(None, (", ".join(names[:-1]), *names[-1:])))


def _page(here: Situation) -> str:
    if here.therapist_id:
        return f"therapists/{here.therapist_id}"
    return f"clinics/{here.clinic.id}" if here.clinic else ""


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None
