"""What each repository keeps, gives back and refuses; a refusal leaves the store as it was, audit trail included."""

from __future__ import annotations

from decimal import Decimal

import pytest
from sqlalchemy import select

from budget_model.errors import CatalogueError, InputError, NotFoundError
from budget_model.survey.catalogue import parse_catalogue
from data.store.areas import AreaRecord, area_ids, list_areas, save_areas
from data.store.engine import transaction
from data.store.estimates import load_estimates, replace_estimates
from data.store.indicators import list_indicators, save_indicators
from data.store.lines import LineCounts, list_lines, list_years, save_lines
from data.store.models import load_snapshot, save_snapshot
from data.store.needs import load_needs, replace_needs
from data.store.programmes import (
    lines_by_programme,
    links_by_programme,
    list_programmes,
    load_programme,
    remove_other_programmes,
    save_programme,
)
from data.store.rounds import latest_round, list_rounds, load_round, rounds_before, save_round
from data.store.scenarios import list_scenarios, load_allocation, load_scenario, save_scenario
from data.store.sites import add_site, find_site, list_sites, load_site
from data.store.tables import BudgetLine, Estimate, ModelSnapshot
from data.store.users import add_user, give_role, list_users, load_user, roles_of, take_role
from data.workflows.models import latest_round_id
from tests.store_builders import DOCUMENT, budget_row, make_place, make_round, make_site
from tests.support import audit_entries, store_fingerprint

CATALOGUE = """
- {id: WATER, level: person, universe: TRUE, numerator: water = 'no', direction: down, version: 1, label: {en: No tap}}
- {id: WORK, level: person, universe: age >= 15, numerator: works = 'yes', direction: up, version: 1,
   label: {en: Works}}
"""
ALLOCATION = {
    ("care", "north"): Decimal("12345678901.23"),
    ("care", "south"): Decimal("0.01"),
    ("taps", "north"): Decimal("0"),
}


@pytest.fixture
def place(factory):
    with transaction(factory) as session:
        return make_place(session)


def save_plan(session, place, name="Plan", allocation=ALLOCATION):
    return save_scenario(session, place.site.id, place.owner, place.model_sha256, name, allocation, {"spent": 1.5})


# --- sites and areas -------------------------------------------------------------------------------------------------


def test_sites_are_listed_by_name_and_found_by_address(factory):
    with transaction(factory) as session:
        for slug in ("zarumilla", "ancon"):
            make_site(session, slug)
    with factory() as session:
        assert [site.name for site in list_sites(session)] == ["Ancon", "Zarumilla"]
        assert load_site(session, "ancon").currency == "PEN"
        assert find_site(session, "nowhere") is None
        with pytest.raises(NotFoundError, match="There is no site 'nowhere' here"):
            load_site(session, "nowhere")


def test_a_site_that_cannot_be_is_refused_with_every_problem_and_nothing_changes(engine, factory, place):
    before = store_fingerprint(engine)
    with pytest.raises(InputError) as refusal, transaction(factory) as session:
        add_site(session, slug="Lomas !", name=" ", country="Peru", currency="sol", actor="test", source="")
    assert [problem.rule for problem in refusal.value.problems] == ["site.slug", "site.name", "site.country"]
    with pytest.raises(InputError, match="There is a site 'lomas' already"), transaction(factory) as session:
        make_site(session)
    with pytest.raises(InputError, match="cannot stand in an address"), transaction(factory) as session:
        make_site(session, "login")
    assert store_fingerprint(engine) == before


def test_areas_hang_below_the_site_and_an_update_keeps_what_it_does_not_name(factory, place):
    shape = {"type": "Point", "coordinates": [0, 0]}
    with transaction(factory) as session:
        new = save_areas(
            session,
            place.site.id,
            "test",
            [AreaRecord("n1", "Block 1", 2, "north", shape), AreaRecord("north", "Norte", geometry=shape)],
        )
        save_areas(session, place.site.id, "test", [AreaRecord("n1", "Block one", 2, "north")])
    assert new == ("n1",)
    with factory() as session:
        site_id = place.site.id
        found = [(area.level, area.code, area.name) for area in list_areas(session, site_id)]
        ids = area_ids(session, site_id)
        block = next(area for area in list_areas(session, site_id) if area.code == "n1")
        assert [area.code for area in list_areas(session, site_id, level=1)] == ["north", "south"]
    assert found == [(0, "lomas", "Lomas"), (1, "north", "Norte"), (1, "south", "South"), (2, "n1", "Block one")]
    assert (block.parent_id, block.geometry) == (ids["north"], shape)


