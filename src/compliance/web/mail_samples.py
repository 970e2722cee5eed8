"""Every kind of message with facts of nobody, for `/mailbox/previews`: what is mailed can be read before it is."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

from compliance.services import mailing
from compliance.services.mailing import Words

ORGANIZATION: Final = "Harbor Bodywork"


@dataclass(frozen=True, slots=True)
class Sample:
    """A message as one of its readers gets it: `title` says on which occasion."""

    kind: str
    title: str
    facts: Mapping[str, object]

    @property
    def id(self) -> str:
        """As an address names it."""
        return "-".join([self.kind, *re.findall("[a-z]+", self.title.lower())])


def samples(today: date, public_url: str) -> list[Sample]:
    """One of each kind, and of some kinds each of the forms that they take."""
    frame: dict[str, object] = {
        "organization": ORGANIZATION,
        "postal_address": "12 Quay Street, Tampa, FL 33602",
        "reply_to": "maria@harborbodywork.example",
        "reply_to_name": "Maria Lindqvist",
        "answers": "Maria Lindqvist",
        "zone": "America/New_York",
        "public_url": public_url,
        "link": f"{public_url}/mailbox/previews",
        "settings_link": f"{public_url}/mailbox/previews",
        "decisions_link": f"{public_url}/mailbox/previews",
        "name": "Sofia Papadopoulou",
        "first_name": "Sofia",
        "valid_for": "24 hours",
    }
    found = [*_reminders(today, str(frame["link"])), *_answers(today), *_of_accounts(), *_of_owners(today)]
    return [Sample(each.kind, each.title, frame | dict(each.facts)) for each in found]


def words_of(sample: Sample, today: date) -> Words:
    """As its reader sees it."""
    return mailing.render(sample.kind, sample.facts, today)


def _line(today: date, days: int, link: str, **more: object) -> dict[str, object]:
    ends_on = today + timedelta(days=days)
    return {
        "about": str(days), "anchor": "expiry", "holder": "Sofia Papadopoulou", "by_clinic": False,
        "credential": "Florida massage license", "number": "MA 92644", "ends_on": ends_on.isoformat(),
        "from_on": (ends_on + timedelta(days=1)).isoformat(), "clinic": "Tampa", "forbids_practice": True,
        "opens_on": (today - timedelta(days=20)).isoformat(), "apply_by_on": None,
        "board": "Florida Board of Massage Therapy", "hours_asked": 24, "hours_years": 2,
        "hours_said": "15.5 of 24 hours, 8.5 missing", "link": link, "link_is": "renewal",
        "next_on": (today + timedelta(days=7)).isoformat(),
    } | more  # fmt: skip


def _reminders(today: date, link: str) -> list[Sample]:
    to, kind = {"to": "therapist", "whom": "therapist"}, mailing.REMINDER
    cpr: dict[str, Any] = {"credential": "CPR card", "number": "", "forbids_practice": False, "hours_said": "",
                           "hours_asked": None, "opens_on": None}  # fmt: skip
    staff = {"to": "staff", "whom": "manager", "first_name": ""}
    other = {"about": "x", "holder": "Elena Petrova", "link_is": "", "number": "MA 80333"}
    missing: dict[str, Any] = {"about": "y", "holder": "Grace Adeyemi", "anchor": "missing", "link_is": "",
                               "requirement": "Professional certification", "number": "", "hours_said": "",
                               "hours_asked": None, "opens_on": None}  # fmt: skip
    first = _line(today, 30, link)
    return [
        Sample(kind, "To a therapist, thirty days ahead", to | {"lines": [first]}),
        Sample(kind, "To a therapist, after the end", to | {"lines": [_line(today, -3, link)]}),
        Sample(kind, "To a therapist, two things", to | {"lines": [first, _line(today, 45, link, **cpr)]}),
        Sample(kind, "To a manager, several people", staff | {"lines": [
            _line(today, 0, link, link_is=""), _line(today, 14, link, **other), _line(today, -14, link, **missing),
        ]}),
    ]  # fmt: skip


def _answers(today: date) -> list[Sample]:
    ends_on = (today + timedelta(days=30)).isoformat()
    credential = {"credential": "Florida massage license", "number": "MA 92644", "ends_on": ends_on}
    return [
        Sample("renewal-accepted", "A renewal was accepted",
               credential | {"new_ends_on": (today + timedelta(days=760)).isoformat()}),
        Sample("renewal-sent-back", "A renewal was sent back",
               credential | {"reason": "The photo does not show the last day. Please take one of the whole card."}),
    ]  # fmt: skip


def _of_accounts() -> list[Sample]:
    old, new = {"old_address": "sofia@example.org"}, {"new_address": "sofia.p@example.org"}
    changed = {"change": "app-added", "about": "", "address": "sofia@example.org"}
    return [
        Sample("sign-in-link", "A link to sign in", {}),
        Sample("set-password", "An invitation", {}),
        Sample("confirm-address", "Another address is confirmed", old | new),
        Sample("address-asked", "The old address is told", old | new),
        Sample("account-changed", "A second factor was set up", changed),
        Sample("account-changed", "Somebody guesses", changed | {"change": "second-factor-guessed"}),
    ]


def _of_owners(today: date) -> list[Sample]:
    trouble = ["The job plan-reminders has not run for 2 hours.", "The mail server does not answer since 8:10 AM."]
    given = {"recipient_name": "Elena Petrova", "recipient_address": "elena@example.org", "bad_address": True,
             "unsure": False, "original_subject": "Your Florida massage license ends in 30 days",
             "reason": "550 no such user"}  # fmt: skip
    going = {"goes_out": 4, "skipped": 2, "without_address": 1, "started_on": today.isoformat()}
    month: dict[str, Any] = {"clinic": "Tampa", "starts_on": (today - timedelta(days=30)).isoformat(),
                             "ends_on": today.isoformat(), "every": "month"}  # fmt: skip
    part = {"clinic": "Tampa", "no": [{"name": "Ruth Abernathy", "why": "License lapsed"}], "no_more": 0,
            "soon": [{"name": "Elena Petrova", "why": "License ends in 12 days"}], "soon_more": 2}  # fmt: skip
    week: dict[str, Any] = {"no_count": 1, "soon_count": 3, "waiting": 2, "parts": [part]}
    proof = {"entries": 1204, "checkpoint": "v1 1204 9f2c...e1 2026-11-22T08:00:00Z", "key": "ed25519 MCowBQ...",
             "certificates": [("Harbor Bodywork", "AB:CD:EF")]}  # fmt: skip
    gone = {"whose": "Ruth Abernathy", "file": True, "count": 1, "through": "Nov 30, 2019", "day": "Dec 1, 2026"}
    going_by = {"count": 2, "records": [gone, gone | {"whose": "Elena Petrova", "file": False, "count": 4}],
                "more": 0, "before": 3}  # fmt: skip
    return [
        Sample("weekly-digest", "The week", week),
        Sample("weekly-digest", "A quiet week", week | {"no_count": 0, "soon_count": 0, "waiting": 0, "parts": []}),
        Sample("going-live", "Reminders are on", going),
        Sample("regular-report", "A regular report", month),
        Sample("given-up", "A mail could not be delivered", given),
        Sample("alarm", "Something does not work", {"troubles": trouble, "more": 0}),
        Sample("trail-checkpoint", "A checkpoint of the history", proof),
        Sample("retention-due", "Files whose time of keeping ends", going_by),
    ]
