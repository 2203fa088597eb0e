"""The tables that `simulate` prints for people."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import click

from budget_model.coverage.plans import PlanResult
from budget_model.coverage.scenario import GroupTotals, NeedTotals, ScenarioResult
from budget_model.coverage.types import BudgetModel
from budget_model.errors import Problem
from data.commands.output import print_table, progress

TORNADO_ROWS = 15


def print_result(result: PlanResult, problems: Iterable[Problem], document: Mapping[str, Any]) -> None:
    """Tables of a scenario or plan; `document` is what `--json` would print, intervals included if asked for."""
    for problem in problems:
        progress(f"Problem: {problem}")
    if len(result.years) > 1:
        _print_years(result)
        click.echo("\nAll years together, in person-years:")
    _print_needs(result.horizon.model, result.needs)
    _print_money(result)
    if "draws" in document:
        _print_draws(document)
    if "tornado" in document:
        _print_tornado(document["tornado"])
    for cell in result.years[0].inconsistent:
        progress(
            f"Records exceed survey: need '{cell.need}', area '{cell.area}', {cell.group}: the programme records claim "
            f"{cell.records:.1%}, the survey found {cell.survey:.1%}. Effectiveness was scaled down there."
        )


def _print_years(result: PlanResult) -> None:
    rows = []
    for number, (year, running) in enumerate(zip(result.years, result.running_cost.sum(axis=(1, 2)), strict=True), 1):
        for g, group in enumerate(year.model.groups):
            rows.append((number, group, *_group_figures(year, g), f"{year.spent:,.2f}", f"{running:,.2f}"))
    print_table(("year", "group", "needs", "covered", "today's budget", "plan", "allocated", "running costs"), rows)


def _group_figures(year: ScenarioResult, g: int) -> tuple[str | None, ...]:
    totals: GroupTotals = year.groups
    return (
        _persons(totals.needs[g]),
        _persons(totals.covered[g]),
        _percent(totals.coverage_baseline[g]),
        _percent(totals.coverage[g]),
    )


def _print_needs(model: BudgetModel, totals: NeedTotals) -> None:
    print_table(
        ("need", "group", "universe", "covered", "today", "scenario", "gained", "lost"),
        [
            (
                need,
                group,
                _persons(totals.universe[n, g]),
                _persons(totals.covered[n, g]),
                _percent(totals.coverage_baseline[n, g]),
                _percent(totals.coverage[n, g]),
                _persons(totals.gained[n, g]),
                _persons(totals.lost[n, g]),
            )
            for n, need in enumerate(model.needs)
            for g, group in enumerate(model.groups)
        ],
    )


def _print_money(result: PlanResult) -> None:
    running = float(result.running_cost.sum())
    of_works = f", of which {running:,.2f} to run works of earlier years" if running else ""
    currency = result.horizon.model.currency
    click.echo(f"\nSpent: {result.spent:,.2f} {currency} (today {result.spent_baseline:,.2f}){of_works}")


def _persons(value: float) -> str:
    return f"{value:,.0f}"


def _percent(value: float) -> str | None:
    return None if value != value else f"{100 * value:.1f} %"  # NaN: nobody in the universe


def _print_draws(document: Mapping[str, Any]) -> None:
    drawn = document["draws"]
    click.echo(f"\n5th to 95th percentile of {drawn['n']:,} draws (seed {drawn['seed']}), first year:")
    rows = [
        (
            row["need"],
            group,
            _ends(part, "coverage", _percent),
            _ends(part, "gained", _persons),
            _ends(part, "lost", _persons),
        )
        for row in document["needs"]
        for group, part in row["groups"].items()
    ]
    print_table(("need", "group", "scenario", "gained", "lost"), rows)
    for title, key in (("today's budget", "beats_baseline"), ("the other allocation", "beats_other")):
        if key in drawn:
            groups = ", ".join(
                f"{group} {_percent(part['better'])} (equal {_percent(part['equal'])})"
                for group, part in drawn[key]["groups"].items()
                if part["better"] is not None
            )
            click.echo(f"Covers more than {title} in: {groups} of the draws")


def _ends(row: Mapping[str, Any], name: str, write: Callable[[float], str | None]) -> str | None:
    low, high = row[f"{name}_p5"], row[f"{name}_p95"]
    return None if low is None or high is None else f"{write(low)} to {write(high)}"


def _print_tornado(found: Mapping[str, Any]) -> None:
    click.echo("\nPersons covered beyond today's budget, each assumption alone at its 5th and 95th percentile:")
    bars = [(bar, *(sum(bar[end]["change"].values()) for end in ("at_p5", "at_p95"))) for bar in found["bars"]]
    bars.sort(key=lambda bar: -abs(bar[2] - bar[1]))
    print_table(
        ("assumption", "of", "at P5", "at P95"),
        [
            (
                bar["kind"],
                " / ".join(bar[name] for name in ("programme", "need", "group") if bar[name]),
                _persons(low),
                _persons(high),
            )
            for bar, low, high in bars[:TORNADO_ROWS]
        ],
    )
