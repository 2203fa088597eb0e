"""Rounding of the finest cells, and the protected table: what adding and subtracting can and cannot find out."""

from __future__ import annotations

import itertools

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from budget_model.survey.disclosure import (
    Counted,
    SetRounder,
    is_neighbour,
    noise_factors,
    record_keys,
    round_cells,
    round_part,
)
from budget_model.survey.published import HIDDEN, NOBODY, SHOWN, Finest, Grid, protect, significant

BASE = 5
SECRET = b"a secret of this test"
WHOLE = st.lists(st.integers(0, 40), min_size=1, max_size=12)


def whole(values):
    return np.array(values, dtype=np.int64)


def one_sum(cells):
    return np.zeros((cells, 1), dtype=np.int64)


def possible(published, exact_sums=(), largest=12, reach=BASE):
    """Every value that each cell can have, tried out one table at a time: the judge of the attacks below.

    published : rounded cells, each less than `reach` off; exact_sums : (cells of the sum, its exact value)
    """
    ranges = [range(max(0, value - reach + 1), min(largest, value + reach - 1) + 1) for value in published]
    fitting = [
        table
        for table in itertools.product(*ranges)
        if all(sum(table[cell] for cell in cells) == value for cells, value in exact_sums)
    ]
    return [{table[cell] for table in fitting} for cell in range(len(published))]


# --- rounding ---------------------------------------------------------------------------------------------------------


@given(WHOLE, st.binary(min_size=1, max_size=8))
def test_every_cell_is_a_multiple_next_to_the_truth_and_a_multiple_stays(values, secret):
    rounded = round_cells(whole(values), one_sum(len(values)), BASE, secret, "x")
    assert (rounded % BASE == 0).all()
    assert is_neighbour(rounded, whole(values), BASE)
    assert all(rounded[i] == value for i, value in enumerate(values) if value % BASE == 0)


@given(WHOLE)
def test_the_sum_stays_within_one_base_and_a_half(values):
    """Each step is chosen against the error so far, which starts within half a base."""
    rounded = round_cells(whole(values), one_sum(len(values)), BASE, SECRET, "x")
    assert abs(rounded.sum() - sum(values)) <= 1.5 * BASE


def test_one_cell_goes_up_as_often_as_its_remainder_says():
    """3 of base 5 goes to 5 in 60 % of all secrets and to 0 in 40 %: right on average."""
    ups = [round_cells(whole([3]), one_sum(1), BASE, f"s{i}".encode(), "x")[0] == 5 for i in range(4000)]
    assert np.mean(ups) == pytest.approx(0.6, abs=0.03)  # 4 standard errors are 0.031


def test_the_same_secret_gives_the_same_and_another_one_something_else():
    values, margins = whole(range(1, 60)), one_sum(59)
    first = round_cells(values, margins, BASE, SECRET, "x")
    assert (first == round_cells(values, margins, BASE, SECRET, "x")).all()
    assert (first != round_cells(values, margins, BASE, b"another", "x")).any()


@given(st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30)), min_size=1, max_size=12))
def test_part_and_remainder_are_both_next_to_the_truth(pairs):
    part, rest = (whole(values) for values in zip(*pairs, strict=True))
    margins = one_sum(len(part))
    rounded = round_cells(part + rest, margins, BASE, SECRET, "whole")
    inside = round_part(part, part + rest, rounded, margins, BASE, SECRET, "part")
    assert is_neighbour(inside, part, BASE)
    assert is_neighbour(rounded - inside, rest, BASE)


def test_noise_lies_between_ten_and_fifteen_percent_on_both_sides_alike():
    factors = noise_factors(SECRET, 10_000)
    assert np.abs(factors - 1).min() >= 0.10
    assert np.abs(factors - 1).max() <= 0.15
    assert factors.mean() == pytest.approx(1.0, abs=0.005)


# --- sets of persons that several indicators count --------------------------------------------------------------------

KEYS = record_keys(SECRET, 400)
CELL = np.arange(400) % 8


