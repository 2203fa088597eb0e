"""`simulate`: a portable model and an allocation in, coverage of every need, area and group out. No database."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import click

from budget_model.coverage.allocation import check_allocation
from budget_model.coverage.calibrate import calibrate
from budget_model.coverage.report import scenario_document
from budget_model.coverage.scenario import ScenarioResult
from budget_model.coverage.scenario import simulate as run_scenario
from budget_model.errors import AllocationError, Problem
from data.commands.files import INPUT_FILE
from data.commands.output import json_option, print_json, print_table, progress, refuse_cleanly
from data.readers.portable_model import read_allocation, read_portable_model


@click.command("simulate")
@click.argument("model_file", metavar="MODEL.yaml", type=INPUT_FILE)
@click.option(
    "--allocation", "allocation_file", metavar="FILE.csv", type=INPUT_FILE, help="Columns programme,area,amount."
)
@click.option("--free", is_flag=True, help="Evaluate an allocation that breaks limits; list them as problems.")
@json_option
@refuse_cleanly
def simulate(model_file: Path, allocation_file: Path | None, free: bool, as_json: bool) -> None:
    """Coverage of each need for women and men under an allocation; the baseline where none is given.

    An allocation that breaks a limit of the model is refused. Today's money is what it is: where the baseline itself
    breaks one, it is evaluated and the breach is told.

    \b
    Example:
      python -m budget_model simulate data/examples/water_and_care.yaml \\
          --allocation data/examples/water_and_care_allocation.csv
    """
    model = read_portable_model(model_file)
    allocation = model.baseline if allocation_file is None else read_allocation(allocation_file, model)
    problems = check_allocation(model, allocation)
    if problems and allocation_file is not None and not free:
        raise AllocationError(problems)
    result = run_scenario(calibrate(model), allocation)
    if as_json:
        print_json(scenario_document(result, problems))
    else:
        _print_for_people(result, problems)


def _print_for_people(result: ScenarioResult, problems: Iterable[Problem]) -> None:
    for problem in problems:
        progress(f"Problem: {problem}")
    totals, model = result.needs, result.model
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
    click.echo(f"\nSpent: {result.spent:,.2f} {model.currency} (today {result.spent_baseline:,.2f})")
    for cell in result.inconsistent:
        progress(
            f"Records exceed survey: need '{cell.need}', area '{cell.area}', {cell.group}: the programme records claim "
            f"{cell.records:.1%}, the survey found {cell.survey:.1%}. Effectiveness was scaled down there."
        )


def _persons(value: float) -> str:
    return f"{value:,.0f}"


def _percent(value: float) -> str | None:
    return None if value != value else f"{100 * value:.1f} %"  # NaN: nobody in the universe
