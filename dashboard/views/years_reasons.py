"""Whose work the covered needs of each year are: programmes, and what is covered without them. No Dash here."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from budget_model.coverage.explain import contributions_of_plan
from budget_model.coverage.types import Array
from dashboard.context import PageContext
from dashboard.services.years import Planned
from dashboard.views.scenario_tables import persons
from dashboard.views.simulate_names import group_name, programme_name
from data.writers.tables import Cell


def work_of_years(planned: Planned) -> Array:
    """(T, P + 1, G) needs covered in each year by each programme's work, the last row without programmes.

    Each year's rows add up to what the plan covers in that year. A work's later years are its programme's.
    """
    result, model = planned.result, planned.result.horizon.model
    found = []
    for one in contributions_of_plan(result.horizon, result.plan):
        by_programme = one.of_programmes(model).sum(axis=(1, 2))
        found.append(np.concatenate([by_programme, one.background.sum(axis=(0, 1))[None]]))
    return np.stack(found)


def whole_numbers(parts: Array) -> NDArray[np.int64]:
    """(T, R) parts as whole numbers that add up, year by year, to the rounded sum: the largest remainders go up."""
    floors = np.floor(parts + 1e-9).astype(np.int64)
    for year, row in enumerate(parts):
        left = round(float(row.sum())) - int(floors[year].sum())
        order = np.argsort(-(row - floors[year]), kind="stable")
        floors[year, order[: max(left, 0)]] += 1
    return floors


def work_columns(planned: Planned, context: PageContext) -> list[str]:
    _ = context.gettext
    years = [_("Year {year}", year=number) for number in range(1, planned.n_years + 1)]
    return [_("Whose work"), *years, *([_("All years, person-years")] if planned.n_years > 1 else [])]


def work_rows_of(planned: Planned, group: int, context: PageContext) -> list[list[str]]:
    """Programmes that cover somebody, the largest over all years first; then without programmes, then together."""
    numbers = whole_numbers(work_of_years(planned)[:, :, group])
    names = _names(planned, context)
    order = [*np.argsort(-numbers[:, :-1].sum(axis=0), kind="stable").tolist(), len(names) - 1]
    rows = [_row(names[at], numbers[:, at], context) for at in order if numbers[:, at].any() or at == len(names) - 1]
    return [*rows, _row(context.gettext("all together"), numbers.sum(axis=1), context)]


def work_sentence(planned: Planned, context: PageContext) -> str:
    """The programmes' part of everything that is covered, over all years and both groups."""
    work = work_of_years(planned)
    total, met = float(work.sum()), float(work[:, :-1].sum())
    if total <= 0:
        return context.gettext("Nobody's needs are covered in these years.")
    return context.gettext(
        "Of what is covered in these years, {share} is the work of these programmes; the rest is covered without them.",
        share=context.formats.share(met / total, 1),
    )


def work_header(context: PageContext) -> list[str]:
    _ = context.gettext
    return [_("Year"), _("Code"), _("Whose work"), _("Group"), _("Needs covered, persons")]


def work_table(planned: Planned, context: PageContext) -> Iterator[list[Cell]]:
    """The same in full precision, to take away."""
    model, names = planned.result.horizon.model, _names(planned, context)
    codes = [*model.programmes, ""]
    for year, rows in enumerate(work_of_years(planned), start=1):
        for code, name, by_group in zip(codes, names, rows, strict=True):
            for group, covered in zip(model.groups, by_group, strict=True):
                yield [year, code, name, group_name(group, context), persons(float(covered))]


def _names(planned: Planned, context: PageContext) -> list[str]:
    programmes = planned.result.horizon.model.programmes
    without = context.gettext("without these programmes")
    return [*(programme_name(planned.loaded, code, context) for code in programmes), without]


def _row(name: str, by_year: NDArray[np.int64], context: PageContext) -> list[str]:
    total = [int(by_year.sum())] if len(by_year) > 1 else []
    return [name, *(context.formats.number(float(number)) for number in [*by_year.tolist(), *total])]
