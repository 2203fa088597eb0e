"""From a stored round to a saved scenario: estimates, needs, programmes, model, allocation."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from sqlalchemy import select

from budget_model.coverage.portable import parse_model
from budget_model.errors import AllocationError, CatalogueError, InputError, NotFoundError
from data.store.engine import transaction
from data.store.lines import save_lines
from data.store.tables import (
    Allocation,
    Area,
    Estimate,
    Indicator,
    Need,
    Programme,
    Scenario,
    Site,
    SurveyRound,
    User,
)
from data.store.users import give_role, load_user
from data.workflows.indicators import run_indicators
from data.workflows.models import build_model, snapshot
from data.workflows.programmes import import_programmes
from data.workflows.scenarios import run_scenario, save_scenario
from data.workflows.surveys import import_survey
from tests.store_builders import budget_row
from tests.workflow_builders import CATALOGUE, MAPPING, PROGRAMMES, Workshop, make_workshop


@pytest.fixture
def workshop(tmp_path: Path, factory) -> Workshop:
    """A site with one round."""
    workshop = make_workshop(tmp_path, factory)
    mapping = workshop.write("map.yaml", MAPPING)
    import_survey(workshop.factory, workshop.bank, "testville", "2026", workshop.survey_files(), mapping, "ana")
    return workshop


@pytest.fixture
def ready(workshop: Workshop) -> Workshop:
    """A site with needs and programmes."""
    indicators_run(workshop)
    import_programmes(workshop.factory, "testville", PROGRAMMES, "ana")
    return workshop


def indicators_run(workshop: Workshop, catalogue: str = CATALOGUE):
    return run_indicators(workshop.factory, workshop.bank, "testville", "2026", catalogue, "ana")


def stored_model(workshop: Workshop, year: int | None = None) -> dict:
    with workshop.factory() as session:
        return build_model(session, 1, 1, year)


def add_line(workshop: Workshop, code: str, pim: str | None, year: int = 2026) -> None:
    with transaction(workshop.factory) as session:
        row = budget_row(code, year, labels={}, pim=Decimal(pim) if pim is not None else None)
        save_lines(session, 1, "test", [row])


# --- indicators ------------------------------------------------------------------------------------------------------


def test_estimates_by_area_and_sex_meet_the_figures_worked_by_hand(workshop):
    """No tap: h2 (a woman of weight 1), h3 (a man and a woman of 1.5); all weigh 3*2 + 1 + 2*1.5 + 2*1.5 = 13."""
    indicators_run(workshop)
    query = (
        select(Area.code, Estimate.sex, Estimate.n, Estimate.population, Estimate.count)
        .join(Area, Area.id == Estimate.area_id)
        .join(Indicator, Indicator.id == Estimate.indicator_id)
        .where(Indicator.code == "NO_TAP", Estimate.age_band == "all")
    )
    with workshop.factory() as session:
        found = {(area, sex): tuple(rest) for area, sex, *rest in session.execute(query)}
    assert found[("testville", "all")] == (8, 13.0, 4.0)
    assert found[("testville", "female")] == (5, 8.0, 2.5)
    assert found[("north", "female")] == (3, 5.0, 1.0)
    assert found[("south", "male")] == (2, 3.0, 1.5)


def test_members_of_a_household_do_not_count_as_drawn_one_by_one_where_no_unit_is_stated(workshop):
    """Taylor linearisation by hand: residuals of the ratio summed by household, their spread between households."""
    mapping = MAPPING.replace(", strata: sector, psu: household_id", "")
    files = workshop.survey_files()
    place = (workshop.factory, workshop.bank, "testville", "drawn")
    stored = import_survey(*place, files, workshop.write("drawn.yaml", mapping), "ana", 1)
    assert "psu_household" in [note.rule for note in stored.warnings]
    found = run_indicators(*place, CATALOGUE, "ana").estimates
    works = found[(found.indicator == "WORKS") & (found.sex == "all") & (found.age_band == "all")]
    answers = {"h1": (2, [1, 1]), "h2": (1, [0]), "h3": (1.5, [0, 0]), "h4": (1.5, [1, 0])}
    whole = sum(weight * len(people) for weight, people in answers.values())
    share = sum(weight * sum(people) for weight, people in answers.values()) / whole
    sums = [weight * sum(one - share for one in people) / whole for weight, people in answers.values()]
    assert works[works.area == "testville"].se.item() == pytest.approx((4 / 3 * sum(s * s for s in sums)) ** 0.5)


def test_needs_are_the_people_counted_or_those_not_counted_after_the_direction(workshop):
    """WORKS is better upwards: women of 15 and more weigh 2 + 1 + 1.5 + 1.5 = 6, of whom 2 work."""
    indicators_run(workshop)
    query = (
        select(Indicator.code, Need.target_group, Need.universe, Need.deficit)
        .join(Indicator, Indicator.id == Need.indicator_id)
        .join(Area, Area.id == Need.area_id)
        .where(Area.level == 0)
    )
    with workshop.factory() as session:
        found = {(code, group): (universe, deficit) for code, group, universe, deficit in session.execute(query)}
    assert found[("WORKS", "women")] == (6.0, 4.0)
    assert found[("NO_TAP", "women")] == (8.0, 2.5)


def test_an_indicator_whose_question_was_not_asked_is_named_and_the_others_run(workshop):
    done = indicators_run(workshop)
    assert done.indicators == ("NO_TAP", "WORKS")
    assert [(p.facts["indicator"], p.facts["questions"]) for p in done.skipped] == [("HUNGER", ["went_hungry"])]


def test_an_indicator_that_nobody_is_asked_for_is_named_with_its_condition_and_the_codes_found(workshop):
    """The mapping gives bands such as 0-14; a catalogue that asks for "under five" finds nobody."""
    catalogue = CATALOGUE + (
        "- {id: SMALL, level: person, universe: age_band = 'under five', numerator: Works = 'yes', direction: down,\n"
        "   version: 1, label: {en: Small}}\n"
    )
    done = indicators_run(workshop, catalogue)
    (problem,) = done.empty
    assert problem.facts["indicator"] == "SMALL"
    assert "age_band = 'under five'" in problem.message
    with workshop.factory() as session:
        stored = select(Indicator.code).join(Estimate, Estimate.indicator_id == Indicator.id).distinct()
        assert set(session.scalars(stored)) == {"NO_TAP", "WORKS"}
    bands = pl.read_parquet(workshop.bank / "testville" / "2026" / "persons.parquet")["age_band"].unique().sort()
    assert problem.facts["found"] == {"age_band": ", ".join(bands.to_list())}
    assert indicators_run(workshop).empty == ()


def test_household_entries_are_also_counted_in_households(workshop):
    """Households without a tap weigh 1 + 1.5 of 2 + 1 + 1.5 + 1.5."""
    households = indicators_run(workshop).households
    row = households[households["area"] == "testville"].iloc[0]
    assert (row["indicator"], row["n"], row["population"], row["count"]) == ("NO_TAP", 4, 6.0, 2.5)


def test_a_second_run_replaces_the_first(workshop):
    indicators_run(workshop)
    with workshop.factory() as session:
        first = sorted(session.execute(select(Estimate.indicator_id, Estimate.area_id, Estimate.sex, Estimate.count)))
    indicators_run(workshop)
    with workshop.factory() as session:
        again = sorted(session.execute(select(Estimate.indicator_id, Estimate.area_id, Estimate.sex, Estimate.count)))
        assert again == first


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (("Water = 'well'", "Water = 'tap'"), "Raise `version`"),
        (("Water = 'well'", "DROP(Water)"), "not allowed"),
        (("direction: up", "direktion: up"), "Did you mean 'direction'"),
    ],
)
def test_a_refused_catalogue_changes_nothing(workshop, change, words):
    indicators_run(workshop)
    before = workshop.everything_stored()
    with pytest.raises(CatalogueError, match=words):
        indicators_run(workshop, CATALOGUE.replace(*change))
    assert workshop.everything_stored() == before


def test_an_indicator_of_sensitive_answers_that_is_not_marked_so_is_refused_whoever_runs_it(workshop):
    """Unmarked, its figures could be published by area."""
    indicators_run(workshop)
    before = workshop.everything_stored()
    with pytest.raises(InputError, match="'WORKS' uses the sensitive answers violence_physical_12m"):
        indicators_run(workshop, CATALOGUE.replace("Works = 'yes'", "violence_physical_12m = 'yes'"))
    assert workshop.everything_stored() == before


def test_a_catalogue_of_which_nothing_can_run_is_refused(workshop):
    only_hunger = "\n- {id: HUNGER" + CATALOGUE.split("- {id: HUNGER")[1]
    with pytest.raises(InputError, match="went_hungry"):
        indicators_run(workshop, only_hunger)


# --- programmes ------------------------------------------------------------------------------------------------------


def test_all_problems_of_a_programmes_file_come_at_once_and_nothing_is_stored(workshop):
    indicators_run(workshop)
    before = workshop.everything_stored()
    text = PROGRAMMES.replace("NO_TAP", "NO_TAPP").replace("currency: PEN", "currency: KES")
    text = text.replace('    baseline: {value: 20, source: "assumption"}\n', "    lines: [{code: '9', share: 0.5}]\n")
    with pytest.raises(CatalogueError) as refusal:
        import_programmes(workshop.factory, "testville", text.replace("north: 0.25", "nord: 0.25"), "ana")
    assert {problem.rule for problem in refusal.value.problems} == {
        "currency_other",
        "need_unknown",
        "line_unknown_far",  # no line has a code that is anything like 9
        "area_unknown",
    }
    assert "Did you mean 'NO_TAP'?" in str(refusal.value)
    assert workshop.everything_stored() == before


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (('unit_cost: {value: 100, source: "assumption"}', "unit_cost: {value: 100}"), "'source' is missing"),
        (("area_split: population", "area_split: {north: 0.5, south: 0.4}"), "must sum to 1"),
        (("effectiveness: 0.5", "effektiveness: 0.5"), "Did you mean 'effectiveness'"),
        (("low: 40", "low: 60"), "must rise"),
        (("code: jobs", "code: taps"), "stands twice"),
    ],
)
def test_a_faulty_programme_is_refused_with_its_line(workshop, change, words):
    indicators_run(workshop)
    with pytest.raises(CatalogueError, match=words) as refusal:
        import_programmes(workshop.factory, "testville", PROGRAMMES.replace(*change, 1), "ana")
    assert all(problem.line for problem in refusal.value.problems)


def test_a_line_cannot_feed_programmes_with_more_than_itself(workshop):
    indicators_run(workshop)
    add_line(workshop, "0001", "100.00")
    text = PROGRAMMES.replace('baseline: {value: 100.01, source: "assumption"}', "lines: [{code: '0001', share: 0.6}]")
    text = text.replace('baseline: {value: 20, source: "assumption"}', "lines: [{code: '0001', share: 0.6}]")
    with pytest.raises(CatalogueError, match=r"add up to 1\.2"):
        import_programmes(workshop.factory, "testville", text, "ana")


def test_a_programme_that_the_file_no_longer_has_is_removed(ready):
    first, second = PROGRAMMES.split("  - code: jobs")
    done = import_programmes(ready.factory, "testville", first, "ana")
    assert done.removed == ("jobs",)
    assert second
    with ready.factory() as session:
        assert [programme.code for programme in session.scalars(select(Programme))] == ["taps"]


# --- model -----------------------------------------------------------------------------------------------------------


def test_the_model_splits_money_exactly_and_takes_reach_from_the_register(ready):
    """Taps by population (north 7, south 6 weighted persons): 100.01 * 7/13 = 53.851…, 46.158…; one cent is left over
    and goes to the larger remainder, the south's."""
    taps, jobs = stored_model(ready)["programmes"]
    assert taps["baseline"] == {"north": 53.85, "south": 46.16}
    assert jobs["baseline"] == {"north": 5.0, "south": 15.0}
    assert jobs["capacity"] == {"north": 2.5, "south": 7.5}
    assert jobs["ceiling"] == {"north": 15.0, "south": 45.0}
    assert jobs["serves"][0]["reach"] == {"women": 0.75, "men": 0.25}
    assert jobs["unit_cost_range"] == [40.0, 60.0]
    assert stored_model(ready)["constraints"] == {"budget": 120.01}


