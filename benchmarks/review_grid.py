"""Question: with 50,000 lines on the review desk, do scroll, filter and edit each take less than 200 ms in Chromium?

    python -m benchmarks.review_grid [--lines 50000] [--times 15]

Measured inside the browser, from the event (or the call that scrolls) to the first frame in which the answer stands on
the screen: *scroll* to a random far row whose cells then have their texts; *filter* by state until sentence and rows
are the new ones; *edit*: a proposal is stored by the server, the panel says so and the row shows its new state; *open*:
from the address to the first row. Texts are read from the document (`textContent`): to ask for what is drawn
(`innerText`) makes the browser lay the page out once more in every frame, and is part of what it measures. Beside it
the same grid with all rows sent to the browser at once (ag-grid's client-side model), which scrolls and filters without
a server and stores nothing. Two processes and Chromium share the machine's cores.
"""

from __future__ import annotations

import argparse
import logging
import multiprocessing
import random
import socket
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, sync_playwright

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.tag_queue import SITE, YEAR, fill
from dashboard.services import open_store
from data.accounts import hash_password
from data.settings import StoreSettings
from data.store.engine import transaction
from data.store.migrate import migrate
from data.store.sites import load_site
from data.store.users import add_user, give_role

HOST, LOGIN, PASSWORD = "127.0.0.1", "ana", "una clave de prueba"
LIMIT_MS = 200.0
# Resolves with the milliseconds from an event (or from now) to the first frame in which `done` holds.
TIMED = """(event, done) => new Promise((resolve, reject) => {
  const started = start => {
    const look = () => {
      if (done()) { requestAnimationFrame(() => resolve(performance.now() - start)); return; }
      if (performance.now() - start > 120000) { reject(new Error('no answer in 120 s')); return; }
      requestAnimationFrame(look);
    };
    look();
  };
  if (event) { document.addEventListener(event, found => started(found.timeStamp), {capture: true, once: true}); }
  else { started(performance.now()); }
})"""
ROW = "index => [...document.querySelectorAll(`[row-index='${index}'] .ag-cell`)].some(cell => cell.textContent.trim())"


def serve_desk(folder: str, port: int) -> None:
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    from werkzeug.serving import make_server

    from dashboard.app import create_app
    from dashboard.config import Settings
    from dashboard.services import make_services

    settings = store_settings(folder)
    app = create_app(Settings(settings, "k" * 40), make_services(open_store(settings)))
    make_server(HOST, port, app.server, threaded=True).serve_forever()


