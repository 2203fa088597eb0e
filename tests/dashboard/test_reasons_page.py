"""Reasons: parts add up to the whole, the next money and the cuts are told in words, doors are shut to strangers."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from xml.etree import ElementTree

import numpy as np
import pytest

from budget_model.coverage.scenario import evaluate
from budget_model.errors import AccessError, NotFoundError
from dashboard.app import create_app
from dashboard.config import Settings
from dashboard.context import PageContext
from dashboard.figures.flow_svg import DESK, PHONE, flow_svg
from dashboard.pages import reasons as page
from dashboard.services import Store
from dashboard.views import reasons as view
from dashboard.views.best_reach import best_sentence
from dashboard.views.reasons_flow import FlowNames, build_flow
from data.jobs.execution import run_job
from data.jobs.kinds import KINDS
from data.settings import StoreSettings
from tests.dashboard.conftest import Visitor, person, site_fixtures
from tests.jobs.builders import workplace
from tests.simulate_site import make_simulate_store

PATH = "/es/lomas/reasons"
CUT, RAISED = "p-01", "p-03"


@pytest.fixture(scope="module")
def store(tmp_path_factory) -> Iterator[Store]:
    made = make_simulate_store(tmp_path_factory.mktemp("reasons"), needs=6, programmes=6, areas=3)
    yield made
    made.factory.kw["bind"].dispose()


services, ana, lomas = site_fixtures()


@pytest.fixture(scope="module")
def loaded(services, ana, lomas):
    return services.simulate.workbench(ana, lomas).loaded


@pytest.fixture(scope="module")
def changes(loaded):
    """A tenth of one programme's money moved to another."""
    totals = dict(zip(loaded.model.programmes, loaded.model.baseline.sum(axis=1), strict=True))
    moved = round(totals[CUT] / 10)
    return {CUT: f"{totals[CUT] - moved:.2f}", RAISED: f"{totals[RAISED] + moved:.2f}"}


@pytest.fixture(scope="module")
def scenario(services, ana, lomas, loaded, changes):
    return services.scenarios.save(ana, lomas, loaded.sha256, changes, "De uno a otro", "")


@pytest.fixture(scope="module")
def enter(store, services):
    app = create_app(Settings(StoreSettings("unused", store.bank_folder), "k" * 40), services)
    return lambda login: Visitor(app.server.test_client(), login)


@pytest.fixture(scope="module")
def see(ana, lomas):
    return lambda language="es", **query: PageContext(language, site=lomas, user=ana, query=query, page="reasons")


@pytest.fixture(scope="module")
def moved(services, see, scenario):
    """What the page says about the scenario."""
    return page.explained(services, see("en", scenario=str(scenario.id)))


def test_the_page_and_its_files_are_closed_to_strangers_and_foreign_officials_first(enter):
    for path in (PATH, f"{PATH}/reasons.csv", f"{PATH}/flow.svg"):
        assert enter(None).get(path).status_code == 302
        assert enter("beto").get(path).status_code == 403
        assert enter("carla").get(path).status_code == 200
    assert "quién es obra" not in enter(None).open(PATH).text


def test_the_service_checks_the_role_itself(services, lomas, moved):
    with pytest.raises(AccessError):
        services.reasons.explain(person(services, "beto"), lomas, moved.reasons.run)
    with pytest.raises(AccessError):
        services.reasons.proposal(person(services, "beto"), lomas, "x")


def test_background_and_programmes_add_up_to_the_persons_covered_in_every_cell(moved):
    reasons = moved.reasons
    covered = np.nan_to_num(reasons.model.universe * reasons.run.result.coverage)
    np.testing.assert_allclose(reasons.here.background + reasons.persons.sum(axis=0), covered, atol=1e-6)


def test_the_rows_of_a_need_add_up_to_its_last_row(moved, see):
    rows = view.need_cells(moved.reasons, moved.names, see("en"))
    parts: dict[str, float] = {}
    for need, by, *cells in rows:
        figure = float(cells[-1].replace(",", ""))
        if by == "all together":
            assert parts.pop(need) == pytest.approx(figure, abs=0.06 * (len(rows) + 1))
        else:
            parts[need] = parts.get(need, 0.0) + figure
    assert parts == {}


