"""View-models of Simulate and Scenarios: limits, sentences, addresses, tables. Without Dash, without a browser."""

from __future__ import annotations

import base64
import copy
import dataclasses
import runpy
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from budget_model.coverage.calibrate import calibrate
from budget_model.coverage.kernel import pack_kernel
from budget_model.coverage.portable import parse_model
from budget_model.errors import AllocationError
from dashboard.context import PageContext, SiteRef
from dashboard.services.scenarios import SavedScenario, first_free
from dashboard.services.simulate_models import LoadedModel
from dashboard.services.simulate_tries import read_changes, try_changes
from dashboard.views.scenarios import scenario_rows
from dashboard.views.simulate import sampling_intervals, short_label
from dashboard.views.simulate_address import (
    LONGEST_QUERY,
    SHORT_HASH,
    changes_of_address,
    changes_of_query,
    compact_changes,
)
from dashboard.views.simulate_bounds import total_bounds
from dashboard.views.simulate_names import covered_name, need_name
from dashboard.views.simulate_problems import problem_sentences
from dashboard.views.simulate_result import answer_view, coverage_finding, packed_cells, result_sentence
from data.workflows.scenarios import check_exact, exact_allocation

ROOT = Path(__file__).resolve().parents[2]
SITE = SiteRef(1, "valle", "Valle", "PE", "PEN", True)
SPANISH = PageContext("es", site=SITE)
ENGLISH = PageContext("en", site=SITE)


def people(north: float, south: float) -> dict[str, dict[str, float]]:
    return {"north": {"women": north, "men": north}, "south": {"women": south, "men": south}}


# Linear, effectiveness 1, reach 0.5 each: 100 money serve one person, half a woman and half a man. North has 1,000
# women and 1,000 men, 400 of each uncovered; south 500 and 500, 100 uncovered.
DOCUMENT = {
    "currency": "PEN",
    "areas": ["north", "south"],
    "groups": ["women", "men"],
    "needs": [
        {
            "id": "WATER",
            "name": {"es": "Sin agua", "en": "No water"},
            "universe": people(1000, 500),
            "deficit": people(400, 100),
        },
        {
            "id": "CARE",
            "name": {"es": "Sin cuidado", "en": "No care"},
            "universe": people(1000, 500),
            "deficit": people(900, 450),
        },
    ],
    "programmes": [
        {
            "id": "network",
            "name": {"es": "Redes", "en": "Network"},
            "unit_cost": 100,
            "baseline": {"north": 30000, "south": 10000},
            "floor": {"north": 3000, "south": 2000},
            "ceiling": {"north": 60000, "south": 40000},
            "serves": [
                {
                    "need": "WATER",
                    "reach": {"women": 0.5, "men": 0.5},
                    "effectiveness": 1,
                    "ceiling": 1,
                    "response": "linear",
                }
            ],
        },
        {
            "id": "milk",
            "name": {"es": "Vaso de leche", "en": "Glass of milk"},
            "unit_cost": 50,
            "baseline": {"north": 10000, "south": 5000},
            "locked": True,
            "serves": [],
        },
        {
            "id": "care",
            "name": {"es": "Cuidado", "en": "Care"},
            "unit_cost": 100,
            "baseline": {"north": 0, "south": 0},
            "serves": [
                {
                    "need": "CARE",
                    "reach": {"women": 0.5, "men": 0.5},
                    "effectiveness": 1,
                    "ceiling": 1,
                    "response": "linear",
                }
            ],
        },
    ],
    "constraints": {"budget": 55000},
}


@pytest.fixture(scope="module")
def loaded() -> LoadedModel:
    calibrated = calibrate(parse_model(DOCUMENT))
    names = {entry["id"]: entry["name"] for entry in [*DOCUMENT["needs"], *DOCUMENT["programmes"]]}
    return LoadedModel("a" * 64, 1, 1, 2026, calibrated, names, names, pack_kernel(calibrated))


def test_the_tightest_area_decides_how_far_a_total_may_go(loaded):
    # shares 3/4 and 1/4. Floors: 3000/0.75 = 4,000; 2000/0.25 = 8,000. Ceilings: 60000/0.75 = 80,000; 160,000.
    bounds = total_bounds(loaded.model, 0)
    assert (bounds.low, bounds.high, bounds.slider_top) == (8000.0, 80000.0, 80000.0)


