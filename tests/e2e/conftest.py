"""The browser that the end-to-end tests share: Debian's Chromium, one process a session, a fresh context a test."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.dashboard_seed import make_store
from tests.e2e.reader import DESK, Reader, listen, served

FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-quic",
    "--disable-sync",
    "--disable-background-networking",
    "--disable-component-update",
    "--no-first-run",
)


HERE = Path(__file__).parent
expect.set_options(timeout=20_000)  # an expectation that holds ends at once; on a busy machine five seconds are too few
# A page that is left while its icon is on the way makes the server of a test drop an open file: no fault of a page.
DROPPED = "ignore:Exception ignored in. <_io:pytest.PytestUnraisableExceptionWarning"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.filterwarnings(DROPPED))
            item.add_marker(pytest.mark.xdist_group(group_of(item)))


def group_of(item: pytest.Item) -> str:
    """Tests of a file share its server; those that walk through all pages go apart, as each takes minutes."""
    walks = item.name.startswith(("test_every_page", "test_pages_with_something_chosen"))
    return f"{item.path.name}-{item.name}" if walks else item.path.name


def find_chromium() -> str | None:
    """`CHROMIUM` from the environment, else the one on the path."""
    return os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    executable = find_chromium()
    if executable is None:
        pytest.fail("Chromium is not here: install it (apt-get install chromium) or set CHROMIUM to its path.")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=executable, args=list(FLAGS))
        yield chromium
        chromium.close()


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A dashboard over the small made-up sites; files that need more of a site have an `address` of their own."""
    with served(make_store(tmp_path_factory.mktemp("pages"))) as address:
        yield address


@pytest.fixture
def reader(browser: Browser, address: str, request: pytest.FixtureRequest) -> Iterator[Reader]:
    """A window onto the dashboard at the file's `address`, of a desk or as wide as the test's parameter says.

    Fails the test at its end if the console had an error or anything was asked of another host.
    """
    viewport = getattr(request, "param", DESK)
    context = browser.new_context(viewport=viewport, locale="es-PE")
    made = Reader(context.new_page(), context, address)
    listen(made)
    yield made
    context.close()
    assert made.troubles == []


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """An empty page in a context of its own: no cookies or storage from other tests."""
    context = browser.new_context()
    yield context.new_page()
    context.close()
