"""Programmes changed one by one: checked whole, stored whole, told in the history, never over another's change."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import select

from budget_model.coverage.report import scenario_document
from budget_model.errors import CatalogueError, InputError, NotFoundError
from data.readers.programmes import read_programmes
from data.store.engine import transaction
from data.store.programme_versions import list_versions
from data.store.scenarios import load_allocation
from data.store.sites import load_site
from data.store.tables import AuditEntry, Programme, User
from data.workflows.indicators import run_indicators
from data.workflows.models import build_model, snapshot
from data.workflows.programme_edits import Edit
from data.workflows.programme_parts import document_of, parts_of_entry, stored_parts
from data.workflows.programmes import import_programmes, preview_edit, save_edit
from data.workflows.scenarios import run_scenario, save_scenario
from data.workflows.surveys import import_survey
from tests.workflow_builders import CATALOGUE, MAPPING, PROGRAMMES, Workshop, make_workshop

SITE = "testville"


@pytest.fixture
def ready(tmp_path: Path, factory) -> Workshop:
    """A site with needs and the programmes `taps` and `jobs`."""
    workshop = make_workshop(tmp_path, factory)
    mapping = workshop.write("map.yaml", MAPPING)
    import_survey(factory, workshop.bank, SITE, "2026", workshop.survey_files(), mapping, "ana")
    run_indicators(factory, workshop.bank, SITE, "2026", CATALOGUE, "ana")
    import_programmes(factory, SITE, PROGRAMMES, "ana", file="programmes.yaml")
    return workshop


def document(workshop: Workshop, code: str) -> dict:
    with workshop.factory() as session:
        return next(document_of(p) for p in stored_parts(session, 1) if p.programme.code == code)


def version(workshop: Workshop, code: str) -> int:
    with workshop.factory() as session:
        return session.scalar(select(Programme.version).where(Programme.code == code))


def edit(workshop: Workshop, code: str, seen: int | None = None, who: str = "ana", **changes):
    entry = {**document(workshop, code), **changes}
    seen = version(workshop, code) if seen is None else seen
    return save_edit(workshop.factory, SITE, Edit({code: entry}, {code: seen}, origin="form", reason="a trial"), who)


COSTS = {"value": Decimal("60"), "low": Decimal("45"), "high": Decimal("80.50"), "source": "tender of May"}


def test_a_stored_programme_reads_as_the_entry_of_the_file_it_came_from(ready):
    content, _ = read_programmes(PROGRAMMES, "programmes")
    for entry in content.programmes:
        assert document(ready, entry.code) == document_of(parts_of_entry(entry))
    assert document(ready, "jobs")["serves"][0]["reach"] == "register", (
        "without a word it is the register where there is one"
    )


def test_a_change_is_stored_with_who_when_from_what_and_to_what(ready):
    saved = edit(ready, "jobs", unit_cost=COSTS)
    (edited,) = saved.edited
    told = {change.path: (change.before, change.after) for change in edited.changes}
    expected = {
        "unit_cost.value": ("50", "60"),
        "unit_cost.low": ("40", "45"),
        "unit_cost.high": ("60", "80.5"),
        "unit_cost.source": ("assumption", "tender of May"),
    }
    assert told == expected
    with ready.factory() as session:
        newest, first = list_versions(session, 1, "jobs")
        assert (newest.version, newest.saved_by, newest.origin, newest.reason) == (2, "ana", "form", "a trial")
        assert newest.model_sha256 == saved.model_sha256
        assert (first.version, first.action, first.origin) == (1, "add", "programmes.yaml")
        actions = session.scalars(select(AuditEntry.action).order_by(AuditEntry.id.desc())).first()
    assert actions == "programme.change"
    assert version(ready, "jobs") == 2
    assert version(ready, "taps") == 1


def test_the_second_of_two_people_is_told_what_the_first_did_and_nothing_of_hers_is_stored(ready):
    edit(ready, "jobs", seen=1, who="beto", unit_cost=COSTS)
    before = ready.everything_stored()
    with pytest.raises(InputError) as refused:
        edit(ready, "jobs", seen=1, capacity={"value": 99, "source": "hers"})
    (problem,) = refused.value.problems
    assert (problem.rule, problem.facts["who"]) == ("programme-changed", "beto")
    assert "unit_cost.value 50 → 60" in str(problem)
    assert ready.everything_stored() == before


def test_a_programme_that_somebody_took_away_meanwhile_is_refused(ready):
    gone = document(ready, "jobs")
    save_edit(ready.factory, SITE, Edit({"jobs": None}, {"jobs": 1}), "beto")
    with pytest.raises(InputError, match="was changed by beto"):
        save_edit(ready.factory, SITE, Edit({"jobs": gone}, {"jobs": 1}), "ana")
    with pytest.raises(NotFoundError):
        save_edit(ready.factory, SITE, Edit({"jobs": None}), "ana")


def test_a_programme_that_comes_back_goes_on_with_its_numbers(ready):
    gone = document(ready, "jobs")
    save_edit(ready.factory, SITE, Edit({"jobs": None}, {"jobs": 1}), "beto")
    save_edit(ready.factory, SITE, Edit({"jobs": gone}, {"jobs": 0}), "ana")
    assert version(ready, "jobs") == 3
    with ready.factory() as session:
        assert [v.action for v in list_versions(session, 1, "jobs")] == ["add", "remove", "add"]


def test_all_problems_of_all_programmes_come_at_once_and_nothing_is_stored(ready):
    before = ready.everything_stored()
    taps, jobs = document(ready, "taps"), document(ready, "jobs")
    taps["unit_cost"] = {"value": 0, "source": "x of y"}
    taps["serves"] = [{**taps["serves"][0], "need": "NO_TAPP", "reach": {"women": 0.8, "men": 0.4}}]
    jobs["unit_cost"] = {"value": 5, "low": 6, "source": "x of y"}
    jobs["lines"] = [{"code": "9", "share": Decimal("0.5")}]
    with pytest.raises(InputError) as refused:
        save_edit(ready.factory, SITE, Edit({"taps": taps, "jobs": jobs}), "ana")
    found = {(p.facts["programme"], p.rule, p.facts["path"]) for p in refused.value.problems}
    assert found == {
        ("taps", "programme-greater_than", "unit_cost.value"),
        ("taps", "programme-reach_above_one", "serves.0.reach"),
        ("jobs", "programme-range_order", "unit_cost"),
    }, "what the entries have in themselves"
    taps["unit_cost"], taps["serves"][0]["reach"] = {"value": 1, "source": "x of y"}, "need"
    jobs["unit_cost"] = {"value": 5, "source": "x of y"}
    with pytest.raises(InputError) as refused:
        save_edit(ready.factory, SITE, Edit({"taps": taps, "jobs": jobs}), "ana")
    found = {(p.facts["programme"], p.rule, p.facts["path"]) for p in refused.value.problems}
    assert found == {("jobs", "programme-lines_or_baseline", "baseline"), ("taps", "need_unknown", "serves.0.need")}
    assert ready.everything_stored() == before


def test_money_of_today_outside_the_limits_is_refused_before_it_is_stored(ready):
    before = ready.everything_stored()
    with pytest.raises(InputError) as refused:
        edit(ready, "jobs", floor={"value": Decimal(30), "source": "law"})
    assert [problem.rule for problem in refused.value.problems] == ["baseline_outside_limits"]
    assert ready.everything_stored() == before


def test_an_edit_that_changes_nothing_is_refused(ready):
    before = ready.everything_stored()
    with pytest.raises(InputError, match="Nothing differs"):
        edit(ready, "jobs")
    assert ready.everything_stored() == before


def test_importing_the_same_file_again_adds_no_version(ready):
    import_programmes(ready.factory, SITE, PROGRAMMES, "ana")
    assert (version(ready, "jobs"), version(ready, "taps")) == (1, 1)
    import_programmes(ready.factory, SITE, PROGRAMMES.replace("value: 50", "value: 55"), "ana")
    assert (version(ready, "jobs"), version(ready, "taps")) == (2, 1)


def test_a_preview_says_what_would_change_and_stores_nothing(ready):
    before = ready.everything_stored()
    with ready.factory() as session:
        site = load_site(session, SITE)
        wanted = {"jobs": {**document(ready, "jobs"), "unit_cost": COSTS}, "taps": None}
        planned = preview_edit(session, site, Edit(wanted))
    assert {(one.code, one.action) for one in planned} == {("jobs", "change"), ("taps", "remove")}
    assert ready.everything_stored() == before


def test_a_changed_model_has_another_version_and_an_old_scenario_gives_the_same_digits(ready):
    with transaction(ready.factory) as session:
        ana = session.scalar(select(User).where(User.login == "ana"))
        old = snapshot(session, 1, 1).sha256
        scenario = save_scenario(session, 1, old, "before", ana, totals={"jobs": Decimal("15.00")})
        kept, number = scenario.result, scenario.id
    saved = edit(ready, "jobs", unit_cost=COSTS)
    assert saved.model_sha256 != old
    with transaction(ready.factory) as session:
        assert snapshot(session, 1, 1).sha256 == saved.model_sha256
        amounts = load_allocation(session, 1, number)
        again = scenario_document(run_scenario(session, 1, old, amounts=amounts))
        assert {key: again[key] for key in kept} == kept
        newer = scenario_document(run_scenario(session, 1, saved.model_sha256, amounts=amounts))
    assert newer["groups"] != kept["groups"]


def test_reach_by_an_indicator_of_the_survey_is_what_it_counts_by_sex(ready):
    """Without a tap are h2 (a woman of weight 1) and h3 (a man and a woman of 1.5): 2.5 women, 1.5 men."""
    serves = [{**document(ready, "jobs")["serves"][0], "reach": {"survey": "NO_TAP"}}]
    edit(ready, "jobs", serves=serves)
    with ready.factory() as session:
        _taps, jobs = build_model(session, 1, 1)["programmes"]
    assert jobs["serves"][0]["reach"] == {"women": 0.625, "men": 0.375}


def test_reach_by_an_indicator_without_a_count_is_refused(ready):
    serves = [{**document(ready, "jobs")["serves"][0], "reach": {"survey": "HUNGER"}}]
    with pytest.raises(InputError) as refused:
        edit(ready, "jobs", serves=serves)
    assert {problem.rule for problem in refused.value.problems} <= {"reach_unknown", "need_unknown_far"}


def test_range_of_effectiveness_and_running_cost_reach_the_model(ready):
    serves = [{**document(ready, "jobs")["serves"][0], "effectiveness_range": [0.4, 0.7]}]
    edit(ready, "jobs", serves=serves, running_cost={"value": Decimal("3.5"), "source": "budget of upkeep"})
    with ready.factory() as session:
        _taps, jobs = build_model(session, 1, 1)["programmes"]
    assert (jobs["serves"][0]["effectiveness_range"], jobs["running_cost"]) == ([0.4, 0.7], 3.5)
    with pytest.raises(InputError, match="must rise"):
        edit(ready, "jobs", serves=[{**serves[0], "effectiveness_range": [0.6, 0.7]}])


def test_a_file_with_a_reach_that_cannot_be_read_names_its_line(ready):
    text = PROGRAMMES.replace("reach: need", "reach: {womem: 0.5}")
    with pytest.raises(CatalogueError, match="Reach is need, register, survey") as refused:
        import_programmes(ready.factory, SITE, text, "ana")
    assert refused.value.problems[0].line
