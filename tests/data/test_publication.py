"""Publishing a round: one protected table, stored, on record, the same when it is made again."""

from __future__ import annotations

import json

import numpy as np
import polars as pl
import pytest
from sqlalchemy import delete, select

from budget_model.errors import InputError
from budget_model.survey.distribution import gini
from data.store.definitions import pending_definitions, redefinitions
from data.store.engine import transaction
from data.store.estimates import load_estimates
from data.store.migrate import downgrade, migrate
from data.store.publications import find_publication, load_published
from data.store.rounds import load_round
from data.store.tables import AuditEntry, Estimate, Indicator, PublishedFigure, SurveyRound
from data.store.validation import list_events
from data.workflows.indicators import run_indicators
from data.workflows.publication import publish_figures, publish_round
from data.workflows.round_spec import AreaSpec, RoundSpec
from data.workflows.surveys import store_round
from tests.workflow_builders import make_workshop

CATALOGUE = """
- {id: WATER, level: person, universe: "TRUE", numerator: "water = 'well'", direction: down, version: 1,
   label: {es: Agua}, sensitive: false}
- {id: READ, level: person, universe: "age >= 15", numerator: "reads = 'yes'", direction: up, version: 1,
   label: {es: Lee}, sensitive: false}
- {id: HOURS, level: person, universe: "age >= 12", mean: hours, direction: down, version: 1, label: {es: Horas},
   sensitive: false}
- {id: HIT, level: person, universe: "sex = 'female' AND age >= 15", numerator: "hit = 'yes'", direction: down,
   version: 1, label: {es: Violencia}, sensitive: true}
"""
MORE = """
- {id: NOREAD, level: person, universe: "age >= 15", numerator: "reads = 'no'", direction: down, version: 1,
   label: {es: No lee}, sensitive: false}
"""


def people(count=900):
    draw = np.random.default_rng(5)
    sector = draw.choice(["S1", "S2", "S3"], count)
    age = draw.integers(0, 80, count)
    return pl.DataFrame(
        {
            "person_id": np.arange(1, count + 1),
            "household_id": np.arange(count) // 3 + 1,
            "sex": draw.choice(["female", "male"], count),
            "age": age,
            "age_band": np.where(age < 18, "0-17", "18+"),
            "sector": sector,
            "water": draw.choice(["tap", "well"], count, p=[0.7, 0.3]),
            "reads": draw.choice(["yes", "no"], count, p=[0.9, 0.1]),
            "hours": draw.integers(0, 60, count).astype(float),
            "hit": draw.choice(["yes", "no"], count, p=[0.3, 0.7]),
            "weight": np.where(sector == "S1", 2.0, 1.0),
        }
    )


@pytest.fixture
def workshop(tmp_path, factory):
    shop = make_workshop(tmp_path, factory)
    store(shop, is_census=True, code="2026-1")
    return shop


def store(shop, is_census, code):
    persons = people()
    households = persons.group_by("household_id").agg(pl.col("sector", "weight").first()).sort("household_id")
    spec = RoundSpec(
        code=code,
        coverage_area="three sectors",
        is_census=is_census,
        area_columns=("sector",),
        weight_column=None if is_census else "weight",
        state="published",
        source="made up for a test",
    )
    areas = [AreaSpec(name, name, 1) for name in ("S1", "S2", "S3")]
    store_round(shop.factory, shop.bank, "testville", spec, persons, households, "ana", areas if is_census else ())
    run_indicators(shop.factory, shop.bank, "testville", code, CATALOGUE, "ana")


def publish(shop, code="2026-1"):
    return publish_figures(shop.factory, shop.bank, "testville", code, "ana")


def publish_anew(shop, actor, reason):
    return publish_figures(shop.factory, shop.bank, "testville", "2026-1", actor, reason)


SECOND = """
- {id: WATER, level: person, universe: "TRUE", numerator: "water = 'tap'", direction: down, version: 2,
   label: {es: Agua}, sensitive: false}
"""


