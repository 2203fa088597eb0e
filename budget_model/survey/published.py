"""The protected table of a round: from persons in the finest cells to the figures that everybody may see.

`protect` rounds the finest cells (`disclosure`), adds them up to areas, levels, bands and both sexes together, and
hides what rests on too few persons. Hiding looks at rounded counts only, so that a mark says no more than they do.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from budget_model.survey.disclosure import ORDINARY, SENSITIVE, Counted, Numbers, Rule, SetRounder, Whole

SEXES = ("female", "male", "")  # '' : no answer; such persons are part of both sexes together only
ALL, SHOWN, HIDDEN, NOBODY = "all", "shown", "protected", "nobody"
MEAN_DIGITS, ERROR_DIGITS = 3, 2
NORMAL_95 = 1.959963984540054

RESULT_COLUMNS = (
    "indicator",
    "area",
    "sex",
    "age_band",
    "status",
    "least",
    "estimate",
    "standard_error",
    "ci_low",
    "ci_high",
    "cv",
    "n",
    "population",
    "count",
)


@dataclass(frozen=True)
class Grid:
    """The finest cells and what they add up to. `finest`: one row a cell, area columns from level 1 on, `age_band`."""

    root: str
    finest: pd.DataFrame
    area_columns: tuple[str, ...]
    has_bands: bool = True

    def ways(self) -> list[tuple[str, pd.Series]]:
        """Every way of adding up: its column and the label of each finest cell ('' belongs to no published sum)."""
        ways = [("area", pd.Series(self.root, index=self.finest.index))]
        ways += [("area", self.finest[column]) for column in self.area_columns]
        return [*ways, ("age_band", self.finest["age_band"])] if self.has_bands else ways

    def margins(self) -> Whole:
        """(cells, ways): the number of the sum that each finest cell goes into."""
        columns, first = [], 0
        for _, labels in self.ways():
            codes = pd.factorize(labels, sort=True)[0]
            columns.append(codes + first)
            first += int(codes.max(initial=-1)) + 1
        return np.stack(columns, axis=1).astype(np.int64)

    def sums(self, values: Mapping[str, Numbers | Whole]) -> pd.DataFrame:
        """Sums of columns of values (cells) in every published cell, with `area` and `age_band`."""
        frame = pd.DataFrame(dict(values))
        parts = []
        for column, labels in self.ways():
            part = frame.groupby(labels.to_numpy(), sort=True).sum()
            part = part[part.index != ""].reset_index(names=column)
            other = {"area": ALL, "age_band": self.root}[column]
            parts.append(part.assign(**{"age_band" if column == "area" else "area": other}))
        return pd.concat(parts, ignore_index=True)


@dataclass(frozen=True)
class Finest:
    """What an indicator has in the finest cells, for one sex. Weighted sums equal the persons in a census."""

    indicator: str
    sex: str
    counted: Counted
    weight: Numbers  # (cells) weights of the universe
    numerator_weight: Numbers  # (cells) weights of the numerator; for a mean the weighted sum of noisy answers


@dataclass(frozen=True)
class Protected:
    """The table, and what is kept (never shown) so that publishing again gives the same."""

    table: pd.DataFrame  # RESULT_COLUMNS; hidden figures are NaN; least: smallest rounded count that is shown
    rules: dict[bool, Rule]  # by is_sensitive, with the slack that was needed
    rounded_sets: dict[int, dict[tuple[int, int], Whole]]  # by base
    exact: pd.DataFrame = field(repr=False)  # true and rounded counts by cell, for the attacker's script only


def protect(
    grid: Grid,
    cells: Sequence[Finest],
    sensitive: Iterable[str],
    errors: pd.DataFrame,
    secret: bytes,
    rounded_sets: Mapping[int, Mapping[tuple[int, int], Whole]] | None = None,
) -> Protected:
    """Round, add up, hide.

    Parameters
    ----------
    cells : one for each indicator and sex; arrays in the order of `grid.finest`.
    sensitive : indicators with the stricter rule, which are given for the whole site only.
    errors : `indicator, area, sex, age_band, deff, cv` of the exact estimates; NaN in a census.
    rounded_sets : those of an earlier publication of the round.
    """
    kinds = set(sensitive)
    known = {base: dict(sets) for base, sets in (rounded_sets or {}).items()}
    parts, rules = [], {}
    for is_sensitive, rule in ((False, ORDINARY), (True, SENSITIVE)):
        chosen = [cell for cell in cells if (cell.indicator in kinds) == is_sensitive]
        used, chosen = _of_site(grid, chosen) if is_sensitive else (grid, chosen)
        sums = _rounded_sums(used, chosen, rule, secret, known.setdefault(rule.base, {}))
        rules[is_sensitive] = rule = _with_slack(rule, sums)
        parts.append(sums.assign(least=rule.shown_from, base=rule.base))
    exact = pd.concat(parts, ignore_index=True)
    return Protected(_figures(exact, errors), rules, known, exact)


def _of_site(grid: Grid, cells: Sequence[Finest]) -> tuple[Grid, list[Finest]]:
    """The same without areas: the finest cells are age bands of the whole site."""
    codes, bands = pd.factorize(grid.finest["age_band"], sort=True)
    site = Grid(grid.root, pd.DataFrame({"age_band": bands}), (), grid.has_bands)

    def together(values: Numbers | Whole) -> Numbers:
        sums: Numbers = np.bincount(codes, weights=values, minlength=len(bands)).astype(np.float64)
        return sums

    return site, [_merged(cell, together) for cell in cells]


def _merged(cell: Finest, together: Callable[[Numbers | Whole], Numbers]) -> Finest:
    counted = cell.counted
    numerator = None if counted.numerator is None else together(counted.numerator).astype(np.int64)
    merged = Counted(
        cell.indicator,
        cell.sex,
        together(counted.universe).astype(np.int64),
        numerator,
        counted.universe_key,
        counted.numerator_key,
    )
    return Finest(cell.indicator, cell.sex, merged, together(cell.weight), together(cell.numerator_weight))


def _rounded_sums(
    grid: Grid, cells: Sequence[Finest], rule: Rule, secret: bytes, known: dict[tuple[int, int], Whole]
) -> pd.DataFrame:
    """True and rounded sums by indicator, published cell and sex (with `all`)."""
    rounder = SetRounder(grid.margins(), rule.base, secret, known)
    rounded = rounder.round_all([cell.counted for cell in cells])
    parts = []
    for cell in cells:
        result = rounded[cell.indicator, cell.sex]
        sums = grid.sums(_values(cell, result.universe, result.numerator))
        is_mean = cell.counted.numerator is None
        parts.append(sums.assign(indicator=cell.indicator, sex=cell.sex, is_mean=is_mean))
    if not parts:
        return pd.DataFrame(columns=["indicator", "area", "age_band", "sex", "is_mean", *VALUE_COLUMNS])
    by_sex = pd.concat(parts, ignore_index=True)
    keys = ["indicator", "area", "age_band", "is_mean"]
    both = by_sex.groupby(keys, as_index=False, sort=False)[list(VALUE_COLUMNS)].sum().assign(sex=ALL)
    return pd.concat([by_sex[by_sex["sex"] != ""], both], ignore_index=True)


VALUE_COLUMNS = ("n", "y", "true_n", "true_y", "W", "Y")


def _values(cell: Finest, universe: Whole, numerator: Whole | None) -> dict[str, Numbers | Whole]:
    """Rounded and true persons, and weighted sums that go with the rounded ones at the cell's mean weight."""
    true_n = cell.counted.universe
    if numerator is None:
        weight = universe * _ratio(cell.weight, true_n)
        answers = weight * _ratio(cell.numerator_weight, cell.weight)
        return dict(zip(VALUE_COLUMNS, (universe, 0 * universe, true_n, 0 * true_n, weight, answers), strict=True))
    assert cell.counted.numerator is not None
    true_y = cell.counted.numerator
    inside = numerator * _ratio(cell.numerator_weight, true_y)
    outside = (universe - numerator) * _ratio(cell.weight - cell.numerator_weight, true_n - true_y)
    return dict(zip(VALUE_COLUMNS, (universe, numerator, true_n, true_y, inside + outside, inside), strict=True))


