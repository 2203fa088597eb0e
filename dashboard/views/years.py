"""A scenario through its years: sentences, tiles, lines and tables of what is known at once. No Dash here."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from budget_model.coverage.scenario import MEN, WOMEN, GroupTotals
from budget_model.coverage.types import Array
from dashboard.context import PageContext
from dashboard.figures.year_lines import DECIMALS, Lines
from dashboard.services.years import Planned
from dashboard.views.simulate_names import covered_name, group_name

ALL_NEEDS = "-"
WORTH_A_WORD = 5e-6  # share: what two decimals of a percentage do not show is no news
DIFFERENCE_DECIMALS = DECIMALS + 1


def lines_of(planned: Planned, need: str, context: PageContext) -> Lines:
    """`need` is a code of the model; anything else stands for all needs together."""
    model = planned.loaded.model
    has_today = planned.scenario is not None
    if need in model.needs:
        n = model.needs.index(need)
        rows = [year.needs for year in planned.result.years]
        scenario = np.array([row.coverage[n] for row in rows])
        today = np.array([row.coverage_baseline[n] for row in rows])
        name = covered_name(planned.loaded, need, context)
    else:
        totals = [year.groups for year in planned.result.years]
        scenario = np.array([total.coverage for total in totals])
        today = np.array([total.coverage_baseline for total in totals])
        name = context.gettext("All needs together")
    return Lines(name, model.groups, scenario, today if has_today else None)


def lines_sentence(lines: Lines, context: PageContext) -> str:
    """`All needs together: women 58.10 % in year 1, 57.20 % in year 5; men …`"""
    _, formats, last = context.gettext, context.formats, len(lines.scenario)
    parts = []
    for g, group in enumerate(lines.groups):
        first, end = (formats.share(float(lines.scenario[at, g]), DECIMALS) for at in (0, -1))
        name = group_name(group, context).lower()
        if np.isnan(lines.scenario[0, g]):
            parts.append(_("{group}: does not apply", group=name))
        elif last == 1:
            parts.append(_("{group} {share}", group=name, share=first))
        else:
            parts.append(
                _("{group} {first} in year 1, {end} in year {year}", group=name, first=first, end=end, year=last)
            )
    return f"{lines.name}: {'; '.join(parts)}."


def lines_columns(lines: Lines, context: PageContext) -> list[str]:
    _ = context.gettext
    names = [group_name(group, context) for group in lines.groups]
    has_gap = WOMEN in lines.groups and MEN in lines.groups
    gap = [_("Gap, women minus men")] if has_gap else []
    today = [] if lines.today is None else [_("{group}: today's budget carried on", group=name) for name in names]
    return [_("Year"), *names, *gap, *today]


def lines_rows(lines: Lines, context: PageContext) -> list[list[str]]:
    """A row a year: coverage of each group, the gap, and today's budget carried on."""
    formats, rows = context.formats, []
    for index, shares in enumerate(lines.scenario):
        cells = [str(index + 1), *(formats.share(float(share), DECIMALS) for share in shares)]
        if WOMEN in lines.groups and MEN in lines.groups:
            gap = float(shares[lines.groups.index(WOMEN)] - shares[lines.groups.index(MEN)])
            cells.append(formats.points(gap, DIFFERENCE_DECIMALS))
        if lines.today is not None:
            cells += [formats.share(float(share), DECIMALS) for share in lines.today[index]]
        rows.append(cells)
    return rows


def name_of(planned: Planned, context: PageContext) -> str:
    """What is carried on, as sentences call it."""
    _ = context.gettext
    return _("“{name}”", name=planned.scenario.name) if planned.scenario else _("Today's budget")


def finding(planned: Planned, context: PageContext) -> str:
    """What the scenario does over its years, against today's budget carried on through the same years."""
    _, formats, name = context.gettext, context.formats, name_of(planned, context)
    years = context.ngettext("{number} year", "{number} years", planned.n_years, number=formats.number(planned.n_years))
    if planned.scenario is None:
        lines = lines_sentence(lines_of(planned, ALL_NEEDS, context), context)
        if planned.n_years == 1:
            return f"{name}. {lines}"
        return _("{name}, carried on for {years}. {lines}", name=name, years=years, lines=lines)
    groups = planned.result.groups
    facts = {"gained": formats.number(float(groups.gained.sum())), "lost": formats.number(float(groups.lost.sum()))}
    if planned.n_years == 1:
        return _(
            "{name}, against today's budget: {gained} needs newly met, {lost} no longer met (persons; one with two "
            "needs counts twice).",
            name=name,
            **facts,
        )
    return _(
        "{name} over {years}, against today's budget carried on: {gained} person-years of needs newly met, {lost} no "
        "longer met.",
        name=name,
        years=years,
        **facts,
    )