def test_needs_of_the_model_carry_the_names_of_both_sides(workshop):
    indicators_run(workshop, CATALOGUE.replace("label: {en: No tap}", "label: {en: No tap}, covered_label: {en: Tap}"))
    import_programmes(workshop.factory, "testville", PROGRAMMES, "ana")
    document = stored_model(workshop)
    assert {need["id"]: (need["name"], need.get("covered_name")) for need in document["needs"]} == {
        "NO_TAP": ({"en": "No tap"}, {"en": "Tap"}),
        "WORKS": ({"en": "Works"}, {"en": "Works"}),  # higher is better, and nobody named those who do not work
    }
    parse_model(document)


def test_the_baseline_of_the_model_is_what_the_survey_found_in_every_cell(ready):
    with transaction(ready.factory) as session:
        result = run_scenario(session, 1, snapshot(session, 1, 1).sha256)
    model = result.model
    applies = model.universe > 0
    expected = 1 - model.deficit[applies] / model.universe[applies]
    assert np.abs(result.coverage[applies] - expected).max() < 1e-9
    assert model.deficit[model.needs.index("NO_TAP"), :, 0].tolist() == [1.0, 1.5]


def test_budget_lines_feed_a_programme_with_their_share_of_the_chosen_years_modified_budget(workshop):
    indicators_run(workshop)
    for year, pim in ((2025, "100.00"), (2026, "333.33")):
        add_line(workshop, "0001", pim, year)
    text = PROGRAMMES.replace('baseline: {value: 100.01, source: "assumption"}', "lines: [{code: '0001', share: 0.3}]")
    import_programmes(workshop.factory, "testville", text, "ana")
    newest, earlier = stored_model(workshop), stored_model(workshop, 2025)
    assert sum(newest["programmes"][0]["baseline"].values()) == pytest.approx(100.00)  # 333.33 * 0.3 = 99.999
    assert sum(earlier["programmes"][0]["baseline"].values()) == pytest.approx(30.00)