def test_areas_that_do_not_fit_together_are_refused_all_at_once(engine, factory, place):
    before = store_fingerprint(engine)
    records = [
        AreaRecord("a", "A"),
        AreaRecord("a", "A again"),
        AreaRecord("north", "North", 2, "a"),
        AreaRecord("b1", "B1", 2, "b"),
        AreaRecord("c1", "C1", 2),
    ]
    with pytest.raises(InputError) as refusal, transaction(factory) as session:
        save_areas(session, place.site.id, "test", records)
    rules = [problem.rule for problem in refusal.value.problems]
    assert rules == ["area_twice", "area_level", "area_parent", "area_parent"]
    assert store_fingerprint(engine) == before


# --- rounds, indicators, estimates, needs ----------------------------------------------------------------------------


def test_a_round_is_never_overwritten(engine, factory, place):
    before = store_fingerprint(engine)
    with pytest.raises(InputError, match="has a round '2026-1' already"), transaction(factory) as session:
        save_round(session, "test", make_round(place.site.id))
    assert store_fingerprint(engine) == before


def test_the_newest_round_comes_first_and_other_sites_rounds_are_not_seen(factory, place):
    with transaction(factory) as session:
        save_round(session, "test", make_round(place.site.id, "2027-1"))
        other = make_site(session, "otra")
    with factory() as session:
        assert [one.code for one in list_rounds(session, place.site.id)] == ["2027-1", "2026-1"]
        assert latest_round(session, other.id) is None
        assert latest_round(session, place.site.id, has_needs=True) is None
        with pytest.raises(NotFoundError):
            load_round(session, other.id, "2026-1")


def test_the_round_that_counts_is_the_newest_published_then_validated_then_draft(factory, place):
    with transaction(factory) as session:
        place_id = place.site.id
        for code, state in (
            ("2027-1", "published"),
            ("2028-1", "published"),
            ("2029-1", "validated"),
            ("2030-1", "draft"),
        ):
            save_round(session, "test", make_round(place_id, code, state=state))
    with transaction(factory) as session:
        assert latest_round(session, place_id).code == "2028-1"
        load_round(session, place_id, "2028-1").state = load_round(session, place_id, "2027-1").state = "draft"
        assert latest_round(session, place_id).code == "2029-1"
        load_round(session, place_id, "2029-1").state = "draft"
        assert latest_round(session, place_id).code == "2030-1"


def test_a_draft_with_needs_does_not_take_the_place_of_the_published_round(factory, place):
    with transaction(factory) as session:
        store_findings(session, place)
        load_round(session, place.site.id, "2026-1").state = "published"
        draft = save_round(session, "test", make_round(place.site.id, "2031-1"))
        ids = {one.code: one.id for one in list_indicators(session, place.site.id)}
        areas = area_ids(session, place.site.id)
        need = {"indicator_id": ids["WATER"], "area_id": areas["north"], "target_group": "women", "universe": 8.0}
        replace_needs(session, draft.id, ids.values(), [{**need, "deficit": 8.0}])
    with factory() as session:
        assert latest_round(session, place.site.id, has_needs=True).code == "2026-1"
        assert latest_round_id(session, place.site.id) == place.survey_round.id


def test_a_round_is_compared_with_drafts_only_where_it_is_one(factory, place):
    with transaction(factory) as session:
        for code, state in (("2027-1", "draft"), ("2028-1", "validated"), ("2029-1", "published"), ("2030-1", "draft")):
            save_round(session, "test", make_round(place.site.id, code, state=state))
        load_round(session, place.site.id, "2026-1").state = "published"
    with factory() as session:
        rounds = list_rounds(session, place.site.id)
        assert [one.code for one in rounds_before(rounds, rounds[1])] == ["2028-1", "2026-1"]
        assert [one.code for one in rounds_before(rounds, rounds[0])] == ["2029-1", "2028-1", "2027-1", "2026-1"]


