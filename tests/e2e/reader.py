"""Windows of a browser onto a dashboard served on a port of its own: what the end-to-end tests share."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import BrowserContext, Page
from werkzeug.serving import make_server

from dashboard.app import create_app
from dashboard.config import Settings
from dashboard.services import Services, Store, make_services
from data.settings import StoreSettings
from tests.dashboard_seed import PASSWORD

AXE = (Path(__file__).parent / "vendor" / "axe" / "axe.min.js").read_text(encoding="utf-8")
DESK, PHONE = {"width": 1440, "height": 900}, {"width": 390, "height": 844}


@contextmanager
def served(store: Store, services: Services | None = None) -> Iterator[str]:
    """The address of a dashboard over the store; its database is let go at the end."""
    app = create_app(Settings(StoreSettings("unused", store.bank_folder), "k" * 40), services or make_services(store))
    server = make_server("127.0.0.1", 0, app.server, threaded=True)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
        store.factory.kw["bind"].dispose()


@dataclass
class Reader:
    """A browser window and everything that went wrong in it."""

    page: Page
    context: BrowserContext
    address: str
    troubles: list[str] = field(default_factory=list)

    def log_in(self, login: str) -> None:
        self.page.goto(f"{self.address}/es/login")
        self.page.fill("#login", login)
        self.page.fill("#password", PASSWORD)
        self.page.click("main button[type=submit]")
        self.page.wait_for_selector("main h1")

    def open(self, path: str) -> Page:
        self.page.goto(f"{self.address}{path}")
        self.page.wait_for_selector("main h1")
        self.page.wait_for_function(
            "() => [...document.querySelectorAll('.dash-graph')].every(graph => graph.querySelector('.main-svg'))"
        )
        return self.page

    def violations(self) -> list[str]:
        found: Any = self.page.evaluate(AXE + "; axe.run()")
        return [f"{v['id']}: {v['nodes'][0]['html'][:200]}" for v in found["violations"]]


def listen(reader: Reader) -> None:
    host = urlsplit(reader.address).netloc

    def foreign(request: Any) -> None:
        parts = urlsplit(request.url)
        if parts.scheme in ("http", "https") and parts.netloc != host:
            reader.troubles.append(f"asked of another host: {request.url}")

    reader.page.on("request", foreign)
    reader.page.on("pageerror", lambda error: reader.troubles.append(f"page error: {error}"))
    reader.page.on("console", lambda m: reader.troubles.append(f"console: {m.text}") if m.type == "error" else None)
