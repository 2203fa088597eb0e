"""Claim: 500 phones vote at once on two cores; every accepted vote is counted exactly once, p95 of an answer < 500 ms.

    python benchmarks/phones_voting.py [--phones 500] [--within 20] [--think 3] [--workers 3] [--kill]

A private PostgreSQL that waits for the disk, gunicorn as `serve` runs it, phones as connections of one process on
loopback. Each phone opens the ballot with its code, looks at its choices again and sends them, with pauses between;
`--kill` ends a worker with SIGKILL when half of the votes are in. A phone whose answer is lost sends the same again
and is told that its code has voted, or votes. At the end the vote is closed and the file is compared with what the
phones chose. Load generator and server share the cores.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlencode

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from data.readers.pabulib import parse_pabulib  # noqa: E402
from data.readers.process_file import parse_process  # noqa: E402
from data.store import ballots  # noqa: E402
from data.store.engine import make_engine, session_factory, transaction  # noqa: E402
from data.workflows.ballot_boxes import BoxToOpen, open_box  # noqa: E402
from data.workflows.ballot_codes import MOST_CODES, CodeGroup, make_codes  # noqa: E402
from data.workflows.closing import close_box  # noqa: E402
from data.workflows.processes import save_process  # noqa: E402
from data.workflows.proposals import save_proposal  # noqa: E402
from tests.databases import PostgresServer  # noqa: E402
from tests.store_builders import make_place  # noqa: E402

SECRET = "a secret for a rehearsal of the vote, forty signs"
PROPOSALS = 20
ACCEPTED, USED = "Su voto llegó", "ya se votó"


class Hall:
    """The phones, what they chose, what they were answered, and how long each answer took."""

    def __init__(self, port: int, codes: list[str], arguments: argparse.Namespace):
        self.port, self.codes, self.arguments = port, codes, arguments
        self.seconds: dict[str, list[float]] = {"open": [], "look": [], "send": []}
        self.outcomes: Counter[str] = Counter()
        self.chosen: Counter[str] = Counter()
        self.lost = 0
        self.random = random.Random(7)

    async def vote(self, code: str) -> None:
        draw = self.random
        choices = sorted(draw.sample(range(PROPOSALS), draw.randint(1, 5)))
        names = [f"P{index:02d}" for index in choices]
        fields = [("code", code), *((f"n-{name}", "1") for name in names)]
        await asyncio.sleep(draw.uniform(0, self.arguments.within))
        await self.ask("open", f"?code={code}", None)
        await asyncio.sleep(draw.uniform(0.5, 1.5) * self.arguments.think)
        await self.ask("look", "", [("step", "preview"), *fields])
        await asyncio.sleep(draw.uniform(0.5, 1.5) * self.arguments.think)
        text = await self.ask("send", "", [("step", "send"), *fields])
        outcome = "accepted" if ACCEPTED in text else "told that it had arrived" if USED in text else "refused"
        self.outcomes[outcome] += 1
        if outcome != "refused":
            self.chosen[",".join(names)] += 1

    async def ask(self, step: str, query: str, fields: list[tuple[str, str]] | None) -> str:
        """The answer to a step; a phone whose connection breaks asks again after a second."""
        for _attempt in range(20):
            start = time.perf_counter()
            try:
                text = await self.request(query, fields)
            except (OSError, asyncio.IncompleteReadError, EOFError):
                self.lost += 1
                await asyncio.sleep(1)
                continue
            self.seconds[step].append(time.perf_counter() - start)
            return text
        return ""

    async def request(self, query: str, fields: list[tuple[str, str]] | None) -> str:
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        try:
            body = urlencode(fields).encode() if fields else b""
            head = f"{'POST' if fields else 'GET'} /es/lomas/ballot{query} HTTP/1.1\r\nHost: 127.0.0.1:{self.port}\r\n"
            head += "Content-Type: application/x-www-form-urlencoded\r\nConnection: close\r\n"
            writer.write(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body)
            answer = await asyncio.wait_for(reader.read(), 30)
        finally:
            writer.close()
        if not answer.startswith(b"HTTP/1.1 ") or b"</html>" not in answer:
            raise EOFError("the answer was cut off")
        return answer.decode("utf-8", "replace")

    async def kill_half_way(self, master: int) -> None:
        while sum(self.outcomes.values()) < len(self.codes) / 2:
            await asyncio.sleep(0.05)
        workers = Path(f"/proc/{master}/task/{master}/children").read_text(encoding="ascii").split()
        os.kill(int(workers[0]), signal.SIGKILL)
        print(f"worker {workers[0]} killed after {sum(self.outcomes.values())} votes")

    async def run(self, master: int) -> float:
        start = time.perf_counter()
        tasks = [self.vote(code) for code in self.codes]
        await asyncio.gather(*tasks, *([self.kill_half_way(master)] if self.arguments.kill else []))
        return time.perf_counter() - start


def prepare(factory, phones: int):
    with transaction(factory) as session:
        make_place(session)
    process = parse_process("{rule: mes-add1u, envelope: 500000.00}", "process.yaml")
    save_process(factory, "lomas", 2027, process, "benchmark")
    for index in range(PROPOSALS):
        cells = {"code": f"P{index:02d}", "title_es": f"Propuesta {index}", "cost": str(40_000 + 1_000 * index)}
        save_proposal(factory, "lomas", 2027, {**cells, "state": "feasible", "reason": "Se puede"}, "benchmark")
    now = datetime.now(UTC)
    wanted = BoxToOpen("k-approval", 5, now - timedelta(hours=1), now + timedelta(hours=9))
    box = open_box(factory, "lomas", 2027, wanted, "benchmark")
    codes: list[str] = []
    while len(codes) < phones:
        number = min(MOST_CODES, phones - len(codes))
        codes += make_codes(factory, "lomas", box.id, number, CodeGroup(), SECRET, "benchmark").codes
    return box, codes


def serve(url: str, folder: Path, port: int, workers: int) -> subprocess.Popen[bytes]:
    environment = {**os.environ, "DATABASE_URL": url, "SECRET_KEY": SECRET, "VAR_FOLDER": str(folder)}
    command = [sys.executable, "-m", "gunicorn", "--config", str(ROOT / "script" / "gunicorn.conf.py")]
    command += ["--bind", f"127.0.0.1:{port}", "--workers", str(workers), "wsgi:server"]
    process = subprocess.Popen(command, cwd=ROOT, env=environment)
    asyncio.run(until_ready(port))
    return process


async def until_ready(port: int) -> None:
    for _attempt in range(240):
        try:
            _reader, writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            await asyncio.sleep(0.5)
            continue
        writer.close()
        return
    raise RuntimeError("the server did not start within two minutes")


def report(hall: Hall, took: float) -> None:
    print(f"{len(hall.codes)} phones in {took:.1f} s; load of the machine {os.getloadavg()[0]:.1f}; lost {hall.lost}")
    for step, seconds in hall.seconds.items():
        ordered = sorted(seconds)
        p95 = ordered[int(0.95 * (len(ordered) - 1))]
        median = statistics.median(ordered)
        print(f"{step:5}: median {median * 1000:6.0f} ms, p95 {p95 * 1000:6.0f} ms, most {ordered[-1] * 1000:6.0f} ms")
    print(dict(hall.outcomes))


def check(factory, hall: Hall, box) -> bool:
    with factory() as session:
        stored = ballots.count_ballots(session, box.id)
        used = sum(use.used for use in ballots.list_batches(session, box.id))
    closed = close_box(factory, "lomas", box.id, "benchmark", "end of the rehearsal")
    votes = parse_pabulib(closed.vote.content).sections["VOTES"]
    found = Counter(votes.cells(record)["vote"] for record in votes.records)
    expected = sum(hall.outcomes.values()) - hall.outcomes["refused"]
    is_exact = stored == used == expected == closed.vote.ballots and found == hall.chosen
    print(f"ballots {stored}, codes used {used}, answered as in {expected}: {'exact' if is_exact else 'NOT EXACT'}")
    return is_exact


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--phones", type=int, default=500)
    parser.add_argument("--within", type=float, default=20, help="seconds within which all arrive")
    parser.add_argument("--think", type=float, default=3, help="mean seconds between two steps of a phone")
    parser.add_argument("--workers", type=int, default=3)
    parser.add_argument("--port", type=int, default=8106)
    parser.add_argument("--kill", action="store_true")
    arguments = parser.parse_args()
    database = PostgresServer(is_durable=True)
    server = None
    try:
        url = database.create("phones", "template_migrated")
        factory = session_factory(make_engine(url))
        box, codes = prepare(factory, arguments.phones)
        with tempfile.TemporaryDirectory() as folder:
            server = serve(url, Path(folder), arguments.port, arguments.workers)
            hall = Hall(arguments.port, codes, arguments)
            took = asyncio.run(hall.run(server.pid))
            report(hall, took)
            is_exact = check(factory, hall, box)
            server.terminate()
            server.wait(30)
        factory.kw["bind"].dispose()
    finally:
        if server is not None and server.poll() is None:
            server.kill()
        database.stop()
    sys.exit(0 if is_exact else 1)


if __name__ == "__main__":
    main()
