"""Claim: a map of 2,000 areas (24 points each) stays fluid: first picture, change of indicator and classes, in ms.

Makes a site in a temporary folder, serves it from another process and measures in Chromium, from the navigation (or
the choice) to the frame after the last area was coloured. Women and men side by side are 4,000 shapes.

    OPENBLAS_NUM_THREADS=1 python benchmarks/map_two_thousand.py [--runs 7]
"""

from __future__ import annotations

import argparse
import math
import os
import random
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from data.settings import StoreSettings  # noqa: E402
from data.store.engine import make_engine, session_factory, transaction  # noqa: E402
from data.store.migrate import migrate  # noqa: E402
from data.store.tables import Area, Estimate, Indicator, PublishedFigure, Site, SurveyRound  # noqa: E402

COLUMNS, ROWS = 50, 40
SIDE = 6  # points a side: 4 × 6 = 24 a polygon
CODES = ("WATER", "SCHOOL")
PAINTED = "() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => done(performance.now()))))"


def fill(settings: StoreSettings) -> None:
    """A site whose areas share crooked borders, and two indicators by sex."""
    migrate(settings.database_url)
    draw = random.Random(7)
    with transaction(session_factory(make_engine(settings.database_url))) as session:
        site = Site(slug="big", name="Big", country="PE", currency="PEN", is_synthetic=True, source="benchmark")
        session.add(site)
        session.flush()
        root = Area(site_id=site.id, level=0, code="big", name="Big")
        session.add(root)
        session.flush()
        areas = [
            Area(site_id=site.id, parent_id=root.id, level=1, code=code, name=f"Area {code}", geometry=shape)
            for code, shape in polygons(draw)
        ]
        survey_round = SurveyRound(
            site_id=site.id,
            code="2026-1",
            ends_on=date(2026, 5, 1),
            coverage_area="all",
            coverage_rate=None,
            is_census=False,
            area_columns=["area"],
            household_count=1,
            person_count=1,
            state="published",
            bank_path="big/2026-1",
            content_sha256="0" * 64,
        )
        session.add_all([*areas, survey_round])
        session.flush()
        for code in CODES:
            add_indicator(session, site, survey_round, code, areas, draw)


def add_indicator(
    session: Any, site: Site, survey_round: SurveyRound, code: str, areas: list[Area], draw: random.Random
) -> None:
    definition = {
        "id": code,
        "label": {"en": code},
        "level": "person",
        "universe": "TRUE",
        "numerator": "x = 1",
        "direction": "down",
        "version": 1,
    }
    indicator = Indicator(site_id=site.id, code=code, version=1, definition=definition)
    session.add(indicator)
    session.flush()
    for area in areas:
        for sex in ("female", "male"):
            share, error = draw.uniform(0.05, 0.9), draw.choice((0.01, 0.03, 0.1))
            figures = {
                "round_id": survey_round.id,
                "indicator_id": indicator.id,
                "area_id": area.id,
                "sex": sex,
                "age_band": "all",
                "estimate": share,
                "standard_error": error,
                "ci_low": max(share - 1.96 * error, 0.0),
                "ci_high": min(share + 1.96 * error, 1.0),
                "n": 400,
                "population": 400.0,
            }
            session.add(Estimate(**figures))
            session.add(PublishedFigure(**figures, status="shown", least=20))


def polygons(draw: random.Random) -> Iterator[tuple[str, dict[str, Any]]]:
    """A grid whose borders wobble the same way on both sides."""
    noise: dict[tuple[int, int], tuple[float, float]] = {}

    def point(x: int, y: int) -> list[float]:
        key = (x, y)
        if key not in noise:
            noise[key] = (draw.uniform(-0.3, 0.3), draw.uniform(-0.3, 0.3))
        dx, dy = noise[key]
        return [-77 + 0.0005 * (x + dx), -12 + 0.0005 * (y + dy)]

    for row in range(ROWS):
        for column in range(COLUMNS):
            x, y = column * SIDE, row * SIDE
            ring = [point(x + i, y) for i in range(SIDE)] + [point(x + SIDE, y + i) for i in range(SIDE)]
            ring += [point(x + SIDE - i, y + SIDE) for i in range(SIDE)] + [point(x, y + SIDE - i) for i in range(SIDE)]
            yield f"R{row:02}C{column:02}", {"type": "Polygon", "coordinates": [[*ring, ring[0]]]}