def test_three_times_todays_amount_is_within_reach_to_the_cent(loaded):
    """33,333.34 in three parts of cents; three times each part is the ceiling, so the total may go to 100,000.02."""
    document = copy.deepcopy(DOCUMENT)
    document["programmes"][0] |= {
        "baseline": {"north": 22222.23, "south": 11111.11},
        "floor": {"north": 0, "south": 0},
        "ceiling": {"north": 66666.69, "south": 33333.33},
    }
    assert total_bounds(parse_model(document), 0).high == 100000.02


@given(
    cents=st.lists(st.integers(1, 10**9), min_size=2, max_size=2),
    factor=st.decimals("1.01", "5", places=2),
    part=st.floats(0, 1),
)
def test_every_total_within_its_bounds_keeps_the_limits_of_every_area_when_it_is_stored(cents, factor, part):
    document = copy.deepcopy(DOCUMENT)
    north, south = (Decimal(amount) / 100 for amount in cents)
    limits = {"north": float(north * factor), "south": float(south * 3)}
    floors = {"north": float(north / factor), "south": 0.0}
    document["programmes"][0] |= {
        "baseline": {"north": float(north), "south": float(south)},
        "ceiling": limits,
        "floor": floors,
    }
    document["constraints"] = {"budget": 10**12}
    model = parse_model(document)
    bounds = total_bounds(model, 0)
    total = Decimal(repr(round(bounds.low + part * (bounds.high - bounds.low), 2)))
    stored = exact_allocation(model, totals={"network": min(total, Decimal(repr(bounds.high)))})
    assert check_exact(model, stored) == ()


def test_a_programme_without_money_or_ceiling_gets_a_slider_all_the_same(loaded):
    bounds = total_bounds(loaded.model, 2)
    assert (bounds.low, bounds.high, bounds.slider_top) == (0.0, None, 2000.0)  # 2 % of 55,000, rounded up


def test_the_limit_on_change_narrows_the_bounds(loaded):
    model = dataclasses.replace(loaded.model, constraints=dataclasses.replace(loaded.model.constraints, max_change=0.1))
    bounds = total_bounds(model, 0)  # 27,000 to 33,000 in the north, 9,000 to 11,000 in the south
    assert 36000 <= bounds.low < 36001
    assert 43999 <= bounds.high <= 44000


def test_moved_money_meets_and_loses_needs_as_worked_by_hand(loaded):
    # 8,000 from network to care. Network serves 60 persons fewer in the north (30 women, 30 men) and 20 in the south.
    # The background covers part of them all the same: 1 - B is (1 - 0.6) / (1 - 0.15) in the north, where 150 of 1,000
    # women are served today, and (1 - 0.8) / (1 - 0.1) in the south: 30 x 0.470588 + 10 x 0.222222 = 16.3399 lose.
    # Care enters by need, 2 : 1, serves 40 women and 40 men; 10 % of them are covered already: 36 gain.
    run = try_changes(loaded, {"network": "32000", "care": "8000.00"})
    assert run.result.needs.lost[0] == pytest.approx([16.33986928, 16.33986928])
    assert run.result.needs.gained[1] == pytest.approx([36, 36])
    assert run.problems == ()
    assert result_sentence(run, ENGLISH) == (
        "Needs newly met: 36 of women and 36 of men, most of them “No care”. "
        "Needs no longer met: 16 of women and 16 of men, most of them “No water”. "
        "The gap (women minus men) is 0.000\u00a0pp. All money is allocated."
    )


def test_the_sentence_is_spanish_for_spanish_readers(loaded):
    sentence = result_sentence(try_changes(loaded, {"network": "32000"}), SPANISH)
    assert "No se atendería ninguna necesidad que hoy no se atienda." in sentence
    assert "Necesidades que dejarían de atenderse: 16 de mujeres y 16 de hombres, sobre todo «Sin agua»." in sentence
    assert "Queda por asignar: S/\u00a08,000." in sentence


