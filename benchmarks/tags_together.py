"""Claim: 20 reviewers with 200 edits each at once lose no update, and the trail is complete and in order.

    python benchmarks/tags_together.py [--reviewers 20] [--edits 200] [--lines 40] [--url postgresql://…]

Each reviewer is a process of its own. An edit reads the newest version of a line drawn at random and proposes another
tag on it; if somebody was quicker, the edit is refused with what they did, the reviewer reads again and tries again. At
the end every version that was said to be saved is looked for in the database, and the audit trail is held against the
versions.
Without --url: SQLite in a temporary folder, and a private PostgreSQL server (needs its binaries).
"""

from __future__ import annotations

import argparse
import json
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from sqlalchemy import select  # noqa: E402
from sqlalchemy.orm import Session, sessionmaker  # noqa: E402

from budget_model.errors import StaleVersionError  # noqa: E402
from data.store.engine import make_engine, session_factory, transaction  # noqa: E402
from data.store.lines import save_lines  # noqa: E402
from data.store.migrate import migrate  # noqa: E402
from data.store.sites import add_site  # noqa: E402
from data.store.tables import AuditEntry, LineTag, LineTagVersion  # noqa: E402
from data.store.tags import find_heads  # noqa: E402
from data.store.users import add_user, give_role  # noqa: E402
from data.workflows.tags import propose_tag  # noqa: E402

SITE, YEAR = "reviewed", 2026
MARKERS = ("0", "-1")


def fill(factory: sessionmaker[Session], reviewers: int, lines: int) -> int:
    """A site with lines and reviewers; its id."""
    with transaction(factory) as session:
        site = add_site(session, slug=SITE, name="Reviewed", country="PE", currency="PEN", actor="benchmark")
        for number in range(reviewers):
            login = f"reviewer-{number}"
            user = add_user(session, login=login, display_name=login, password_hash="x", actor="benchmark")
            give_role(session, user, "official", site.id, "benchmark")
        source = {"source_file": "made.csv", "source_sha256": "0" * 64, "source_line": None}
        rows = [{"year": YEAR, "code": f"line-{number}", "labels": {}, **source} for number in range(lines)]
        save_lines(session, site.id, "benchmark", rows)
        return site.id


def review(url: str, number: int, edits: int, lines: int, is_insistent: bool) -> dict[str, Any]:
    """One reviewer's edits; what was saved, as (line, version)."""
    factory = session_factory(make_engine(url))
    chance = random.Random(number)
    saved: list[tuple[str, int]] = []
    refused, slowest = 0, 0.0
    print("ready", flush=True)
    sys.stdin.readline()
    for edit in range(edits):
        code = f"line-{chance.randrange(lines)}"
        while True:
            with factory() as session:
                head = find_heads(session, 1, [(YEAR, code)]).get((YEAR, code))
                based_on = head.version if head else 0
            content = {"marker": MARKERS[based_on % 2]}
            start = time.perf_counter()
            try:
                why = f"reviewer {number}, edit {edit}"
                state = propose_tag(factory, SITE, YEAR, code, content, why, f"reviewer-{number}", based_on=based_on)
            except StaleVersionError:
                refused += 1
                if is_insistent:
                    continue
                break
            slowest = max(slowest, time.perf_counter() - start)
            saved.append((code, state.version))
            break
    return {"reviewer": number, "saved": len(saved), "refused": refused, "versions": saved, "slowest": slowest}


def run_together(url: str, reviewers: int, edits: int, lines: int, is_insistent: bool = True) -> list[dict[str, Any]]:
    """Start the reviewers, let them go at the same moment, and give what each says it saved."""
    command = [sys.executable, __file__, "--as", url, str(edits), str(lines), str(int(is_insistent))]
    pipes: dict[str, Any] = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True, "cwd": ROOT}
    running = [subprocess.Popen([*command, str(number)], **pipes) for number in range(reviewers)]
    for one in running:
        assert one.stdout is not None
        one.stdout.readline()
    for one in running:
        assert one.stdin is not None
        one.stdin.write("go\n")
        one.stdin.flush()
    done = []
    for one in running:
        output, _ = one.communicate()
        if one.returncode:
            raise RuntimeError(f"a reviewer ended with {one.returncode}")
        done.append(json.loads(output.splitlines()[-1]))
    return done


def check(factory: sessionmaker[Session], site_id: int, done: Sequence[Mapping[str, Any]]) -> dict[str, int]:
    """Hold the database against what the reviewers say."""
    with factory() as session:
        versions = list(session.scalars(select(LineTagVersion).order_by(LineTagVersion.id)))
        heads = {head.code: head.version for head in session.scalars(select(LineTag))}
        trail = select(AuditEntry).where(AuditEntry.site_id == site_id, AuditEntry.action == "tag.propose")
        entries = list(session.scalars(trail.order_by(AuditEntry.id)))
    stored = {(one.code, one.version, one.actor) for one in versions}
    said = {(code, version, f"reviewer-{one['reviewer']}") for one in done for code, version in one["versions"]}
    told = [(entry.subject, entry.detail["version"], entry.actor) for entry in entries]
    by_line: dict[str, list[int]] = {}
    for code, version, _ in told:
        by_line.setdefault(code, []).append(version)
    wrong = sum(numbers != list(range(1, heads[code] + 1)) for code, numbers in by_line.items())
    times = {(one.code, one.version): one.at for one in versions}
    wrong += sum(times[code, n] > times[code, n + 1] for code, n in times if (code, n + 1) in times)
    lost = len(said - stored) + len(stored - said) + len(set(told) ^ stored) + len(told) - len(set(told))
    return {"stored": len(versions), "lost": lost, "wrong_order": wrong}


def measure(name: str, url: str, reviewers: int, edits: int, lines: int) -> None:
    migrate(url)
    factory = session_factory(make_engine(url))
    site_id = fill(factory, reviewers, lines)
    start = time.perf_counter()
    done = run_together(url, reviewers, edits, lines)
    seconds = time.perf_counter() - start
    report = check(factory, site_id, done)
    refused, slowest = sum(one["refused"] for one in done), max(one["slowest"] for one in done)
    print(
        f"{name:10} {reviewers} reviewers x {edits} edits: {report['stored']:,} versions, {report['lost']} lost, "
        f"{report['wrong_order']} out of order; {refused:,} told that somebody was quicker; {seconds:.0f} s, "
        f"{report['stored'] / seconds:.0f} a second, slowest {slowest:.1f} s"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--reviewers", type=int, default=20)
    parser.add_argument("--edits", type=int, default=200)
    parser.add_argument("--lines", type=int, default=40)
    parser.add_argument("--url", help="An empty database of your own.")
    parser.add_argument("--as", nargs=5, dest="reviewer", metavar=("URL", "EDITS", "LINES", "INSISTENT", "NUMBER"))
    arguments = parser.parse_args()
    if arguments.reviewer:
        url, edits, lines, is_insistent, number = arguments.reviewer
        print(json.dumps(review(url, int(number), int(edits), int(lines), is_insistent == "1")))
        return
    size = (arguments.reviewers, arguments.edits, arguments.lines)
    if arguments.url:
        measure("database", arguments.url, *size)
        return
    from tests.databases import PostgresServer

    with tempfile.TemporaryDirectory() as folder:
        measure("SQLite", f"sqlite:///{folder}/tags.sqlite", *size)
    server = PostgresServer()
    try:
        measure("PostgreSQL", server.create("tags_together"), *size)
    finally:
        server.stop()


if __name__ == "__main__":
    main()