def counted(name, universe, numerator=None):
    """From masks of 400 persons in 8 cells."""

    def cells(mask):
        return np.bincount(CELL[mask], minlength=8).astype(np.int64)

    part = None if numerator is None else cells(universe & numerator)
    part_key = 0 if numerator is None else int(KEYS[universe & numerator].sum())
    return Counted(name, "female", cells(universe), part, int(KEYS[universe].sum()), part_key)


PERSON = np.arange(400)
EVERYBODY = PERSON >= 0
WORKS, SEEKS = PERSON % 3 == 0, PERSON % 7 == 1


def rounded_all(*items):
    found = SetRounder(one_sum(8), BASE, SECRET).round_all(items)
    return {name: result for (name, _), result in found.items()}


def test_the_same_persons_are_rounded_alike_under_another_name():
    """Else the two could be set against each other, and averaged."""
    found = rounded_all(counted("A", EVERYBODY, WORKS), counted("B", EVERYBODY, PERSON % 3 == 0))
    assert (found["A"].numerator == found["B"].numerator).all()
    assert (found["A"].universe == found["B"].universe).all()


def test_an_indicator_and_its_opposite_agree():
    found = rounded_all(counted("READS", EVERYBODY, WORKS), counted("READS_NOT", EVERYBODY, ~WORKS))
    assert (found["READS"].numerator + found["READS_NOT"].numerator == found["READS"].universe).all()


def test_the_universe_of_one_indicator_that_is_the_numerator_of_another_is_rounded_once():
    """Unemployed of the active; informal of the employed: the active less the unemployed *are* the employed."""
    active = WORKS | SEEKS
    unemployment, informality = counted("UNEMP", active, ~WORKS), counted("INFORM", WORKS, PERSON % 2 == 0)
    found = rounded_all(unemployment, informality)
    assert (found["UNEMP"].universe - found["UNEMP"].numerator == found["INFORM"].universe).all()


# --- attacks on tables small enough to try out every possibility ------------------------------------------------------


def test_leaving_small_cells_out_is_undone_by_a_subtraction_and_rounding_is_not():
    """Women lacking it: 4 in one sector, 12 in the other. Shown: 12 and the total 16; so the hidden 4 is 16 - 12."""
    truth = [4, 12]
    plain = [table for table in itertools.product(range(10), [12]) if sum(table) == 16]
    assert {table[0] for table in plain} == {4}
    for number in range(20):
        rounded = round_cells(whole(truth), one_sum(2), BASE, f"s{number}".encode(), "x").tolist()
        assert len(possible(rounded, largest=20)[0]) >= BASE  # the published total is the sum of the two: no news
        assert truth[0] in possible(rounded, largest=20)[0]


def test_men_and_both_together_do_not_give_the_women_away():
    """3 women, 9 men: men and both are shown, women hidden. Both less men is the *rounded* number of women."""
    for number in range(20):
        secret = f"s{number}".encode()
        women, men = (int(round_cells(whole([value]), one_sum(1), BASE, secret, str(value))[0]) for value in (3, 9))
        both = women + men
        assert both - men in (0, 5)
        assert len(possible([women, men])[0]) >= BASE


def test_an_exact_total_from_a_register_does_not_open_the_cells():
    """4, 12, 9 and 7 women in four sectors; the attacker knows from elsewhere that they are 32 together."""
    truth = [4, 12, 9, 7]
    for number in range(12):
        rounded = round_cells(whole(truth), one_sum(4), BASE, f"s{number}".encode(), "x").tolist()
        found = possible(rounded, [((0, 1, 2, 3), 32)], largest=20)
        assert all(value in values for value, values in zip(truth, found, strict=True))
        assert min(map(len, found)) >= BASE


