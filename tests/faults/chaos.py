"""One run: fill a database, let workers deliver, do to them what machines, networks and people do, wait for peace."""

from __future__ import annotations

import asyncio
import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import compliance
from compliance import clock
from compliance.db.engine import open_database
from tests.faults.clinics import KEY, fill, plan_all
from tests.faults.judge import Judge, Judgement, Rows
from tests.faults.transactions import Sampler
from tests.faults.worker import PACE

ROOT: Final = Path(__file__).parents[2]
TICK: Final = 0.03
IN_ORDER: Final = frozenset({0, -signal.SIGTERM})
"""How a worker may end that was told to: in good order, or before it had begun anything."""
FIRST: Final = 30.0
"""Seconds until the first mail must have arrived: planning comes before it."""
STALLED: Final = 2.0
"""Seconds without an arrival after which the next blow falls all the same."""
UNREST: Final = (
    "SELECT (SELECT count(*) FROM outbox WHERE state IN ('pending', 'leased', 'transmitting'))"
    " + (SELECT count(*) FROM reminders WHERE state IN ('planned', 'queued'))"
)


@dataclass(frozen=True, slots=True)
class Plan:
    """What is done to whom. `jumps`: by how many seconds the clocks of every second worker are wrong, in turn."""

    people: int
    organizations: int = 4
    workers: int = 4
    kills: int = 0
    stops: int = 0
    restarts: int = 0
    terminations: int = 0
    share: float = 0.02
    renew_every: float = 0.0
    jumps: tuple[float, ...] = ()
    mended: bool = False  # clocks are wrong from the start, and right in whoever is started in place of another
    breaking: str = ""
    silence: float = PACE.silence  # seconds after which a worker counts as dead
    seed: int = 1
    patience: float = 60.0  # seconds after the last blow in which what waits must become less, until nothing does


@dataclass
class Outcome:
    """How a run ended."""

    judgement: Judgement
    seconds: float
    statuses: dict[int, int] = field(default_factory=dict)  # exit status -> how many workers ended with it


