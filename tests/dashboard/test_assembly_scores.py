"""Scores of proposals on the pages: shown with what they rest on, never for what was changed since, never sensitive."""

from __future__ import annotations

import json

import numpy as np
import pytest

from dashboard.app import create_app
from dashboard.config import Settings
from dashboard.services import make_services
from data.settings import StoreSettings
from data.store.assembly import find_scores, load_process
from data.store.engine import transaction
from data.store.sites import load_site
from data.store.tables import Indicator, SurveyRound
from data.workflows.proposal_scores import score_process
from data.workflows.proposals import save_proposal
from data.workflows.stored_votes import VoteToImport, import_vote
from data.writers.pabulib import pabulib_of
from tests.dashboard.conftest import Visitor
from tests.simulate_site import make_simulate_store

YEAR = 2027


@pytest.fixture(scope="module")
def held(tmp_path_factory):
    store = make_simulate_store(tmp_path_factory.mktemp("scores"), needs=4, programmes=5, areas=2)
    with store.factory() as session:
        site = load_site(session, "lomas").id
        codes = [row.code for row in session.query(Indicator).filter_by(site_id=site).order_by(Indicator.id)]
    yield store, "lomas", codes
    store.factory.kw["bind"].dispose()


def propose(store, slug, code, need, **cells):
    told = {"code": code, "title_es": f"Propuesta {code}", "cost": "50000", "need": need, "state": "feasible"}
    save_proposal(store.factory, slug, YEAR, {**told, "reason": "Sí", "women": "60", "men": "40", **cells}, "ana")


def shown(store, slug, page, login=None, search=""):
    app = create_app(Settings(StoreSettings("unused", store.bank_folder), "k" * 40), make_services(store))
    answer = Visitor(app.server.test_client(), login).open(f"/es/{slug}/{page}", search)
    assert answer.status_code == 200, answer.text
    return json.dumps(answer.get_json(), ensure_ascii=False)


def test_scores_are_shown_with_what_they_rest_on_and_not_once_the_proposal_has_changed(held):
    store, slug, codes = held
    propose(store, slug, "A", codes[0])
    propose(store, slug, "B", "")
    content = score_process(store.factory, slug, YEAR, "ana", 100)
    assert set(content["scores"]) == {"A"}
    assert content["without"] == {"B": "no_need"}
    text = shown(store, slug, "proposals")
    assert "Necesidades atendidas en un año" in text
    assert "Sin puntaje: no nombra ninguna necesidad" in text
    detail = shown(store, slug, "proposals", search=f"?year={YEAR}&code=A")
    assert "precio dividido entre quienes se benefician" in detail
    assert "como el programa" in detail
    save_proposal(
        store.factory, slug, YEAR,
        {"code": "A", "title_es": "Otra", "cost": "60000", "need": codes[0], "state": "feasible", "reason": "Sí"},
        "ana", seen=1,
    )  # fmt: skip
    assert "Para esta versión todavía no se calculó" in shown(store, slug, "proposals", search=f"?year={YEAR}&code=A")


def test_the_sum_of_a_list_has_the_interval_of_its_draws_and_none_of_what_may_not_be_seen(held):
    store, slug, codes = held
    propose(store, slug, "L", codes[0])
    propose(store, slug, "M", codes[2])
    score_process(store.factory, slug, YEAR, "ana", 100)
    with store.factory() as session:
        site = load_site(session, slug).id
        kept = find_scores(session, load_process(session, site, YEAR).id)
        drawn = np.frombuffer(kept.drawn, "<f4").reshape(len(kept.content["drawn_codes"]), 100, 2)
        places = [kept.content["drawn_codes"].index(code) for code in ("L", "M")]
        sums = np.sort(drawn[places].sum(axis=0)[:, 0])  # P5 of 100 at place 4.95, P95 at 94.05
    low, high = sums[4] + 0.95 * (sums[5] - sums[4]), sums[94] + 0.05 * (sums[95] - sums[94])
    text = shown(store, slug, "my-list", search=f"?year={YEAR}&codes=L,M")
    assert f"({round(low)}–{round(high)})" in text
    with transaction(store.factory) as session:
        for one in session.query(SurveyRound):
            one.state = "draft"
    assert (
        "nueve de cada diez sorteos"
        not in shown(store, slug, "my-list", search=f"?year={YEAR}&codes=L,M").split("lado a lado")[0]
    )
    with transaction(store.factory) as session:
        for one in session.query(SurveyRound):
            one.state = "published"


def test_a_need_that_men_do_not_have_is_told_so_and_not_as_nought(held):
    store, slug, codes = held
    propose(store, slug, "W", codes[3])
    content = score_process(store.factory, slug, YEAR, "ana", 100)
    assert content["scores"]["W"]["men"] is None
    assert content["scores"]["W"]["gap_change_pp"] is None
    assert "no les concierne" in shown(store, slug, "proposals", search=f"?year={YEAR}&code=W")


def test_the_public_sees_no_score_of_a_sensitive_need_and_none_of_a_draft(held):
    store, slug, codes = held
    propose(store, slug, "S", codes[1])
    score_process(store.factory, slug, YEAR, "ana", 100)
    with transaction(store.factory) as session:
        row = session.query(Indicator).filter_by(code=codes[1]).first()
        row.definition = {**row.definition, "sensitive": True}
    detail = shown(store, slug, "proposals", search=f"?year={YEAR}&code=S")
    assert "Necesidades de mujeres atendidas" not in detail
    assert "Necesidades de mujeres atendidas" in shown(store, slug, "proposals", "ana", f"?year={YEAR}&code=S")
    with transaction(store.factory) as session:
        for one in session.query(SurveyRound):
            one.state = "draft"
    assert "Necesidades atendidas en un año" not in shown(store, slug, "proposals")
    with transaction(store.factory) as session:
        for one in session.query(SurveyRound):
            one.state = "published"
        row = session.query(Indicator).filter_by(code=codes[1]).first()
        row.definition = {**row.definition, "sensitive": False}


def test_the_winning_list_stands_beside_the_best_one(held):
    store, slug, codes = held
    propose(store, slug, "X", codes[0])
    propose(store, slug, "Y", codes[2])
    told = {"budget": "50000", "vote_type": "approval", "rule": "greedy"}
    projects = [{"project_id": code, "cost": "50000"} for code in ("X", "Y")]
    content = pabulib_of(told, projects, [{"voter_id": "1", "vote": "X"}]).encode()
    import_vote(store.factory, slug, YEAR, VoteToImport(content, "v.pb"), "ana")
    lists = next(iter(score_process(store.factory, slug, YEAR, "ana", 100)["lists"].values()))
    assert lists["winners"]["codes"] == ("X",)
    assert lists["best"]["is_exact"]
    best = lists["best"]["effect"]
    assert best["women"] + best["men"] >= lists["winners"]["women"] + lists["winners"]["men"]
    low, high = lists["intervals"]["winners"]["women"]
    assert low - 1e-6 <= lists["winners"]["women"] <= high + 1e-6
    text = shown(store, slug, "results")
    assert "La lista que atiende más necesidades" in text
    number = [f"{round(value)}" for value in (lists["winners"]["women"], low, high)]
    assert "{} ({}–{})".format(*number) in text
    assert "no dicen quién es mujer" in text