def test_a_new_version_reaches_the_public_only_by_a_second_person_with_a_reason(workshop):
    """About 30 of 100 have a well, the others a tap: version 2 counts the others under the same label."""
    publish(workshop)
    first = published(workshop, age_band=None)
    run_indicators(workshop.factory, workshop.bank, "testville", "2026-1", SECOND, "ana")
    before = workshop.everything_stored()
    for actor, reason, said in (
        ("ana", "It was wrong", "takes a second person"),
        ("rosa", " ", "State why"),
        ("command line", "It was wrong", "Name the account"),
    ):
        with pytest.raises(InputError, match=said):
            publish_anew(workshop, actor, reason)
    assert workshop.everything_stored() == before
    assert published(workshop, age_band=None).equals(first)
    with workshop.factory() as session:
        waiting = pending_definitions(session, load_round(session, 1, "2026-1"))
    assert [(one.code, one.version, one.public_version) for one in waiting] == [("WATER", 2, 1)]
    publish_anew(workshop, "rosa", "It was wrong")
    both = published(workshop).set_index(["indicator", "version", "area", "sex"])
    wells, taps, all_people = (
        both.loc[("WATER", 1, "testville", "all"), "count"],
        both.loc[("WATER", 2, "testville", "all"), "count"],
        both.loc[("WATER", 1, "testville", "all"), "population"],
    )
    assert wells + taps == all_people
    with workshop.factory() as session:
        survey_round = load_round(session, 1, "2026-1")
        assert pending_definitions(session, survey_round) == ()
        changed = redefinitions(session, survey_round)
        event = list_events(session, survey_round.id)[-1]
    assert [(one.code, one.earlier_version, one.version) for one in changed] == [("WATER", 1, 2)]
    assert (event.actor, event.reason, event.to_state) == ("rosa", "It was wrong", "published")


def test_the_same_definition_run_again_on_a_published_round_changes_nothing(workshop):
    publish(workshop)
    first = published(workshop, age_band=None)
    run_indicators(workshop.factory, workshop.bank, "testville", "2026-1", CATALOGUE, "ana")
    publish(workshop)
    assert published(workshop, age_band=None).equals(first)


def published(shop, code="2026-1", **options):
    with shop.factory() as session:
        survey_round = session.scalars(select(SurveyRound).where(SurveyRound.code == code)).one()
        return load_published(session, survey_round.id, **options)


def test_the_stored_table_adds_up_and_is_near_the_truth(workshop):
    run = publish(workshop)
    table = published(workshop, age_band=None)
    assert len(table) == run.figures
    assert (table["status"] == "protected").sum() == run.hidden
    water = table[(table["indicator"] == "WATER") & (table["age_band"] == "all")].set_index(["area", "sex"])
    site = water.loc[("testville", "all")]
    assert site["population"] == sum(water.loc[(f"S{number}", "all"), "population"] for number in (1, 2, 3))
    assert site["count"] == water.loc[("testville", "female"), "count"] + water.loc[("testville", "male"), "count"]
    truth = (people()["water"] == "well").sum()
    assert site["count"] == pytest.approx(truth, abs=15)
    assert (table["count"].dropna() % 5 == 0).all()


def test_publishing_again_gives_the_same_and_with_more_indicators_keeps_what_is_there(workshop):
    publish(workshop)
    first = published(workshop, age_band=None)
    publish(workshop)
    assert published(workshop, age_band=None).equals(first)
    run_indicators(workshop.factory, workshop.bank, "testville", "2026-1", MORE, "ana")
    publish_anew(workshop, "rosa", "A question of the women's committee")
    more = published(workshop, age_band=None)
    assert more[more["indicator"] != "NOREAD"].reset_index(drop=True).equals(first)
    both = more[(more["sex"] == "all") & (more["area"] == "testville") & (more["age_band"] == "all")]
    both = both.set_index("indicator")
    assert both.loc["READ", "count"] + both.loc["NOREAD", "count"] == both.loc["READ", "population"]