class Run:
    """The processes of one run, and what is done to them."""

    def __init__(self, plan: Plan, url: str, folder: Path, restart: Callable[[], None] | None) -> None:
        self.plan, self.url, self.folder, self.restart = plan, url, folder, restart
        self.chance = random.Random(plan.seed)
        self.heard, self.nursery = folder / "heard.jsonl", None
        self.workers: dict[int, int] = {}  # pid -> which worker it is
        self.stopped: dict[int, float] = {}  # pid -> when it goes on
        self.been_stopped: set[int] = set()
        self.leaving: set[int] = set()  # told to end
        self.renewer: int | None = None
        self.statuses: dict[int, int] = {}
        self.ask = Rows(url)

    def hold(self) -> Outcome:
        """The whole run."""
        asyncio.run(self._fill())
        began = clock.monotonic()
        with ExitStack() as stack:
            port = stack.enter_context(self._mail_server())
            stack.enter_context(self._nursery(port))
            sampler = stack.enter_context(Sampler(self.url, self.been_stopped))
            for number in range(self.plan.workers):
                self._start(number, again=False)
            if self.plan.renew_every:
                self.renewer = self._spawn(role="renewer", every=self.plan.renew_every)
            self._torment()
            self._wait_for_peace()
            self._end_all()
            seconds = clock.monotonic() - began
            return Outcome(Judge(self.url, self.heard, sampler.long).judge(), seconds, self.statuses)

    async def _fill(self) -> None:
        """Most reminders are planned before the storm; the workers plan the last tenth in the middle of it."""
        late = self.plan.people // 10
        database = open_database(self.url).system
        await fill(database, self.plan.people - late, self.plan.organizations)
        await plan_all(database)
        await fill(database, late, 1)
        await database.close()

    # -- processes -----------------------------------------------------------------------------------------------

    @contextmanager
    def _mail_server(self) -> Iterator[int]:
        with self._process("mail_server", str(self.heard), str(self.plan.seed), str(self.plan.share)) as server:
            yield int(server.stdout.readline())

    @contextmanager
    def _nursery(self, port: int) -> Iterator[None]:
        given = {"DATABASE_URL": self.url, "SMTP_URL": f"smtp://127.0.0.1:{port}?tls=none", "HOME": str(self.folder)}
        given |= {"MAIL_FROM": "reminders@example.test", "SECRET_KEY": KEY}
        given |= {"MAIL_PER_MINUTE": "1000000"}
        environment = {f"COMPLIANCE_{name}": value for name, value in given.items()}
        with self._process("nursery", str(self.folder / "workers.log"), **environment) as nursery:
            self.nursery = nursery
            yield

    @contextmanager
    def _process(self, module: str, *arguments: str, **environment: str) -> Iterator[Any]:
        source = str(Path(compliance.__file__).parents[1])
        process = subprocess.Popen(
            [sys.executable, "-m", f"tests.faults.{module}", *arguments],
            cwd=ROOT,
            env=os.environ | {"PYTHONPATH": source} | environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        try:
            yield process
        finally:
            process.stdin.close()  # type: ignore[union-attr]  # which is how they are told to end
            process.wait(timeout=30)

    def _say(self, **words: object) -> dict[str, Any]:
        assert self.nursery is not None
        self.nursery.stdin.write(json.dumps(words) + "\n")
        self.nursery.stdin.flush()
        answer: dict[str, Any] = json.loads(self.nursery.stdout.readline())
        return answer

    def _spawn(self, **orders: object) -> int:
        pid: int = self._say(spawn=orders)["pid"]
        return pid

    def _start(self, number: int, *, again: bool = True) -> None:
        jumps = self.plan.jumps if number % 2 and not (again and self.plan.mended) else ()
        jump = jumps[self.chance.randrange(len(jumps))] if jumps else 0.0
        after = 0.0 if self.plan.mended else self.chance.uniform(0.3, 2.0)
        pid = self._spawn(role="worker", breaking=self.plan.breaking, jump=jump, after=after, silence=self.plan.silence)
        self.workers[pid] = number

    def _replace_the_ended(self) -> None:
        """Who gave up by itself is started again, as any supervisor would."""
        for pid, status in self._say(exited=True)["exited"]:
            number = self.workers.pop(pid, None)
            self.stopped.pop(pid, None)
            self._note(pid, status)
            if number is not None:
                self._start(number)

    def _note(self, pid: int, status: int) -> None:
        """Counts how workers ended; those that were killed had no say in it."""
        self.leaving.discard(pid)
        if status != -signal.SIGKILL:
            self.statuses[status] = self.statuses.get(status, 0) + 1

    # -- blows ---------------------------------------------------------------------------------------------------

    def _torment(self) -> None:
        """The blows, spread over the run by how much has arrived, or by time where nothing arrives any more."""
        blows = self._blows()
        self._wait_for(1, FIRST)
        for place, blow in enumerate(blows):
            self._wait_for(self.plan.people * (place + 1) // (len(blows) + 1), STALLED)
            blow()
        while self.stopped:
            self._tick()

    def _blows(self) -> list[Callable[[], None]]:
        plan = self.plan
        blows = [*[self._kill] * plan.kills, *[self._stop] * plan.stops, *[self._terminate] * plan.terminations]
        blows += [self._restart] * plan.restarts
        self.chance.shuffle(blows)
        return blows

    def _wait_for(self, arrived: int, patience: float) -> None:
        since, known = clock.monotonic(), -1
        while (count := self._arrived()) < arrived and clock.monotonic() - since < patience:
            since, known = (clock.monotonic(), count) if count > known else (since, known)
            self._tick()

    def _arrived(self) -> int:
        try:
            return self.heard.read_bytes().count(b'"accepted"')
        except FileNotFoundError:
            return 0

    def _tick(self) -> None:
        time.sleep(TICK)
        self._replace_the_ended()
        for pid, until in list(self.stopped.items()):
            if clock.monotonic() >= until:
                os.kill(pid, signal.SIGCONT)
                del self.stopped[pid]

    def _victim(self) -> int | None:
        awake = [pid for pid in self.workers if pid not in self.stopped]
        return self.chance.choice(awake) if awake else None

    def _kill(self) -> None:
        self._signal(signal.SIGKILL)

    def _terminate(self) -> None:
        self._signal(signal.SIGTERM)

    def _signal(self, number: signal.Signals) -> None:
        pid = self._victim()
        if pid is not None:
            os.kill(pid, number)
            self.leaving |= {pid} if number == signal.SIGTERM else set()
            self._start(self.workers.pop(pid))

    def _stop(self) -> None:
        """Sleeps for longer than a lease holds, then goes on as if nothing had happened."""
        pid = self._victim()
        if pid is not None:
            os.kill(pid, signal.SIGSTOP)
            self.been_stopped.add(pid)
            self.stopped[pid] = clock.monotonic() + self.plan.silence + 1.5

    def _restart(self) -> None:
        if self.restart is not None:
            self.restart()

    # -- the end -------------------------------------------------------------------------------------------------

    def _wait_for_peace(self) -> None:
        """Until nothing waits any more, or for as long as patience lasts without fewer that do."""
        since, fewest = clock.monotonic(), sys.maxsize
        while (waiting := self.ask(UNREST)[0][0]) and clock.monotonic() - since < self.plan.patience:
            since, fewest = (clock.monotonic(), waiting) if waiting < fewest else (since, fewest)
            for _ in range(10):
                self._tick()

    def _end_all(self) -> None:
        """The workers in good order; their statuses tell whether it was."""
        if self.renewer is not None:
            os.kill(self.renewer, signal.SIGKILL)
        for pid in self.workers:
            os.kill(pid, signal.SIGTERM)
        self.leaving |= set(self.workers)
        until = clock.monotonic() + 30
        while self.leaving and clock.monotonic() < until:
            time.sleep(TICK)
            for pid, status in self._say(exited=True)["exited"]:
                self._note(pid, status)
