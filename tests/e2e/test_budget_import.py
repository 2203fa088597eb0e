"""A large file of the ministry in a browser: uploaded, read in the background, looked at, imported; also on a phone."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

import pytest
from playwright.sync_api import Page, expect

from dashboard.services import Store
from data.jobs.execution import run_job
from data.jobs.kinds import KINDS
from data.store.engine import transaction
from data.store.jobs import JobState, claim_job, find_active, keep_alive, release_job
from data.store.lines import list_lines
from data.store.sites import load_site
from data.store.tables import Job
from data.store.users import find_user
from data.workflows.budgets import import_budget_file
from tests.dashboard_seed import make_store
from tests.e2e.reader import DESK, PHONE, Reader, listen, served
from tests.jobs.builders import workplace
from tests.ministry_file import ADDED, CHANGED, OWN, a_month_later, as_csv, ministry_rows, sums

pytestmark = pytest.mark.browser

KIND, IMPORT, WORKER = "budget-reading", "budget-import", "a worker of the test"
MB = 2**20
LOWEST_ACTION, LONGEST_PHONE_PAGE = 900, 4_000  # pixels
SHOTS = os.environ.get("SCREENSHOTS")  # a folder: pictures of what was tested are kept there
WORDS = {
    "es": {
        "upload": "Subir y comparar",
        "look": "Ver qué cambiaría",
        "import": "Importar",
        "now": "Leerlo de inmediato",
        "import-now": "Importarlo de inmediato",
        "changed": "Ver qué cambió",
        "abandon": "Abandonar y quitar el archivo",
    },
    "en": {
        "upload": "Upload and compare",
        "look": "See what it would change",
        "import": "Import",
        "now": "Read it at once",
        "import-now": "Import it at once",
        "changed": "See what it changed",
        "abandon": "Abandon and remove the file",
    },
}
EACH_ONCE = pytest.mark.parametrize(
    ("reader", "language"), [(DESK, "es"), (PHONE, "en")], indirect=["reader"], ids=["desk es", "phone en"]
)
LATER = as_csv(a_month_later(ministry_rows()))
CUT_TABLES = """() => [...document.querySelectorAll('main .table-scroll')]
    .filter(place => place.scrollWidth > place.clientWidth + 1).map(place => place.ariaLabel)"""


@dataclass(frozen=True)
class Place:
    """A site whose budget of one month ago is stored, and where it is served."""

    store: Store
    address: str

    def waiting(self, kind: str = KIND) -> str:
        with self.store.factory() as session:
            return find_active(session, find_user(session, "beto").id, kind).id

    def half_read(self, job_id: str) -> None:
        with transaction(self.store.factory) as session:
            claim_job(session, job_id, WORKER)
            keep_alive(session, job_id, WORKER, (len(LATER) // 2, len(LATER), "rows/1500/150"))

    def give_back_and_read(self, job_id: str) -> None:
        with transaction(self.store.factory) as session:
            release_job(session, job_id, WORKER)
        run_job(workplace(self.store.factory, self.store.bank_folder, kinds=KINDS), job_id)

    def pim(self) -> object:
        with self.store.factory() as session:
            return sum(line.pim for line in list_lines(session, load_site(session, "pampa").id, 2026))


@pytest.fixture
def place(tmp_path) -> Iterator[Place]:
    store, file = make_store(tmp_path), tmp_path / "month-before.csv"
    file.write_bytes(as_csv(ministry_rows()))
    import_budget_file(store.factory, "pampa", file, "test", municipality=OWN)
    with served(store) as address:
        yield Place(store, address)


@pytest.fixture
def reader(browser, place, request) -> Iterator[Reader]:
    context = browser.new_context(viewport=getattr(request, "param", DESK), locale="es-PE")
    made = Reader(context.new_page(), context, place.address)
    listen(made)
    made.log_in("beto")
    yield made
    context.close()
    assert made.troubles == []


def fits(page: Page) -> None:
    assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0


def shoot(page: Page, name: str) -> None:
    if SHOTS:
        page.screenshot(path=f"{SHOTS}/{name}-{page.viewport_size['width']}.png", full_page=True)


def upload(reader: Reader, language: str, content: bytes = LATER) -> Page:
    page = reader.open(f"/{language}/pampa/budget-imports")
    page.wait_for_selector("#field-file")
    shoot(page, f"1-before-{language}")
    assert reader.violations() == []
    page.set_input_files("#field-file", {"name": "gasto.csv", "mimeType": "text/csv", "buffer": content})
    page.fill("#field-municipality", OWN)
    page.get_by_role("button", name=WORDS[language]["upload"]).click()
    page.wait_for_url(re.compile("draft="))
    page.wait_for_selector("main h1")
    return page


@EACH_ONCE
def test_a_large_file_is_read_while_one_is_elsewhere_then_looked_at_and_imported(reader, place, language):
    words = WORDS[language]
    page = upload(reader, language)
    draft, job_id = page.url, place.waiting()
    place.half_read(job_id)
    panel = page.locator(".job-panel")
    expect(panel.locator(".job-progress .amount")).to_contain_text(f"{len(LATER) / 2 / MB:.1f}")
    expect(panel.locator(".job-progress .amount")).to_contain_text("1,500")
    fits(page)
    shoot(page, f"2-during-{language}")
    assert reader.violations() == []
    reader.open(f"/{language}/pampa/budget")
    place.give_back_and_read(job_id)
    page = reader.open(draft.removeprefix(reader.address))
    action = page.get_by_role("button", name=words["import"], exact=True)
    expect(action).to_be_visible()
    fits(page)
    shoot(page, f"3-preview-{language}")
    assert reader.violations() == []
    if page.viewport_size == DESK:
        assert action.bounding_box()["y"] < LOWEST_ACTION
        assert page.evaluate(CUT_TABLES) == []
    else:
        assert page.evaluate("document.documentElement.scrollHeight") < LONGEST_PHONE_PAGE
    page.locator(".import-changes summary").first.click()
    shoot(page, f"4-unfolded-{language}")
    assert reader.violations() == []
    action.click()
    page.wait_for_url(re.compile("job="))
    page.wait_for_selector("main h1")
    expect(page.get_by_role("button", name=words["import-now"])).to_be_visible()
    fits(page)
    shoot(page, f"5-importing-{language}")
    assert reader.violations() == []
    place.give_back_and_read(place.waiting(IMPORT))
    expect(page.get_by_role("button", name=words["import-now"])).to_be_hidden()
    fits(page)
    shoot(page, f"5-imported-{language}")
    assert reader.violations() == []
    page.get_by_role("link", name=words["changed"]).click()
    page.wait_for_url(re.compile("import="))
    page.wait_for_selector("main h1")
    expect(page.locator("main")).to_contain_text("3,022")  # rows of the file, counted by the builder's own hand
    fits(page)
    shoot(page, f"5-after-{language}")
    assert reader.violations() == []
    # lines that are gone were kept: every line of before, 100 of them with 1,000.50 more, and the new ones
    opening = next(row for row in ministry_rows() if row["MES_EJE"] == "0" and row["SEC_EJEC"] == OWN)
    more = CHANGED * Decimal("1000.50") + ADDED * Decimal(opening["MONTO_PIM"])
    assert place.pim() == sums(ministry_rows())["pim"] + more


def test_where_nobody_reads_it_the_file_is_read_at_once(reader, place):
    page = upload(reader, "es")
    page.get_by_role("link", name=WORDS["es"]["now"]).click()
    page.wait_for_url(re.compile("now=1"))
    expect(page.get_by_role("button", name="Importar", exact=True)).to_be_visible()
    expect(page.locator("main")).to_contain_text("3,022 filas leídas")


@EACH_ONCE
def test_a_refused_file_says_in_the_panel_where_and_stores_nothing(reader, place, language):
    half = LATER[: LATER.rindex(b"\n", 0, -1) + 40]  # the last record stops after some fields
    page = upload(reader, language, half)
    before = place.pim()
    place.give_back_and_read(place.waiting())
    expect(page.locator(".job-result")).to_contain_text("gasto.csv")
    expect(page.get_by_role("link", name=WORDS[language]["now"])).to_be_hidden()  # it would be refused again
    fits(page)
    shoot(page, f"6-refused-{language}")
    assert reader.violations() == []
    assert place.pim() == before
    page.get_by_role("button", name=WORDS[language]["abandon"]).click()
    page.wait_for_selector("#field-file")


def test_a_draft_that_is_abandoned_is_read_by_nobody(reader, place):
    page = upload(reader, "es")
    job_id = place.waiting()
    page.get_by_role("button", name=WORDS["es"]["abandon"]).click()
    page.wait_for_selector("#field-file")
    with place.store.factory() as session:
        assert session.get_one(Job, job_id).state == JobState.CANCELLED