def test_shares_covered_carry_the_name_of_those_who_are_covered(loaded):
    named = dataclasses.replace(loaded, covered_names={"WATER": {"es": "Con agua", "en": "With water"}})
    # 5,000 from the network: losses in water, none in care
    assert coverage_finding(try_changes(named, {"network": "35000"}), ENGLISH).startswith("“With water” changes most:")
    # care: 100 of 1,000 and 50 of 500 women, as many men: 10 % are covered, and nobody named them
    finding = coverage_finding(try_changes(named, {}), ENGLISH)
    assert finding == "Lowest coverage: “Not affected: No care”, 10.0% of those concerned"
    assert "«No afectadas: Sin cuidado»" in coverage_finding(try_changes(named, {}), SPANISH)


def test_where_only_the_covered_are_named_the_others_are_those_who_do_not(loaded):
    texts = {"es": "Con agua", "en": "With water"}
    named = dataclasses.replace(loaded, need_names={"WATER": texts}, covered_names={"WATER": texts})
    assert need_name(named, "WATER", ENGLISH) == "With water: those who do not"
    assert covered_name(named, "WATER", ENGLISH) == "With water"


def test_todays_budget_is_told_as_coverage_without_winners(loaded):
    # water 600 of 1,000 and 400 of 500, care 100 of 1,000 and 50 of 500: 1,150 of 3,000 for each sex
    sentence = result_sentence(try_changes(loaded, {}), ENGLISH)
    assert "women 38.3%, men 38.3%" in sentence


def test_an_allocation_above_the_total_is_evaluated_and_reported(loaded):
    run = try_changes(loaded, {"care": "500.50"})
    assert [problem.rule for problem in run.problems] == ["above-budget"]
    assert "The amounts exceed the total by S/\u00a0500.50." in result_sentence(run, ENGLISH)
    assert answer_view(run, ENGLISH)["problems"] == []  # the page itself says so at once, beside the sum


def test_limits_are_told_once_a_programme_and_in_its_name(loaded):
    run = try_changes(loaded, {"network": "100"})
    assert {problem.rule for problem in run.problems} == {"below-floor"}
    assert len(problem_sentences(run.problems, loaded, SPANISH)) == 1
    assert problem_sentences(run.problems, loaded, SPANISH) == ["Redes: S/\u00a0100.00 es menos que su mínimo."]
    # the north gets 75 of the 100, and its floor is 3,000
    assert (run.problems[0].facts["area"], run.problems[0].facts["area_amount"]) == ("north", 75.0)
    assert str(run.problems[0]).startswith("Programme 'network', total 100.00 PEN: Programme 'network', area 'north'")


def test_a_locked_line_is_refused_with_its_amount_and_reason_of_law(loaded):
    with pytest.raises(AllocationError) as refused:
        try_changes(loaded, {"milk": "1"})
    sentence = problem_sentences(refused.value.problems, loaded, ENGLISH)
    assert sentence == ["Glass of milk is locked by law and stays at S/\u00a015,000.00."]


@pytest.mark.parametrize("amount", ["", "abc", "-1", "1.001", "NaN", "Infinity", "1e999", "9" * 30, 5, None, "1_0"])
def test_amounts_that_cannot_be_one_are_refused(loaded, amount):
    with pytest.raises(AllocationError, match="amount"):
        read_changes(loaded.model, {"network": amount})


def test_every_bad_programme_is_named_at_once(loaded):
    with pytest.raises(AllocationError) as refused:
        read_changes(loaded.model, {"nothing": "1", "network": "x"})
    assert [problem.rule for problem in refused.value.problems] == ["unknown-programme", "amount-unreadable"]


def test_an_amount_that_equals_todays_to_the_cent_is_no_change(loaded):
    assert read_changes(loaded.model, {"network": "40000.00", "care": "1.10"}) == {"care": Decimal("1.10")}


def test_the_sampling_interval_adds_the_areas_errors_as_independent(loaded):
    # water, women: 500 of 1,500 lack it; errors 30 and 40 make 50; 1.959964 x 50 / 1,500 = 0.065332 around 0.666667
    error = np.full(loaded.model.universe.shape, np.nan)
    error[0, :, 0] = [30, 40]
    sampled = dataclasses.replace(loaded.model, deficit_se=error)
    women, men = sampling_intervals(sampled, 0)
    assert women == pytest.approx([0.601335, 0.731999], abs=1e-6)
    assert men is None  # no error is known: a census


