"""From round to round: change, noise, and where a definition changed."""

from __future__ import annotations

import math

import pandas as pd
import pytest

from budget_model.errors import InputError
from budget_model.needs.gaps import changes_between_rounds
from budget_model.survey.series import definition_changes
from tests.survey_builders import mean, only, share

WATER, HOURS = share("water = 'no'", identifier="WATER"), mean("hours", identifier="HOURS")


def frame_of(*rows: tuple) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["indicator", "area", "sex", "estimate", "se"])


def test_a_change_is_noise_until_it_passes_both_errors():
    earlier = frame_of(
        ("WATER", "A", "female", 0.30, 0.03), ("WATER", "B", "female", 0.30, 0.03), ("HOURS", "A", None, 5.0, 0.3)
    )
    later = frame_of(
        ("WATER", "A", "female", 0.20, 0.04), ("WATER", "B", "female", 0.21, 0.04), ("HOURS", "A", None, 6.0, 0.4)
    )
    changes = changes_between_rounds(earlier, later, [WATER, HOURS], [WATER, HOURS])
    # errors 0.03 and 0.04 make 0.05, and 1.96 · 0.05 = 0.098
    row = only(changes, indicator="WATER", area="A")
    assert (row["change"], row["change_se"], row["unit"]) == (pytest.approx(-10), pytest.approx(5), "pp")
    assert (row["better"], row["more_than_noise"], row["comparable"]) == (True, True, True)
    assert only(changes, indicator="WATER", area="B")["more_than_noise"] is False
    row = only(changes, indicator="HOURS")
    assert (row["change"], row["change_se"], row["unit"], row["sex"]) == (1.0, pytest.approx(0.5), "mean", None)
    assert (row["better"], row["more_than_noise"]) == (False, True)


def test_a_change_of_definition_is_no_verdict():
    wider = WATER.model_copy(update={"numerator": "water IN ('no', 'partly')", "version": 2})
    frame = frame_of(("WATER", "A", "female", 0.30, 0.01))
    row = only(changes_between_rounds(frame, frame.assign(estimate=0.6), [WATER], [wider]), indicator="WATER")
    assert (row["comparable"], row["better"], row["more_than_noise"]) == (False, None, None)
    assert row["change"] == pytest.approx(30)


def test_a_census_beside_a_sample_adds_no_error_and_two_censuses_have_none():
    sample, census = frame_of(("WATER", None, None, 0.3, 0.01)), frame_of(("WATER", None, None, 0.31, math.nan))
    row = only(changes_between_rounds(sample, census, [WATER], [WATER]), indicator="WATER")
    assert (row["change_se"], row["more_than_noise"]) == (pytest.approx(1.0), False)
    row = only(changes_between_rounds(census, census.assign(estimate=0.3), [WATER], [WATER]), indicator="WATER")
    assert math.isnan(row["change_se"])
    assert row["more_than_noise"] is True


def test_cells_of_one_round_only_are_left_out_and_doubled_ones_refused():
    one, other = frame_of(("WATER", "A", None, 0.3, 0.1)), frame_of(("WATER", "B", None, 0.3, 0.1))
    assert len(changes_between_rounds(one, other, [WATER], [WATER])) == 0
    with pytest.raises(InputError, match="two estimates of WATER for all in area A"):
        changes_between_rounds(one, pd.concat([one, one]), [WATER], [WATER])
    with pytest.raises(InputError, match="have no definition here"):
        changes_between_rounds(one, one, [HOURS], [WATER])


def test_a_series_says_where_its_definition_changed():
    wider = WATER.model_copy(update={"numerator": "water IN ('no', 'partly')", "universe": "age > 4", "version": 2})
    renamed = wider.model_copy(update={"label": {"en": "Water"}, "version": 3})
    rounds = [("2019", [WATER, HOURS]), ("2021", [HOURS]), ("2023", [wider, HOURS]), ("2025", [renamed, HOURS])]
    (change,) = definition_changes(rounds)
    assert (change.indicator, change.earlier, change.later, change.versions) == ("WATER", "2019", "2023", (1, 2))
    assert change.keys == ("universe", "numerator")