def test_the_flow_keeps_every_person_whatever_is_put_together(moved, see):
    persons = moved.reasons.persons.sum(axis=2)
    for most in (3, 50):
        flow = view.flow_of(moved.reasons, moved.names, most, see())
        for column in (0, 1, 2):
            assert sum(n.persons for n in flow.nodes if n.column == column) == pytest.approx(persons.sum())
        for index, node in enumerate(flow.nodes):
            if node.column == 1:
                into = sum(s.persons for s in flow.streams if s.target == index)
                out = sum(s.persons for s in flow.streams if s.source == index)
                assert into == pytest.approx(out)
                assert into == pytest.approx(node.persons)
        assert max(sum(1 for n in flow.nodes if n.column == column) for column in (0, 1)) <= most


def test_the_picture_writes_names_as_text_and_needs_nothing_from_elsewhere():
    names = FlowNames(["<b>Agua & luz</b>"], ["N"], ["Women", "Men"], "others", "others")
    flow = build_flow(np.array([[[3.0, 1.0]]]), names, 5)
    for size in (DESK, PHONE):
        drawn = flow_svg(flow, ("women", "men"), ("a", "b", "c"), "label", size, lambda v: f"{v:.0f}")
        assert "<b>" not in drawn
        assert "href" not in drawn
        assert ElementTree.fromstring(drawn).tag.endswith("svg")


def test_the_next_thousand_is_told_with_women_and_men_and_is_what_a_plain_difference_gives(moved, see):
    reasons = moved.reasons
    sentence = view.next_sentence(reasons, moved.names, see("en"))
    first = view.next_cells(reasons, moved.names, see("en"))[0]
    p, a = moved.names.programmes.index(first[0]), moved.names.areas.index(first[1])
    allocation = reasons.run.result.allocation.copy()
    allocation[p, a] += 1000
    more = evaluate(reasons.loaded.calibrated, allocation) - reasons.run.result.coverage
    gain = np.nansum(reasons.model.universe * more)
    assert f"{gain:.2f} needs" in sentence
    assert first[0] in sentence
    assert "women" in sentence
    assert "men" in sentence


def test_a_locked_programme_comes_last_with_its_reason(moved, see):
    rows = view.next_cells(moved.reasons, moved.names, see("en"))
    words = {row[0]: row[-1] for row in rows}
    assert words["Municipal programme 2"].startswith("locked")
    assert rows[-1][-1] != "–"


def test_a_cut_stands_beside_the_programme_that_got_the_money_with_both_yields(moved, see):
    (sentence,) = view.cut_sentences(moved.reasons, moved.names, see("en"))
    (cut,), (increase,) = moved.reasons.moves.cuts, moved.reasons.moves.increases
    assert "“Municipal programme 1” loses" in sentence
    assert "“Municipal programme 3”" in sentence
    assert f"met {cut.mean.sum():.2f} needs" in sentence
    assert f"meets {increase.mean.sum():.2f}" in sentence
    assert ("more." if increase.mean.sum() > cut.mean.sum() else "not the reason") in sentence


def test_money_that_nobody_gets_is_said_to_be_nobodys(services, ana, lomas, loaded, changes, see):
    run = services.simulate.run(ana, lomas, loaded.sha256, {CUT: changes[CUT]})
    reasons = services.reasons.explain(ana, lomas, run)
    (sentence,) = view.cut_sentences(reasons, view.names_of(reasons, {}, see("en")), see("en"))
    assert "not given to anybody" in sentence


@pytest.mark.parametrize("language", ["es", "en"])
def test_the_page_shows_today_a_scenario_and_tried_amounts(enter, scenario, loaded, changes, language):
    path = f"/{language}/lomas/reasons"
    visitor = enter("ana")
    assert "flow.svg" in visitor.open(path).text
    assert "De uno a otro" in visitor.open(path, f"?scenario={scenario.id}").text
    amounts = ",".join(f"{code}:{amount}" for code, amount in changes.items())
    tried = visitor.open(path, f"?model={loaded.sha256}&c={amounts}").text
    assert {"es": "Los montos que prueba", "en": "amounts that you try"}[language] in tried


