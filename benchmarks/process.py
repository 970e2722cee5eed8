"""Claims: `make run` from a fresh clone to the first page takes under 60 s with a warm package cache; what it installs
is under 330 MB; the web process holds under 160 MB at rest after 1,000 pages.

    python benchmarks/process.py [--pages 1000] [--keep-folder FOLDER]

Clones this checkout's last commit into a temporary folder, runs `make run` there on a free port of this machine, waits
for the first page, signs in by the link that it prints, reads pages of the demonstration in turns, waits a little, and
stops it. Needs git, make, and the package index or its cache.
"""

from __future__ import annotations

import argparse
import os
import re
import signal
import socket
import subprocess
import tempfile
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from http.cookiejar import CookieJar
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[1]
PATIENCE = 600
REST = 10


def free_port() -> int:
    """A port that nobody listens on now."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port: int = taken.getsockname()[1]
        return port


class Running:
    """`make run` in a folder, with what it has said so far; in a process group of its own."""

    def __init__(self, folder: Path, port: int) -> None:
        self.address, self.said = f"http://127.0.0.1:{port}", list[str]()
        kept = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "LANG", "TMPDIR")}
        kept |= {name: value for name, value in os.environ.items() if name.startswith(("PIP_", "SSL_", "UV_"))}
        kept |= {name: value for name, value in os.environ.items() if name.lower().endswith("_proxy")}
        self.process = subprocess.Popen(
            ["make", "run"],
            cwd=folder,
            env=kept | {"COMPLIANCE_PORT": str(port)},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        assert self.process.stdout
        self.said.extend(iter(self.process.stdout.readline, ""))

    def wait(self, path: str) -> None:
        """Until a page comes."""
        ends = time.monotonic() + PATIENCE
        while time.monotonic() < ends and self.process.poll() is None:
            try:
                urllib.request.urlopen(self.address + path, timeout=5).read()
                return
            except (urllib.error.URLError, ConnectionError):
                time.sleep(0.1)
        raise SystemExit("no page came; it said:\n" + "".join(self.said[-20:]))

    def link(self, role: str) -> str:
        """The printed link that signs somebody of this role in."""
        found = re.search(rf"{role}\s+(http\S+/sign-in/\S+)", "".join(self.said))
        assert found, "".join(self.said)
        return found.group(1)

    def web_process(self) -> int:
        """The process that answers: the one of the group that listens and was not started as make or a shell."""
        group = os.getpgid(self.process.pid)
        for each in Path("/proc").iterdir():
            if each.name.isdigit() and _group_of(each) == group and b"compliance" in (each / "cmdline").read_bytes():
                return int(each.name)
        raise SystemExit("the web process was not found")

    def stop(self) -> None:
        """Ends the whole group."""
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGTERM)
        try:
            self.process.wait(30)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)


def _group_of(process: Path) -> int | None:
    try:
        return os.getpgid(int(process.name))
    except ProcessLookupError:
        return None


def resident(pid: int) -> float:
    """Megabytes of physical memory."""
    status = Path(f"/proc/{pid}/status").read_text()
    found = re.search(r"VmRSS:\s+(\d+) kB", status)
    assert found
    return int(found.group(1)) / 1024


def installed(folder: Path) -> float:
    """Megabytes on the disk, as `du` counts them, each file once."""
    seen, total = set[int](), 0
    for top, folders, names in os.walk(folder):
        for name in (*folders, *names):
            about = os.lstat(os.path.join(top, name))
            if about.st_ino not in seen:
                seen.add(about.st_ino)
                total += about.st_blocks * 512
    return total / 2**20


def read_pages(running: Running, count: int) -> int:
    """Signs in and reads so many pages: dashboard, roster, therapists, work list; how many bytes came."""
    browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))
    browser.addheaders = [("Origin", running.address), ("Sec-Fetch-Site", "same-origin")]
    link = running.link("owner")
    browser.open(link, timeout=30).read()
    browser.open(urllib.request.Request(link, data=b"", method="POST"), timeout=30).read()
    roster = browser.open(f"{running.address}/therapists", timeout=30).read().decode()
    people = sorted(set(re.findall(r'href="(/therapists/[0-9a-f-]{36})"', roster)))
    assert people, "the roster of the demonstration names nobody"
    paths = ["/", "/therapists", "/decisions", *people]
    total = 0
    for number in range(count):
        total += len(browser.open(running.address + paths[number % len(paths)], timeout=30).read())
    return total


@contextmanager
def cloned(kept: Path | None) -> Iterator[Path]:
    """A fresh clone of the last commit, gone afterwards unless it is to be kept."""
    with tempfile.TemporaryDirectory(prefix="compliance-clone-") as temporary:
        folder = kept or Path(temporary) / "clone"
        subprocess.run(["git", "clone", "--quiet", "--no-hardlinks", str(CHECKOUT), str(folder)], check=True)
        yield folder


def main() -> None:
    """From the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pages", type=int, default=1000)
    parser.add_argument("--keep-folder", type=Path)
    given = parser.parse_args()
    began = time.monotonic()
    with cloned(given.keep_folder) as folder:
        running = Running(folder, free_port())
        try:
            running.wait("/sign-in")
            print(f"`make run` from clone to first page: {time.monotonic() - began:.0f} s (to reach: under 60 s)")
            print(f"installed: {installed(folder / '.venv'):.0f} MB (to reach: under 330 MB)")
            pid = running.web_process()
            before, total = resident(pid), read_pages(running, given.pages)
            time.sleep(REST)
            print(
                f"resident: {before:.0f} MB at the start, {resident(pid):.0f} MB at rest after {given.pages:,} pages "
                f"({total / 2**20:.0f} MB of them) (to reach: under 160 MB)"
            )
        finally:
            running.stop()


if __name__ == "__main__":
    main()