def test_an_indicator_keeps_its_meaning_within_a_version(engine, factory, place):
    definitions = parse_catalogue(CATALOGUE, "catalogue")
    with transaction(factory) as session:
        first = save_indicators(session, place.site.id, definitions)
    relabelled = parse_catalogue(CATALOGUE.replace("No tap", "Without a tap"), "catalogue")
    with transaction(factory) as session:
        assert save_indicators(session, place.site.id, relabelled) == first
    before = store_fingerprint(engine)
    changed = parse_catalogue(CATALOGUE.replace("'no'", "'none'"), "catalogue")
    with pytest.raises(CatalogueError, match="Raise `version` to 2"), transaction(factory) as session:
        save_indicators(session, place.site.id, changed)
    assert store_fingerprint(engine) == before
    newer = parse_catalogue(CATALOGUE.replace("'no'", "'none'").replace("version: 1", "version: 2", 1), "catalogue")
    with transaction(factory) as session:
        assert save_indicators(session, place.site.id, newer)["WATER"] != first["WATER"]
    with factory() as session:
        assert [(i.code, i.version) for i in list_indicators(session, place.site.id)] == [("WATER", 2), ("WORK", 1)]


def store_findings(session, place):
    ids = save_indicators(session, place.site.id, parse_catalogue(CATALOGUE, "catalogue"))
    areas = area_ids(session, place.site.id)
    figures = {"estimate": 0.25, "n": 4, "population": 8.0, "count": 2.0}
    estimates = [
        {"indicator_id": ids["WATER"], "area_id": areas[area], "sex": sex, **figures}
        for area in ("lomas", "north", "south")
        for sex in ("female", "male", "all")
    ]
    needs = [
        {"indicator_id": ids["WATER"], "area_id": areas[area], "target_group": group, "universe": 8.0, "deficit": 2.0}
        for area in ("north", "south")
        for group in ("women", "men")
    ]
    counts = replace_estimates(session, place.survey_round.id, ids.values(), estimates)
    return counts, replace_needs(session, place.survey_round.id, ids.values(), needs)


def test_estimates_and_needs_replace_those_of_the_same_indicators(factory, place):
    with transaction(factory) as session:
        store_findings(session, place)
    with transaction(factory) as session:
        assert store_findings(session, place) == (9, 4)
    with factory() as session:
        estimates = load_estimates(session, place.survey_round.id, level=1, indicators=["WATER"])
        needs = load_needs(session, place.survey_round.id)
        assert latest_round(session, place.site.id, has_needs=True).code == "2026-1"
        assert len(session.scalars(select(Estimate)).all()) == 9
    assert list(estimates["area"]) == ["north"] * 3 + ["south"] * 3
    assert list(estimates["sex"]) == ["all", "female", "male"] * 2
    assert estimates["standard_error"].isna().all()  # a census: missing, not zero
    assert estimates["estimate"].eq(0.25).all()
    assert needs["deficit"].sum() == 8
    assert needs["weight"].eq(1).all()


def test_frames_of_a_round_without_findings_are_empty_but_whole(factory, place):
    with factory() as session:
        assert load_estimates(session, place.survey_round.id).empty
        assert "deficit_se" in load_needs(session, place.survey_round.id)


# --- budget lines and programmes -------------------------------------------------------------------------------------


def test_lines_are_added_changed_or_left_by_year_and_code(factory, place):
    site_id = place.site.id
    with transaction(factory) as session:
        first = save_lines(session, site_id, "test", [budget_row("a"), budget_row("b"), budget_row("a", 2025)])
    again = [budget_row("a", pim=Decimal("100.0000"), source_file="new.csv"), budget_row("b", pim=Decimal("100.01"))]
    with transaction(factory) as session:
        second = save_lines(session, site_id, "test", [*again, budget_row("c", pim=None, paid=Decimal("5"))])
    assert (first, second) == (LineCounts(3, 0, 0), LineCounts(1, 1, 1))
    with factory() as session:
        assert list_years(session, site_id) == [2025, 2026]
        amounts = [(line.code, line.pim, line.source_file) for line in list_lines(session, site_id, 2026)]
    # a line that did not change keeps the file it came from
    assert amounts == [
        ("a", Decimal("100.00"), "lines.csv"),
        ("b", Decimal("100.01"), "lines.csv"),
        ("c", None, "lines.csv"),
    ]


