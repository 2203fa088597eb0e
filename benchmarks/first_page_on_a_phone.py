"""Claim: the first page that a phone opens is usable in under 3 s on 1.6 Mbit/s with 150 ms of delay, cold cache.

    python benchmarks/first_page_on_a_phone.py [--runs 3]

Chromium at 360 × 640, throttled over the DevTools protocol (and its processor slowed down four times with --slow). A
page is usable when its heading and its first control can be used. Each page with a new, empty browser context.
"""

from __future__ import annotations

import argparse
import logging
import os
import shutil
import statistics
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from threading import Thread
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from PIL import Image
from playwright.sync_api import Browser, sync_playwright
from werkzeug.serving import make_server

from dashboard.app import create_app
from dashboard.config import Settings
from dashboard.services import make_services
from data.readers.photos import Photo, read_photo
from data.readers.process_file import parse_process
from data.settings import StoreSettings
from data.workflows.ballot_boxes import BoxToOpen, open_box
from data.workflows.ballot_codes import CodeGroup, make_codes
from data.workflows.processes import save_process
from data.workflows.proposals import save_proposal
from data.workflows.stored_votes import VoteToImport, import_vote
from data.writers.pabulib import pabulib_of
from tests.dashboard_seed import PASSWORD, make_store
from tests.e2e.conftest import FLAGS
from tests.map_site import add_map

SECRET = "a secret for a rehearsal of the vote, forty signs"
NETWORK = {"offline": False, "latency": 150, "downloadThroughput": 200_000, "uploadThroughput": 94_000}
PROPOSALS = 30
ANDROID = "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 Chrome/120.0.0.0 Mobile Safari/537.36"
TEXT = "Mejoramiento del servicio de agua potable y alcantarillado del sector, con pistas y veredas. "


@contextmanager
def hall() -> Iterator[tuple[str, str]]:
    """The address of a site with an open vote, and a code."""
    with tempfile.TemporaryDirectory() as folder:
        store = replace(make_store(Path(folder)), secret=SECRET)
        add_map(store)
        save_process(store.factory, "valle", 2027, parse_process("{rule: greedy, envelope: 900000.00}", "p"), "ana")
        for number in range(PROPOSALS):
            cells = {"code": f"P-{number:02d}", "title_es": f"Obra {number}", "description_es": TEXT * 3}
            cells |= {"cost": str(40_000 + number), "state": "feasible", "reason": "Se puede", "need": "WATER"}
            cells |= {"photo_text_es": "Calle sin pista"} if number == 7 else {}
            shown = photo() if number == 7 else None
            save_proposal(store.factory, "valle", 2027, cells, "ana", photo=shown)
        save_process(store.factory, "valle", 2026, parse_process("{rule: greedy, envelope: 900000.00}", "p"), "ana")
        import_vote(store.factory, "valle", 2026, VoteToImport(a_vote(), "voto.pb"), "ana")
        now = datetime.now(UTC)
        wanted = BoxToOpen("k-approval", 3, now - timedelta(hours=1), now + timedelta(hours=9))
        box = open_box(store.factory, "valle", 2027, wanted, "ana")
        code = make_codes(store.factory, "valle", box.id, 10, CodeGroup(), SECRET, "ana").codes[0]
        app = create_app(Settings(StoreSettings("unused", store.bank_folder), "k" * 40), make_services(store))
        server = make_server("127.0.0.1", 0, app.server, threaded=True)
        thread = Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}", code
        server.shutdown()
        thread.join()
        server.server_close()
        store.factory.kw["bind"].dispose()


def a_vote() -> bytes:
    """A counted vote of 60 women and 50 men on all proposals."""
    projects = [{"project_id": f"P-{one:02d}", "cost": str(40_000 + one)} for one in range(PROPOSALS)]
    rows = [
        {"voter_id": f"v{one}", "vote": f"P-{one % PROPOSALS:02d}", "sex": "F" if one < 60 else "M"}
        for one in range(110)
    ]
    return pabulib_of({"budget": "900000", "vote_type": "approval", "rule": "greedy"}, projects, rows).encode()