def _ratio(above: Numbers | Whole, below: Numbers | Whole) -> Numbers:
    result: Numbers = np.zeros(len(below), dtype=np.float64)
    np.divide(above, below, out=result, where=np.asarray(below) > 0)
    return result


def _with_slack(rule: Rule, sums: pd.DataFrame) -> Rule:
    """The rule with enough slack that no shown figure rests on fewer than `least` persons; one number a round."""
    while (is_shown(sums, rule.shown_from) & (_smallest(sums, "true_n", "true_y") < rule.least)).any():
        rule = Rule(rule.base, rule.least, rule.slack + rule.base)
    return rule


def _smallest(sums: pd.DataFrame, universe: str, numerator: str) -> pd.Series:
    """The smaller of inside and outside the numerator; for a mean the universe."""
    inside = np.minimum(sums[numerator], sums[universe] - sums[numerator])
    return sums[universe].where(sums["is_mean"].astype(bool), inside)


def is_shown(sums: pd.DataFrame, shown_from: int | pd.Series) -> pd.Series:
    """Whether the rounded counts are large enough."""
    return _smallest(sums, "n", "y") >= shown_from


# --- figures ----------------------------------------------------------------------------------------------------------


def _figures(sums: pd.DataFrame, errors: pd.DataFrame) -> pd.DataFrame:
    """Shares and means of the rounded sums, with errors; NaN where hidden."""
    keys = ["indicator", "area", "sex", "age_band"]
    frame = sums.merge(errors[[*keys, "deff", "cv"]], on=keys, how="left")
    frame = frame.drop(columns="cv").assign(exact_cv=frame["cv"])
    is_mean = frame["is_mean"].astype(bool).to_numpy()
    ratio = _ratio(frame["Y"].to_numpy(float), frame["W"].to_numpy(float))
    frame["estimate"] = np.where(is_mean, significant(ratio, MEAN_DIGITS), ratio)
    frame = _with_errors(frame, is_mean)
    frame["count"] = np.where(is_mean, np.nan, np.rint(frame["Y"].to_numpy(float)))
    frame["population"] = np.rint(frame["W"].to_numpy(float))
    frame["status"] = np.where(is_shown(frame, frame["least"]), SHOWN, HIDDEN)
    nobody = frame.groupby(["indicator", "sex"])["n"].transform("max") == 0
    frame.loc[nobody, "status"] = NOBODY
    few = frame["n"] < frame["least"]
    hidden = frame["status"] != SHOWN
    frame["n"] = frame["n"].astype(float)
    frame.loc[few, ["n", "population"]] = np.nan
    frame.loc[hidden, ["estimate", "standard_error", "ci_low", "ci_high", "cv", "count"]] = np.nan
    return frame[list(RESULT_COLUMNS)].sort_values(keys).reset_index(drop=True)