def test_two_rounds_of_the_same_answers_are_rounded_with_secrets_of_their_own(workshop):
    store(workshop, is_census=False, code="2026-2")
    publish(workshop)
    publish(workshop, "2026-2")
    with workshop.factory() as session:
        rounds = session.scalars(select(SurveyRound)).all()
        stored = [find_publication(session, one.id).secret for one in rounds]
    assert len(set(stored)) == 2


def test_the_audit_trail_says_who_and_when_and_never_the_secret(workshop):
    publish(workshop)
    with workshop.factory() as session:
        entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "round.protect")).one()
        secret = find_publication(session, load_round(session, 1, "2026-1").id).secret
    assert entry.actor == "ana"
    assert secret not in json.dumps(entry.detail)


def test_a_sample_keeps_its_weights(workshop):
    """S1 weighs 2, the others 1: the weighted population of a sector is its rounded persons times that."""
    store(workshop, is_census=False, code="2026-2")
    publish(workshop, "2026-2")
    water = published(workshop, "2026-2").set_index(["indicator", "area", "sex"]).loc["WATER"]
    for area, weight in (("S1", 2), ("S2", 1)):
        assert water.loc[(area, "female"), "population"] == weight * water.loc[(area, "female"), "n"]
    assert water.loc[("testville", "all"), "standard_error"] > 0


def test_sensitive_indicators_are_published_for_the_site_only(workshop):
    publish(workshop)
    table = published(workshop, age_band=None)
    assert set(table.loc[table["indicator"] == "HIT", "area"]) == {"testville"}
    assert set(table.loc[(table["indicator"] == "HIT") & (table["sex"] == "male"), "status"]) == {"nobody"}


def test_a_round_without_indicators_is_refused_and_nothing_is_stored(workshop):
    with transaction(workshop.factory) as session:
        template = session.scalars(select(SurveyRound)).one()
        columns = {c.name: getattr(template, c.name) for c in SurveyRound.__table__.columns if c.name != "id"}
        session.add(SurveyRound(**{**columns, "code": "empty"}))
    before = workshop.everything_stored()
    with pytest.raises(InputError, match="No indicator was run on round 'empty'"):
        publish(workshop, "empty")
    assert workshop.everything_stored() == before


def set_state(shop, state):
    with transaction(shop.factory) as session:
        session.scalars(select(SurveyRound)).one().state = state


def test_opening_a_round_makes_its_table_first(workshop):
    set_state(workshop, "validated")
    change = publish_round(workshop.factory, workshop.bank, "testville", "2026-1", "ana", "no organisation was free")
    assert change.to_state == "published"
    assert len(published(workshop)) > 0


def test_a_draft_is_not_opened_and_gets_no_table(workshop):
    set_state(workshop, "draft")
    before = workshop.everything_stored()
    with pytest.raises(InputError):
        publish_round(workshop.factory, workshop.bank, "testville", "2026-1", "ana", "in a hurry")
    assert workshop.everything_stored() == before


def test_whether_a_round_may_be_published_is_asked_before_any_figure_is_made(workshop, monkeypatch):
    """Without women's organisations and without a reason it may not: nothing is computed, nothing is stored."""
    set_state(workshop, "validated")
    made = []
    monkeypatch.setattr("data.workflows.publication.publish_figures", lambda *arguments: made.append(arguments))
    before = workshop.everything_stored()
    with pytest.raises(InputError, match="No organisation with women took part"):
        publish_round(workshop.factory, workshop.bank, "testville", "2026-1", "ana")
    assert made == []
    assert workshop.everything_stored() == before


