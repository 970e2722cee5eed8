"""`python typeset_process.py TIMESTAMP [FONTS ...]`: a template and its files in, one PDF out, once; FONTS are folders
of further fonts, and single ones.

It is started by its path and imports Typst and nothing of ours, for what a short report takes is mostly imports. The
files come one behind the other: a line with name and length, then so many bytes.
"""

from __future__ import annotations

import os
import resource
import sys
from datetime import datetime

MEMORY = 5 * 1024**3
"""Bytes of address space; the longest PDF (`document.MOST_ROWS`) takes about four fifths of it."""
SAID = 4
"""As in child.py, which says what it means."""


def compiled(files: dict[str, bytes], dated: datetime, fonts: tuple[str, ...]) -> bytes:
    """A PDF/A-3a and PDF/UA-1 of `main.typ`, with Typst's own fonts and these. RuntimeError from it."""
    import typst

    folder = os.environ.get("TMPDIR", "/tmp")  # noqa: S108  # nosec B108
    root = os.path.join(folder, f"compliance-{os.getpid()}-{os.urandom(8).hex()}")
    os.mkdir(root, 0o700)  # it holds these files and nothing else: templates may read all of it
    handles: list[int] = []
    try:
        handles += [_laid(root, name, content) for name, content in files.items()]
        folders = _folders(root, fonts)
        made = typst.compile(
            os.path.join(root, "main.typ"),
            root=root,
            font_paths=typst.Fonts(include_system_fonts=False, include_embedded_fonts=True, font_paths=folders),
            timestamp=dated.replace(microsecond=0),
            pdf_standards=["a-3a", "ua-1"],
        )
    finally:
        for handle in handles:
            os.close(handle)
        for name in os.listdir(root):
            os.unlink(os.path.join(root, name))
        os.rmdir(root)
    return bytes(made)


def _folders(root: str, fonts: tuple[str, ...]) -> list[str]:
    """The folders in which Typst looks for fonts; a single font gets a name in the root, for Typst takes no files."""
    single = [path for path in fonts if os.path.isfile(path)]
    for number, path in enumerate(single):
        os.symlink(path, os.path.join(root, f"{number}{os.path.splitext(path)[1]}"))
    return [path for path in fonts if path not in single] + [root] * bool(single)


def _laid(root: str, name: str, content: bytes) -> int:
    """One file in the folder. What is about people lies in memory, and the folder has its address: nothing of it is
    left if this process is killed. Given in a dictionary, Typst would parse each file as if it were a template."""
    path = os.path.join(root, name)
    if name.endswith(".typ"):
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    else:
        handle = os.memfd_create(name)
        os.symlink(f"/proc/self/fd/{handle}", path)
    with open(handle, "wb", closefd=False) as file:
        file.write(content)
    return handle


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


def main(timestamp: str, *fonts: str) -> int:
    hold_to_limits()
    files = unframed(sys.stdin.buffer.read())
    try:
        made = compiled(files, datetime.fromisoformat(timestamp), fonts)
    except RuntimeError as error:
        sys.stderr.write(f"The PDF could not be typeset: {error}\n")
        return SAID
    sys.stdout.buffer.write(made)
    return 0


def hold_to_limits() -> None:
    """No more memory than that, no image of it when it ends badly, and as many open files as it may have."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))  # an inspector sheet has hundreds of pictures


def leave(status: int) -> None:
    """Ends this process at once: everything is written, and taking the memory apart piece by piece takes a while."""
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)


if __name__ == "__main__":
    leave(main(*sys.argv[1:]))