def test_a_line_that_stands_twice_is_refused_with_its_place(engine, factory, place):
    before = store_fingerprint(engine)
    rows = [budget_row("a"), budget_row("b"), budget_row("a", source_line=9)]
    with pytest.raises(InputError, match="'a' of 2026 stands twice") as refusal, transaction(factory) as session:
        save_lines(session, place.site.id, "test", rows)
    assert [problem.line for problem in refusal.value.problems] == [9]
    assert store_fingerprint(engine) == before


def programme_columns(**columns):
    content = {
        "name": {"en": "Care"},
        "heading": {"en": "Care"},
        "unit_cost": Decimal("2450"),
        "area_split": "need",
        "sources": {"unit_cost": "assumption"},
    }
    return {**content, **columns}


LINK = {
    "indicator_code": "WATER",
    "reach": {"women": 0.5, "men": 0.5},
    "effectiveness": 0.9,
    "ceiling": 0.95,
    "response": "exponential",
    "source": "assumption",
}


def test_a_programme_comes_with_the_lines_that_feed_it_and_the_needs_it_meets(factory, place):
    site_id = place.site.id
    with transaction(factory) as session:
        save_lines(session, site_id, "test", [budget_row("a"), budget_row("b")])
        ids = {line.code: line.id for line in session.scalars(select(BudgetLine))}
        shares = {ids["a"]: Decimal("0.333333"), ids["b"]: Decimal(1)}
        save_programme(session, site_id, "test", "care", programme_columns(position=2), shares, [LINK])
        save_programme(session, site_id, "test", "taps", programme_columns(position=1), {}, [])
    with transaction(factory) as session:
        save_programme(session, site_id, "test", "care", programme_columns(capacity=10.0), shares, [LINK])
    with factory() as session:
        care = load_programme(session, site_id, "care")
        fed = [(line.code, share) for line, share in lines_by_programme(session, site_id, 2026)[care.id]]
        met = [link.indicator_code for link in links_by_programme(session, site_id)[care.id]]
        assert lines_by_programme(session, site_id, 2025) == {}
    assert (care.capacity, care.unit_cost, fed, met) == (
        10.0,
        Decimal("2450.00"),
        [("a", Decimal("0.333333")), ("b", Decimal(1))],
        ["WATER"],
    )
    with transaction(factory) as session:
        assert remove_other_programmes(session, site_id, "test", kept={"taps"}) == ("care",)
    with factory() as session:
        assert [programme.code for programme in list_programmes(session, site_id)] == ["taps"]


# --- models and scenarios --------------------------------------------------------------------------------------------


def test_the_same_model_is_kept_once_and_another_site_cannot_see_it(factory, place):
    with transaction(factory) as session:
        reordered = dict(reversed(DOCUMENT.items()))
        again = save_snapshot(session, place.site.id, place.survey_round.id, 2026, reordered)
        other = make_place(session, "otra")
        assert again.sha256 == place.model_sha256
        assert other.model_sha256 != place.model_sha256
    with factory() as session:
        assert len(session.scalars(select(ModelSnapshot)).all()) == 2
        assert load_snapshot(session, place.site.id, place.model_sha256).document == DOCUMENT
        with pytest.raises(NotFoundError):
            load_snapshot(session, other.site.id, place.model_sha256)


def test_a_scenario_gives_its_money_back_exactly(factory, place):
    with transaction(factory) as session:
        scenario = save_plan(session, place)
    with factory() as session:
        assert load_allocation(session, place.site.id, scenario.id) == ALLOCATION
        assert all(isinstance(amount, Decimal) for amount in ALLOCATION.values())
        assert [(s.name, owner) for s, owner in list_scenarios(session, place.site.id)] == [("Plan", "Ana")]
        (entry,) = [e for e in audit_entries(session, place.site.id) if e.action == "scenario.save"]
    assert (entry.actor, entry.detail["spent"]) == ("ana", "12345678901.24")


