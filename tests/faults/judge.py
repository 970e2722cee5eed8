"""The judge: what the mail server accepted, held against what the database says. Nothing else is asked, and nothing of
the program is imported: its own SQL, its own hash of the trail.

Every method named `i1` to `i9` is one rule (docs/reliability.md lists them) and gives a sentence for each breach of it.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg

RULES = ("i1", "i2", "i3", "i4", "i5", "i6", "i7", "i8", "i9")
OVER = ("dead", "held")


class Rows:
    """Asks either database in plain SQL; ids come back as 32 hexadecimal digits."""

    def __init__(self, url: str) -> None:
        self._url = url

    def __call__(self, query: str) -> list[tuple[Any, ...]]:
        rows = self._sqlite(query) if self._url.startswith("sqlite") else self._postgresql(query)
        return [tuple(each.hex if isinstance(each, UUID) else each for each in row) for row in rows]

    def _sqlite(self, query: str) -> Sequence[tuple[Any, ...]]:
        connection = sqlite3.connect(self._url.removeprefix("sqlite:///"), timeout=30)
        try:
            return connection.execute(query).fetchall()
        finally:
            connection.close()

    def _postgresql(self, query: str) -> Sequence[tuple[Any, ...]]:
        with psycopg.connect(self._url, autocommit=True) as connection:
            return connection.execute(query.encode()).fetchall()


@dataclass
class Message:
    id: str
    state: str
    kind: str
    message_id: str
    address: str
    token: int
    about: str


@dataclass
class Evidence:
    """Everything, read once."""

    messages: dict[str, Message]
    reminders: dict[str, tuple[str, str]]  # id -> state, credential
    carriers: dict[str, list[str]]  # reminder -> messages
    attempts: dict[str, list[tuple[int, str]]]  # message -> token and outcome
    accepted: dict[str, list[tuple[str, str]]]  # Message-ID -> hash and recipient
    faults: Counter[str]
    long_transactions: Sequence[str] = ()

    @classmethod
    def read(cls, url: str, log: Path, long_transactions: Sequence[str] = ()) -> Evidence:
        ask = Rows(url)
        columns = "id, state, kind, message_id, recipient_address, lease_token, facts"
        found = (Message(*row) for row in ask(f"SELECT {columns} FROM outbox"))
        carriers, attempts = defaultdict(list), defaultdict(list)
        for reminder, message in ask("SELECT reminder_id, outbox_id FROM outbox_reminders"):
            carriers[reminder].append(message)
        for message, token, outcome in ask("SELECT outbox_id, lease_token, outcome FROM deliveries"):
            attempts[message].append((token, outcome))
        notes = ask("SELECT id, state, subject_id FROM reminders")
        reminders = {id_: (state, credential) for id_, state, credential in notes}
        accepted, faults = _heard(log)
        messages = {each.id: each for each in found}
        return cls(messages, reminders, carriers, attempts, accepted, faults, long_transactions)


def _heard(log: Path) -> tuple[dict[str, list[tuple[str, str]]], Counter[str]]:
    accepted, faults = defaultdict(list), Counter[str]()
    for line in log.read_text().splitlines():
        entry = json.loads(line)
        if entry["what"] == "accepted":
            accepted[entry["id"]].append((entry["sha256"], entry["to"]))
        else:
            faults[f"{entry['place']} {entry['fault']}"] += 1
    return accepted, faults


@dataclass
class Judgement:
    """Breaches by rule, and the figures of the run."""

    breaches: dict[str, list[str]] = field(default_factory=dict)
    figures: dict[str, int] = field(default_factory=dict)

    @property
    def sound(self) -> bool:
        """Whether no rule was broken."""
        return not any(self.breaches.values())

    def __str__(self) -> str:
        lines = [f"{name}: {value}" for name, value in self.figures.items()]
        for rule, found in self.breaches.items():
            lines += [f"{rule} BROKEN ({len(found)}): {'; '.join(found[:5])}"] if found else []
        return "\n".join(lines)


class Judge:
    """Looks at the evidence of one run that has come to rest."""

    def __init__(self, url: str, log: Path, long_transactions: Sequence[str] = ()) -> None:
        self.ask = Rows(url)
        self.seen = Evidence.read(url, log, long_transactions)

    def judge(self) -> Judgement:
        return Judgement({rule: list(getattr(self, rule)()) for rule in RULES}, self.figures())

    def times(self, message: Message) -> int:
        return len(self.seen.accepted.get(message.message_id, ()))

    def unknown(self, message: Message) -> int:
        return sum(outcome == "unknown" for _, outcome in self.seen.attempts.get(message.id, ()))

    def i1(self) -> Iterator[str]:
        """Nobody is forgotten: whatever was due has been sent, or was given up with an alarm, or was withdrawn."""
        told = {credential for _, credential in self.seen.reminders.values()}
        renewed = "SELECT credential_id FROM terms GROUP BY credential_id HAVING count(*) > 1"
        untold = {row[0] for row in self.ask("SELECT id FROM credentials")} - told
        yield from (f"nothing was planned for {each}" for each in untold - {row[0] for row in self.ask(renewed)})
        for reminder, (state, _) in self.seen.reminders.items():
            states = {self.seen.messages[each].state for each in self.seen.carriers.get(reminder, ())}
            if state in ("planned", "queued"):
                yield f"reminder {reminder} is {state}, its message {states or 'missing'}"
            elif state == "done" and "sent" not in states:
                yield f"reminder {reminder} is done, its message {states}"
            elif state == "failed" and not states & set(OVER):
                yield f"reminder {reminder} failed, its message {states}"
        for each in self.seen.messages.values():
            if each.state in ("pending", "leased", "transmitting"):
                yield f"message {each.id} is {each.state} for ever"

    def i2(self) -> Iterator[str]:
        """No duplicate without an attempt whose outcome nobody knows."""
        for each in self.seen.messages.values():
            explained = self.unknown(each) + (each.state == "sent")
            if self.times(each) > max(explained, 0) and each.state != "withdrawn":
                yield f"{each.message_id} was accepted {self.times(each)} times, {explained} are explained"

    def i3(self) -> Iterator[str]:
        """Nothing leaves after it was withdrawn, but for what was on its way already."""
        withdrawn = {id_ for id_, (state, _) in self.seen.reminders.items() if state == "withdrawn"}
        carriers = {message for id_ in withdrawn for message in self.seen.carriers.get(id_, ())}
        carriers |= {each.id for each in self.seen.messages.values() if each.state == "withdrawn"}
        for each in (self.seen.messages[id_] for id_ in carriers):
            if self.times(each) > self.unknown(each):
                yield f"{each.message_id} was withdrawn and accepted {self.times(each)} times"

    def i4(self) -> Iterator[str]:
        """What counts as sent was accepted, by whom it was for, and nothing was accepted that was never written."""
        ours = {each.message_id: each for each in self.seen.messages.values()}
        for each in ours.values():
            if each.state == "sent" and not self.times(each):
                yield f"{each.message_id} counts as sent and never arrived"
        for id_, heard in self.seen.accepted.items():
            if id_ not in ours:
                yield f"{id_} was accepted and is not in the outbox"
            elif {to for _, to in heard} != {ours[id_].address}:
                yield f"{id_} went to {heard}"

    def i5(self) -> Iterator[str]:
        """Whoever lost a lease settles nothing: a lease has one verdict, and the last lease's is the message's."""
        for each in self.seen.messages.values():
            tried = self.seen.attempts.get(each.id, [])
            if any(token > each.token for token, _ in tried):
                yield f"{each.id}: an attempt has a token that no lease ever had"
            if each.state == "sent" and (each.token, "sent") not in tried:
                yield f"{each.id}: its last lease did not send it: {sorted(tried)}"
            verdicts = Counter(token for token, outcome in tried if outcome != "unknown")
            if any(count > 1 for count in verdicts.values()):
                yield f"{each.id}: a lease has two verdicts: {sorted(tried)}"
            if any(outcome == "transmitting" for _, outcome in tried):
                yield f"{each.id}: a mark has no verdict: {sorted(tried)}"

    def i6(self) -> Iterator[str]:
        """One Message-ID, one sequence of bytes."""
        for id_, heard in self.seen.accepted.items():
            if len({sha for sha, _ in heard}) > 1:
                yield f"{id_} was accepted with different bytes"

    def i7(self) -> Iterator[str]:
        """Somebody is told of each message that was given up or is held, once."""
        entries = self.ask("SELECT subject FROM trail_entries WHERE action IN ('message.given-up', 'message.held')")
        told = Counter(row[0].removeprefix("outbox:").replace("-", "") for row in entries)
        notices = Counter(_facts(each)["recipient_address"] for each in self.seen.messages.values() if _is_notice(each))
        for each in self.seen.messages.values():
            if each.state in OVER and told[each.id] != 1:
                yield f"{each.id} is {each.state} and stands {told[each.id]} times in the trail"
            if each.state in OVER and not _is_notice(each) and notices[each.address] != 1:
                yield f"{each.id} is {each.state} and {notices[each.address]} notices were written"

    def i8(self) -> Iterator[str]:
        """The chain of every organization holds."""
        columns = "organization_id, seq, prev, hash, body"
        last: dict[str, tuple[int, bytes]] = {}
        for owner, seq, prev, link, body in self.ask(f"SELECT {columns} FROM trail_entries ORDER BY 1, 2"):
            before = last.get(owner, (0, bytes(32)))
            if (seq, bytes(prev)) != (before[0] + 1, before[1]):
                yield f"{owner}: entry {seq} does not follow {before[0]}"
            if bytes(link) != _link(owner, seq, bytes(prev), body.encode()):
                yield f"{owner}: entry {seq} is not what was hashed"
            last[owner] = (seq, bytes(link))
        for owner, seq, link in self.ask("SELECT organization_id, seq, hash FROM trail_heads"):
            if last.get(owner, (0, bytes(32))) != (seq, bytes(link)):
                yield f"{owner}: the head is not the last entry"

    def i9(self) -> Iterator[str]:
        """No transaction stays open over the network."""
        yield from self.seen.long_transactions

    def figures(self) -> dict[str, int]:
        seen = self.seen
        states = Counter(each.state for each in seen.messages.values())
        twice = sum(max(0, len(each) - 1) for each in seen.accepted.values())
        outcomes = Counter(outcome for tried in seen.attempts.values() for _, outcome in tried)
        figures = {"reminders": len(seen.reminders), "messages": len(seen.messages)}
        figures |= {f"messages {state}": count for state, count in sorted(states.items())}
        figures |= {"accepted": sum(map(len, seen.accepted.values())), "duplicates": twice}
        return figures | {"attempts unknown": outcomes["unknown"], "faults": sum(seen.faults.values())}


def _is_notice(message: Message) -> bool:
    return message.kind == "given-up"


def _facts(message: Message) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(message.about) if isinstance(message.about, str) else message.about
    return found


def _link(owner: str, seq: int, prev: bytes, body: bytes) -> bytes:
    head = b"trail-v1\0" + bytes.fromhex(owner) + seq.to_bytes(8, "big") + prev
    return hashlib.sha256(head + len(body).to_bytes(8, "big") + body).digest()