def _with_errors(frame: pd.DataFrame, is_mean: np.ndarray) -> pd.DataFrame:
    """Sampling errors from the rounded counts and the design effect to two digits; NaN in a census.

    The exact error would give the exact share away, as one is a function of the other.
    """
    p, n = frame["estimate"].to_numpy(float), frame["n"].to_numpy(float)
    with np.errstate(invalid="ignore", divide="ignore"):
        deff = significant(frame["deff"].to_numpy(float), ERROR_DIGITS)
        share_se = np.sqrt(deff * p * (1 - p) / n)
        se = np.where(is_mean, significant(frame["exact_cv"].to_numpy(float), ERROR_DIGITS) * np.abs(p), share_se)
        logit, width = np.log(p / (1 - p)), NORMAL_95 * se / (p * (1 - p))
        low = np.where(is_mean, p - NORMAL_95 * se, 1 / (1 + np.exp(width - logit)))
        high = np.where(is_mean, p + NORMAL_95 * se, 1 / (1 + np.exp(-width - logit)))
        cv = np.where(p != 0, se / np.abs(p), np.nan)
    return frame.assign(standard_error=se, ci_low=low, ci_high=high, cv=cv)


def significant(values: Numbers, digits: int) -> Numbers:
    """Rounded to so many significant digits; 0 and NaN stay."""
    with np.errstate(divide="ignore", invalid="ignore"):
        size = np.floor(np.log10(np.abs(values)))
        scale = 10.0 ** np.where(np.isfinite(size), digits - 1 - size, 0.0)
        result: Numbers = np.rint(values * scale) / scale
    return result