def test_a_taken_name_is_refused_with_one_that_is_free(engine, factory, place):
    with transaction(factory) as session:
        save_plan(session, place)
        save_plan(session, place, "Plan (2)")
    before = store_fingerprint(engine)
    with pytest.raises(InputError, match=r"'Plan \(3\)' is free") as refusal, transaction(factory) as session:
        save_plan(session, place, " Plan ")
    assert refusal.value.problems[0].facts["free_name"] == "Plan (3)"
    assert store_fingerprint(engine) == before


def test_a_free_name_is_never_longer_than_a_name_may_be(factory, place):
    with transaction(factory) as session:
        save_plan(session, place, "x" * 120)
    with pytest.raises(InputError) as refusal, transaction(factory) as session:
        save_plan(session, place, "x" * 120)
    assert refusal.value.problems[0].facts["free_name"] == "x" * 116 + " (2)"


@pytest.mark.parametrize("name", ["", "   ", "x" * 121])
def test_a_scenario_needs_a_name(engine, factory, place, name):
    before = store_fingerprint(engine)
    with pytest.raises(InputError, match=r"1 to 120|at most 120 are kept"), transaction(factory) as session:
        save_plan(session, place, name)
    assert store_fingerprint(engine) == before


def test_two_owners_and_two_sites_may_use_the_same_name(factory, place):
    with transaction(factory) as session:
        save_plan(session, place)
        save_plan(session, make_place(session, "otra"))
        beto = add_user(session, login="beto", display_name="Beto", password_hash="x", actor="test")
        save_scenario(session, place.site.id, beto, place.model_sha256, "Plan", {}, {})
    with factory() as session:
        assert len(list_scenarios(session, place.site.id)) == 2


def test_a_foreign_scenario_reads_like_a_missing_one(factory, place):
    with transaction(factory) as session:
        other = make_place(session, "otra")
        foreign = save_plan(session, other).id
    with factory() as session:
        with pytest.raises(NotFoundError) as hidden:
            load_scenario(session, place.site.id, foreign)
        with pytest.raises(NotFoundError) as missing:
            load_allocation(session, place.site.id, 987654)
    assert str(hidden.value).replace(str(foreign), "N") == str(missing.value).replace("987654", "N")


def test_a_scenario_on_another_sites_model_is_refused(engine, factory, place):
    with transaction(factory) as session:
        other = make_place(session, "otra")
    before = store_fingerprint(engine)
    with pytest.raises(NotFoundError), transaction(factory) as session:
        save_scenario(session, place.site.id, place.owner, other.model_sha256, "Plan", {}, {})
    assert store_fingerprint(engine) == before


# --- accounts and roles ----------------------------------------------------------------------------------------------


def test_roles_are_held_at_one_site_or_at_all_and_only_once(factory, place):
    with transaction(factory) as session:
        for _ in range(2):
            give_role(session, place.owner, "official", place.site.id, "test")
            give_role(session, place.owner, "monitor", None, "test")
    with factory() as session:
        assert roles_of(session, place.owner.id) == {("official", place.site.id), ("monitor", None)}
        given = [e.detail["role"] for e in audit_entries(session) if e.action == "user.role.give"]
    assert given == ["monitor", "official"]
    with transaction(factory) as session:
        take_role(session, load_user(session, "ana"), "monitor", None, "test")
    with factory() as session:
        assert roles_of(session, place.owner.id) == {("official", place.site.id)}


def test_an_account_that_cannot_be_is_refused_and_nothing_changes(engine, factory, place):
    before = store_fingerprint(engine)
    for login, words in (("ana", "already"), ("Ana", "cannot be"), ("", "cannot be"), ("ana maria", "cannot be")):
        with pytest.raises(InputError, match=words), transaction(factory) as session:
            add_user(session, login=login, display_name="Ana", password_hash="x", actor="test")
    with pytest.raises(InputError, match="There is no role 'king'"), transaction(factory) as session:
        give_role(session, place.owner, "king", None, "test")
    with pytest.raises(NotFoundError), transaction(factory) as session:
        take_role(session, place.owner, "admin", None, "test")
    assert store_fingerprint(engine) == before
    with factory() as session:
        assert [user.login for user in list_users(session)] == ["ana"]