def measure(
    browser: Browser, address: str, control: str, slow: float, name: str | None, logged_in: Any = None
) -> tuple[float, int]:
    """Seconds until the control can be used, and bytes over the wire. name : of the browser, None for its own"""
    size = {"width": 360, "height": 640}
    context = browser.new_context(
        viewport=size, locale="es-PE", user_agent=name, is_mobile=name is not None, storage_state=logged_in
    )
    page = context.new_page()
    session: Any = context.new_cdp_session(page)
    received: list[int] = []
    session.send("Network.enable")
    session.send("Network.emulateNetworkConditions", NETWORK)
    session.send("Emulation.setCPUThrottlingRate", {"rate": slow})
    session.on("Network.loadingFinished", lambda event: received.append(int(event["encodedDataLength"])))
    start = datetime.now(UTC)
    page.goto(address, wait_until="commit", timeout=120_000)
    page.locator(control).first.wait_for(state="visible", timeout=120_000)
    took = (datetime.now(UTC) - start).total_seconds()
    page.wait_for_load_state("load", timeout=120_000)
    context.close()
    return took, sum(received)


def log_in(browser: Browser, address: str) -> Any:
    """Cookies of an official, for a browser that has loaded nothing yet."""
    context = browser.new_context(locale="es-PE")
    page = context.new_page()
    page.goto(f"{address}/es/login?next=/es/valle/phone")
    page.fill("#login", "ana")
    page.fill("#password", PASSWORD)
    page.click("main button[type=submit]")
    page.wait_for_selector("h1")
    state = context.storage_state()
    context.close()
    return state


def photo() -> Photo:
    """A photo that is as hard to compress as a real one of leaves and gravel."""
    buffer = BytesIO()
    Image.effect_noise((1600, 1200), 60).convert("RGB").save(buffer, "JPEG")
    return read_photo(buffer.getvalue(), "foto.jpg")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--slow", type=float, default=1, help="how many times slower the processor is")
    arguments = parser.parse_args()
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    chromium = os.environ.get("CHROMIUM") or shutil.which("chromium")
    with hall() as (address, code), sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=list(FLAGS))
        pages = {
            "ballot: type the code": ("/es/valle/ballot", "#code"),
            "ballot: opened by QR": (f"/es/valle/ballot?code={code}", "input[type=checkbox]"),
            "process": ("/es/valle/phone", "main .proposals a"),
            "proposals of a process": ("/es/valle/phone/proposals", "main .proposals a"),
            "one proposal with photo": ("/es/valle/phone/proposals/P-07", "main .history li"),
            "own list": ("/es/valle/phone/list?codes=P-01,P-02", "input[type=checkbox]"),
            "results": ("/es/valle/phone/results?year=2026", "main .proposals li"),
            "first page, led there": ("/es/valle/", "main .proposals a"),
            "own list, led there": ("/es/valle/my-list?codes=P-01,P-02", "input[type=checkbox]"),
            "results, led there": ("/es/valle/results?year=2026", "main .proposals li"),
            "the form of a proposal": ("/es/valle/phone/propose", "#place svg"),
            "proposals, led there": ("/es/valle/proposals", "main .proposals a"),
            "proposals (Dash)": ("/es/valle/proposals", "main#main .panel"),
            "process (Dash)": ("/es/valle/process", "main#main .panel"),
            "own list (Dash)": ("/es/valle/my-list?codes=P-01,P-02", "main#main .panel"),
            "results (Dash)": ("/es/valle/results?year=2026", "main#main .panel"),
            "first page (Dash)": ("/es/valle/", "main#main .panel"),
        }
        official = log_in(browser, address)
        for name, (path, control) in pages.items():
            logged_in = official if "form" in name else None
            browser_name = ANDROID if "led" in name else None
            measure(browser, address + path, control, 1, browser_name, logged_in)  # the server's own first time
            found = [
                measure(browser, address + path, control, arguments.slow, browser_name, logged_in)
                for _run in range(arguments.runs)
            ]
            seconds = statistics.median(took for took, _bytes in found)
            print(f"{name:24} {seconds:5.2f} s   {found[0][1] / 1000:7.1f} kB   {'ok' if seconds < 3 else 'TOO SLOW'}")
        browser.close()
    print(f"load of the machine {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    main()
