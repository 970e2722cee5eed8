"""Checks an exported trail with nothing but Python (3.9 or newer):

    python3 verify_trail.py TRAIL.jsonl [--key KEY] [--checkpoint FILE ...]

It walks every entry from the first and checks each checkpoint in the file. Who rules the program could export another
history with checkpoints of its own: so give the key, and checkpoints that were kept elsewhere, a mail or a text with
what a report prints. Exit status: 0 all holds, 1 something does not, 2 it cannot be read.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import List

from compliance.crypto.offline.trail_file import Broken, Held, Note, check, read_notes


def main(words: List[str]) -> int:
    """Prints what was found; the exit status."""
    parser = argparse.ArgumentParser(description="Checks an exported trail.")
    parser.add_argument("file", type=Path)
    parser.add_argument("--key", default="", help="the line that names the key, as it was mailed")
    parser.add_argument("--checkpoint", type=Path, action="append", default=[], help="a text with a checkpoint in it")
    given = parser.parse_args(words)
    try:
        outside = [note for path in given.checkpoint for note in _outside(path)]
        with given.file.open(encoding="utf-8") as lines:
            held = check(lines, key=given.key, outside=outside)
    except Broken as broken:
        print(f"BROKEN. {broken}")
        return 1
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        print(f"{given.file} cannot be read as an exported trail ({error}).", file=sys.stderr)
        return 2
    _print(held, len(outside), bool(given.key))
    return 0


def _outside(path: Path) -> List[Note]:
    found = read_notes(path.read_text("utf-8"))
    if not found:
        raise ValueError(f"{path} holds no checkpoint")
    return found


def _print(held: Held, outside: int, key_given: bool) -> None:
    signed = "1 checkpoint" if held.checkpoints == 1 else f"{held.checkpoints:,} checkpoints"
    print(f"WHOLE. {held.name}: all {held.entries:,} entries hold, and {signed} in the file.")
    print(f"Last hash   {held.last}")
    print(f"Key         {held.key}")
    if outside:
        print(f"So do the {outside:,} that you gave: up to there nothing was changed since they were signed.")
    if not key_given:
        print("Compare the key with the one in the mail to the owner, or give it as --key.")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