def test_a_line_without_a_modified_budget_is_refused_not_taken_as_zero(workshop):
    indicators_run(workshop)
    add_line(workshop, "0001", "10.00", 2025)
    add_line(workshop, "0001", None, 2026)
    text = PROGRAMMES.replace('baseline: {value: 100.01, source: "assumption"}', "lines: [{code: '0001', share: 0.3}]")
    import_programmes(workshop.factory, "testville", text, "ana")
    with pytest.raises(InputError, match="has no modified budget"):
        stored_model(workshop, 2026)


def test_a_site_without_needs_or_programmes_has_no_model(workshop):
    with pytest.raises(InputError, match="Run the indicators"):
        stored_model(workshop)
    indicators_run(workshop)
    with pytest.raises(InputError, match="has no programmes"):
        stored_model(workshop)


def test_a_site_without_sectors_is_its_own_area(tmp_path, factory):
    workshop = make_workshop(tmp_path, factory)
    text = MAPPING.split("areas:")[0] + "persons:" + MAPPING.split("persons:", 1)[1]
    mapping = workshop.write("map.yaml", text.replace("strata: sector, ", ""))
    import_survey(workshop.factory, workshop.bank, "testville", "2026", workshop.survey_files(), mapping, "ana")
    with transaction(workshop.factory) as session:
        session.add(Area(site_id=1, level=0, code="testville", name="Testville"))
    indicators_run(workshop)
    split = "area_split: {north: 0.25, south: 0.75}"
    import_programmes(workshop.factory, "testville", PROGRAMMES.replace(split, "area_split: need"), "ana")
    assert stored_model(workshop)["areas"] == ["testville"]


