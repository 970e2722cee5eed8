"""An installation as somebody on this machine has it: a folder, the commands, the service, and its one-time links."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.outside import await_service, free_port

COMMAND = (sys.executable, "-c", "from compliance.cli import main; main()")


@dataclass(frozen=True)
class Installation:
    """A folder of its own and, in `environment`, whatever else differs from a first start."""

    home: Path
    environment: dict[str, str] = field(default_factory=dict)

    @property
    def surroundings(self) -> dict[str, str]:
        """The environment of every command: nothing is taken over from the person who runs the tests."""
        clean = {name: value for name, value in os.environ.items() if not name.startswith("COMPLIANCE_")}
        own = {"COMPLIANCE_HOME": str(self.home), "PYTHONPATH": os.pathsep.join(sys.path)}
        return clean | own | {"COMPLIANCE_LOG_FORMAT": "json"} | self.environment

    def run(self, *words: str) -> str:
        """What a command prints; it must succeed."""
        done = subprocess.run([*COMMAND, *words], env=self.surroundings, capture_output=True, text=True, check=False)
        assert done.returncode == 0, f"compliance {' '.join(words)} ended with {done.returncode}: {done.stderr}"
        return done.stdout

    @contextmanager
    def serving(self) -> Iterator[Served]:
        """The web service on a free port, with the jobs (`worker` beside it, where the database is not embedded)."""
        port = free_port()
        log = self.home / "serve.log"
        own = {"COMPLIANCE_PUBLIC_URL": f"http://127.0.0.1:{port}", "COMPLIANCE_PORT": str(port)}
        with ExitStack() as stack, log.open("wb") as output:
            service = stack.enter_context(self._process(("serve",), own, output))
            if "COMPLIANCE_DATABASE_URL" in self.environment:
                stack.enter_context(self._process(("worker",), own, output))
            address = own["COMPLIANCE_PUBLIC_URL"]
            await_service(address, service)
            yield Served(self, address, dict(re.findall(r"^ +(\w+) +(http\S+)$", log.read_text(), re.MULTILINE)))

    @contextmanager
    def _process(
        self, words: tuple[str, ...], own: dict[str, str], output: object
    ) -> Iterator[subprocess.Popen[bytes]]:
        command = [*COMMAND, *words]
        running = subprocess.Popen(command, env=self.surroundings | own, stdout=output, stderr=subprocess.STDOUT)  # type: ignore[call-overload]
        try:
            yield running
            assert running.poll() is None, f"compliance {words[0]} ended by itself with {running.returncode}"
        finally:
            running.terminate()
            running.wait(timeout=30)


@dataclass(frozen=True)
class Served:
    """A running service: where it is, and the one-time sign-in link of each role of the demonstration."""

    installation: Installation
    address: str
    links: dict[str, str]
