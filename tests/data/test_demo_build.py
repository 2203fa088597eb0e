"""Building the demonstration site: complete, repeatable, and through the workflows of everybody's files."""

from __future__ import annotations

import json
import shutil
from datetime import date
from decimal import Decimal

import numpy as np
import pytest
from click.testing import CliRunner
from sqlalchemy import func, select

from budget_model.__main__ import main
from budget_model.coverage.calibrate import calibrate
from budget_model.coverage.portable import parse_model
from budget_model.coverage.scenario import evaluate
from budget_model.errors import InputError
from budget_model.spending.population import Count
from data.accounts import verify_password
from data.demo.build import NAME, ROUND, SLUG, STEPS, Build, build_demo, read_logins
from data.demo.earlier import read_earlier
from data.store import audit, sites, users
from data.store.assembly import load_process
from data.store.engine import make_engine, session_factory, transaction
from data.store.lines import list_lines
from data.store.populations import find_population
from data.store.tables import (
    Allocation,
    Area,
    AuditEntry,
    Base,
    Estimate,
    Indicator,
    ModelSnapshot,
    PublishedFigure,
    Scenario,
    SurveyRound,
)
from data.store.validation import latest_run, list_events, list_representation
from data.workflows.criteria import marks_of
from data.workflows.follow_up import load_follow_up
from data.workflows.scenarios import run_scenario

SIZE = 300


def row_counts(factory) -> dict[str, int]:
    with factory() as session:
        return {
            table.name: session.scalar(select(func.count()).select_from(table)) for table in Base.metadata.sorted_tables
        }


def test_the_site_is_built_once_and_then_left_alone(factory, tmp_path):
    said: list[str] = []
    report = build_demo(factory, tmp_path, households=SIZE, progress=said.append)
    assert report.built
    assert len(said) == len(STEPS) == len(report.seconds)
    assert report.counts["rounds"] == 2
    assert report.counts["households"] == SIZE
    assert report.counts["areas"] == 73
    assert report.counts["programmes"] >= 38
    assert report.counts["scenarios"] == 2
    before = row_counts(factory)
    again = build_demo(factory, tmp_path, households=SIZE)
    assert not again.built
    assert again.counts == report.counts
    assert row_counts(factory) == before


@pytest.fixture(scope="module")
def small(migrated_sqlite, tmp_path_factory):
    """Sessions of a small demonstration site on SQLite; the tests that share it only read."""
    folder = tmp_path_factory.mktemp("demo")
    engine = make_engine(f"sqlite:///{shutil.copy(migrated_sqlite, folder / 'store.sqlite')}")
    factory = session_factory(engine)
    build_demo(factory, folder / "bank", households=SIZE)
    yield factory
    engine.dispose()


def test_the_site_is_marked_as_synthetic_in_both_languages(small):
    with small() as session:
        site = sites.load_site(session, SLUG)
        assert site.is_synthetic
        assert site.official_code == "150142"
        assert "(demo)" in site.name  # the same in both languages; every screen says the rest
        assert site.name == NAME


def test_every_area_has_its_polygon(small):
    with small() as session:
        assert all(area.geometry["type"] == "Polygon" for area in session.scalars(select(Area)))


def test_all_36_indicators_are_estimated_for_every_level_and_sex(small):
    with small() as session:
        round_id = session.scalars(select(SurveyRound.id).where(SurveyRound.code == ROUND)).one()
        rows = session.execute(
            select(func.count(func.distinct(Estimate.indicator_id)), func.count(func.distinct(Estimate.area_id))).where(
                Estimate.round_id == round_id
            )
        ).one()
        assert tuple(rows) == (36, 73)
        assert set(session.scalars(select(Estimate.sex).distinct())) == {"female", "male", "all"}


def test_the_baseline_reproduces_the_coverage_of_the_survey_in_every_cell(small):
    with small() as session:
        document = session.scalars(select(ModelSnapshot)).one().document
    model = parse_model(document)
    coverage = evaluate(calibrate(model), model.baseline)
    has_people = model.universe > 0
    surveyed = 1 - model.deficit[has_people] / model.universe[has_people]
    np.testing.assert_allclose(coverage[has_people], surveyed, atol=1e-9, rtol=0)


def test_the_example_scenarios_are_what_the_workflow_computes(small):
    with small() as session:
        for scenario in session.scalars(select(Scenario)):
            rows = session.scalars(select(Allocation).where(Allocation.scenario_id == scenario.id))
            amounts = {(row.programme_code, row.area_code): row.amount for row in rows}
            result = run_scenario(session, scenario.site_id, scenario.model_sha256, amounts)
            women = scenario.result["groups"]["women"]
            covered = np.nansum(result.coverage[..., 0] * result.calibrated.model.universe[..., 0])
            assert women["covered"] == pytest.approx(covered, rel=1e-12)
            assert sum(amounts.values()) == 76_870_000  # money is moved, none is added


def test_there_is_a_log_in_for_each_role_at_this_site_only(small):
    with small() as session:
        site = sites.load_site(session, SLUG)
        for entry in read_logins():
            user = users.load_user(session, entry.login)
            assert verify_password(user.password_hash, entry.password)
            assert users.roles_of(session, user.id) == {(entry.role, site.id)}
    assert {entry.role for entry in read_logins()} == {"official", "monitor", "surveyor", "admin"}