@dataclass(frozen=True)
class Figure:
    """A tile: a figure with its name and a note."""

    name: str
    value: str
    note: str
    group: str | None = None


def figures(planned: Planned, context: PageContext) -> list[Figure]:
    """Coverage in the last year, persons over the horizon, money over the horizon."""
    _, formats, result = context.gettext, context.formats, planned.result
    first, last = result.years[0].groups, result.years[-1].groups
    found = []
    for g, group in enumerate(planned.loaded.model.groups):
        name, share = group_name(group, context), formats.share(float(last.coverage[g]), DECIMALS)
        if planned.n_years == 1:
            label = _("{group}: needs covered", group=name)
            today = formats.points(float(last.coverage[g] - last.coverage_baseline[g]), DIFFERENCE_DECIMALS)
            note = _("against today: {points}", points=today) if planned.scenario is not None else ""
        else:
            label = _("{group}: needs covered in year {year}", group=name, year=planned.n_years)
            note = _("year 1: {share}", share=formats.share(float(first.coverage[g]), DECIMALS))
        found.append(Figure(label, share, note, group))
    if planned.scenario is not None:
        note = _("no longer met: {number}", number=formats.number(float(result.groups.lost.sum())))
        newly = formats.number(float(result.groups.gained.sum()))
        label = _("Needs newly met, person-years") if planned.n_years > 1 else _("Needs newly met, persons")
        found.append(Figure(label, newly, note))
    currency = planned.loaded.model.currency
    if planned.n_years == 1:
        return [*found, Figure(_("Money a year"), formats.millions(result.spent, currency), "")]
    note = running_note(planned, context)
    return [*found, Figure(_("Money over all years"), formats.millions(result.spent, currency), note)]


def running_note(planned: Planned, context: PageContext) -> str:
    """What works cost to run; what nobody has stated is no zero."""
    _, model = context.gettext, planned.loaded.model
    running = float(planned.result.running_cost.sum())
    if running == 0 and (model.durability > 1).any() and not planned.result.horizon.running_cost.any():
        return _("running costs of works: none is stated")
    return _("of which to run works: {money}", money=context.formats.money(running, model.currency))


# ---- tables ----------------------------------------------------------------------------------------------------------


def need_columns(planned: Planned, context: PageContext) -> list[str]:
    _ = context.gettext
    years = [_("Year {year}", year=year) for year in range(1, planned.n_years + 1)]
    against = [_("Against today, last year")] if planned.scenario is not None else []
    return [_("Covered"), _("Group"), *years, *against]


def need_rows(planned: Planned, context: PageContext) -> list[list[str]]:
    """A row a need and group that it applies to: coverage of each year; the needs that change most come first."""
    formats, model = context.formats, planned.loaded.model
    coverage = np.array([year.needs.coverage for year in planned.result.years])  # (T, N, G)
    today = np.array([year.needs.coverage_baseline for year in planned.result.years])
    moved = coverage[-1] - (today[-1] if planned.scenario is not None else coverage[0])
    order = np.argsort(-np.nan_to_num(np.abs(moved)).max(axis=1), kind="stable")
    rows = []
    for n in order:
        name = covered_name(planned.loaded, model.needs[n], context)
        for g, group in enumerate(model.groups):
            if np.isnan(coverage[0, n, g]):
                continue
            cells = [name, group_name(group, context), *(formats.share(float(share)) for share in coverage[:, n, g])]
            if planned.scenario is not None:
                cells.append(formats.points(float(moved[n, g])))
            rows.append(cells)
    return rows


def need_sentence(planned: Planned, context: PageContext) -> str:
    """The need and group that change most from the first year to the last."""
    _, formats = context.gettext, context.formats
    if planned.n_years == 1:
        return ""
    coverage = np.array([year.needs.coverage for year in planned.result.years])  # (T, N, G)
    moved = np.nan_to_num(coverage[-1] - coverage[0])
    n, g = (int(at) for at in np.unravel_index(np.abs(moved).argmax(), moved.shape))
    if abs(moved[n, g]) < WORTH_A_WORD:
        return _("No need is covered more or less in the last year than in the first.")
    return _(
        "“{need}” changes most over the years: {group} from {first} to {last}.",
        need=covered_name(planned.loaded, planned.loaded.model.needs[n], context),
        group=group_name(planned.loaded.model.groups[g], context).lower(),
        first=formats.share(float(coverage[0, n, g]), DECIMALS),
        last=formats.share(float(coverage[-1, n, g]), DECIMALS),
    )


