"""Every figure of a scenario with its interval, as tables to take away. No Dash here."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from dashboard.context import PageContext
from dashboard.services.years import Planned
from dashboard.views.simulate_names import covered_name, group_name, need_name, programme_name
from dashboard.views.tornado import assumption_name
from dashboard.views.years_assumptions import error_sentences
from dashboard.views.years_tables import notes
from data.writers.tables import Cell, Table

Figures = Mapping[str, Any]
GROUP_FIGURES = (
    "coverage",
    "coverage_baseline",
    "weighted_coverage",
    "weighted_coverage_baseline",
    "covered",
    "gained",
    "lost",
)
NEED_FIGURES = ("coverage", "coverage_baseline", "covered", "gained", "lost")
CELL_FIGURES = ("baseline", "covered", "uncovered", "change")
LINE_FIGURES = ("served", "carried", "running_cost")


def certainty_notes(result: Figures, planned: Planned, context: PageContext) -> list[tuple[str, str]]:
    _ = context.gettext
    drawn = _(
        "{draws} draws, seed {seed}: survey errors, and the stated ranges of unit cost, effectiveness and reach",
        draws=context.formats.number(result["draws"]),
        seed=result["seed"],
    )
    errors = [(_("Survey errors"), told) for told in error_sentences(planned.loaded, context)]
    return [*notes(planned, context), (_("P5 and P95"), drawn), *errors]


def certainty_tables(result: Figures, planned: Planned, context: PageContext) -> list[Table]:
    _ = context.gettext
    ends = [_("Estimate"), _("P5"), _("P95")]
    start = [_("Year"), _("Group"), _("Figure")]
    area = [_("Year"), _("Need code"), _("Need"), _("Area code"), _("Area"), _("Group"), _("Figure")]
    need = [_("Year"), _("Need code"), _("Who counts as covered"), _("Group"), _("Figure")]
    found = [
        Table(_("All needs"), [*start, *ends], list(_groups(result, context))),
        Table(_("Each need"), [*need, *ends], list(_needs(result, planned, context))),
        Table(_("Each need and area"), [*area, *ends], list(_cells(result, planned, context))),
        Table(_("Assumptions"), _tornado_header(context), list(_bars(result, planned, context))),
    ]
    if result["horizon"] is not None:
        line = [_("Year"), _("Code"), _("Programme"), _("Area code"), _("Area"), _("Figure")]
        found.insert(3, Table(_("Programmes by year"), [*line, *ends], list(_lines(result, planned, context))))
    return found


def figure_names(context: PageContext) -> dict[str, str]:
    """What the figures of the tables are called, with their units."""
    _ = context.gettext
    return {
        "coverage": _("Coverage (share)"),
        "scenario": _("Coverage (share)"),
        "baseline": _("Coverage with today's budget (share)"),
        "coverage_baseline": _("Coverage with today's budget (share)"),
        "weighted_coverage": _("Weighted coverage (share)"),
        "weighted_coverage_baseline": _("Weighted coverage with today's budget (share)"),
        "covered": _("Covered (persons)"),
        "uncovered": _("Not covered (persons)"),
        "change": _("Change of coverage (share)"),
        "gained": _("Gain (persons)"),
        "lost": _("Lose (persons)"),
        "gap_pp": _("Gap, women minus men (percentage points)"),
        "ratio": _("Women / men (ratio)"),
        "per_met_need": _("Money for one met need (currency)"),
        "per_additional_need": _("Money for one additional need (currency)"),
        "spending_share": _("Share of the spending that reaches them (share)"),
        "spent": _("Money (currency)"),
        "running_cost": _("To run works of earlier years (currency)"),
        "served": _("Served by the year's own money (persons)"),
        "carried": _("Served by works of earlier years (persons)"),
    }


def _ends(figures: Figures, name: str) -> list[Cell]:
    return [figures[name], figures.get(f"{name}_p5"), figures.get(f"{name}_p95")]


def _periods(result: Figures, context: PageContext) -> Iterator[tuple[Cell, Figures]]:
    for year in result["years_drawn"]:
        yield year["year"], year
    if result["horizon"] is not None:
        yield context.gettext("All years, person-years"), result["horizon"]


def _groups(result: Figures, context: PageContext) -> Iterator[list[Cell]]:
    names = figure_names(context)
    for period, figures in _periods(result, context):
        for group, values in figures["groups"].items():
            for name in GROUP_FIGURES:
                yield [period, group_name(group, context), names[name], *_ends(values, name)]
        for name in ("gap_pp", "ratio"):
            yield [period, "", names[name], *_ends(figures["gap"], name)]
        yield from ([period, *row] for row in _money(figures, names, context))


def _money(figures: Figures, names: Mapping[str, str], context: PageContext) -> Iterator[list[Cell]]:
    money = figures.get("money")
    if money is not None:
        for name in ("per_met_need", "per_additional_need"):
            yield ["", names[name], *_ends(money, name)]
        for group, values in money["groups"].items():
            yield [group_name(group, context), names["spending_share"], *_ends(values, "spending_share")]
    for name in ("spent", "running_cost"):
        if name in figures and f"{name}_p5" in figures:
            yield ["", names[name], *_ends(figures, name)]


def _needs(result: Figures, planned: Planned, context: PageContext) -> Iterator[list[Cell]]:
    names = figure_names(context)
    for period, figures in _periods(result, context):
        for need in figures["needs"]:
            code = need["need"]
            start = [period, code, covered_name(planned.loaded, code, context)]
            for group, values in need["groups"].items():
                for name in NEED_FIGURES:
                    yield [*start, group_name(group, context), names[name], *_ends(values, name)]
            yield [*start, "", names["gap_pp"], *_ends(need, "gap_pp")]


def _cells(result: Figures, planned: Planned, context: PageContext) -> Iterator[list[Cell]]:
    names, areas = figure_names(context), planned.workbench.area_names
    for year in result["years_drawn"]:
        for row in year["coverage"]:
            if not row["universe"]:
                continue
            need = need_name(planned.loaded, row["need"], context)
            area = [row["area"], areas.get(row["area"], row["area"])]
            start: list[Cell] = [year["year"], row["need"], need, *area, group_name(row["group"], context)]
            yield [*start, names["scenario"], row["scenario"], row["p5"], row["p95"]]
            yield from ([*start, names[name], *_ends(row, name)] for name in CELL_FIGURES)


def _lines(result: Figures, planned: Planned, context: PageContext) -> Iterator[list[Cell]]:
    names, areas = figure_names(context), planned.workbench.area_names
    for year in result["years_drawn"]:
        for row in year["programmes"]:
            programme = programme_name(planned.loaded, row["programme"], context)
            area = [row["area"], areas.get(row["area"], row["area"])]
            start: list[Cell] = [year["year"], row["programme"], programme, *area]
            yield from ([*start, names[name], *_ends(row, name)] for name in LINE_FIGURES)


def _tornado_header(context: PageContext) -> list[str]:
    _ = context.gettext
    return [
        _("Assumption"),
        _("Group"),
        _("Coverage at its low end (share)"),
        _("Coverage at its high end (share)"),
        _("Needs met beyond today's budget, at its low end"),
        _("Needs met beyond today's budget, at its high end"),
    ]


def _bars(result: Figures, planned: Planned, context: PageContext) -> Iterator[list[Cell]]:
    for bar in result["tornado"]["bars"]:
        name = assumption_name(bar, planned, context)
        for group in bar["at_p5"]["coverage"]:
            ends = [bar[end][kind][group] for kind in ("coverage", "change") for end in ("at_p5", "at_p95")]
            yield [name, group_name(group, context), *ends]