def test_cells_travel_as_float32_in_the_order_of_the_model(loaded):
    coverage = np.array([[[0.25, np.nan]], [[1.0, 0.0]]])
    back = np.frombuffer(base64.b64decode(packed_cells(coverage)), dtype="<f4")
    assert back.tolist()[0] == 0.25
    assert np.isnan(back[1])
    assert back.tolist()[2:] == [1.0, 0.0]


@pytest.mark.parametrize(
    ("text", "changes"),
    [
        ("", {}),
        ("network:1250000,care:3.5", {"network": "1250000", "care": "3.5"}),
        ("a:b:12", {"a:b": "12"}),
        ("network", None),
        ("network:", None),
        (":5", None),
        ("network:1,network:2", None),
        ("x:1," * 9000, None),
    ],
)
def test_addresses_are_read_or_refused_whole(text, changes):
    assert changes_of_address(text) == changes


def test_a_compact_address_names_programmes_by_place_and_amounts_in_cents():
    # 100 cents are 2 x 36 + 28, which is 2s; place 11 is "b", nothing is "0"
    programmes = tuple(f"p-{number}" for number in range(12))
    assert compact_changes("0-2s.b-0", programmes) == {"p-0": "1.00", "p-11": "0.00"}


@pytest.mark.parametrize(
    "text", ["0", "0-", "-1", "0-1.", ".0-1", "c-1", "0-1.0-2", "0-A", "0-1 ", "0-" + "z" * 12, "é-1"]
)
def test_a_compact_address_that_is_written_otherwise_is_refused_whole(text):
    assert compact_changes(text, tuple(f"p-{number}" for number in range(12))) is None


def test_amounts_stand_in_an_address_in_one_way_and_places_only_with_their_model(loaded):
    assert changes_of_query({"model": "a" * 16, "t": "0-1"}, loaded.model) == {"network": "0.01"}
    assert changes_of_query({"c": "network:5"}, loaded.model) == {"network": "5"}
    assert changes_of_query({"model": "a" * 16}, loaded.model) == {}
    assert changes_of_query({"t": "0-1"}, loaded.model) is None
    assert changes_of_query({"model": "a" * 16, "t": "0-1", "c": "network:5"}, loaded.model) is None


def test_two_hundred_changed_programmes_fit_into_what_every_server_takes():
    longest = "model=" + "a" * SHORT_HASH + "&t=" + ".".join(f"5j-{'z' * 7}" for _ in range(200))  # 783 million each
    assert int("zzzzzzz", 36) / 100 > 780_000_000
    assert len(longest) < 4_000
    served = runpy.run_path(str(ROOT / "script" / "gunicorn.conf.py"))
    assert LONGEST_QUERY + 500 < served["limit_request_line"] <= 8_190  # more gunicorn does not take


def test_a_taken_name_is_followed_by_the_first_free_number():
    assert first_free("Plan", set()) == "Plan"
    assert first_free("Plan", {"Plan", "Plan (2)"}) == "Plan (3)"
    assert first_free("Plan (2)", {"Plan", "Plan (2)"}) == "Plan (3)"
    assert len(first_free("x" * 120, {"x" * 120})) == 120


@pytest.mark.parametrize(("name", "label"), [("Sector 4", "4"), ("Villa María", ""), ("X", "X")])
def test_labels_of_the_map_are_short_or_absent(name, label):
    assert short_label(name, "a-long-code") == label


def test_a_saved_scenario_is_listed_with_coverage_change_and_gap():
    saved = SavedScenario(
        id=7,
        name="Más cuidado",
        note="",
        owner="Ana",
        created_at=datetime(2026, 11, 23, 15, 0, tzinfo=UTC),
        model_sha256="a" * 64,
        budget_year=2026,
        coverage={"women": 0.5, "men": 0.52},
        coverage_baseline={"women": 0.48, "men": 0.52},
        spent=Decimal("1250000.00"),
    )
    row = scenario_rows([saved], SPANISH)[0]
    assert row.address == "/es/valle/simulate?scenario=7"
    assert row.women == "50.00\u00a0% (+2.000\u00a0pp)"
    assert row.gap == "−2.000\u00a0pp"
    assert row.spent == "S/\u00a01,250,000"
