"""Best reallocation: asked for in plain words, answered with its certificate, taken over as a scenario."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import numpy as np
import pytest

from budget_model.coverage.scenario import evaluate
from budget_model.errors import AccessError, InputError, NotFoundError
from dashboard.app import create_app
from dashboard.config import Settings
from dashboard.context import PageContext
from dashboard.pages.optimise import add_source, add_target
from dashboard.pages.optimise_answer import show_best
from dashboard.pages.optimise_form import question_of
from dashboard.services import Store
from dashboard.shown_errors import problem_sentence
from dashboard.views.optimise_conflicts import conflict_sentences
from data.jobs.execution import run_job
from data.jobs.kinds import KINDS
from data.settings import StoreSettings
from data.workflows.growth import Growth
from data.workflows.maxima import Maximum
from data.workflows.optimum import Part, Question, optimum_answer, pose, question_document, read_question
from data.workflows.optimum_conditions import LeastShare, Source, Target
from tests.dashboard.conftest import Visitor, person, site_fixtures
from tests.jobs.builders import workplace
from tests.simulate_site import make_simulate_store

PATH = "/es/lomas/optimise"
LOCKED = "p-02"


@pytest.fixture(scope="module")
def store(tmp_path_factory) -> Iterator[Store]:
    made = make_simulate_store(tmp_path_factory.mktemp("optimise"), needs=6, programmes=6, areas=3)
    yield made
    made.factory.kw["bind"].dispose()


services, ana, lomas = site_fixtures()


@pytest.fixture(scope="module")
def sha256(services, ana, lomas):
    return services.simulate.workbench(ana, lomas).loaded.sha256


@pytest.fixture(scope="module")
def enter(store, services):
    app = create_app(Settings(StoreSettings("unused", store.bank_folder), "k" * 40), services)
    return lambda login: Visitor(app.server.test_client(), login)


def answered(store, services, ana, lomas, tmp_path, sha256, **asked: Any):
    news = services.jobs.start(ana, lomas, "optimise", {"model": sha256, **asked})
    run_job(workplace(store.factory, tmp_path, kinds=KINDS), news.id)
    return services.jobs.job(ana, lomas, news.id)


def test_a_question_survives_being_written_down():
    asked = {"model": "a", "objective": "women", "budget": "100.50", "max_change": 0.2, "targets": {"N": 0.7}}
    question = read_question(asked)
    assert question == Question("a", "women", {}, Decimal("100.50"), 0.2, False, None, {"N": 0.7})
    assert read_question(question_document(question)) == question


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"objective": "glory"}, "'glory' is no objective"),
        ({"budget": "1,000"}, "'1,000' is no amount"),
        ({"budget": "-5"}, "'-5' is no amount"),
        ({"max_change": -0.1}, "no share between 0 and 10"),
        ({"max_change": "many"}, "'many' is no share"),
        ({"max_gap": 2}, "no share between 0 and 1"),
        ({"targets": {"N": 1.2}}, "no share between 0 and 1"),
        ({"targets": "all"}, "must give a share a need"),
        ({"changes": ["x"]}, "must give an amount a programme"),
    ],
)
def test_conditions_that_cannot_be_read_are_refused(asked, words):
    with pytest.raises(InputError, match=words):
        read_question(asked)


def test_the_proposal_keeps_the_budget_the_lock_and_the_limit_on_change(store, lomas, sha256):
    with store.factory() as session:
        started = pose(session, lomas.id, Question(sha256, max_change=0.2))
    answer = optimum_answer(started)
    model = started.model
    amounts = np.zeros_like(model.baseline)
    for row in answer["optimum"]["allocation"]:
        amounts[model.programmes.index(row["programme"]), model.areas.index(row["area"])] = row["amount"]
    assert amounts.sum() <= model.baseline.sum() + 0.005
    locked = model.programmes.index(LOCKED)
    assert np.allclose(amounts[locked], model.baseline[locked])
    free = ~model.locked
    assert (np.abs(amounts - model.baseline)[free] <= 0.2 * model.baseline[free] + 0.01).all()
    assert answer["optimum"]["value"] > answer["optimum"]["baseline_value"]
    assert answer["optimum"]["value"] <= answer["optimum"]["bound"] * (1 + 1e-9)


def test_a_start_with_other_amounts_is_what_the_limits_count_from(store, lomas, sha256):
    with store.factory() as session:
        calibrated = pose(session, lomas.id, Question(sha256)).calibrated
        code = next(
            c for c, locked in zip(calibrated.model.programmes, calibrated.model.locked, strict=True) if not locked
        )
        index = calibrated.model.programmes.index(code)
        half = Decimal(str(round(calibrated.model.baseline[index].sum() / 2, 2)))
        started = pose(session, lomas.id, Question(sha256, changes={code: half}, max_change=0.1))
    assert started.start[index].sum() == pytest.approx(float(half))
    assert started.model.ceiling[index].sum() == pytest.approx(1.1 * float(half))


def test_a_part_of_the_proposal_becomes_a_scenario_and_the_rest_stays(store, services, ana, lomas, tmp_path, sha256):
    news = answered(store, services, ana, lomas, tmp_path, sha256, max_change=0.2)
    totals = news.result["totals"]
    cut = min(totals, key=lambda code: totals[code]["best"] - totals[code]["start"])
    saved = services.optimise.take_over(ana, lomas, news.id, Part([cut]), "Solo el recorte", "")
    kept = services.scenarios.allocation(ana, lomas, saved.id)
    by_programme: dict[str, Decimal] = {}
    for (programme, _), amount in kept.items():
        by_programme[programme] = by_programme.get(programme, Decimal(0)) + amount
    assert float(by_programme[cut]) == pytest.approx(totals[cut]["best"], abs=0.01)
    others = [code for code in totals if code != cut]
    assert all(float(by_programme[code]) == pytest.approx(totals[code]["start"], abs=0.01) for code in others)


def test_more_than_the_budget_nothing_and_what_is_not_there_are_refused(store, services, ana, lomas, tmp_path, sha256):
    news = answered(store, services, ana, lomas, tmp_path, sha256, max_change=0.2)
    with pytest.raises(InputError, match="No programme was chosen"):
        services.optimise.take_over(ana, lomas, news.id, Part([]), "x", "")
    with pytest.raises(NotFoundError):
        services.optimise.take_over(ana, lomas, news.id, Part(["no-such"]), "x", "")
    with pytest.raises(NotFoundError):
        services.optimise.take_over(ana, lomas, "no-such-job", Part(["p-01"]), "x", "")
    carla = person(services, "carla")
    with pytest.raises(AccessError):
        services.optimise.take_over(carla, lomas, news.id, Part(["p-01"]), "x", "")


def amounts_of(answer, model):
    """(T, P, A) amounts of a proposal."""
    rows = answer["optimum"]["allocation"]
    amounts = np.zeros((max(row.get("year", 1) for row in rows), *model.baseline.shape))
    for row in rows:
        place = row.get("year", 1) - 1, model.programmes.index(row["programme"]), model.areas.index(row["area"])
        amounts[place] = row["amount"]
    return amounts


def proposed(store, lomas, **asked):
    with store.factory() as session:
        started = pose(session, lomas.id, read_question(asked))
    answer = optimum_answer(started)
    assert answer["optimum"]["allocation"], answer["optimum"]["conflicts"]
    return started, answer, amounts_of(answer, started.model)


def test_a_target_in_one_area_holds_there_for_the_group_that_it_names(store, lomas, sha256):
    _started, _answer, plain = proposed(store, lomas, model=sha256)
    with store.factory() as session:
        calibrated = pose(session, lomas.id, Question(sha256)).calibrated
    model = calibrated.model
    before = evaluate(calibrated, plain[0])
    wanted = float(before[1, 2, 0]) + 0.01
    target = {"need": model.needs[1], "area": model.areas[2], "group": "women", "share": wanted}
    _started, _answer, amounts = proposed(store, lomas, model=sha256, coverages=[target])
    assert evaluate(calibrated, amounts[0])[1, 2, 0] >= wanted - 1e-6


def test_a_source_pays_only_for_its_programmes_and_a_least_share_is_given(store, lomas, sha256):
    with store.factory() as session:
        model = pose(session, lomas.id, Question(sha256)).model
    total = float(model.baseline.sum())
    source = {"source": "Canon", "amount": f"{0.6 * total:.2f}", "programmes": ["p-00"]}
    _started, _answer, amounts = proposed(store, lomas, model=sha256, earmarks=[source])
    others = amounts[0].sum() - amounts[0][model.programmes.index("p-00")].sum()
    assert others <= 0.4 * total + 0.01
    least = {"programmes": ["p-01", "p-03"], "share": 0.5}
    _started, _answer, amounts = proposed(store, lomas, model=sha256, min_share=least)
    named = sum(amounts[0][model.programmes.index(code)].sum() for code in least["programmes"])
    assert named >= 0.5 * amounts[0].sum() - 0.02


def test_the_least_money_keeps_todays_coverage_of_every_need(store, lomas, sha256):
    started, answer, amounts = proposed(store, lomas, model=sha256, objective="min_cost")
    for row in answer["best"]["needs"]:
        for figures in row["groups"].values():
            if figures["coverage"] is not None:
                assert figures["coverage"] >= figures["coverage_baseline"] - 1e-6
    assert 0 < amounts.sum() <= started.model.baseline.sum() + 0.01


def test_a_plan_keeps_the_budget_of_each_year_and_is_shown_year_by_year(store, services, ana, lomas, tmp_path, sha256):
    news = answered(store, services, ana, lomas, tmp_path, sha256, years=3, budget_growth=0.1, max_change=0.2)
    result = news.result
    model = services.simulate.loaded(ana, lomas, sha256).model
    amounts = amounts_of(result, model)
    assert len(amounts) == 3
    for year, money in enumerate(amounts.sum(axis=(1, 2))):
        assert money <= model.baseline.sum() * 1.1**year + 0.02
    assert [row["year"] for row in result["best"]["years"]] == [1, 2, 3]
    assert result["totals"]["p-00"]["years"] == pytest.approx(amounts[:, 0].sum(axis=1), abs=0.01)
    context = PageContext("es", site=lomas, user=ana)
    shown = str(show_best(services, context, news))
    assert "3 a\u00f1os" in shown or "3 años" in shown
    assert "plan de 3 años" in shown
    assert "Años que se toman" in shown


def test_the_form_asks_what_its_rows_say_and_empty_rows_ask_for_nothing():
    single = [{"model": "m", "changes": {}}, "women", 1500.5, 20, "2.5", ["yes"], 3, "4", 2.5, None, "", ["p-01"], 10]
    rows = [["N01", "-", "N02"], ["-", "-", "a1"], ["-", "-", "women"], [70, None, 55.5]]
    sources = [["Canon", None], [100, None], [["p-01"], []]]
    asked = question_of([*single, *rows, *sources])
    question = read_question(asked)
    assert question.conditions.targets == (Target("N01", 0.7), Target("N02", 0.555, "women", "a1"))
    assert question.conditions.sources == (Source("Canon", Decimal(100), ("p-01",)),)
    assert question.conditions.least_share == LeastShare(("p-01",), 0.1)
    assert (question.n_years, question.growth) == (4, Growth(0.025))
    assert question.maximum == Maximum(2.5)
    assert (question.budget_pen, question.max_gap, question.protects_all) == (Decimal("1500.5"), 0.03, True)
    assert read_question(question_document(question)) == question


@pytest.mark.parametrize(
    ("asked", "rule"),
    [
        ({"coverages": [{"need": "", "share": 0.5}]}, "optimum-target-need"),
        ({"coverages": [{"need": "N01", "share": None}]}, "optimum-target-share"),
        ({"coverages": [{"need": "N01", "share": 7}]}, "optimum-target"),
        ({"coverages": "all"}, "optimum-rows"),
        ({"earmarks": [{"source": "", "amount": "5", "programmes": ["a"]}]}, "optimum-source-name"),
        ({"earmarks": [{"source": "x", "amount": None, "programmes": ["a"]}]}, "optimum-source-amount"),
        ({"earmarks": [{"source": "x", "amount": "5", "programmes": []}]}, "optimum-source-programmes"),
        ({"earmarks": 2 * [{"source": "x", "amount": "5", "programmes": ["a"]}]}, "optimum-source-twice"),
        ({"min_share": {"programmes": [], "share": 0.1}}, "optimum-share-programmes"),
        ({"min_share": {"programmes": ["a"], "share": None}}, "optimum-share-missing"),
        ({"years": 0}, "plan-years"),
        ({"price_growth": 2}, "price-rate"),
        ({"times_today": "0.5"}, "optimum-times-today"),
        ({"times_today": "2,5"}, "optimum-times-today"),
        ({"times_today": True}, "optimum-times-today"),
    ],
)
def test_a_condition_that_is_half_said_is_refused_in_words_of_both_languages(asked, rule):
    with pytest.raises(InputError) as refused:
        read_question({"model": "m", **asked})
    assert [problem.rule for problem in refused.value.problems] == [rule]
    if rule != "optimum-rows":  # no form sends that
        told = problem_sentence(refused.value.problems[0], PageContext("es"))
        assert told != str(refused.value.problems[0])


EMPTY_FORM: dict[str, Any] = {
    "start": {"model": "m"}, "objective": "total", "budget": "", "change": "", "times": "", "protect": [], "gap": "",
    "years": "1", "prices": "", "people": "", "money": "", "share_of": [], "share": "",
    "need": ["-"], "area": ["-"], "group": ["-"], "target": [""], "source": [""], "holds": [""], "pays": [[]],
}  # fmt: skip


@pytest.mark.parametrize(
    ("field", "typed", "told"),
    [
        ("budget", "-5", "Gasto máximo al año: «-5»"),
        ("budget", "mucho", "«mucho» no es un monto"),
        ("budget", "1,500", "«1,500» no es un monto"),  # a thousand and a half, or one and a half: not guessed
        ("change", "-3", "Cuánto puede cambiar a lo más un programa: «-3»"),
        ("change", "1001", "de 0 a 1000"),
        ("times", "0.5", "«0.5» no es un límite"),
        ("gap", "-1", "la cobertura de mujeres y de hombres: «-1»"),
        ("gap", "nan", "«nan»"),
        ("target", ["150"], "«150» no es una cobertura. Escriba un porcentaje de 0 a 100"),
        ("target", ["-"], "«-» no es una cobertura"),
        ("share", "101", "«101»"),
        ("share_of", ["p-01"], "pero no se escribió qué parte"),
        ("prices", "51", "precios: «51»"),
        ("people", "1e1", "población: «1e1»"),
        ("money", "-50.1", "presupuesto: «-50.1»"),
    ],
)
def test_a_number_that_does_not_do_is_refused_with_its_field_and_range(field, typed, told):
    form = {**EMPTY_FORM, field: typed}
    if field == "target":
        form["need"] = ["N01"]
    with pytest.raises(InputError) as refused:
        read_question(question_of(list(form.values())))
    sentences = [problem_sentence(problem, PageContext("es")) for problem in refused.value.problems]
    assert any(told in sentence for sentence in sentences), sentences


def test_an_empty_form_asks_for_nothing_and_a_decimal_comma_is_read():
    assert read_question(question_of(list(EMPTY_FORM.values()))) == Question("m", maximum=Maximum(None))
    form = {**EMPTY_FORM, "budget": "1500,50", "change": " 12,5 ", "times": "1,5", "gap": "3 %", "money": "−2.5"}
    question = read_question(question_of(list(form.values())))
    assert (question.budget_pen, question.max_change, question.max_gap) == (Decimal("1500.50"), 0.125, 0.03)
    assert (question.growth.budget_growth, question.maximum) == (-0.025, Maximum(1.5))


def test_a_name_that_the_model_does_not_have_is_refused(store, lomas, sha256):
    asked = {"coverages": [{"need": "N00", "area": "atlantis", "group": "women", "share": 0.5}]}
    with store.factory() as session, pytest.raises(InputError, match="no area 'atlantis'"):
        pose(session, lomas.id, read_question({"model": sha256, **asked}))


def test_the_proposal_is_a_file_for_its_owner(store, services, ana, lomas, tmp_path, sha256, enter):
    news = answered(store, services, ana, lomas, tmp_path, sha256, max_change=0.1)
    text = enter("ana").get(f"{PATH}/optimum.csv?job={news.id}").data.decode("utf-8-sig")
    row = news.result["optimum"]["allocation"][0]
    assert f"{row['programme']},Programa municipal 0,{row['area']},Sector 1,{row['amount']:.2f}" in text
    assert enter("carla").get(f"{PATH}/optimum.csv?job={news.id}").status_code == 404


def test_an_address_may_name_a_calculation_of_ones_own(store, services, ana, lomas, tmp_path, sha256, enter):
    first = answered(store, services, ana, lomas, tmp_path, sha256, max_change=0.11)
    answered(store, services, ana, lomas, tmp_path, sha256, max_change=0.12)
    assert first.id in enter("ana").open(PATH, f"?job={first.id}").text
    assert first.id not in enter("ana").open(PATH).text
    assert first.id not in enter("carla").open(PATH, f"?job={first.id}").text


def test_a_row_can_be_added_for_the_model_of_the_form(services, ana, lomas, sha256):
    context = PageContext("es", site=lomas, user=ana)
    assert "Meta 3" in str(add_target(services, context, 2, {"model": sha256}).to_plotly_json())
    assert "Fuente 2" in str(add_source(services, context, 1, {"model": sha256}).to_plotly_json())
    with pytest.raises(NotFoundError):
        add_target(services, context, 1, {"model": "none"})


def test_conditions_that_contradict_each_other_are_named(store, services, ana, lomas, tmp_path, sha256):
    need = services.simulate.loaded(ana, lomas, sha256).model.needs[0]
    news = answered(store, services, ana, lomas, tmp_path, sha256, max_change=0.01, targets={need: 1.0})
    assert news.result["optimum"]["status"] == "infeasible"
    assert news.result["best"] is None


def test_the_page_asks_and_shows_the_proposal(enter, services, ana, lomas, sha256, store, tmp_path):
    assert "optimise-objective" not in enter(None).open(PATH).text
    assert "optimise-objective" in enter("ana").open(PATH).text
    answered(store, services, ana, lomas, tmp_path, sha256, objective="women", max_change=0.3)
    told = enter("ana").open(PATH).get_data(as_text=True).encode().decode("unicode_escape", "ignore")
    assert "probado" in told or "Una buena propuesta" in told


def test_a_conflict_is_told_with_the_smallest_change_that_helps(services, ana, lomas, sha256):
    loaded = services.simulate.loaded(ana, lomas, sha256)
    row = {
        "constraint": "budget",
        "amount": 100.0,
        "relaxation": {"quantity": "amount", "needed": 150.0, "difference": 50.0},
    }
    context = PageContext("es", site=lomas, user=ana)
    still = {"constraint": "min_coverage_by_area", "need": "N01", "group": "men", "area": "lomas-S2", "coverage": 0.9}
    other = {"constraint": "locked", "programmes": [LOCKED], "relaxation": None, "still": [still]}
    areas = {"lomas-S2": "Sector 2"}
    told, more = conflict_sentences({"optimum": {"conflicts": [row, other]}}, loaded, context, areas)
    assert more.startswith("Los programas bloqueados: Programa municipal 2.")
    assert "hombres, en Sector 2" in more
    assert "El presupuesto de" in told
    assert "150" in told
    assert "50" in told
