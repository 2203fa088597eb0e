"""Women beside men: difference and ratio of every indicator in every cell, with errors that know their households.

One pass over the answers gives both. Medians are left out, since they have no linearised values to subtract, and so are
Gini coefficients and their like, which are not made of sums.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from budget_model.survey.catalogue import IndicatorDefinition
from budget_model.survey.design import SampleDesign
from budget_model.survey.estimate import differences_of, ratios_of
from budget_model.survey.quantiles import with_lines
from budget_model.survey.tabulate import tabulate

CONTRAST_COLUMNS = ("difference", "difference_se", "ratio", "ratio_se", "ratio_low", "ratio_high")


def contrasts(
    table: Any,
    indicators: Sequence[IndicatorDefinition],
    by: Sequence[Sequence[str]] = ((),),
    design: SampleDesign | None = None,
    engine: str | None = None,
    column: str = "sex",
    first: Any = "female",
    second: Any = "male",
) -> pd.DataFrame:
    """`first` minus `second`, and `first` over `second`, of a column.

    Parameters
    ----------
    by : sets of columns without `column`; `()` for everybody.

    Returns
    -------
    DataFrame, a row per set × indicator × cell: `indicator`, one column for each column of `by` (None: not split by
    it), difference and difference_se [share, or the mean's unit], ratio, ratio_se, ratio_low, ratio_high [95 %]. NaN
    as in `differences_of` and `ratios_of`. Medians, Gini coefficients and their like are not in it.
    """
    design = design or SampleDesign()
    plain, _lines = with_lines(table, [item for item in indicators if not item.needs_every_answer], design, engine)
    columns = list(dict.fromkeys(name for one in by for name in one))
    if not plain:
        return pd.DataFrame(columns=["indicator", *columns, *CONTRAST_COLUMNS])
    tabulation = tabulate(table, plain, [column, *columns], design, engine)
    differences = differences_of(tabulation, by, column, first, second).rename(columns={"se": "difference_se"})
    ratios = ratios_of(tabulation, by, column, first, second)
    told = ratios.rename(columns={"se": "ratio_se", "ci_low": "ratio_low", "ci_high": "ratio_high"})
    same = ["ratio", "ratio_se", "ratio_low", "ratio_high"]  # both frames have the same rows in the same order
    return pd.concat([differences, told[same]], axis=1)[["indicator", *columns, *CONTRAST_COLUMNS]]