def test_the_same_content_gives_the_same_snapshot(ready):
    with transaction(ready.factory) as session:
        assert snapshot(session, 1, 1).sha256 == snapshot(session, 1, 1).sha256


# --- scenarios -------------------------------------------------------------------------------------------------------


def saved(workshop: Workshop, name: str, owner: str = "ana", **allocation) -> int:
    with transaction(workshop.factory) as session:
        sha256 = snapshot(session, 1, 1).sha256
        return save_scenario(session, 1, sha256, name, load_user(session, owner), **allocation).id


def test_a_site_total_is_kept_to_the_cent_over_its_areas(ready):
    scenario_id = saved(ready, "More jobs", totals={"jobs": Decimal("20.03"), "taps": Decimal("99.98")})
    with ready.factory() as session:
        rows = session.scalars(select(Allocation).where(Allocation.scenario_id == scenario_id)).all()
        parts = {(row.programme_code, row.area_code): row.amount for row in rows}
    assert parts[("jobs", "north")] + parts[("jobs", "south")] == Decimal("20.03")
    assert parts[("taps", "north")] + parts[("taps", "south")] == Decimal("99.98")
    assert parts[("jobs", "north")] == Decimal("5.01")  # a quarter of 20.03 is 5.0075


@pytest.mark.parametrize(
    ("allocation", "words"),
    [
        ({"totals": {"jobs": Decimal("20.01")}}, "above the budget"),
        ({"amounts": {("jobs", "north"): Decimal("5.001")}}, "whole cents"),
        ({"amounts": {("jobs", "north"): Decimal(-1)}}, "0 or more"),
        ({"amounts": {("job", "north"): Decimal(1)}}, "no programme 'job'"),
        ({"amounts": {("jobs", "west"): Decimal(1)}}, "no area 'west'"),
        ({"amounts": {("jobs", "north"): Decimal(16), ("taps", "north"): Decimal(0)}}, "above the ceiling"),
    ],
)
def test_a_refused_allocation_stores_nothing(ready, allocation, words):
    before = ready.everything_stored()
    with pytest.raises(AllocationError, match=words):
        saved(ready, "Impossible", **allocation)
    assert ready.everything_stored() == before


