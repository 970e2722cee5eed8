"""The trail in words: what was done to what, and for each fact what it was and what it is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from compliance.db.queries.trail import Recorded
from compliance.domain.months import birthday_of
from compliance.domain.periods import FOREVER
from compliance.rendering import day as spell
from compliance.web.labels import modality_title, place, type_title

DEEDS: Final = {
    "therapist.added": "Therapist added",
    "therapist.changed": "Therapist changed",
    "therapist.departed": "Left all clinics",
    "therapist.held": "Put on legal hold",
    "therapist.released": "Legal hold ended",
    "therapist.exported": "Whole file handed out",
    "therapist.erased": "File erased",
    "certificates.erased": "Certificates erased",
    "retention.approved": "May go: its time of keeping is over",
    "retention.withdrawn": "Stays after all",
    "therapist.merged": "Two records made one",
    "therapist.unmerged": "Records parted again",
    "assignment.added": "Assigned",
    "assignment.changed": "Modalities changed",
    "assignment.ended": "Assignment ended",
    "assignment.reopened": "Ending taken back",
    "assignment.voided": "Assignment voided",
    "leave.recorded": "Leave recorded",
    "leave.voided": "Leave voided",
    "credential.added": "Credential added",
    "credential.renewed": "Credential renewed",
    "credential.corrected": "Credential corrected",
    "credential.voided": "Credential voided",
    "term.corrected": "Term corrected",
    "term.voided": "Term voided",
    "standing.recorded": "Standing recorded",
    "standing.voided": "Standing voided",
    "verification.recorded": "Verification recorded",
    "verification.resolved": "Verification decided",
    "verification.voided": "Verification voided",
    "evidence.attached": "File attached",
    "evidence.linked": "File linked",
    "evidence.unlinked": "File taken off",
    "course.recorded": "Course recorded",
    "course.corrected": "Course corrected",
    "course.voided": "Course voided",
    "submission.sent": "Answer sent in by the link of a reminder",
    "submission.accepted": "Renewal accepted",
    "submission.sent-back": "Answer sent back",
    "submission.noted": "Answer noted",
    "submission.withdrawn": "Answer overtaken",
    "submission.reopened": "Answer waits for review again",
    "exposures.checked": "Treatments held against who was cleared",
    "regular-report.set": "Report to be made regularly",
    "regular-report.made": "Regular report made",
    "regular-report.ended": "Report made regularly no more",
    "packet.made": "Evidence packet made",
    "calendar.made": "Calendar made",
    "calendar.revoked": "Calendar revoked",
    "waiver.granted": "Requirement waived",
    "waiver.voided": "Waiver voided",
    "reminder.queued": "Reminder queued",
    "reminders.withdrawn": "Reminders withdrawn",
    "reminders.reopened": "Reminders planned again",
    "ladder.set": "Ladder of reminders set",
    "ladder.cleared": "Ladder of reminders dropped",
    "delegate.named": "Somebody stands in",
    "delegate.ended": "Nobody stands in any more",
}

FACTS: Final = {
    "first_name": "First name", "last_name": "Last name", "name_starts_on": "Name from", "email": "E-mail",
    "npi": "NPI", "phone": "Phone", "birth_date": "Birth date", "type": "Type", "jurisdiction": "Jurisdiction",
    "issuing_authority": "Issued by", "number": "Number", "first_issued_on": "First issued", "starts_on": "From",
    "ends_on": "To", "last_day": "Last day", "term.starts_on": "From", "term.ends_on": "To", "standing": "Standing",
    "standing.starts_on": "Standing from", "result": "Result", "verified_on": "Looked on", "verified_by": "By",
    "source": "Where", "method": "How", "file_name": "File", "requirement": "Requirement", "granted_by": "Waived by",
}  # fmt: skip
"""Labels, in the order in which people tell facts."""

# Ids and marks that mean nothing to a reader.
_SILENT: Final = frozenset(
    {
        "term", "evidence", "verification", "clinic_id", "term.inferred", "sha256", "size", "media_type", "kept_id",
        "merged_id", "replaces", "standing.note", "void", "assignments", "link", "inferred",
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Change:
    """One fact of an entry: what it was (empty: nothing) and what it is."""

    label: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class Told:
    """One entry as a person reads it."""

    at: datetime
    who: str
    deed: str
    about: str
    changes: tuple[Change, ...]
    why: str


def told(entry: Recorded, subjects: Mapping[str, str], clinics: Mapping[str, str]) -> Told:
    """`subjects`: labels of credentials by their subject; `clinics`: names by id."""
    keys = sorted(({*entry.old, *entry.new}) - _SILENT, key=_place)
    changes = [Change(_label(key), _word(key, entry.old.get(key)), _word(key, entry.new.get(key))) for key in keys]
    place_id = str(entry.new.get("clinic_id") or entry.old.get("clinic_id") or "")
    about = subjects.get(entry.subject, "") or clinics.get(place_id, "")
    shown = tuple(each for each in changes if each.old or each.new)
    return Told(entry.at, _who(entry), DEEDS.get(entry.action, _readable(entry.action)), about, shown, entry.why)


def _place(key: str) -> tuple[int, str]:
    """Facts as people tell them, the rest behind: the trail has them by the alphabet."""
    return (_ORDER.index(key) if key in _ORDER else len(_ORDER), key)


_ORDER: Final = tuple(FACTS)


def _label(key: str) -> str:
    return FACTS.get(key) or key.rpartition(".")[2].replace("_", " ").replace("-", " ").capitalize()


def _readable(action: str) -> str:
    noun, _, verb = action.partition(".")
    return f"{noun} {verb}".replace("-", " ").capitalize()


def _who(entry: Recorded) -> str:
    """A person's name; a job or the command line by its own."""
    kind, _, name = entry.who.partition(":")
    plain = {"job": f"job {name}", "cli": f"command line, {name}", "link": "a renewal link", "key": "an access key"}
    return plain.get(kind, "somebody who is no longer here" if kind == "user" else entry.who)


def _word(key: str, value: Any) -> str:
    """A value of the trail in words; days the American way."""
    if value in (None, "", [], {}):
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Mapping):
        return ", ".join(f"{name.replace('_', ' ')} {_word(name, each)}" for name, each in value.items())
    if isinstance(value, list | tuple):
        return ", ".join(_word(key, each) for each in value)
    return _text(key, str(value))


def _text(key: str, text: str) -> str:
    if key == "birth_date":
        return birthday_of(text)  # the year shows to those who edit it, in the form
    text = text.strip('"') if key == "details" else text
    if key == "modalities":
        return modality_title(text)
    if key == "type":
        return type_title(text)
    if key == "jurisdiction":
        return place(text)
    if key in ("standing", "result", "requirement"):
        return text.replace("-", " ")
    try:
        day = date.fromisoformat(text) if len(text) == 10 else None
    except ValueError:
        day = None
    if day is None:
        return text
    return "no end" if day == FOREVER else "always" if day == date.min else spell(day)
