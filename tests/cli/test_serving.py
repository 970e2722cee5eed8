"""`serve` and `worker` as processes: what they print, that they answer, and that they stop when told."""

from __future__ import annotations

import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import pytest

from tests.cli.conftest import CommandLine

PATIENCE = 60.0


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def client() -> httpx.Client:
    """Asks without encryption, and does not read all authorities of the world first."""
    return httpx.Client(transport=httpx.HTTPTransport(verify=False), follow_redirects=True)


@contextmanager
def serving(compliance: CommandLine, *words: str, waits: bool = True) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """A running service and its address; unless told, not before it answers."""
    port = free_port()
    running = compliance.process("serve", "--port", str(port), *words)
    address = f"http://127.0.0.1:{port}"
    try:
        with client() as asking:
            for _ in range(int(PATIENCE * 10) if waits else 0):
                try:
                    asking.get(f"{address}/health/live").raise_for_status()
                    break
                except httpx.HTTPError:
                    assert running.poll() is None, running.communicate()
                    time.sleep(0.1)
        yield address, running
    finally:
        running.kill()
        running.communicate()


def test_the_service_prints_links_that_sign_in_runs_the_jobs_and_stops_when_told(demonstration: CommandLine) -> None:
    embedded = demonstration.environment["COMPLIANCE_DATABASE_URL"].startswith("sqlite")
    with serving(demonstration, waits=False) as (address, running):
        link = _first_link(running, address)
        with client() as browser:
            assert browser.get(link, timeout=PATIENCE).status_code == 200
        jobs = _last_run(address) if embedded else None
        running.send_signal(signal.SIGTERM)
        _, log = running.communicate(timeout=PATIENCE)
    assert "Traceback" not in log
    assert "Application shutdown complete" in log
    assert bool(jobs) == embedded


def _first_link(running: subprocess.Popen[str], address: str) -> str:
    assert running.stdout is not None
    for line in running.stdout:
        if "/sign-in/" in line:
            role, link = line.split()
            assert (role, link.startswith(address)) == ("owner", True)
            return link
    raise AssertionError("no link was printed")


def _last_run(address: str) -> object:
    with client() as asking:
        for _ in range(int(PATIENCE * 5)):
            found = asking.get(f"{address}/health/ready").json()["scheduler"]["last_run"]
            if found:
                return found
            time.sleep(0.2)
    return None


def test_several_processes_share_the_address(demonstration: CommandLine) -> None:
    with serving(demonstration, "--workers", "2") as (address, running):
        with client() as asking:
            assert asking.get(f"{address}/health/ready").status_code == 200
        running.send_signal(signal.SIGTERM)
        running.communicate(timeout=PATIENCE)


def test_no_link_is_printed_where_others_could_read_along(demonstration: CommandLine) -> None:
    demonstration.environment["COMPLIANCE_PUBLIC_URL"] = "https://compliance.example.org"
    if demonstration.environment["COMPLIANCE_DATABASE_URL"].startswith("postgresql"):
        # The server of the tests has a superuser alone, with whom others are not served at all.
        said = demonstration.refuses("serve")
        assert "SUPERUSER" in said
        assert "/sign-in/" not in said
        return
    with serving(demonstration, "--no-scheduler") as (_, running):
        running.send_signal(signal.SIGTERM)
        said, _ = running.communicate(timeout=PATIENCE)
    assert "https://compliance.example.org" in said
    assert "/sign-in/" not in said


@pytest.mark.parametrize("words", [("--port", "0"), ("--port", "http"), ("--workers", "0")])
def test_a_wrong_number_is_wrong_usage(nowhere: CommandLine, words: tuple[str, ...]) -> None:
    assert "Invalid value" in nowhere.refuses("serve", *words)


def test_a_port_that_is_taken_is_said_before_anything_is_promised(compliance: CommandLine) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        done = compliance("serve", "--port", str(taken.getsockname()[1]))
    assert (done.exit_code, done.stdout) == (2, "")
    assert "Give another place with --host and --port" in done.stderr


def test_a_worker_does_the_jobs_until_it_is_told_to_stop(demonstration: CommandLine) -> None:
    running = demonstration.process("worker")
    try:
        for _ in range(int(PATIENCE * 2)):
            if "deliver-outbox    last ran" in demonstration("doctor").stdout:
                break
            assert running.poll() is None, running.communicate()
            time.sleep(0.5)
        running.send_signal(signal.SIGTERM)
        _, log = running.communicate(timeout=PATIENCE)
    finally:
        running.kill()
    assert running.returncode == 0
    assert "Traceback" not in log
