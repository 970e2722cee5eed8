"""Writes NOTICE: every package that the program installs, with its license, home and copyright lines.

What the program installs is what requirements-s3.txt pins; the tools of the tests and
linters are handed on to nobody. `--check` writes nothing, looks at no installed package, and
fails unless NOTICE names exactly the pinned releases.
"""

from __future__ import annotations

import argparse
import email
import re
import sys
from email.message import Message
from importlib import metadata
from pathlib import Path

ROOT = Path(__file__).parent.parent
NOTICE = ROOT / "NOTICE"
REQUIREMENTS = ROOT / "requirements-s3.txt"

HEAD = """\
Therapist certification and compliance tracker
Copyright (c) 2026 The compliance authors
Under the MIT License; see LICENSE.

The program is built on the packages below. Each stays under its own license, whose full text lies in the
package's own folder (NAME-VERSION.dist-info, or beside it) wherever the program is installed.
Made by scripts/notice.py from the installed packages.
"""
# Packages whose license field is empty or free text: read from their classifiers and license files.
READ_BY_HAND = {
    "aiosqlite": "MIT",
    "colorama": "BSD-3-Clause",
    "faker": "MIT",
    "httpx2-jsfetch": "BSD-3-Clause",
    "jinja2": "BSD-3-Clause",
    "markdown-it-py": "MIT",
    "mdurl": "MIT",
    "multipart": "MIT",
    "obstore": "MIT",
    "pypdfium2": "BSD-3-Clause OR Apache-2.0, with PDFium and its libraries (texts in the package)",
    "rich-click": "MIT",
    "segno": "BSD-3-Clause",
}
LICENSE_FILE = re.compile(r"(^|/)(licen[cs]e|copying|notice)[^/]*(?<!\.py)$", re.IGNORECASE)
COPYRIGHT = re.compile(r"^\W*(copyright\s+(?:\(c\)|©|\d).*?)\s*$", re.IGNORECASE)


def main() -> int:
    parser = argparse.ArgumentParser(description="Writes NOTICE from the installed packages.")
    parser.add_argument("--check", action="store_true", help="compare only, exit 1 when out of date")
    if parser.parse_args().check:
        return check()
    NOTICE.write_text("\n".join([HEAD, *(entry(name, version) for name, version in pinned())]), "utf-8")
    return 0


def check() -> int:
    written = NOTICE.read_text("utf-8")
    wrong = set(re.findall(r"^(\S+) (\S+)\n-+$", written, re.MULTILINE)) ^ set(pinned())
    if wrong:
        names = ", ".join(sorted({name for name, _ in wrong}))
        print(f"NOTICE and {REQUIREMENTS.name} differ in: {names}. Run 'make notice'.", file=sys.stderr)
    return 1 if wrong else 0


def pinned() -> list[tuple[str, str]]:
    """Name and version of every requirement, in the order of the file, which is the alphabet's."""
    return re.findall(r"^([\w.-]+)==([^\s;]+)", REQUIREMENTS.read_text("utf-8"), re.MULTILINE)


def entry(name: str, version: str) -> str:
    title = f"{name} {version}"
    try:
        facts = described(name, metadata.distribution(name))
    except metadata.PackageNotFoundError:
        # Pinned for another platform: its license is known here, the rest stands in the package itself.
        facts = [f"License: {READ_BY_HAND[name]}"]
    return "\n".join([title, "-" * len(title), *facts, ""])


def described(name: str, package: metadata.Distribution) -> list[str]:
    """The lines of one installed package. Its metadata reads like the head of a mail."""
    head = email.message_from_string(package.read_text("METADATA") or "")
    license_ = READ_BY_HAND.get(name) or head["License-Expression"] or head["License"]
    if not license_ or "\n" in license_:
        raise SystemExit(f"{name} names no license in its metadata: read it and add it to READ_BY_HAND.")
    return [f"License: {license_}", *home(head), *copyrights(package)]


def home(head: Message) -> list[str]:
    links = [link.split(", ", 1) for link in head.get_all("Project-URL", [])]
    ranked = {name.lower(): link for name, link in links}
    for wanted in ("homepage", "home", "source", "source code", "repository", "github", "documentation"):
        if wanted in ranked:
            return [f"Home: {ranked[wanted]}"]
    return [f"Home: {head['Home-page']}"] if head["Home-page"] else []


def copyrights(package: metadata.Distribution) -> list[str]:
    """The copyright lines of the package's own license files, each once."""
    found: dict[str, None] = {}
    for path in package.files or []:
        if LICENSE_FILE.search(str(path)):
            lines = Path(str(path.locate())).read_text("utf-8", "replace").splitlines()
            found.update({match[1]: None for line in lines if (match := COPYRIGHT.match(line))})
    return list(found)


if __name__ == "__main__":
    sys.exit(main())
