"""A document that is made by a script: written anew, or held against what stands there."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

DOCS = Path(__file__).parent.parent / "docs"


def keep(document: Path, text: str, *, of: str, target: str) -> int:
    """Writes the document; with `--check` nothing, and 1 unless it is as it would be written. The exit status.

    `of` says what it is made of, `target` which target of make writes it.
    """
    place = f"docs/{document.name}"
    parser = argparse.ArgumentParser(description=f"Writes {place} from {of}.")
    parser.add_argument("--check", action="store_true", help="compare only, exit 1 when out of date")
    if not parser.parse_args().check:
        document.write_text(text, encoding="utf-8")
        return 0
    if document.exists() and document.read_text(encoding="utf-8") == text:
        return 0
    print(f"{place} is out of date: run `make {target}`.", file=sys.stderr)
    return 1