def test_what_the_address_asks_in_vain_is_said_and_the_way_back_shown(enter):
    visitor = enter("ana")
    for search in ("?scenario=99999", "?proposal=nothing", "?model=nonsense", "?proposal=x&scenario=1"):
        text = visitor.open(PATH, search).text
        assert "notice-danger" in text, search
        assert "presupuesto de hoy" in text, search


def test_a_proposal_is_explained_to_its_owner_only(store, services, ana, lomas, loaded, see, tmp_path):
    news = services.jobs.start(ana, lomas, "optimise", {"model": loaded.sha256})
    with pytest.raises(NotFoundError):
        services.reasons.proposal(ana, lomas, news.id)  # it waits
    run_job(workplace(store.factory, tmp_path, kinds=KINDS), news.id)
    run = services.reasons.proposal(ana, lomas, news.id)
    rows = services.jobs.job(ana, lomas, news.id).result["optimum"]["allocation"]
    assert run.result.spent == pytest.approx(sum(row["amount"] for row in rows))
    with pytest.raises(NotFoundError):
        services.reasons.proposal(person(services, "carla"), lomas, news.id)
    found = page.explained(services, see(proposal=news.id))
    assert found.reasons.moves.cuts
    assert "propuesta" in found.title


def test_the_files_hold_parts_that_add_up_and_say_what_they_explain(enter, scenario, moved):
    answer = enter("ana").get(f"{PATH}/reasons.csv?scenario={scenario.id}")
    lines = list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig"))))
    assert "De uno a otro" in lines[0][0]
    start = next(at for at, line in enumerate(lines) if line and line[0] == "Código de la necesidad") + 1
    rows = lines[start : lines.index([], start)]
    total = sum(Decimal(row[-1]) for row in rows)
    covered = np.nansum(moved.reasons.model.universe * moved.reasons.run.result.coverage)
    assert float(total) == pytest.approx(covered, rel=1e-9)
    assert enter("ana").get(f"{PATH}/reasons.xlsx?scenario={scenario.id}").status_code == 200
    assert enter("ana").get(f"{PATH}/reasons.csv?colour=red").status_code == 400


# ---- the best that can be reached, beside the sliders


def compare(visitor, sha256, changes):
    data = {"sequence": 1, "model": sha256, "changes": changes}
    answer = {"simulate-answer.data": {"sequence": 1}}
    state = {"simulate-released.data": data, "location.pathname": "/en/lomas/simulate"}
    return visitor.callback("simulate-best.children", answer, state)


def test_the_callback_is_shut_to_strangers_and_tells_the_best_to_officials(enter, loaded, changes):
    assert compare(enter(None), loaded.sha256, changes).status_code == 401
    assert "needs" not in compare(enter("beto"), loaded.sha256, changes).text
    told = compare(enter("ana"), loaded.sha256, changes).json["response"]["simulate-best"]["children"]
    assert "none can meet more than" in told  # linear and tanh curves: nothing is proved
    assert "optim" not in told.lower()


def test_a_proved_best_is_told_as_the_best_and_yours_never_as_more_than_all(services, ana, lomas, loaded, see):
    run = services.simulate.run(ana, lomas, loaded.sha256, {})
    best = replace(loaded.best, is_proved=True)
    proved = replace(loaded)
    proved.__dict__["best"] = best  # what the search would have proved
    sentence = best_sentence(replace(run, loaded=proved), see("en"))
    assert sentence.startswith("The best reachable with S/")
    proved.__dict__["best"] = replace(best, met=1.0)
    assert "(100.0%)" in best_sentence(replace(run, loaded=proved), see("en"))


def test_amounts_that_break_a_limit_are_not_compared(services, ana, lomas, loaded, see):
    total = loaded.model.baseline[loaded.model.programmes.index(RAISED)].sum()
    run = services.simulate.run(ana, lomas, loaded.sha256, {RAISED: f"{total + 1000:.2f}"})
    assert "break a limit" in best_sentence(run, see("en"))
