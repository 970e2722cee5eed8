"""`python typeset_process.py TIMESTAMP FONTS`: a template and its files in, one PDF out, once; FONTS may be empty.

It is started by its path and imports Typst and nothing of ours, for what a short report takes is mostly imports. The
files come one behind the other: a line with name and length, then so many bytes.
"""

from __future__ import annotations

import os
import resource
import sys
from datetime import datetime

STANDARDS = ("a-3a", "ua-1")
MEMORY = 3 * 1024**3
"""Bytes of address space; the longest PDF (`document.MOST_ROWS`) takes about three quarters of it."""
SAID = 4
"""As in child.py, which says what it means."""


def compiled(files: dict[str, bytes], dated: datetime, fonts: list[str]) -> bytes:
    """A PDF/A-3a and PDF/UA-1 of `main.typ`, with Typst's own fonts and those in the folders. RuntimeError from it."""
    import typst

    folder = os.environ.get("TMPDIR", "/tmp")  # noqa: S108  # nosec B108
    nothing = os.path.join(folder, f"compliance-{os.getpid()}-{os.urandom(8).hex()}")
    os.mkdir(nothing, 0o700)  # an empty root, else templates may read the working folder
    try:
        made = typst.compile(  # type: ignore[call-overload]  # its stub leaves out the dictionary
            files,
            root=nothing,
            font_paths=typst.Fonts(include_system_fonts=False, include_embedded_fonts=True, font_paths=fonts),
            timestamp=dated.replace(microsecond=0),
            pdf_standards=list(STANDARDS),
        )
    finally:
        os.rmdir(nothing)
    return bytes(made)


def framed(files: dict[str, bytes]) -> bytes:
    """The files, as this process reads them. No name holds a blank or a line feed."""
    return b"".join(b"%b %d\n%b" % (name.encode(), len(content), content) for name, content in files.items())


def unframed(given: bytes) -> dict[str, bytes]:
    """What `framed` put together."""
    files, at = {}, 0
    while at < len(given):
        begins = given.index(b"\n", at) + 1
        name, _, length = given[at:begins].partition(b" ")
        at = begins + int(length)
        files[name.decode()] = given[begins:at]
    return files


def main(timestamp: str, folders: str) -> int:
    hold_to_limits()
    files = unframed(sys.stdin.buffer.read())
    try:
        made = compiled(files, datetime.fromisoformat(timestamp), [folders] if folders else [])
    except RuntimeError as error:
        sys.stderr.write(f"The PDF could not be typeset: {error}\n")
        return SAID
    sys.stdout.buffer.write(made)
    return 0


def hold_to_limits() -> None:
    """No more memory than that, and no image of it when it ends badly."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def leave(status: int) -> None:
    """Ends this process at once: everything is written, and taking the memory apart piece by piece takes a while."""
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)


if __name__ == "__main__":
    leave(main(sys.argv[1], sys.argv[2]))
