"""Whether an exported trail holds: its chain from the first entry to the last, and its signed checkpoints.

A line of the file is one JSON object: first what it is, then the entries in their order, then the checkpoints. The
hash of an entry is SHA-256 over `trail-v1` and a zero byte, the organization's id (16 bytes), its place (8 bytes,
big-endian), the hash before it (32 bytes), the length of its words (8 bytes, big-endian) and its words. Checkpoints are
C2SP signed notes.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
import uuid
from typing import Any, Dict, Iterable, List, NamedTuple, Optional

from compliance.crypto.offline.signatures import ed25519_holds

FORMAT = "compliance-trail-export-1"
NOTE = re.compile(  # also as it is copied from a page or a mail, where lines break elsewhere
    r"compliance-trail/([0-9a-f-]{36})\s+(0|[1-9][0-9]{0,15})\s+([A-Za-z0-9+/]{43}=)\s+"
    r"—\s+(\S+)\s+((?:[A-Za-z0-9+/]\s?){91}=)"
)
UNSEEN = re.compile("[\u200b\u00ad\r]")


class Broken(Exception):
    """What does not hold; the text is a sentence."""


class Held(NamedTuple):
    """What was found whole: whose trail, how many entries and checkpoints, the last hash and the key of checkpoints."""

    name: str
    organization: str
    entries: int
    checkpoints: int
    last: str
    key: str


class Note(NamedTuple):
    """A checkpoint: whose trail, its length and last hash then, and what was signed by which key."""

    organization: str
    seq: int
    hash: bytes
    text: str
    signature: bytes


def check(lines: Iterable[str], *, key: str = "", outside: Iterable[Note] = ()) -> Held:
    """Walks an export. `key`: the verifier line that is expected; `outside`: checkpoints kept somewhere else.

    Raises Broken for the first thing that does not hold.
    """
    rows = (_row(number, line) for number, line in enumerate(lines, 1) if line.strip())
    head = next(rows, {})
    if head.get("format") != FORMAT:
        raise Broken("This is no exported trail: its first line does not say so.")
    if key and key != head["key"]:
        raise Broken("The file names another key for its checkpoints than the one you expected.")
    hashes, notes = [bytes(32)], list(outside)
    inside = 0
    for row in rows:
        if "checkpoint" in row:
            notes += read_notes(row["checkpoint"]) or [_no_note()]
            inside += 1
        else:
            hashes.append(_link(head["organization"], len(hashes), hashes[-1], row))
    if (head["seq"], head["hash"]) != (len(hashes) - 1, hashes[-1].hex()):
        raise Broken(f"The trail had {head['seq']} entries when it was exported; {len(hashes) - 1} are here.")
    for note in notes:
        _check_note(note, head, hashes)
    return Held(head["name"], head["organization"], len(hashes) - 1, inside, hashes[-1].hex(), head["key"])


def _row(number: int, line: str) -> Dict[str, Any]:
    try:
        row = json.loads(line)
    except ValueError:
        row = None
    if not isinstance(row, dict):
        raise Broken(f"Line {number} is no JSON object.")
    return row


def _no_note() -> Note:
    raise Broken("A checkpoint is not written as checkpoints are.")


def _link(organization: str, seq: int, prev: bytes, row: Dict[str, Any]) -> bytes:
    """The hash of the entry at a place, if it is the one that stands there."""
    if row.get("seq") != seq:
        raise Broken(f"Entry {seq} is not there: its place has entry {row.get('seq')}.")
    words = str(row.get("body")).encode("utf-8", "surrogatepass")
    start = b"trail-v1\0" + uuid.UUID(organization).bytes + seq.to_bytes(8, "big") + prev
    link = hashlib.sha256(start + len(words).to_bytes(8, "big") + words).digest()
    if link.hex() != row.get("hash"):
        raise Broken(f"Entry {seq} does not hold: its words, its place or what came before it were changed.")
    if row.get("kept"):
        _check_values(seq, json.loads(row["body"]), row["kept"])
    return link


def _check_values(seq: int, body: Dict[str, Any], kept: Dict[str, List[str]]) -> None:
    """Values that lie beside the chain are those whose salted hashes stand in it."""
    for place, (salt, value) in kept.items():
        part, _, name = place.partition(".")
        stands = body[part].get(name) if name else body.get(part)
        if stands != {"hash": hmac.new(bytes.fromhex(salt), value.encode(), "sha256").hexdigest()}:
            raise Broken(f"Entry {seq} does not hold: the value of {place} beside it is another one.")


def read_notes(text: str) -> List[Note]:
    """Every checkpoint in a text: an export, a mail, or what was copied from a report."""
    found = []
    for organization, seq, digest, name, signature in NOTE.findall(UNSEEN.sub("", text)):
        origin = f"compliance-trail/{organization}"
        said = f"{origin}\n{seq}\n{digest}\n"
        if name == origin:
            found.append(Note(organization, int(seq), base64.b64decode(digest), said, base64.b64decode(signature)))
    return found


def _check_note(note: Note, head: Dict[str, Any], hashes: List[bytes]) -> None:
    if note.organization != head["organization"]:
        raise Broken("A checkpoint is one of another organization's trail.")
    public = _public(head["key"], note)
    if public is None or not ed25519_holds(public, note.signature[4:], note.text.encode()):
        raise Broken(f"The checkpoint at entry {note.seq} was not signed with the key of this trail.")
    if note.seq >= len(hashes):
        raise Broken(f"The trail had {note.seq} entries at a checkpoint; only {len(hashes) - 1} are here.")
    if hashes[note.seq] != note.hash:
        raise Broken(f"Up to entry {note.seq} the trail is not the one that its checkpoint was signed for.")


def _public(key: str, note: Note) -> Optional[bytes]:
    """The public key of a verifier line, if the note names it."""
    name, _, rest = key.partition("+")
    named, _, coded = rest.partition("+")
    public = base64.b64decode(coded)
    expected = hashlib.sha256(name.encode() + b"\n" + public).digest()[:4]
    right = (
        name == f"compliance-trail/{note.organization}" and note.signature[:4] == expected and named == expected.hex()
    )
    return public[1:] if right and public[:1] == b"\x01" else None
