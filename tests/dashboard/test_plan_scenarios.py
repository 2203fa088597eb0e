"""Plans of several years kept as scenarios: every year to the cent, opened as stored, compared over their years."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from types import SimpleNamespace

import numpy as np
import pytest

from budget_model.errors import AllocationError, InputError
from dashboard.app import create_app
from dashboard.config import Settings
from dashboard.context import PageContext
from dashboard.pages.optimise import take
from dashboard.pages.reasons_asked import explained
from dashboard.router import Posted
from dashboard.services import Store
from dashboard.services.years import Asked
from dashboard.shown_errors import ToldError
from dashboard.views.compare import compared_of, main_rows, money_rows, year_rows, years_sentences
from dashboard.views.years_assumptions import plan_sentences
from data.jobs.execution import run_job
from data.jobs.kinds import KINDS
from data.settings import StoreSettings
from data.workflows.growth import Growth
from data.workflows.optimum import Part
from data.workflows.planned import PlanQuestion, pose_plan
from data.workflows.plans import differing_figures, exact_years, kept_again, load_plan
from tests.dashboard.conftest import Visitor, site_fixtures
from tests.jobs.builders import workplace
from tests.years_site import make_years_store

GROWTH = {"price_growth": 0.03, "budget_growth": 0.1}


@pytest.fixture(scope="module")
def store(tmp_path_factory) -> Iterator[Store]:
    made = make_years_store(tmp_path_factory.mktemp("plans"))
    yield made
    made.factory.kw["bind"].dispose()


services, ana, lomas = site_fixtures()


@pytest.fixture(scope="module")
def sha256(services, ana, lomas):
    return services.simulate.workbench(ana, lomas).loaded.sha256


@pytest.fixture(scope="module")
def news(store, services, ana, lomas, sha256, tmp_path_factory):
    """A finished search for a plan of three years."""
    asked = {"model": sha256, "years": 3, "max_change": 0.2, **GROWTH}
    started = services.jobs.start(ana, lomas, "optimise", asked)
    run_job(workplace(store.factory, tmp_path_factory.mktemp("job"), kinds=KINDS), started.id)
    return services.jobs.job(ana, lomas, started.id)


@pytest.fixture(scope="module")
def plan(services, ana, lomas, news):
    """The whole proposal, kept."""
    everything = Part(list(news.result["totals"]))
    return services.optimise.take_over(ana, lomas, news.id, everything, "Plan a tres años", "Para el concejo")


@pytest.fixture(scope="module")
def one_year(services, ana, lomas, sha256):
    return services.scenarios.save(ana, lomas, sha256, {"p-01": "9000.00"}, "Solo este año", "")


@pytest.fixture
def see_en(ana, lomas):
    return PageContext("en", site=lomas, user=ana, page="years")


def proposed(news, code: str, year: int) -> Decimal:
    rows = news.result["optimum"]["allocation"]
    return sum(
        (Decimal(f"{row['amount']:.2f}") for row in rows if row["programme"] == code and row["year"] == year),
        Decimal(0),
    )


def money(years, code: str) -> list[Decimal]:
    return [sum((v for (programme, _), v in year.items() if programme == code), Decimal(0)) for year in years]


def test_the_whole_proposal_is_kept_year_by_year_to_the_cent(services, ana, lomas, news, plan):
    years = services.scenarios.years(ana, lomas, plan.id)
    assert (plan.n_years, len(years)) == (3, 3)
    for code in news.result["totals"]:
        wanted = [float(proposed(news, code, year)) for year in (1, 2, 3)]
        assert [float(amount) for amount in money(years, code)] == pytest.approx(wanted, abs=0.04)  # a cent an area
    assert plan.spent == sum((sum(year.values()) for year in years), Decimal(0))


def test_whole_cents_never_add_up_to_more_than_the_plan():
    model = SimpleNamespace(programmes=("a", "b", "c"), areas=("x",))
    plan = np.array([[[10.006], [20.007], [30.008]], [[1.5], [2.25], [3.0]]])  # 60.021, and whole cents
    first, second = exact_years(model, plan)
    assert list(first.values()) == [Decimal("10.01"), Decimal("20.01"), Decimal("30.00")]  # 60.03 would be too much
    assert list(second.values()) == [Decimal("1.50"), Decimal("2.25"), Decimal("3.00")]


def test_what_is_kept_of_a_plan_is_what_the_search_said_of_it(news, plan):
    best = news.result["best"]["groups"]
    assert plan.coverage == pytest.approx({group: best[group]["coverage"] for group in best}, abs=1e-7)


def test_a_plan_run_again_gives_the_same_digits(store, lomas, plan):
    with store.factory() as session:
        stored = load_plan(session, lomas.id, plan.id)
    assert differing_figures(stored.scenario.result, kept_again(stored)) == []
    moved = {**stored.scenario.result, "spent": stored.scenario.result["spent"] + 0.01}
    assert differing_figures(moved, kept_again(stored)) == ["spent"]


def test_a_part_keeps_the_start_in_years_and_programmes_that_are_not_ticked(services, ana, lomas, news):
    totals = news.result["totals"]
    cuts = [code for code, row in totals.items() if max(np.subtract(row["years"], row["start_years"])[1:]) < 0]
    saved = services.optimise.take_over(ana, lomas, news.id, Part(cuts, [2, 3]), "Solo los recortes", "")
    years = services.scenarios.years(ana, lomas, saved.id)
    assert 0 < len(cuts) < len(totals)
    for code, row in totals.items():
        kept, start = money(years, code), row["start_years"]
        wanted = [start[0], *(proposed(news, code, year) if code in cuts else start[year - 1] for year in (2, 3))]
        assert [float(amount) for amount in kept] == pytest.approx([float(amount) for amount in wanted], abs=0.02)


def test_ticking_only_who_gets_more_is_refused_with_its_year(services, ana, lomas, news):
    totals = news.result["totals"]
    most = max(totals, key=lambda code: totals[code]["years"][2] - totals[code]["start_years"][2])
    before = len(services.scenarios.list(ana, lomas))
    with pytest.raises(AllocationError, match="Year 3"):
        services.optimise.take_over(ana, lomas, news.id, Part([most], [3]), "Demasiado", "")
    with pytest.raises(InputError, match="years 1 to 3"):
        services.optimise.take_over(ana, lomas, news.id, Part([most], [4]), "Sin año", "")
    assert len(services.scenarios.list(ana, lomas)) == before


def test_a_plan_opens_over_its_own_years_and_growth(services, ana, lomas, plan, news, see_en):
    planned = services.years.planned(ana, lomas, Asked(str(plan.id), 5, has_own_years=True))
    assert planned.n_years == 3
    assert planned.asked.growth == Growth(**GROWTH)
    assert planned.result.groups.coverage == pytest.approx(list(plan.coverage.values()), abs=1e-12)
    assert plan_sentences(planned, see_en) == [
        "“Plan a tres años” is a plan of 3 years with amounts of its own for each."
    ]
    longer = services.years.planned(ana, lomas, Asked(str(plan.id), 8))
    assert longer.n_years == 3
    assert "no money after year 3" in plan_sentences(longer, see_en)[1]
    shorter = services.years.planned(ana, lomas, Asked(str(plan.id), 2, Growth(price_growth=0.0)))
    assert shorter.n_years == 2
    told = plan_sentences(shorter, see_en)
    assert "Only the first 2 of the 3 years" in told[1]
    assert "other growth" in told[2]


def test_draws_of_a_plan_have_its_years_and_no_more(store, lomas, sha256, plan, services, ana):
    with store.factory() as session:
        posed = pose_plan(session, lomas.id, PlanQuestion(sha256, plan.id, n_years=3))
        with pytest.raises(InputError, match="plan of 3 years, and 4 were asked for"):
            pose_plan(session, lomas.id, PlanQuestion(sha256, plan.id, n_years=4))
    planned = services.years.planned(ana, lomas, Asked(str(plan.id), has_own_years=True))
    assert np.array_equal(posed.plan, planned.result.plan)
    assert np.array_equal(posed.horizon.budget, planned.result.horizon.budget)


def test_one_allocation_of_a_plan_is_never_given_in_silence(services, ana, lomas, plan):
    with pytest.raises(InputError, match="plan of 3 years"):
        services.scenarios.allocation(ana, lomas, plan.id)


def test_simulate_moves_year_one_of_a_plan_and_keeps_the_others(services, ana, lomas, plan):
    before = services.scenarios.years(ana, lomas, plan.id)
    total = money(before, "p-01")[0]
    saved = services.scenarios.save_from(ana, lomas, plan.id, {"p-01": str(total - 100)}, "Movido", "")
    after = services.scenarios.years(ana, lomas, saved.id)
    assert money(after, "p-01")[0] == total - 100
    assert after[1:] == before[1:]
    assert saved.growth == plan.growth


def test_plans_and_scenarios_of_one_year_are_compared_over_the_same_years(services, ana, lomas, plan, one_year, see_en):
    compared = compared_of(services.years.together(ana, lomas, [plan.id, one_year.id]))
    assert [one.n_years for one in compared] == [3, 3]
    amounts = services.scenarios.years(ana, lomas, one_year.id)[0]
    whole = float(sum(amounts.values()))
    carried = compared[1].result.plan.sum(axis=(1, 2))
    assert carried == pytest.approx([whole, whole * 1.1, whole * 1.21])  # today's budget grows by a tenth a year
    told = years_sentences(compared, see_en)
    assert told[0].startswith("Compared over 3 years")
    assert "“Solo este año” states one year; its amounts are carried on as today's budget is." in told
    rows = main_rows(compared, see_en)
    assert "Allocated, all 3 years" in [row[0] for row in rows]
    assert "Women: gain (person-years)" in [row[0] for row in rows]
    assert [row[0] for row in year_rows(compared, see_en)] == [str(year) for year in (1, 2, 3) for _ in range(4)]
    assert len(money_rows(compared, see_en)[0]) == 4


def test_plans_on_different_growth_are_not_compared(services, ana, lomas, sha256, plan):
    years = services.scenarios.years(ana, lomas, plan.id)
    other = services.scenarios.save_years(
        ana, lomas, sha256, years, Growth(price_growth=0.0, budget_growth=0.1), "Otros precios", ""
    )
    with pytest.raises(InputError, match="different growth"):
        services.years.together(ana, lomas, [plan.id, other.id])


def test_chances_between_a_plan_and_a_scenario_are_over_the_plans_years(
    store, services, ana, lomas, plan, one_year, tmp_path
):
    news = services.jobs.start(ana, lomas, "compare", {"scenarios": [plan.id, one_year.id]})
    run_job(workplace(store.factory, tmp_path, kinds=KINDS), news.id)
    result = services.jobs.job(ana, lomas, news.id).result
    assert result["years"] == 3
    assert [one["horizon"]["years"] for one in result["allocations"]] == [3, 3]
    kept = {group: figures["coverage"] for group, figures in result["allocations"][0]["horizon"]["groups"].items()}
    assert kept == pytest.approx(plan.coverage, abs=1e-12)


def test_the_pages_and_files_of_a_plan_carry_every_year(store, services, plan, one_year):
    app = create_app(Settings(StoreSettings("unused", store.bank_folder), "k" * 40), services)
    ana = Visitor(app.server.test_client(), "ana")
    assert "es un plan de 3 a" in ana.open("/es/lomas/years", f"?scenario={plan.id}").text
    assert "Es un plan de 3 a" in ana.open("/es/lomas/simulate", f"?scenario={plan.id}").text
    side = ana.open("/es/lomas/compare", f"?s{plan.id}=on&s{one_year.id}=on").text
    assert "Comparados a lo largo de 3 a" in side
    assert "ganan (a" in side
    file = ana.get(f"/es/lomas/simulate/scenario.csv?scenario={plan.id}").get_data(as_text=True)
    table = file.split("# Programas por año", 1)[1]
    assert {line.split(",")[0] for line in table.splitlines()[2:20]} >= {"1"}
    assert "\n3,p-00" in table


def test_the_reasons_of_a_plan_are_of_all_years_or_of_one_and_add_up(services, ana, lomas, plan):
    context = PageContext("es", site=lomas, user=ana, page="reasons", query={"scenario": str(plan.id)})
    whole = explained(services, context).reasons
    years = [
        explained(services, replace(context, query={**context.query, "year": str(year)})).reasons for year in (1, 2, 3)
    ]
    assert (whole.period.year, whole.period.n_years) == (None, 3)
    assert sum(one.persons.sum() for one in years) == pytest.approx(whole.persons.sum())
    planned = services.years.planned(ana, lomas, Asked(str(plan.id), has_own_years=True))
    covered = whole.persons.sum() + whole.here.background.sum()
    assert covered == pytest.approx(planned.result.groups.covered.sum())
    assert whole.money == pytest.approx(planned.result.plan.sum(axis=(0, 2)))
    with pytest.raises(ToldError):
        explained(services, replace(context, query={**context.query, "year": "4"}))


def test_the_reasons_page_and_its_files_say_which_years(store, services, plan, news):
    app = create_app(Settings(StoreSettings("unused", store.bank_folder), "k" * 40), services)
    ana = Visitor(app.server.test_client(), "ana")
    shown = ana.open("/es/lomas/reasons", f"?scenario={plan.id}").text
    assert "Dinero de todos los a" in shown
    assert "os-persona" in shown
    one = ana.open("/es/lomas/reasons", f"?scenario={plan.id}&year=2").text
    assert "2 de 3." in one
    assert "Dinero del a" in one
    assert "Su propuesta del mejor plan de 3 a" in ana.open("/es/lomas/reasons", f"?proposal={news.id}").text
    file = ana.get(f"/es/lomas/reasons/reasons.csv?scenario={plan.id}&year=3").get_data(as_text=True)
    assert "Año 3 de 3." in file
    assert ana.get(f"/es/lomas/reasons/flow.svg?scenario={plan.id}&year=3&size=phone").status_code == 200
    assert ana.get(f"/es/lomas/reasons/reasons.csv?scenario={plan.id}&year=9").status_code == 400


def test_one_button_takes_the_whole_proposal_over(services, ana, lomas, news):
    context = PageContext("es", site=lomas, user=ana, page="optimise")
    posted = Posted(fields={"job": news.id, "whole": "yes", "is_plan": "yes", "name": "Toda la propuesta"}, files={})
    assert take(services, context, posted) == context.address("scenarios")
    saved = next(one for one in services.scenarios.list(ana, lomas) if one.name == "Toda la propuesta")
    first = next(one for one in services.scenarios.list(ana, lomas) if one.name == "Plan a tres años")
    assert services.scenarios.years(ana, lomas, saved.id) == services.scenarios.years(ana, lomas, first.id)
    nothing = Posted(fields={"job": news.id, "is_plan": "yes", "take-p-00": "yes", "name": "Sin año"}, files={})
    with pytest.raises(ToldError):
        take(services, context, nothing)
