"""Suggestions page: rules for untagged lines, a sentence where there is too little to learn from, nothing applied."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest

from budget_model.spending.suggest import Guess, Learned, Rule, RuleHit, measure
from dashboard.context import PageContext
from dashboard.views.suggestions import lacking_sentence, quality_rows
from data.readers.schemes import read_schemes
from data.store.engine import transaction
from data.store.lines import save_lines
from data.store.sites import load_site
from data.workflows.suggestions import SuggestedLine, learn_from_site, suggest_lines
from data.workflows.tag_bulk import BulkChange, apply_bulk, approve_bulk, review_bulk
from data.workflows.tags import propose_tag
from tests.dashboard_seed import add_user, make_store
from tests.store_builders import budget_row
from tests.support import store_fingerprint

WHY = {"objective": "Menos violencia", "indicator": "IPV12", "gap": "40 %"}


@pytest.fixture
def own_store(tmp_path):
    made = make_store(tmp_path)
    with transaction(made.factory) as session:
        site = load_site(session, "valle")
        add_user(session, "dora", "Dora Luna", "official", site.id)
        names = {"women": "Casa de refugio para mujeres", "road": "Pistas y veredas", "tagged": "Talleres para mujeres"}
        rows = [budget_row(code, 2027, labels={"activity": name}) for code, name in names.items()]
        save_lines(session, site.id, "test", rows)
    propose_tag(made.factory, "valle", 2027, "tagged", {"marker": "0"}, "General", "ana")
    yield made
    made.factory.kw["bind"].dispose()


def shown(visitor, page="suggestions", search=""):
    answer = visitor.open(f"/es/valle/{page}", search)
    assert answer.status_code == 200, answer.text
    return json.dumps(answer.get_json(), ensure_ascii=False).replace("\u00a0", " ")


def test_untagged_lines_come_with_the_rule_and_the_word_that_spoke_and_tagged_ones_do_not(visit_own):
    text = shown(visit_own("ana"))
    assert "Habla de violencia contra las mujeres («casa de refugio»)" in text
    assert "Talleres para mujeres" not in text
    assert text.index("Casa de refugio") < text.index("Pistas y veredas")  # the likely ones first
    assert "Hay muy poco de qué aprender: 0 textos aprobados" in text


def test_a_suggestion_fills_the_form_and_stores_nothing(visit_own, own_store):
    ana, carla = visit_own("ana"), visit_own("carla")  # log-ins leave a trace
    before = store_fingerprint(own_store.factory.kw["bind"])
    text = shown(ana, "review", "?year=2027&line=women&suggestion=yes")
    assert "No se guarda nada hasta que usted lo proponga" in text
    assert '"value": "04"' in text  # the policy of the rule is chosen in the form
    assert store_fingerprint(own_store.factory.kw["bind"]) == before
    monitor = shown(carla, "review", "?year=2027&line=women&suggestion=yes")
    assert "No se guarda nada" not in monitor  # she has no form


def test_once_there_is_enough_the_classifier_speaks_with_its_measured_quality(visit_own, own_store):
    rows = [
        budget_row(f"{kind}{number}", 2027, labels={"activity": f"{words} zona {number}"}, pim=Decimal(number))
        for kind, words in (("w", "Atención a mujeres"), ("r", "Reparación de pistas"))
        for number in range(12)
    ]
    with transaction(own_store.factory) as session:
        save_lines(session, load_site(session, "valle").id, "test", rows)
    for kind, facets in (("w", {"marker": "2", **WHY}), ("r", {"marker": "0"})):
        keys = {(2027, f"{kind}{number}"): 0 for number in range(12)}
        for step, people in ((apply_bulk, "ana"), (review_bulk, "dora"), (approve_bulk, "dora")):
            change = (BulkChange(facets, "Plan"),) if step is apply_bulk else ()
            keys = {(s.year, s.code): s.version for s in step(own_store.factory, "valle", keys, *change, people)}
    text = shown(visit_own("ana"))
    assert "Aprendió de 24 textos distintos" in text
    assert "acertó 100.0 %" in text
    assert "0 · No dirigido a la igualdad (" in text  # pistas


def test_a_facet_of_which_enough_was_approved_has_a_classifier_of_its_own_and_fills_a_likely_line(visit_own, own_store):
    kinds = {"w": ("Atención a mujeres violentadas", "04"), "c": ("Cuna para niñas y niños", "03")}
    rows = [
        budget_row(f"{kind}{number}", 2027, labels={"activity": f"{words} zona {number}"}, pim=Decimal(number))
        for kind, (words, _policy) in kinds.items()
        for number in range(12)
    ]
    rows.append(budget_row("new", 2027, labels={"activity": "Atención a mujeres violentadas zona nueva"}))
    with transaction(own_store.factory) as session:
        save_lines(session, load_site(session, "valle").id, "test", rows)
    for kind, (_words, policy) in kinds.items():
        keys = {(2027, f"{kind}{number}"): 0 for number in range(12)}
        facets = {"marker": "2", **WHY, "policy": policy}
        for step, people in ((apply_bulk, "ana"), (review_bulk, "dora"), (approve_bulk, "dora")):
            change = (BulkChange(facets, "Plan"),) if step is apply_bulk else ()
            keys = {(s.year, s.code): s.version for s in step(own_store.factory, "valle", keys, *change, people)}
    text = shown(visit_own("ana"))
    assert "Política de la Ley 28983: aprendió de 24 textos" in text
    assert "acertó 100.0 %; decir siempre «04» acierta" in text
    assert "Categoría de Sharp: hay muy poco de qué aprender" in text  # no tag states it
    assert "Hay muy poco de qué aprender: 24 textos" in text  # one marker alone
    with own_store.factory() as session:
        site_id = load_site(session, "valle").id
        learned = learn_from_site(session, site_id)
        (line,) = suggest_lines(session, site_id, 2027, learned, "new")
    assert line.facets["policy"].value == "04"
    assert {"mujeres", "atencion"} & set(line.facets["policy"].words)
    assert "sharp" not in line.facets
    assert line.content["policy"] == "04"


def test_a_guess_of_a_facet_fills_only_what_no_rule_names_and_only_of_lines_that_may_matter():
    policy = {"policy": Guess("07", 0.9, ("parto",)), "needs": Guess("IPV12", 0.9, ("parto",))}
    rule = Rule(id="care", terms=("cuna",), suggests={"policy": "03"}, why={"en": "x"})
    named = SuggestedLine((2027, "a"), {}, None, None, (RuleHit(rule, "cuna"),), policy)
    assert named.content == {"policy": "03"}  # needs are never filled in
    unlikely = SuggestedLine((2027, "a"), {}, None, Guess("0", 0.9, ("pista",)), (), policy)
    assert unlikely.content == {"marker": "0"}
    likely = SuggestedLine((2027, "a"), {}, None, Guess("2", 0.9, ("parto",)), (), policy)
    assert likely.content == {"marker": "2", "policy": "07"}
    quiet = SuggestedLine(
        (2027, "a"), {}, None, Guess("2", 0.9, ()), (), {"policy": Guess("07", 0.4, (), speaks=False)}
    )
    assert quiet.content == {"marker": "2"}


def test_the_table_of_quality_has_f1_beside_always_guessing_the_most_frequent_one():
    # Of 4 texts "0" and 1 "1": 3 and 0 found. F1 of "0": precision 3/4, recall 3/4. Always "0": 2 × 0.8 / 1.8 = 0.89.
    quality = measure([("0", "0"), ("0", "0"), ("0", "0"), ("0", "1"), ("1", "0")], "0")
    *classes, mean = quality_rows(quality, read_schemes(), PageContext("en"))
    assert [row[1:] for row in classes] == [
        ["4", "75.0%", "75.0%", "0.75", "0.89"],
        ["1", "0.0%", "0.0%", "0.00", "0.00"],
    ]
    assert mean[1:] == ["5", "–", "37.5%", "0.38", "0.44"]


def test_what_is_missing_is_told_by_marker():
    context = PageContext("es")
    told = lacking_sentence(Learned(None, None, {"0": 18, "2": 2}), context)
    assert "20 textos aprobados distintos. Por marcador: “0”: 18; “2”: 2." in told
    assert "Textos que faltan: “2”: 3." in told
    assert "“0”: 20. Textos que faltan: de otro marcador: 5." in lacking_sentence(
        Learned(None, None, {"0": 20}), context
    )
    both = lacking_sentence(Learned(None, None, {"0": 6, "2": 5}), context)
    assert "Textos que faltan: de marcadores que ya tienen suficientes: 9." in both


def test_all_untagged_lines_can_be_reached_page_by_page(visit_own, own_store):
    rows = [budget_row(f"p{number:03}", 2028, labels={"activity": f"Pista {number}"}) for number in range(21)]
    with transaction(own_store.factory) as session:
        save_lines(session, load_site(session, "valle").id, "test", rows)
    first = shown(visit_own("ana"), search="?year=2028")
    assert "(1 a 20 de 21)" in first
    assert "from=20" in first
    assert "Pista 20" not in first
    last = shown(visit_own("ana"), search="?year=2028&from=20")
    assert "(21 a 21 de 21)" in last
    assert "Pista 20" in last
    assert "from=0" in last
    assert "(1 a 20 de 21)" in shown(visit_own("ana"), search="?year=2028&from=900")  # no such page


def test_strangers_see_no_suggestions(visit_own):
    assert visit_own(None).get("/es/valle/suggestions").status_code == 302