@contextmanager
def served(folder: Path) -> Iterator[str]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = {**os.environ, "VAR_FOLDER": str(folder), "DEVELOPMENT": "1", "OPENBLAS_NUM_THREADS": "1"}
    command = [sys.executable, "-m", "budget_model", "serve", "--port", str(port), "--workers", "1"]
    server = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        wait_for(f"http://127.0.0.1:{port}/healthz")
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait()


def wait_for(address: str) -> None:
    for _ in range(240):
        try:
            with urllib.request.urlopen(address):
                return
        except OSError:
            time.sleep(0.25)
    raise SystemExit(f"{address} does not answer")


def first_picture(page: Page, address: str) -> float:
    """From the start of the navigation to the frame after the last colour."""
    page.goto(f"{address}/en/big/map?indicator={CODES[0]}")
    page.wait_for_function("() => window.povertyMap && window.povertyMap.painted", polling="raf")
    return float(page.evaluate(PAINTED))


def change(page: Page, select: str, value: str) -> float:
    """From the choice to the frame after the last colour."""
    page.wait_for_function("() => document.querySelector('#map-table[data-turn] tbody tr')")
    page.evaluate(
        """(select) => { window.povertyMap.painted = 0;
           document.querySelector(select).addEventListener('change', () => { window.began = performance.now(); },
             { once: true, capture: true }); }""",
        select,
    )
    page.select_option(select, value)
    page.wait_for_function("() => window.povertyMap.painted", polling="raf")
    return float(page.evaluate(PAINTED)) - float(page.evaluate("window.began"))


def measure(address: str, runs: int, show: str) -> dict[str, list[float]]:
    found: dict[str, list[float]] = {"first picture": [], "first picture, cached files": []}
    found |= {"change of indicator": [], "change of classes": [], "zoom": []}
    with sync_playwright() as playwright:
        executable = os.environ.get("CHROMIUM") or shutil.which("chromium")
        browser = playwright.chromium.launch(
            executable_path=executable, args=["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]
        )
        for _ in range(runs):
            context = browser.new_context(viewport={"width": 1440, "height": 900})
            page = context.new_page()
            found["first picture"].append(first_picture(page, f"{address}"))
            found["first picture, cached files"].append(first_picture(page, f"{address}"))
            page.select_option("#map-show", show)
            page.wait_for_timeout(600)
            found["change of indicator"].append(change(page, "#map-indicator", CODES[1]))
            found["change of classes"].append(change(page, "#map-method", "equal"))
            started = page.evaluate("performance.now()")
            page.click("#map-zoom-in")
            found["zoom"].append(float(page.evaluate(PAINTED)) - float(started))
            context.close()
        browser.close()
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=7)
    runs = parser.parse_args().runs
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        fill(StoreSettings(f"sqlite:///{folder / 'cbms_grb.sqlite'}", folder / "bank"))
        print(f"{COLUMNS * ROWS:,} polygons of {4 * SIDE} points, median of {runs} runs (smallest to largest), ms")
        with served(folder) as address:
            for show in ("women", "pair"):
                print(f"  {'one panel' if show == 'women' else 'women and men, two panels'}")
                for what, times in measure(address, runs, show).items():
                    low, middle, high = min(times), statistics.median(times), max(times)
                    print(f"    {what:28} {middle:7.0f}  ({math.floor(low)} to {math.ceil(high)})")


if __name__ == "__main__":
    main()
