"""The browser's part of `benchmarks.municipal_pages`: from a click to the moment at which the answer is painted."""

from __future__ import annotations

import logging
import statistics
import tempfile
from collections.abc import Callable
from pathlib import Path
from threading import Thread
from typing import Any

from playwright.sync_api import Page, sync_playwright
from werkzeug.serving import make_server

from dashboard.app import create_app
from dashboard.config import Settings
from dashboard.services import make_services
from data.settings import StoreSettings
from data.store.engine import transaction
from data.store.municipalities import list_all_budgets
from data.store.tables import DistrictPopulation, MunicipalBudget
from data.workflows.municipalities import import_budgets, import_population

LIMIT_MS = 300.0
BUDGETS, DISTRICTS = "budget/peru_mef_municipalidades_2024_2025_raw.xlsx", "geo/peru_ubigeo_distrito.csv"
# Starts the clock in the page itself, acts, and stops it in the second frame after the target was written anew.
CLOCK = """([act, target]) => new Promise((done, fail) => {
  const place = document.querySelector(target);
  const start = performance.now();
  const late = setTimeout(() => fail(new Error('nothing was painted in 20 s')), 20000);
  new MutationObserver((_changes, watcher) => {
    watcher.disconnect();
    clearTimeout(late);
    requestAnimationFrame(() => requestAnimationFrame(() => done(performance.now() - start)));
  }).observe(place, { childList: true, subtree: true, characterData: true });
  if (act.link) { document.querySelector(act.link).click(); return; }
  const choice = document.getElementById(act.choice);
  Object.getOwnPropertyDescriptor(HTMLSelectElement.prototype, 'value').set.call(choice, act.value);
  choice.dispatchEvent(new Event('change', { bubbles: true }));
})"""
CONTENT, ONE = "#municipalities-content", "#municipalities-one"


def measure_in_browser(fill: Callable[[str, str], Any], site: str, times: int, real: Path | None) -> None:
    """Print median and 95th percentile of each step; new answers and kept ones apart."""
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/bench.sqlite"
        store = fill(url, folder)
        if real:
            take_real(store, real)
        with store.factory() as session:
            by_year = list_all_budgets(session, "PE")
        app = create_app(Settings(StoreSettings(url, Path(folder)), "k" * 40), make_services(store))
        logging.getLogger("werkzeug").setLevel(logging.ERROR)  # no line for each request
        server = make_server("127.0.0.1", 0, app.server, threaded=True)
        Thread(target=server.serve_forever, daemon=True).start()
        newest = by_year[max(by_year)]
        print(
            f"in Chromium, {len(newest):,} municipalities, {len(by_year)} years, {'real' if real else 'made'} amounts"
        )
        try:
            run(f"http://127.0.0.1:{server.server_port}/es/{site}/municipalities", newest, times)
        finally:
            server.shutdown()
            store.factory.kw["bind"].dispose()


def take_real(store: Any, folder: Path) -> None:
    with transaction(store.factory) as session:
        session.query(MunicipalBudget).delete()
        session.query(DistrictPopulation).delete()
    import_budgets(store.factory, folder / BUDGETS, "benchmark")
    import_population(store.factory, folder / DISTRICTS, "district table", "benchmark")


def run(address: str, newest: Any, times: int) -> None:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1440, "height": 1000})
        page.goto(address, timeout=120_000)
        page.wait_for_selector(f"{CONTENT} .small-charts", timeout=120_000)
        departments = sorted({one.department for one in newest})
        rankings = ["revision", "execution", "payment"]
        choose(page, "by", "payment")  # what the browser reads once
        busy = Busy(page)
        report("change of ranking", alternate(page, "by", rankings, times), busy)
        report("per inhabitant", alternate(page, "by", ["budget_per_person", "accrued_per_person"], times), busy)
        report("department", alternate(page, "department", departments[:times], times), busy)
        report("province, two steps", down(page, departments[-times:]), busy)
        choose(page, "department", "all")
        page.wait_for_selector(f"{CONTENT} .data-table a[data-choose=municipalities-municipality]")
        busy.so_far()
        report("one municipality", one_by_one(page, times), busy)
        browser.close()


class Busy:
    """Processor time of the page's main thread since the last question, in ms: it does not count other programs."""

    def __init__(self, page: Page):
        self._session = page.context.new_cdp_session(page)
        self._session.send("Performance.enable", {"timeDomain": "threadTicks"})
        self._last = 0.0
        self.so_far()

    def so_far(self) -> float:
        found = {one["name"]: one["value"] for one in self._session.send("Performance.getMetrics")["metrics"]}
        spent, self._last = found["TaskDuration"] - self._last, found["TaskDuration"]
        return spent * 1000


def choose(page: Page, name: str, value: str) -> float:
    return float(page.evaluate(CLOCK, [{"choice": f"municipalities-{name}", "value": value}, CONTENT]))


def alternate(page: Page, name: str, values: list[str], times: int) -> list[float]:
    return [choose(page, name, values[turn % len(values)]) for turn in range(max(times, len(values)))]


def down(page: Page, departments: list[str]) -> list[float]:
    found = []
    for department in departments:
        choose(page, "department", department)
        link = f"{CONTENT} .small-charts a[data-choose=municipalities-province]"
        if page.locator(link).count():
            found.append(float(page.evaluate(CLOCK, [{"link": link}, CONTENT])))
    return found


def one_by_one(page: Page, times: int) -> list[float]:
    links = page.locator(f"{CONTENT} .data-table a[data-choose=municipalities-municipality]")
    codes = list(dict.fromkeys(one.get_attribute("data-value") for one in links.all()))[: max(times, 2)]
    link = CONTENT + " .data-table a[data-value='{}']"
    return [float(page.evaluate(CLOCK, [{"link": link.format(code)}, ONE])) for code in codes]


def report(name: str, found: list[float], busy: Busy) -> None:
    if not found:
        print(f"{name:22} nothing to click")
        return
    middle, spent = statistics.median(found), busy.so_far() / len(found)
    high = sorted(found)[max(0, -(-len(found) * 95 // 100) - 1)]
    mark = "" if max(middle, high) < LIMIT_MS else f"  above {LIMIT_MS:.0f} ms"
    print(
        f"{name:22} median {middle:5.0f} ms, p95 {high:5.0f} of {len(found)}, main thread busy {spent:4.0f} each{mark}"
    )