@pytest.mark.parametrize(
    ("role", "is_open", "words"),
    [
        (None, True, "'rosa' holds no role .* user role rosa official --site testville"),
        ("monitor", True, "'rosa' holds monitor .* user role rosa official --site testville"),
        ("official", False, "account of 'rosa' is closed"),
    ],
)
def test_a_scenario_is_not_kept_for_somebody_who_may_not_keep_any(ready, role, is_open, words):
    with transaction(ready.factory) as session:
        now = datetime(2026, 1, 1, tzinfo=UTC)
        rosa = User(login="rosa", display_name="Rosa", password_hash="x", created_at=now, is_active=is_open)
        session.add(rosa)
        session.flush()
        if role:
            give_role(session, rosa, role, 1, "test")
    before = ready.everything_stored()
    with pytest.raises(InputError, match=words):
        saved(ready, "Plan", owner="rosa", totals={"jobs": Decimal("15.00")})
    assert ready.everything_stored() == before


def test_money_of_a_locked_programme_cannot_move(ready):
    locked = PROGRAMMES.replace(
        "area_split: population", "locked: {reason: {en: by law}, source: assumption}\n    area_split: population"
    )
    import_programmes(ready.factory, "testville", locked, "ana")
    with pytest.raises(AllocationError, match="locked"):
        saved(ready, "Against the law", totals={"taps": Decimal("90.00")})


def test_scenarios_never_overwrite_each_other(ready):
    first = saved(ready, "Plan")
    with pytest.raises(InputError, match="already have a scenario 'Plan'"):
        saved(ready, " Plan ")
    assert saved(ready, "Plan 2") != first
    with ready.factory() as session:
        assert [row.name for row in session.scalars(select(Scenario).order_by(Scenario.id))] == ["Plan", "Plan 2"]


def test_another_sites_model_cannot_be_run(ready):
    with transaction(ready.factory) as session:
        session.add(Site(slug="other", name="Other", country="PE", currency="PEN"))
        sha256 = snapshot(session, 1, 1).sha256
    with ready.factory() as session:
        with pytest.raises(NotFoundError):
            run_scenario(session, 2, sha256)
        with pytest.raises(NotFoundError):
            build_model(session, 2, session.scalars(select(SurveyRound.id)).one())
