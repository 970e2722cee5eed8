"""Claims about the look at open transactions: it sees one that sleeps, and not one that the database made wait."""

from __future__ import annotations

import os
import subprocess
import sys
import time

import pytest
from sqlalchemy.engine import make_url

from tests.faults.transactions import Sampler

SLEEPS = """
import os, sys, time, psycopg
with psycopg.connect(sys.argv[1], application_name=f"harness-{os.getpid()}") as connection:
    connection.execute("SELECT 1")
    time.sleep(1.8)
"""
WAITS = """
import os, sys, psycopg
with psycopg.connect(sys.argv[1], application_name=f"harness-{os.getpid()}") as connection:
    connection.execute("SELECT pg_sleep(1.5)")
    for _ in range(300):
        connection.execute("SELECT 1")
"""


@pytest.mark.parametrize(("code", "seen"), [(SLEEPS, True), (WAITS, False)])
def test_only_a_transaction_whose_process_sleeps_while_the_server_is_idle_is_noticed(
    database_url: str, code: str, seen: bool
) -> None:
    if database_url.startswith("sqlite"):
        return  # there are no transactions to look at from outside
    url = make_url(database_url).set(drivername="postgresql").render_as_string(hide_password=False)
    with Sampler(url, set()) as sampler:
        process = subprocess.Popen([sys.executable, "-c", code, url], env=os.environ)
        process.wait(timeout=30)
        time.sleep(0.2)
    assert sampler.looks
    assert bool(sampler.long) is seen, sampler.long
