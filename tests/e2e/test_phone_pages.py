"""Results and one's own list on plain pages in a browser: accessible, fitting 360 px, in large type, no script."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from data.readers.process_file import parse_process
from data.store.sites import load_site
from data.store.tables import Indicator
from data.workflows.processes import save_process
from data.workflows.proposal_scores import score_process
from data.workflows.proposals import save_proposal
from data.workflows.stored_votes import VoteToImport, import_vote
from data.workflows.vote_studies import study_vote
from data.writers.pabulib import pabulib_of
from tests.e2e.reader import served
from tests.e2e.test_ballot import check
from tests.simulate_site import make_simulate_store

pytestmark = pytest.mark.browser

COSTS = {"A": "50000", "B": "40000.50", "C": "60000", "D": "30000"}
LONG = "Mejoramiento del servicio de agua potable y alcantarillado del sector"
WIDTHS = (360, 1440)


def a_vote() -> bytes:
    """60 women and 50 men, whose choices differ."""
    told = {"budget": "120000", "vote_type": "approval", "rule": "greedy"}
    rows = [{"voter_id": f"w{one}", "vote": "A,B", "sex": "F", "age": "25"} for one in range(60)]
    rows += [{"voter_id": f"m{one}", "vote": "C,D", "sex": "M", "age": "40"} for one in range(50)]
    return pabulib_of(told, [{"project_id": code, "cost": cost} for code, cost in COSTS.items()], rows).encode()


@pytest.fixture(scope="module")
def hall(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a site with four scored proposals and a counted vote."""
    store = make_simulate_store(tmp_path_factory.mktemp("phones"), needs=4, programmes=5, areas=2)
    process = parse_process("{rule: greedy, envelope: 120000.00, citation: Ley 28056}", "process.yaml")
    save_process(store.factory, "lomas", 2027, process, "ana")
    with store.factory() as session:
        site = load_site(session, "lomas").id
        needs = [row.code for row in session.query(Indicator).filter_by(site_id=site).order_by(Indicator.id)]
    for (code, cost), need in zip(COSTS.items(), needs, strict=True):
        cells = {"code": code, "title_es": f"{LONG} {code}", "cost": cost, "need": need, "women": "60", "men": "40"}
        told = {"state": "feasible", "reason": LONG, "excludes": "A" if code == "B" else ""}
        save_proposal(store.factory, "lomas", 2027, {**cells, **told}, "ana")
    done = import_vote(store.factory, "lomas", 2027, VoteToImport(a_vote(), "voto.pb"), "ana")
    study_vote(store.factory, "lomas", done.vote.id, "ana")
    score_process(store.factory, "lomas", 2027, "ana", 100)
    with served(store) as address:
        yield f"{address}/es/lomas"


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("size", ["", "projector=1"], ids=["usual", "projector"])
def test_plain_pages_are_accessible_and_fit(browser: Browser, hall: str, width: int, size: str) -> None:
    context = browser.new_context(viewport={"width": width, "height": 800}, locale="es-PE")
    page = context.new_page()
    for path in ("phone", "phone/results", "phone/list?codes=A,B,C", "phone/list"):
        for address in (f"{hall}/{path}", f"{hall.replace('/es/', '/en/')}/{path}"):
            page.goto(f"{address}{'&' if '?' in path else '?'}{size}")
            for folded in page.locator("details > summary").all():
                folded.click()
            check(page)
    context.close()


def test_without_javascript_a_list_is_added_up_and_results_are_read(browser: Browser, hall: str) -> None:
    context = browser.new_context(viewport={"width": 360, "height": 640}, java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{hall}/phone")
    page.get_by_role("navigation", name="Presupuesto participativo").get_by_role("link", name="Arme su lista").click()
    page.get_by_role("checkbox").nth(0).check()
    page.get_by_role("checkbox").nth(1).check()
    page.get_by_role("button", name="Sumar").click()
    expect(page).to_have_url(re.compile("codes=A%2CB$|codes=A,B$"))
    expect(page.get_by_role("checkbox", checked=True)).to_have_count(2)
    expect(page.get_by_role("status")).to_contain_text("Solo una de estas puede ganar")
    page.get_by_text("Envíe su lista a otras personas").click()
    expect(page.get_by_role("img", name="QR")).to_be_visible()
    page.get_by_role("link", name="Resultados").click()
    page.get_by_text("El conteo, ronda por ronda").click()
    expect(page.get_by_role("heading", name="Mujeres y hombres", exact=True)).to_be_visible()
    context.close()
