"""`simulate`: a portable model and an allocation in, coverage of every need, area and group out. No database."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import click

from budget_model.coverage.calibrate import calibrate
from budget_model.coverage.plan_report import plan_document
from budget_model.coverage.plans import PlanResult, check_plan, simulate_plan
from budget_model.coverage.project import Horizon, build_horizon
from budget_model.coverage.report import scenario_document
from budget_model.coverage.scenario import GroupTotals, NeedTotals, ScenarioResult
from budget_model.coverage.types import Array, BudgetModel
from budget_model.errors import AllocationError, Problem
from data.commands.files import INPUT_FILE
from data.commands.output import json_option, print_json, print_table, progress, refuse_cleanly
from data.readers.portable_model import read_plan, read_portable_model


@click.command("simulate")
@click.argument("model_file", metavar="MODEL.yaml", type=INPUT_FILE)
@click.option(
    "--allocation",
    "allocation_file",
    metavar="FILE.csv",
    type=INPUT_FILE,
    help="Columns programme,area,amount (and year).",
)
@click.option("--years", "n_years", type=int, metavar="N", help="Length of the plan; default: the model's, else 1.")
@click.option("--free", is_flag=True, help="Evaluate an allocation that breaks limits; list them as problems.")
@json_option
@refuse_cleanly
def simulate(model_file: Path, allocation_file: Path | None, n_years: int | None, free: bool, as_json: bool) -> None:
    """Coverage of each need for women and men under an allocation; the baseline where none is given.

    An allocation that breaks a limit of the model is refused. Today's money is what it is: where the baseline itself
    breaks one, it is evaluated and the breach is told.

    \b
    Examples:
      python -m budget_model simulate data/examples/water_and_care.yaml \\
          --allocation data/examples/water_and_care_allocation.csv
      python -m budget_model simulate data/examples/water_and_care.yaml --years 5
    """
    horizon = build_horizon(calibrate(read_portable_model(model_file)), n_years)
    plan, problems = _read_plan(horizon, allocation_file, free)
    result = simulate_plan(horizon, plan)
    if as_json:
        is_plan = horizon.n_years > 1
        print_json(plan_document(result, problems) if is_plan else scenario_document(result.years[0], problems))
    else:
        _print_for_people(result, problems)


def _read_plan(horizon: Horizon, file: Path | None, free: bool) -> tuple[Array, tuple[Problem, ...]]:
    """The plan and the limits that it breaks; that of a file is refused where it breaks any, unless `free`."""
    plan = horizon.baseline if file is None else read_plan(file, horizon)
    problems = check_plan(horizon, plan)
    if problems and file is not None and not free:
        raise AllocationError(problems)
    return plan, problems


def _print_for_people(result: PlanResult, problems: Iterable[Problem]) -> None:
    for problem in problems:
        progress(f"Problem: {problem}")
    if len(result.years) > 1:
        _print_years(result)
        click.echo("\nAll years together, in person-years:")
    _print_needs(result.horizon.model, result.needs)
    _print_money(result)
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