def serve_all_rows(lines: int, port: int) -> None:
    """The peer: every row is in the browser."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    import dash_ag_grid as dag
    from dash import Dash
    from werkzeug.serving import make_server

    fields = ("name", "state", "marker", "pim", "accrued", "women", "function", "programme", "code")
    rows = [{name: f"{name} {number}" for name in fields} for number in range(lines)]
    app = Dash("peer")
    columns = [{"field": name} for name in fields]
    app.layout = dag.AgGrid(id="review-grid", rowData=rows, columnDefs=columns, style={"height": "34rem"})
    make_server(HOST, port, app.server, threaded=True).serve_forever()


def store_settings(folder: str) -> StoreSettings:
    return StoreSettings(f"sqlite:///{folder}/desk.sqlite", Path(folder) / "bank")


def fill_store(folder: str, lines: int) -> None:
    settings = store_settings(folder)
    migrate(settings.database_url)
    store = open_store(settings)
    fill(store.factory, lines)
    with transaction(store.factory) as session:
        user = add_user(
            session, login=LOGIN, display_name="Ana", password_hash=hash_password(PASSWORD), actor="benchmark"
        )
        give_role(session, user, "official", load_site(session, SITE).id, "benchmark")
    store.factory.kw["bind"].dispose()


def free_port() -> int:
    with socket.socket() as door:
        door.bind((HOST, 0))
        return int(door.getsockname()[1])


def wait_for(port: int) -> None:
    for _attempt in range(600):
        with socket.socket() as door:
            if door.connect_ex((HOST, port)) == 0:
                return
        time.sleep(0.2)
    raise SystemExit(f"Nothing answers on port {port}.")


def opened(page: Page, address: str) -> float:
    """Milliseconds from the address to the first row with its texts."""
    start = time.perf_counter()
    page.goto(address)
    page.wait_for_function(f"({ROW})(0)", timeout=180_000)
    return (time.perf_counter() - start) * 1000


def scrolled(page: Page, lines: int, times: int) -> list[float]:
    """To random rows, far from each other."""
    chance, found = random.Random(1), []
    for _time in range(times):
        index = chance.randrange(lines)
        call = f"dash_ag_grid.getApi('review-grid').ensureIndexVisible({index}, 'middle')"
        found.append(page.evaluate(f"() => {{ {call}; return ({TIMED})(null, () => ({ROW})({index})); }}"))
    return found


def timed(page: Page, event: str, done: str, act: Any) -> float:
    """What `act` does to the page, from its event to the first frame in which `done` holds."""
    page.evaluate(f"() => {{ window.timed = ({TIMED})('{event}', {done}); }}")
    act()
    return float(page.evaluate("() => window.timed"))


def filtered(page: Page, times: int) -> list[float]:
    """Tagged lines, all lines, and again."""
    found = []
    page.evaluate("() => dash_ag_grid.getApi('review-grid').ensureIndexVisible(0)")
    page.wait_for_function(f"({ROW})(0)")
    for number in range(times):
        value = ("proposed", "all")[number % 2]
        before = page.text_content("#review-summary")
        done = f"() => document.getElementById('review-summary').textContent !== {before!r} && ({ROW})(0)"
        found.append(timed(page, "change", done, lambda value=value: page.select_option("#review-show", value)))
        page.wait_for_timeout(300)
    return found


def edited(page: Page, address: str, times: int) -> list[float]:
    """Proposals on untagged lines, one after another."""
    found = []
    for number in range(times):
        code = f"301291/{3 * number + 1:05d}/5/07/2.3"  # every third line from 0 on has a tag already
        opened(page, f"{address}?text={code}&line={code}")
        page.wait_for_selector("#review-propose:visible")
        page.select_option('select[id*=\'"path":"marker"\']', "0")
        page.fill('textarea[id*=\'"path":"rationale"\']', "Plan local")
        page.wait_for_timeout(300)
        before = page.text_content(".ag-row[row-index='0'] [col-id='state']")
        row = "document.querySelector(\".ag-row[row-index='0'] [col-id='state']\")"
        done = (
            "() => document.getElementById('review-message')?.textContent.trim()"
            f" && {row} && {row}.textContent.trim() && {row}.textContent !== {before!r}"
        )
        found.append(timed(page, "click", done, lambda: page.click("#review-propose")))
    return found


def peer_filtered(page: Page, times: int) -> list[float]:
    found = []
    page.evaluate("() => dash_ag_grid.getApi('review-grid').ensureIndexVisible(0)")
    for number in range(times):
        word = f"name {number + 100}"
        call = f"dash_ag_grid.getApi('review-grid').setGridOption('quickFilterText', '{word}')"
        first = f"() => document.querySelector(\"[row-index='0'] .ag-cell\")?.textContent.startsWith('{word}')"
        found.append(page.evaluate(f"() => {{ {call}; return ({TIMED})(null, {first}); }}"))
    return found


def told(name: str, values: list[float], whose: str) -> None:
    middle, high = statistics.median(values), sorted(values)[max(0, round(0.95 * len(values)) - 1)]
    mark = "" if middle < LIMIT_MS or name == "open" else f"  above {LIMIT_MS:.0f} ms"
    print(f"{whose:24} {name:8} median {middle:7.0f} ms, p95 {high:7.0f} ms of {len(values)}{mark}", flush=True)


def measure(page: Page, desk: int, peer: int, lines: int, times: int) -> None:
    page.goto(f"http://{HOST}:{desk}/es/login")
    page.fill("#login", LOGIN)
    page.fill("#password", PASSWORD)
    page.click("main button[type=submit]")
    page.wait_for_selector("main h1")
    address = f"http://{HOST}:{desk}/es/{SITE}/review"
    own = {"open": [opened(page, f"{address}?year={YEAR}") for _time in range(3)]}
    own["scroll"], own["filter"] = scrolled(page, lines, times), filtered(page, times)
    own["edit"] = edited(page, address, times)
    for name, values in own.items():
        told(name, values, "the review desk")
    page.goto("about:blank")
    other = {"open": [opened(page, f"http://{HOST}:{peer}/") for _time in range(3)]}
    other["scroll"], other["filter"] = scrolled(page, lines, times), peer_filtered(page, 3)
    for name, values in other.items():
        told(name, values, "all rows in the browser")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--lines", type=int, default=50_000)
    parser.add_argument("--times", type=int, default=15)
    asked = parser.parse_args()
    ways = multiprocessing.get_context("spawn")
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        fill_store(folder, asked.lines)
        desk, peer = free_port(), free_port()
        servers = [
            ways.Process(target=serve_desk, args=(folder, desk), daemon=True),
            ways.Process(target=serve_all_rows, args=(asked.lines, peer), daemon=True),
        ]
        try:
            for server, port in zip(servers, (desk, peer), strict=True):
                server.start()
                wait_for(port)
            browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
            page = browser.new_page(viewport={"width": 1440, "height": 900}, locale="es-PE", bypass_csp=True)
            print(f"{asked.lines:,} lines, a third of them tagged")
            measure(page, desk, peer, asked.lines, asked.times)
            browser.close()
        finally:
            for server in servers:
                server.terminate()
                server.join()


if __name__ == "__main__":
    main()
