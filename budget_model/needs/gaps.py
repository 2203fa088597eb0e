"""From estimates to needs: who lacks what, and how far apart women and men are.

A need is an indicator read as persons of its universe who lack it. A gap is women minus men.
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Sequence
from typing import Any

import numpy as np
import pandas as pd

from budget_model.errors import InputError, Problem
from budget_model.survey.catalogue import IndicatorDefinition
from budget_model.survey.classes import NO_VARIATION
from budget_model.survey.series import differing_keys

GROUPS = {"female": "women", "male": "men"}
NOISE_QUANTILE = 1.959963984540054  # two-sided 95 % of the normal distribution

NEED_COLUMNS = ("indicator", "area", "group", "universe", "deficit", "deficit_se")
GAP_COLUMNS = (
    "indicator",
    "area",
    "women",
    "men",
    "gap",
    "gap_se",
    "unit",
    "ratio",
    "worse_off",
    "more_than_noise",
)


def needs_from_estimates(
    frame: pd.DataFrame,
    indicators: Sequence[IndicatorDefinition],
    area_column: str = "area",
    sex_column: str = "sex",
) -> pd.DataFrame:
    """Persons who lack something, by area and group.

    Parameters
    ----------
    frame : estimates (`survey.estimate.estimate`) of cells by area and sex. Rows of another sex than `female` and
        `male` are passed over; a missing area, or a frame without the area column, is the whole site.
    indicators : the definitions behind the estimates; means have no need.

    Returns
    -------
    DataFrame: indicator, area (None: whole site), group (`women`, `men`), universe [persons], deficit [persons],
    deficit_se [persons; NaN for a census]. The deficit is `count` where lower is better, else population − count. Its
    standard error is population × se of the share: the model takes the size of the universe as given, so
    only the error of the share moves coverage.

    Raises
    ------
    InputError : an estimate without a definition, or two estimates for one area and group.
    """
    shares = {item.id: item for item in indicators if not item.is_mean}
    cells = _cells(frame, [item.id for item in indicators], area_column, sex_column)
    cells = cells[cells["indicator"].isin(list(shares))]
    up = cells["indicator"].map(lambda identifier: shares[identifier].direction == "up").astype(bool)
    deficit = np.where(up, cells["population"] - cells["count"], cells["count"])
    result = pd.DataFrame(
        {
            "indicator": cells["indicator"],
            "area": cells["area"],
            "group": cells["sex"].map(GROUPS),
            "universe": cells["population"].astype("float64"),
            "deficit": deficit.astype("float64"),
            "deficit_se": (cells["population"] * cells["se"]).astype("float64"),
        },
        columns=list(NEED_COLUMNS),
    )
    return result.reset_index(drop=True)


def gaps_from_estimates(
    frame: pd.DataFrame,
    indicators: Sequence[IndicatorDefinition],
    differences: pd.DataFrame | None = None,
    area_column: str = "area",
    sex_column: str = "sex",
) -> pd.DataFrame:
    """Women minus men, by indicator and area.

    Parameters
    ----------
    frame : estimates of cells by area and sex, as in `needs_from_estimates`.
    differences : `survey.estimate.differences_of` of the same cells. Without it the standard error of a gap is
        √(se_women² + se_men²). Women and men of one household answer alike, so that error is too large rather than
        too small, and a gap is called noise more often than it should be.

    Returns
    -------
    DataFrame: indicator, area, women, men [share, or the mean's unit], gap and gap_se [percentage points (`unit` is
    `pp`), or the mean's unit (`unit` is `mean`)], ratio women/men (NaN where men are at 0), worse_off (`women`, `men`;
    None where equal or unknown), more_than_noise (True beyond 1.96 standard errors, and for any gap of a census; None
    where unknown).
    """
    definitions = {item.id: item for item in indicators}
    cells = _cells(frame, list(definitions), area_column, sex_column)
    errors = _errors_of_differences(differences, area_column)
    rows = []
    for (identifier, _), pair in cells.groupby(["indicator", "area"], sort=False, dropna=False):
        by_sex = {row["sex"]: row for row in pair.to_dict("records")}
        if set(by_sex) == set(GROUPS):
            place = by_sex["female"]["area"]
            rows.append(
                _gap(definitions[str(identifier)], _none_if_missing(place), by_sex["female"], by_sex["male"], errors)
            )
    columns = {name: [row[name] for row in rows] for name in GAP_COLUMNS}
    with_none = {name: pd.Series(columns[name], dtype="object") for name in ("area", "worse_off", "more_than_noise")}
    return pd.DataFrame({**columns, **with_none})


def _cells(frame: pd.DataFrame, known: Sequence[str], area_column: str, sex_column: str) -> pd.DataFrame:
    """Rows of women and of men with `area` and `sex` so named, checked."""
    _refuse_unknown(frame, known)
    cells = frame.copy()
    cells["sex"] = frame.get(sex_column, None)
    area = frame[area_column] if area_column in frame else pd.Series(None, index=frame.index, dtype="object")
    cells["area"] = area.astype("object").where(area.notna(), None)
    cells = cells[cells["sex"].isin(list(GROUPS))]
    twice = cells[cells.duplicated(["indicator", "area", "sex"])]
    if len(twice):
        first = twice.iloc[0]
        message = (
            f"two estimates of {first['indicator']} for {first['sex']} in area {first['area']}. Pass one cell a row."
        )
        raise InputError(Problem("needs.duplicate", message))
    return cells


def _refuse_unknown(frame: pd.DataFrame, known: Sequence[str]) -> None:
    unknown = sorted(set(frame["indicator"]) - set(known))
    if unknown:
        message = (
            f"estimates of {', '.join(unknown)} have no definition here. Pass the catalogue that they were made with."
        )
        raise InputError(Problem("needs.definition", message, facts={"indicators": unknown}))


Errors = dict[tuple[Hashable, Hashable], float]


def _errors_of_differences(differences: pd.DataFrame | None, area_column: str) -> Errors | None:
    if differences is None:
        return None
    areas = differences[area_column] if area_column in differences else [None] * len(differences)
    places = [_none_if_missing(area) for area in areas]
    return dict(zip(zip(differences["indicator"], places, strict=True), differences["se"], strict=True))


def _none_if_missing(value: Any) -> Any:
    return None if pd.isna(value) else value


def _gap(
    definition: IndicatorDefinition,
    area: Any,
    women: dict[Hashable, Any],
    men: dict[Hashable, Any],
    errors: Errors | None,
) -> dict[str, Any]:
    scale = 1.0 if definition.is_mean else 100.0
    difference = women["estimate"] - men["estimate"]
    se = math.hypot(women["se"], men["se"]) if errors is None else errors.get((definition.id, area), math.nan)
    ratio = women["estimate"] / men["estimate"] if men["estimate"] else math.nan
    return {
        "indicator": definition.id,
        "area": area,
        "women": women["estimate"],
        "men": men["estimate"],
        "gap": difference * scale,
        "gap_se": se * scale,
        "unit": "mean" if definition.is_mean else "pp",
        "ratio": ratio,
        "worse_off": _worse_off(difference, definition.direction),
        "more_than_noise": _is_more_than_noise(difference, se),
    }


def _worse_off(difference: float, direction: str) -> str | None:
    if math.isnan(difference) or difference == 0:
        return None
    return "women" if (difference > 0) == (direction == "down") else "men"


def _is_more_than_noise(difference: float, se: float) -> bool | None:
    """True beyond 1.96 standard errors; a census (no standard error) has no sampling noise.

    A standard error of 0 comes of answers without any variation, such as those of a single sampling unit: unknown.
    """
    if math.isnan(difference) or se <= NO_VARIATION:
        return None
    return abs(difference) > (0.0 if math.isnan(se) else NOISE_QUANTILE * se)


# --- from round to round ---------------------------------------------------------------------------------------------

CHANGE_COLUMNS = (
    "indicator",
    "area",
    "sex",
    "earlier",
    "later",
    "change",
    "change_se",
    "unit",
    "better",
    "more_than_noise",
    "comparable",
)


def changes_between_rounds(
    earlier: pd.DataFrame,
    later: pd.DataFrame,
    earlier_indicators: Sequence[IndicatorDefinition],
    later_indicators: Sequence[IndicatorDefinition],
    area_column: str = "area",
    sex_column: str = "sex",
) -> pd.DataFrame:
    """Later minus earlier, by indicator, area and sex, for rounds whose samples were drawn independently.

    The standard error is √(se_earlier² + se_later²): right for independent samples, too large where both rounds asked
    the same blocks (their estimates then move together).

    Parameters
    ----------
    earlier, later : estimates of both rounds, with the same areas. A cell that one of them lacks is left out.
    earlier_indicators, later_indicators : the definitions that each round was estimated with.

    Returns
    -------
    DataFrame: indicator, area, sex (None: not split), earlier, later [share, or the mean's unit], change and change_se
    [percentage points (`unit` `pp`), or the mean's unit (`unit` `mean`)], better (True, False; None where equal,
    unknown or not comparable), more_than_noise (as for gaps; None where unknown or not comparable), comparable (False
    where the definition changed between the rounds, so that the change may be one of definition only).

    Raises
    ------
    InputError : an estimate without a definition, or two estimates for one cell.
    """
    then, now = {item.id: item for item in earlier_indicators}, {item.id: item for item in later_indicators}
    before = _by_cell(earlier, then, area_column, sex_column)
    after = _by_cell(later, now, area_column, sex_column)
    rows = [_change(cell, before[cell], row, then, now) for cell, row in after.items() if cell in before]
    columns = {name: pd.Series([row[name] for row in rows], dtype=_CHANGE_TYPES.get(name)) for name in CHANGE_COLUMNS}
    return pd.DataFrame(columns)


_CHANGE_TYPES: dict[str, Any] = dict.fromkeys(("area", "sex", "better", "more_than_noise"), "object")

Cell = tuple[str, Any, Any]


def _by_cell(
    frame: pd.DataFrame, known: dict[str, IndicatorDefinition], area_column: str, sex_column: str
) -> dict[Cell, dict[Hashable, Any]]:
    _refuse_unknown(frame, list(known))
    cells: dict[Cell, dict[Hashable, Any]] = {}
    for row in frame.to_dict("records"):
        area, sex = (_none_if_missing(row.get(column)) for column in (area_column, sex_column))
        cell = (str(row["indicator"]), area, sex)
        if cell in cells:
            message = f"two estimates of {cell[0]} for {sex or 'all'} in area {area}. Pass one cell a row."
            raise InputError(Problem("needs.duplicate", message))
        cells[cell] = row
    return cells


def _change(
    cell: Cell,
    before: dict[Hashable, Any],
    after: dict[Hashable, Any],
    then: dict[str, IndicatorDefinition],
    now: dict[str, IndicatorDefinition],
) -> dict[str, Any]:
    definition = now[cell[0]]
    comparable = not differing_keys(then[cell[0]], definition)
    scale = 1.0 if definition.is_mean else 100.0
    change = after["estimate"] - before["estimate"]
    # a census beside a sample adds no error of its own
    errors = [row["se"] for row in (before, after) if not math.isnan(row["se"])]
    se = math.hypot(*errors) if errors else math.nan
    known = comparable and not math.isnan(change) and change != 0
    return {
        "indicator": cell[0],
        "area": cell[1],
        "sex": cell[2],
        "earlier": before["estimate"],
        "later": after["estimate"],
        "change": change * scale,
        "change_se": se * scale,
        "unit": "mean" if definition.is_mean else "pp",
        "better": (change < 0) == (definition.direction == "down") if known else None,
        "more_than_noise": _is_more_than_noise(change, se) if comparable else None,
        "comparable": comparable,
    }