@pytest.mark.parametrize("code", [ROUND, read_earlier().code])
def test_each_round_became_public_as_any_round_does(small, code):
    """Rules first, women's organisations on record, two people, and all of it said to be invented."""
    with small() as session:
        survey_round = session.scalars(select(SurveyRound).where(SurveyRound.code == code)).one()
        events = [(event.actor, event.from_state, event.to_state) for event in list_events(session, survey_round.id)]
        run, (entry,) = latest_run(session, survey_round.id), list_representation(session, survey_round.id)
        of_round = PublishedFigure.round_id == survey_round.id
        published = session.scalar(select(func.count()).select_from(PublishedFigure).where(of_round))
        reasons = [event.reason for event in list_events(session, survey_round.id)]
    assert survey_round.state == "published"
    assert events == [
        ("demo-encuestadora", "draft", "validated"),
        ("demo-oficial", "validated", "published"),
    ]
    assert (run.errors > 0) == bool(reasons[0])
    assert "invented" in entry.organisation
    assert "nobody met" in entry.conclusions
    assert published > 0


def test_the_earlier_round_is_a_sample_with_intervals_and_lacks_the_module_on_violence(small):
    with small() as session:
        survey_round = session.scalars(select(SurveyRound).where(SurveyRound.code == read_earlier().code)).one()
        assert not survey_round.is_census
        assert (survey_round.weight_column, survey_round.strata_column, survey_round.psu_column) == (
            "weight",
            "stratum",
            "block",
        )
        rows = session.execute(
            select(Indicator.code, Estimate.standard_error)
            .join(Indicator, Indicator.id == Estimate.indicator_id)
            .where(Estimate.round_id == survey_round.id, Estimate.sex == "all", Estimate.age_band == "all")
        ).all()
    codes = {code for code, _ in rows}
    assert {"WATER", "POV", "DIGIT"} <= codes
    assert not codes & {"IPV12", "NOHELP"}
    assert any(error for _, error in rows)


def test_a_build_that_was_broken_off_goes_on_where_it_stopped(sqlite_url, tmp_path):
    engine = make_engine(sqlite_url)
    factory = session_factory(engine)
    started = Build(factory, tmp_path, SIZE, audit.COMMAND_LINE)
    for step in list(STEPS.values())[:7]:
        step(started)
    report = build_demo(factory, tmp_path, households=SIZE)
    assert report.built
    assert report.counts["scenarios"] == 2
    with factory() as session:
        actions = list(session.scalars(select(AuditEntry.action)))
    assert actions.count("site.add") == 1
    assert actions.count("survey.import") == actions.count("indicators.run") == 2  # one of each round
    engine.dispose()


def test_a_real_site_at_the_same_address_is_left_alone(factory, tmp_path):
    with transaction(factory) as session:
        sites.add_site(session, slug=SLUG, name="Real", country="PE", currency="PEN", actor="somebody")
    before = row_counts(factory)
    with pytest.raises(InputError, match="is not synthetic"):
        build_demo(factory, tmp_path, households=SIZE)
    assert row_counts(factory) == before


def test_the_command_prints_one_json_document_and_progress_elsewhere(tmp_path, sqlite_url):
    environment = {"DATABASE_URL": sqlite_url, "BANK_FOLDER": str(tmp_path / "bank")}
    arguments = ["demo", "--households", str(SIZE), "--json"]
    first = CliRunner().invoke(main, arguments, env=environment)
    assert first.exit_code == 0, first.stderr
    document = json.loads(first.stdout)
    assert document["built"] is True
    assert document["site"] == SLUG
    assert "census" in first.stderr
    second = CliRunner().invoke(main, ["demo"], env=environment)
    assert second.exit_code == 0
    assert "already there, nothing changed" in second.stdout
    assert "demo-oficial" in second.stdout


def test_the_earlier_participatory_budget_can_be_followed_into_the_budget(small):
    with small() as session:
        followed = load_follow_up(session, sites.load_site(session, SLUG), 2025)
        pim = {line.code: line.pim for line in list_lines(session, sites.load_site(session, SLUG).id, 2025)}
    found = {one.winner.code: one for one in followed.winners}
    assert set(found) == {"E-01", "E-02", "E-03", "E-04", "E-05"}
    assert found["E-05"].lines == ()
    assert found["E-02"].lines[0].share == Decimal("0.5")
    assert pim["999142/0043/5/07/2.3"] == Decimal("229052")  # as the invented budget of 2025 says


def test_points_inhabitants_and_the_day_of_the_rules_are_there_and_marked_as_invented(small):
    with small() as session:
        site = sites.load_site(session, SLUG)
        process = load_process(session, site.id, 2027)
        marks, population = marks_of(session, process.id), find_population(session, site.id)
    assert process.effective_on == date(2026, 4, 15)
    assert marks["P-01"] == {"gap": 9, "plan": 8, "upkeep": 6}
    assert set(marks["P-11"]) == {"gap", "plan"}  # one is missing, on purpose
    assert population.counts[2026] == Count(198_300, 193_600)
    assert population.source.startswith("Synthetic")
