"""A plan of several years as tables to take away, with what they rest on at their head. No Dash here."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from dashboard.context import PageContext
from dashboard.services.years import Planned
from dashboard.views.scenario_tables import exact, persons, precision, scenario_notes, share
from dashboard.views.simulate_names import covered_name, group_name, need_name, programme_name, source_parts
from dashboard.views.years import name_of, people_index
from dashboard.views.years_assumptions import growth_sentences, limit_sentences, plan_sentences, rules
from dashboard.views.years_reasons import work_header, work_table
from data.writers.tables import Cell, Table


def notes(planned: Planned, context: PageContext) -> list[tuple[str, str]]:
    """What the file holds, where it comes from and what it assumes; synthetic data are called so."""
    _, site = context.gettext, context.site
    found = [
        (_("Site"), site.name if site else ""),
        (_("Scenario"), name_of(planned, context)),
        *scenario_notes(planned.scenario, False, context)[1:],
        (_("Years"), str(planned.n_years)),
        *((_("Plan"), sentence) for sentence in plan_sentences(planned, context)),
        (_("Model"), planned.loaded.sha256),
        (_("Source"), " · ".join(source_parts(planned.workbench, context))),
        (_("Currency"), planned.loaded.model.currency),
        *((_("Assumption"), sentence) for sentence in [*growth_sentences(planned, context), *rules(planned, context)]),
        *((_("Limit that is broken"), sentence) for sentence in limit_sentences(planned, context)),
        (_("Filters"), _("all programmes, needs, areas and groups")),
        (_("Precision"), precision(context)),
    ]
    if site and site.is_synthetic:
        found.insert(0, (_("Synthetic data"), _("An invented population. No figure here describes real people.")))
    return found


def tables(planned: Planned, context: PageContext) -> list[Table]:
    """Money by year and by programme; coverage and persons by need, and by need and area."""
    _ = context.gettext
    return [
        Table(_("Money by year"), _money_header(context), list(_money(planned))),
        Table(_("Programmes by year"), _programme_header(context), list(_programmes(planned, context))),
        Table(_("Needs by year"), _need_header(context), list(_needs(planned, context))),
        Table(_("Areas by year"), _area_header(context), list(_areas(planned, context))),
        Table(_("Whose work, by year"), work_header(context), list(work_table(planned, context))),
    ]


def _money_header(context: PageContext) -> list[str]:
    _ = context.gettext
    return [
        _("Year"),
        _("Allocated"),
        _("To run works of earlier years"),
        _("Together"),
        _("Budget of the year"),
        _("Together, today's budget carried on"),
        _("Prices (year 1 = 1)"),
        _("People (year 1 = 1)"),
    ]


def _money(planned: Planned) -> Iterator[list[Cell]]:
    result, horizon = planned.result, planned.result.horizon
    prices = (1.0 + horizon.model.outlook.price_growth) ** np.arange(planned.n_years)
    people = people_index(planned)
    for index in range(planned.n_years):
        allocated, running = exact(float(result.plan[index].sum())), exact(float(result.running_cost[index].sum()))
        today = float(horizon.baseline[index].sum() + result.running_cost_baseline[index].sum())
        budget = float(horizon.budget[index])
        limit = exact(budget) if np.isfinite(budget) else None
        figures = [float(prices[index]), float(people[index])]
        yield [index + 1, allocated, running, allocated + running, limit, exact(today), *figures]


def _programme_header(context: PageContext) -> list[str]:
    _ = context.gettext
    return [
        _("Year"),
        _("Code"),
        _("Programme"),
        _("Area code"),
        _("Area"),
        _("Allocated"),
        _("Served by the year's own money, persons"),
        _("Served by works of earlier years, persons"),
        _("To run works of earlier years"),
    ]


def _programmes(planned: Planned, context: PageContext) -> Iterator[list[Cell]]:
    result, model, names = planned.result, planned.loaded.model, planned.workbench.area_names
    for index, year in enumerate(result.years):
        for p, code in enumerate(model.programmes):
            name = programme_name(planned.loaded, code, context)
            for a, area in enumerate(model.areas):
                yield [
                    index + 1,
                    code,
                    name,
                    area,
                    names.get(area, area),
                    exact(result.plan[index, p, a]),
                    persons(year.served[p, a]),
                    persons(result.carried[index, p, a]),
                    exact(result.running_cost[index, p, a]),
                ]


def _need_header(context: PageContext) -> list[str]:
    _ = context.gettext
    return [
        _("Year"),
        _("Code"),
        _("Need"),
        _("Who counts as covered"),
        _("Group"),
        _("People concerned"),
        _("Coverage, today's budget carried on"),
        _("Coverage in the scenario"),
        _("Gain, persons"),
        _("Lose, persons"),
    ]


def _needs(planned: Planned, context: PageContext) -> Iterator[list[Cell]]:
    model, loaded = planned.loaded.model, planned.loaded
    for index, year in enumerate(planned.result.years):
        needs = year.needs
        for n, code in enumerate(model.needs):
            names = [need_name(loaded, code, context), covered_name(loaded, code, context)]
            for g, group in enumerate(model.groups):
                figures = [
                    persons(needs.universe[n, g]),
                    share(needs.coverage_baseline[n, g]),
                    share(needs.coverage[n, g]),
                    persons(needs.gained[n, g]),
                    persons(needs.lost[n, g]),
                ]
                yield [index + 1, code, *names, group_name(group, context), *figures]


def _area_header(context: PageContext) -> list[str]:
    _ = context.gettext
    return [
        _("Year"),
        _("Need code"),
        _("Need"),
        _("Area code"),
        _("Area"),
        _("Group"),
        _("People concerned"),
        _("Coverage, today's budget carried on"),
        _("Coverage in the scenario"),
        _("People uncovered in the scenario"),
    ]


def _areas(planned: Planned, context: PageContext) -> Iterator[list[Cell]]:
    model, names = planned.loaded.model, planned.workbench.area_names
    for index, year in enumerate(planned.result.years):
        universe = planned.result.horizon.universe[index]
        for n, a, g in np.argwhere(universe > 0):
            area = model.areas[a]
            yield [
                index + 1,
                model.needs[n],
                need_name(planned.loaded, model.needs[n], context),
                area,
                names.get(area, area),
                group_name(model.groups[g], context),
                persons(universe[n, a, g]),
                share(year.coverage_baseline[n, a, g]),
                share(year.coverage[n, a, g]),
                persons(year.uncovered[n, a, g]),
            ]
