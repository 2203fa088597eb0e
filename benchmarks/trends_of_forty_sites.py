"""What the trends page takes on the server, with 40 sites and 50,000 lines a year on the largest; wanted: 300 ms.

Prints the time of the service and of the whole callback (service, sentences, charts and tables as JSON). The peer
in the same run reads the lines one by one, as `budget_model.spending` takes them.

    python -m benchmarks.trends_of_forty_sites [--lines 50000] [--years 6] [--sites 40] [--small 500] [--tagged 0.02]
"""

from __future__ import annotations

import argparse
import json
import random
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from sqlalchemy.orm import Session, sessionmaker

from budget_model.spending.statement import counted_money
from budget_model.spending.trends import counted_series
from dashboard.context import PageContext, SiteRef
from dashboard.pages import trends as page
from dashboard.services.statement import StatementChoices
from dashboard.services.trends import TrendService
from data.readers.schemes import read_schemes
from data.store.engine import make_engine, session_factory, transaction
from data.store.lines import save_lines
from data.store.migrate import migrate
from data.store.sites import add_site
from data.store.tags import add_versions
from data.workflows.tagged_lines import tagged_lines, year_lines

SCHEME, STAGE, LAST = "eu_eige", "pim", 2026
PERSON = SimpleNamespace(login="unifem", roles_at=lambda site: {"official"}, roles_anywhere=lambda: {"official"})


def fill(factory: sessionmaker[Session], slug: str, lines: int, years: int, tagged: float) -> SiteRef:
    """A site with so many lines a year, a part of them with an approved tag."""
    chance = random.Random(slug)
    known = chance.sample(range(lines), round(lines * tagged))  # the same lines in each year
    with transaction(factory) as session:
        site = add_site(session, slug=slug, name=slug.title(), country="PE", currency="PEN", actor="bench")
        for year in range(LAST - years + 1, LAST + 1):
            save_lines(session, site.id, "bench", [row(chance, year, number) for number in range(lines)])
            tag(session, site.id, year, known, chance)
        return SiteRef(site.id, slug, site.name, "PE", "PEN", False)


def row(chance: random.Random, year: int, number: int) -> dict[str, Any]:
    amounts = [Decimal(chance.randint(0, 10**9)).scaleb(-2) for _ in range(6)]
    stages = dict(zip(("pia", "pim", "certified", "committed", "accrued", "paid"), amounts, strict=True))
    labels = {f"label_{place}": f"Text of line {number % 999} in the budget" for place in range(12)}
    labels |= {"entity_code": "301291", "programme_code": str(number), "activity_code": "5", "purpose_code": "2"}
    source = {"source_file": "bench", "source_sha256": "0" * 64, "source_line": number}
    return {"year": year, "code": f"301291/{number:06}/5/07/2.3", "labels": labels, **stages, **source}


def tag(session: Session, site_id: int, year: int, numbers: list[int], chance: random.Random) -> None:
    now, rows, facets = datetime.now(UTC), [], []
    for number in numbers:
        content = {"marker": chance.choice("012"), "gap": f"Text {number}"}
        names = {"site_id": site_id, "year": year, "code": f"301291/{number:06}/5/07/2.3", "version": 1}
        step = {"state": "approved", "action": "approve", "at": now, "actor": "b", "author": "a"}
        rows.append({**names, **step, "content": content, "rationale": "-", "evidence": []})
        facets.append({"marker": content["marker"], "is_locked": False, "is_capital": False})
    add_versions(session, rows, facets)


def timed(name: str, call: Callable[[], Any], times: int = 5) -> float:
    """The median in milliseconds, printed beside the largest."""
    found = []
    for _ in range(times):
        start = time.perf_counter()
        call()
        found.append((time.perf_counter() - start) * 1000)
    found.sort()
    print(f"{name:<64} {found[len(found) // 2]:8.0f} ms (largest {found[-1]:.0f})", flush=True)
    return found[len(found) // 2]


def one_by_one(factory: sessionmaker[Session], site_id: int) -> None:
    """The peer: every line of the site read, then added up."""
    scheme = read_schemes()[SCHEME]
    by_year = defaultdict(list)
    with factory() as session:
        for line in tagged_lines(session, site_id):
            by_year[line.year].append(line)
        counted_series(year_lines(session, site_id, scheme, STAGE))
    for lines in by_year.values():
        counted_money(lines, scheme, STAGE)


def main() -> None:
    parser = argparse.ArgumentParser()
    for name, value in (("lines", 50_000), ("years", 6), ("sites", 40), ("small", 500)):
        parser.add_argument(f"--{name}", type=int, default=value)
    parser.add_argument("--tagged", type=float, default=0.02)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        engine = make_engine(f"sqlite:///{Path(folder) / 'bench.db'}")
        migrate(str(engine.url))
        factory = session_factory(engine)
        own = fill(factory, "large", asked.lines, asked.years, asked.tagged)
        for number in range(asked.sites - 1):
            fill(factory, f"small-{number:02}", asked.small, asked.years, asked.tagged)
        measure(factory, own)
        engine.dispose()


def measure(factory: sessionmaker[Session], own: SiteRef) -> None:
    service: Any = TrendService(SimpleNamespace(factory=factory))  # type: ignore[arg-type]
    context = PageContext("es", own, PERSON)  # type: ignore[arg-type]
    services: Any = SimpleNamespace(trends=service, tags=SimpleNamespace(schemes=read_schemes))

    def callback(stage: str = STAGE, scheme: str = SCHEME) -> str:
        chosen = StatementChoices((LAST,), (SCHEME,), LAST, scheme, stage)
        parts = page.content(services, context, chosen)
        return json.dumps(
            [part.to_plotly_json() for part in parts if part is not None], default=lambda one: one.to_plotly_json()
        )

    timed("first request of all (no sums kept yet)", callback, 1)
    warm = timed("callback", callback)
    stages = iter(("pia", "certified", "committed", "accrued", "paid"))
    timed("callback, another stage each time", lambda: callback(next(stages)))
    timed("service alone", lambda: service.trends(PERSON, own, SCHEME, STAGE))

    def after_a_change() -> None:
        with transaction(factory) as session:
            save_lines(session, own.id, "bench", [row(random.Random(time.time()), LAST, 1)])

    after_a_change()
    timed("callback after a change of one line", callback, 1)
    peer = timed("peer: every line of the largest site, one by one", lambda: one_by_one(factory, own.id), 1)
    print(f"ratio to the peer: {peer / warm:.0f} times as quick")


if __name__ == "__main__":
    main()