def test_cells_rounded_one_by_one_pin_each_other_down_and_ours_do_not():
    """6 women and 6 men: rounded one by one to 10, 10 and both together to 10, the only fit is 6 and 6... to 8."""
    fitting = [
        (women, men)
        for women, men in itertools.product(range(6, 15), range(6, 15))
        if abs(women + men - 10) < BASE  # the total rounded by itself: 12 -> 10
    ]
    assert {women for women, _ in fitting} == {6, 7, 8}
    assert len(possible([10, 10], largest=20)[0]) == 2 * BASE - 1


# --- the protected table ----------------------------------------------------------------------------------------------


def grid(areas=6, bands=3):
    places = list(
        itertools.product([f"N{number}" for number in range(areas)], [f"b{number}" for number in range(bands)])
    )
    frame = pd.DataFrame(places, columns=["neighbourhood", "age_band"])
    frame.insert(0, "sector", ["S" + str(int(name[1:]) // 3) for name in frame["neighbourhood"]])
    return Grid("site", frame, ("sector", "neighbourhood"))


def no_errors():
    return pd.DataFrame(columns=["indicator", "area", "sex", "age_band", "deff", "cv"])


def share(name, sex, universe, numerator, key):
    item = Counted(name, sex, whole(universe), whole(numerator), key, key // 2)
    return Finest(name, sex, item, whole(universe).astype(float), whole(numerator).astype(float))


@pytest.fixture
def protected():
    draw = np.random.default_rng(7)
    cells = []
    for key, name in enumerate(["A", "B", "SECRET"], start=1):
        for sex in ("female", "male", ""):
            universe = draw.integers(0, 60, 18) * (sex != "")
            numerator = draw.binomial(universe, 0.2)
            cells.append(share(name, sex, universe, numerator, 1000 * key + len(sex)))
    hours = Counted("HOURS", "female", whole([30] * 18), None, 77)
    cells.append(Finest("HOURS", "female", hours, np.full(18, 30.0), np.linspace(300, 900, 18)))
    nobody = Counted("HOURS", "male", whole([0] * 18), None, 0)
    cells.append(Finest("HOURS", "male", nobody, np.zeros(18), np.zeros(18)))
    return protect(grid(), cells, ["SECRET"], no_errors(), SECRET)


def rounded_counts(protected, indicator, **where):
    frame = protected.exact[protected.exact["indicator"] == indicator]
    for column, value in where.items():
        frame = frame[frame[column] == value]
    return frame


def test_all_levels_bands_and_sexes_add_up(protected):
    for column in ("n", "y"):
        for sex in ("female", "male", "all"):
            cells = rounded_counts(protected, "A", sex=sex).set_index(["area", "age_band"])[column]
            site = cells["site", "all"]
            assert sum(cells[f"S{number}", "all"] for number in range(2)) == site
            assert sum(cells[f"N{number}", "all"] for number in range(6)) == site
            assert sum(cells["site", f"b{number}"] for number in range(3)) == site
            assert sum(cells[f"N{number}", "all"] for number in (0, 1, 2)) == cells["S0", "all"]
        by_sex = rounded_counts(protected, "A", area="site", age_band="all").set_index("sex")[column]
        assert by_sex["female"] + by_sex["male"] == by_sex["all"]


def test_sums_stay_near_the_truth(protected):
    cells = rounded_counts(protected, "A", area="site", age_band="all")
    assert (cells["n"] - cells["true_n"]).abs().max() <= 20
    assert (cells["y"] - cells["true_y"]).abs().max() <= 20


def test_no_figure_that_is_shown_rests_on_fewer_persons_than_the_least(protected):
    table = protected.table.merge(protected.exact, on=["indicator", "area", "sex", "age_band"])
    shown = table[(table["status"] == SHOWN) & (table["indicator"].isin(["A", "B"]))]
    assert len(shown)
    assert np.minimum(shown["true_y"], shown["true_n"] - shown["true_y"]).min() >= 10


def test_hidden_figures_hold_no_number_and_the_other_sex_stays():
    """Women 200 of 400 in each of two sectors, men 3: men are hidden, women and both together stay."""
    two = Grid("site", pd.DataFrame({"sector": ["S1", "S2"], "age_band": ["", ""]}), ("sector",), has_bands=False)
    cells = [share("A", "female", [400, 400], [200, 200], 8), share("A", "male", [400, 400], [3, 2], 9)]
    table = protect(two, cells, [], no_errors(), SECRET).table.set_index(["area", "sex"])
    assert table.loc[("S1", "male"), "status"] == HIDDEN
    assert table.loc[("S1", "male"), ["estimate", "count", "ci_low"]].isna().all()
    assert table.loc[("S1", "female"), "count"] == 200
    assert table.loc[("S1", "all"), "status"] == SHOWN
    assert table.loc[("S1", "all"), "count"] in (200, 205)


def test_hiding_follows_from_the_rounded_counts_alone(protected):
    """Two cells of the same rounded counts are both shown or both hidden, whatever the truth."""
    table = protected.table.merge(protected.exact, on=["indicator", "area", "sex", "age_band"])
    shares = table[~table["is_mean"].astype(bool) & (table["status"] != NOBODY)]
    kinds = shares.assign(is_secret=shares["indicator"] == "SECRET", rounded_n=shares["n_y"])
    assert (kinds.groupby(["is_secret", "rounded_n", "y"])["status"].nunique() == 1).all()


def test_sensitive_indicators_are_for_the_whole_site_only_and_in_tens(protected):
    table = protected.exact[protected.exact["indicator"] == "SECRET"]
    assert set(table["area"]) == {"site"}
    assert (table["y"] % 10 == 0).all()
    assert (protected.table.loc[protected.table["indicator"] == "SECRET", "least"] >= 40).all()


def test_a_sex_without_anybody_is_nobody_and_not_hidden(protected):
    table = protected.table.set_index(["indicator", "sex"])
    assert set(table.loc[("HOURS", "male"), "status"]) == {NOBODY}


def test_a_mean_has_three_digits_and_needs_persons(protected):
    """Women's mean at the site: the mean of 300..900 over 30 persons a cell is 20; all cells are alike in size."""
    mean = protected.table.set_index(["indicator", "sex", "area", "age_band"]).loc[("HOURS", "female", "site", "all")]
    assert mean["estimate"] == pytest.approx(20.0)
    assert np.isnan(mean["count"])


def test_errors_come_from_rounded_counts_and_a_rounded_design_effect():
    """100 of 400, deff 2.04 -> 2.0: sqrt(2 * 0.25 * 0.75 / 400) = 0.030619."""
    one = Grid("site", pd.DataFrame({"age_band": [""]}), (), has_bands=False)
    errors = pd.DataFrame(
        [{"indicator": "A", "area": "site", "sex": "female", "age_band": "all", "deff": 2.04, "cv": 0.1}]
    )
    table = protect(one, [share("A", "female", [400], [100], 8)], [], errors, SECRET).table.set_index("sex")
    assert table.loc["female", "standard_error"] == pytest.approx(0.030619, abs=1e-6)
    assert table.loc["female", "ci_low"] < 0.25 < table.loc["female", "ci_high"]
    assert np.isnan(table.loc["all", "standard_error"])  # no error of the exact figure, none of this


def test_publishing_again_with_one_more_indicator_changes_no_figure():
    first = [share("A", "female", [33] * 18, [7] * 18, 8)]
    before = protect(grid(), first, [], no_errors(), SECRET)
    more = [*first, share("B", "female", [33] * 18, [9] * 18, 8 + 1)]
    after = protect(grid(), more, [], no_errors(), SECRET, before.rounded_sets).table
    pd.testing.assert_frame_equal(after[after["indicator"] == "A"].reset_index(drop=True), before.table)


def test_significant_digits_leave_nothing_and_missing_alone():
    assert significant(np.array([0.0, 1234.0, 0.04567]), 2).tolist() == pytest.approx([0.0, 1200.0, 0.046])
    assert np.isnan(significant(np.array([np.nan]), 2)).all()
