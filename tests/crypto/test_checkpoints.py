"""Checkpoints: a signed note that anybody can read, the same each time, and worth nothing once changed."""

from __future__ import annotations

import base64
import hashlib
from uuid import UUID

import pytest

from compliance.crypto.checkpoints import TrailKey, holds, read

KEY = TrailKey(b"0123456789abcdef0123456789abcdef")
CHAIN = UUID(int=77)
HASH = hashlib.sha256(b"entry 1000").digest()


def test_a_note_is_the_text_that_its_rules_say() -> None:
    made = KEY.checkpoint(CHAIN, 1000, HASH)
    origin, size, digest, empty, line, end = made.note.split("\n")
    assert (origin, size, empty, end) == (f"compliance-trail/{CHAIN}", "1000", "", "")
    assert base64.b64decode(digest) == HASH
    assert line.startswith(f"— compliance-trail/{CHAIN} ")
    assert read(made.note) == made


def test_the_same_chain_at_the_same_place_gives_the_same_note() -> None:
    again = TrailKey(b"0123456789abcdef0123456789abcdef")
    assert KEY.checkpoint(CHAIN, 1000, HASH) == again.checkpoint(CHAIN, 1000, HASH)


def test_the_key_of_a_note_is_named_as_signed_notes_do() -> None:
    name, key_id, key = KEY.verifier(CHAIN).split("+", 2)
    public = base64.b64decode(key)
    assert (public[:1], public[1:]) == (b"\x01", KEY.public)
    assert hashlib.sha256(name.encode() + b"\n" + public).hexdigest()[:8] == key_id
    assert KEY.checkpoint(CHAIN, 1, HASH).key_id == key_id


def test_a_note_holds_under_its_key_and_under_no_other() -> None:
    note = KEY.checkpoint(CHAIN, 1000, HASH).note
    assert holds(note, KEY.public)
    assert not holds(note, TrailKey(b"another secret of at least 32 bytes").public)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("\n1000\n", "\n1001\n"),
        ("\n1000\n", "\n01000\n"),
        (str(CHAIN), str(UUID(int=78))),
        ("— ", "- "),
        ("=\n\n", "=\n"),
    ],
)
def test_a_changed_note_holds_no_longer(old: str, new: str) -> None:
    note = KEY.checkpoint(CHAIN, 1000, HASH).note
    assert old in note
    assert not holds(note.replace(old, new), KEY.public)


def test_a_changed_signature_holds_no_longer() -> None:
    note = KEY.checkpoint(CHAIN, 1000, HASH).note
    at = note.index("=\n\n") + 90
    changed = note[:at] + ("A" if note[at] != "A" else "B") + note[at + 1 :]
    assert read(changed) is not None
    assert not holds(changed, KEY.public)