def test_figures_made_before_a_round_is_open_are_drawn_anew_when_more_indicators_come(workshop):
    """Nobody saw them, and answers may have been corrected since: only what is public is kept."""
    set_state(workshop, "validated")
    publish(workshop)
    run_indicators(workshop.factory, workshop.bank, "testville", "2026-1", MORE, "ana")
    run = publish(workshop)
    assert set(run.protected.rounded_sets) == {5, 10}
    assert "NOREAD" in set(published(workshop)["indicator"])


NOT_SUMS = """
- {id: MEDIAN, level: person, universe: "TRUE", median: hours, direction: down, version: 1, label: {es: Mediana}}
- {kind: inequality, id: SPREAD, level: person, welfare: hours, version: 1, label: {es: Horas}}
- {kind: poverty, id: POOR, level: person, welfare: hours, line: {median_share: 0.6}, version: 1, label: {es: Pobreza},
   measures: [incidence, gap, median_gap]}
"""


def test_medians_and_gini_coefficients_are_kept_for_people_of_the_site(workshop):
    run_indicators(workshop.factory, workshop.bank, "testville", "2026-1", NOT_SUMS, "ana")
    publish(workshop)
    told = set(published(workshop, age_band=None)["indicator"])
    assert {"WATER", "POOR.incidence", "POOR.gap"} <= told
    assert not told & {"MEDIAN", "SPREAD.gini", "SPREAD.quintile_ratio", "POOR.median_gap"}
    with workshop.factory() as session:
        round_id = load_round(session, 1, "2026-1").id
        exact = load_estimates(session, round_id, level=0).set_index(["indicator", "sex"])
    hours = people()["hours"].to_numpy()
    assert exact.loc[("MEDIAN", "all"), "estimate"] == np.median(hours)
    assert exact.loc[("SPREAD.gini", "all"), "estimate"] == pytest.approx(gini(hours, None), rel=1e-12)


def test_poverty_below_a_relative_line_is_published_at_the_line_of_the_exact_figures(workshop):
    run_indicators(workshop.factory, workshop.bank, "testville", "2026-1", NOT_SUMS, "ana")
    publish(workshop)
    hours = people()["hours"].to_numpy()
    poor = hours < 0.6 * np.median(hours)
    site = published(workshop).set_index(["indicator", "area", "sex"])
    assert site.loc[("POOR.incidence", "testville", "all"), "count"] == pytest.approx(poor.sum(), abs=15)
    # the gap is a mean: of answers with noise of 10 to 15 % a person
    gap = (1 - hours / (0.6 * np.median(hours))).clip(0).mean()
    assert site.loc[("POOR.gap", "testville", "all"), "estimate"] == pytest.approx(gap, rel=0.15)


def test_a_round_of_medians_only_has_an_empty_table(tmp_path, factory):
    shop = make_workshop(tmp_path, factory)
    store(shop, is_census=True, code="2026-1")
    with transaction(shop.factory) as session:
        session.execute(delete(Estimate))
    run_indicators(shop.factory, shop.bank, "testville", "2026-1", NOT_SUMS.split("- {kind: poverty")[0], "ana")
    assert publish(shop).figures == 0


def test_medians_that_were_published_as_zero_are_taken_back(workshop, database_url):
    run_indicators(workshop.factory, workshop.bank, "testville", "2026-1", NOT_SUMS, "ana")
    publish(workshop)
    with transaction(workshop.factory) as session:
        water = session.scalars(select(PublishedFigure)).first()
        columns = {c.name: getattr(water, c.name) for c in PublishedFigure.__table__.columns if c.name != "id"}
        median = session.scalars(select(Indicator.id).where(Indicator.code == "MEDIAN")).one()
        session.add(PublishedFigure(**{**columns, "indicator_id": median, "estimate": 0.0}))
    before = len(published(workshop, age_band=None))
    downgrade(database_url, "0050")
    migrate(database_url)
    table = published(workshop, age_band=None)
    assert "MEDIAN" not in set(table["indicator"])
    assert len(table) == before - 1