def person_columns(planned: Planned, context: PageContext) -> list[str]:
    _ = context.gettext
    columns = [_("Year")]
    for group in planned.loaded.model.groups:
        name = group_name(group, context)
        columns.append(_("{group}: not met", group=name))
        if planned.scenario is not None:
            columns += [_("{group}: gain", group=name), _("{group}: lose", group=name)]
    return columns


def person_rows(planned: Planned, context: PageContext) -> list[list[str]]:
    """Persons of each year, then person-years over the horizon. A person with three needs counts three times."""
    _, result = context.gettext, planned.result
    rows = [
        [str(number), *_persons(planned, year.groups.needs - year.groups.covered, year.groups, context)]
        for number, year in enumerate(result.years, start=1)
    ]
    total = _persons(planned, result.groups.needs - result.groups.covered, result.groups, context)
    return [*rows, [_("All years, person-years"), *total]] if planned.n_years > 1 else rows


def _persons(planned: Planned, lacking: Array, groups: GroupTotals, context: PageContext) -> list[str]:
    cells = []
    for g in range(len(planned.loaded.model.groups)):
        cells.append(context.formats.number(float(lacking[g])))
        if planned.scenario is not None:
            cells += [context.formats.number(float(persons[g])) for persons in (groups.gained, groups.lost)]
    return cells


def money_columns(context: PageContext) -> list[str]:
    _ = context.gettext
    return [
        _("Year"),
        _("Allocated"),
        _("To run works of earlier years"),
        _("Together"),
        _("Budget of the year"),
        _("Prices (year 1 = 100)"),
        _("People (year 1 = 100)"),
    ]


def money_rows(planned: Planned, context: PageContext) -> list[list[str]]:
    """Money of each year in money of that year, with what prices and people have become; then all years."""
    _, formats, result = context.gettext, context.formats, planned.result
    horizon, currency = result.horizon, planned.loaded.model.currency
    prices = (1.0 + horizon.model.outlook.price_growth) ** np.arange(planned.n_years)
    people = people_index(planned)
    rows = []
    for index in range(planned.n_years):
        allocated, running = float(result.plan[index].sum()), float(result.running_cost[index].sum())
        budget = float(horizon.budget[index])
        rows.append(
            [
                str(index + 1),
                *(formats.money(amount, currency) for amount in (allocated, running, allocated + running)),
                formats.money(budget, currency) if np.isfinite(budget) else _("no limit"),
                formats.number(100 * float(prices[index]), 1),
                formats.number(100 * float(people[index]), 1),
            ]
        )
    if planned.n_years > 1:
        amounts = (float(result.plan.sum()), float(result.running_cost.sum()), result.spent)
        rows.append([_("All years"), *(formats.money(amount, currency) for amount in amounts), "", "", ""])
    return rows


def people_index(planned: Planned) -> Array:
    """(T,) people of all areas over those of year 1: needs added up, as coverage counts them."""
    universe = planned.result.horizon.universe.sum(axis=(1, 2, 3))
    return np.asarray(universe / universe[0]) if universe[0] > 0 else np.ones(len(universe))


def money_sentence(planned: Planned, context: PageContext) -> str:
    """What the money becomes, and what dearer prices make of it."""
    _, formats, result = context.gettext, context.formats, planned.result
    currency, growth = planned.loaded.model.currency, result.horizon.model.outlook.price_growth
    last = planned.n_years
    total = _("All years together: {money}.", money=formats.money(result.spent, currency))
    if not growth or last == 1:
        return total
    worth = result.years[-1].spent / (1.0 + growth) ** (last - 1)
    return " ".join(
        [
            total,
            _(
                "With prices that change by {rate} a year, the {money} of year {year} buy what {worth} buy in year 1.",
                rate=signed_share(growth, context),
                money=formats.money(result.years[-1].spent, currency),
                year=last,
                worth=formats.money(worth, currency),
            ),
        ]
    )


def signed_share(value: float, context: PageContext) -> str:
    text = context.formats.share(value)
    return f"+{text}" if value > 0 else text
