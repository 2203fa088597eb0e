"""Claim: the queue of the review desk answers within 200 ms with 50,000 lines of a year, a third of them tagged.

    python benchmarks/tag_queue.py [--lines 50000]

Beside each question (a page, its count and states, a filter, a text, groups): the same done by loading all lines and
filtering and sorting them in Python. Both on SQLite, in the same run, the best of three.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from sqlalchemy.orm import Session, sessionmaker

from data.store.engine import make_engine, session_factory, transaction
from data.store.lines import list_lines, save_lines
from data.store.migrate import migrate
from data.store.sites import add_site
from data.store.tag_counts import count_states
from data.store.tag_queue import QueueQuery, count_rows, list_groups, list_rows
from data.workflows.tag_bulk import MOST_LINES, BulkChange, apply_bulk

SITE, YEAR, FUNCTIONS = "queue", 2026, ("SALUD", "EDUCACION", "SANEAMIENTO", "PROTECCION SOCIAL", "AMBIENTE")
LIMIT_MS = 200


def fill(factory: sessionmaker[Session], lines: int) -> None:
    """A site with lines, every third of them tagged."""
    with transaction(factory) as session:
        site = add_site(session, slug=SITE, name="Queue", country="PE", currency="PEN", actor="benchmark")
        rows = [
            {
                "year": YEAR,
                "code": f"301291/{number:05d}/5/07/2.3",
                "labels": {"function": FUNCTIONS[number % 5], "activity": f"Actividad {number % 700}", "fund": "07"},
                "pim": Decimal(number * 7919 % 1_000_003),
                "source_file": "made.csv",
                "source_sha256": "0" * 64,
                "source_line": number,
            }
            for number in range(lines)
        ]
        save_lines(session, site.id, "benchmark", rows)
    keys = [(YEAR, row["code"]) for row in rows[::3]]
    for start in range(0, len(keys), MOST_LINES):
        part = dict.fromkeys(keys[start : start + MOST_LINES], 0)
        apply_bulk(factory, SITE, part, BulkChange({"marker": "0"}, "made"), "command line")


def questions(session: Session) -> dict[str, tuple[Callable[[], Any], Callable[[], Any]]]:
    """Name -> ours, and all lines through Python."""
    all_lines = lambda: list_lines(session, 1, YEAR)  # noqa: E731
    by_pim = QueueQuery(YEAR, sort=[("pim", True)], offset=20_000)
    tagged = QueueQuery(YEAR, states=["proposed"], labels={"function": "SALUD"})
    word = QueueQuery(YEAR, text="actividad 123")
    return {
        "a page far down, by PIM": (
            lambda: (list_rows(session, 1, by_pim), count_rows(session, 1, by_pim)),
            lambda: sorted(all_lines(), key=lambda line: -line.pim)[20_000:20_100],
        ),
        "lines by state": (lambda: count_states(session, 1, YEAR), lambda: len(all_lines())),
        "proposed, one function": (
            lambda: (list_rows(session, 1, tagged), count_rows(session, 1, tagged)),
            lambda: [line for line in all_lines() if line.labels["function"] == "SALUD"][:100],
        ),
        "a word": (
            lambda: list_rows(session, 1, word),
            lambda: [line for line in all_lines() if "Actividad 123" in line.labels["activity"]][:100],
        ),
        "sums by function": (
            lambda: list_groups(session, 1, QueueQuery(YEAR), "function"),
            lambda: sum(line.pim for line in all_lines()),
        ),
    }


def milliseconds(ask: Callable[[], Any], session: Session) -> float:
    best = float("inf")
    for _ in range(3):
        session.expunge_all()
        start = time.perf_counter()
        ask()
        best = min(best, (time.perf_counter() - start) * 1000)
    return best


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--lines", type=int, default=50_000)
    lines = parser.parse_args().lines
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/queue.sqlite"
        migrate(url)
        engine = make_engine(url)
        factory = session_factory(engine)
        start = time.perf_counter()
        fill(factory, lines)
        print(f"{lines:,} lines, {len(range(0, lines, 3)):,} of them tagged, in {time.perf_counter() - start:.0f} s")
        with factory() as session:
            for name, (ours, peer) in questions(session).items():
                mine, theirs = milliseconds(ours, session), milliseconds(peer, session)
                mark = "" if mine < LIMIT_MS else f"  above {LIMIT_MS} ms"
                print(
                    f"{name:28} {mine:7.0f} ms   all lines through Python {theirs:7.0f} ms  {theirs / mine:5.1f}{mark}"
                )
        engine.dispose()


if __name__ == "__main__":
    main()
