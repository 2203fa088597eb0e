"""`simulate`: a portable model and an allocation in, coverage of every need, area and group out. No database."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import click

from budget_model.coverage.calibrate import calibrate
from budget_model.coverage.draws_report import chances_against, draws_document, tornado_rows
from budget_model.coverage.plan_report import plan_document
from budget_model.coverage.plans import PlanResult, check_plan, simulate_plan
from budget_model.coverage.project import Horizon, build_horizon
from budget_model.coverage.report import scenario_document
from budget_model.coverage.tornado import tornado
from budget_model.coverage.types import Array
from budget_model.coverage.uncertainty import run_draws
from budget_model.errors import AllocationError, Problem
from data.commands.files import INPUT_FILE
from data.commands.output import json_option, print_json, refuse_cleanly
from data.commands.plan_options import allocation_option, model_years_option
from data.commands.simulate_tables import print_result
from data.readers.portable_model import read_plan, read_portable_model


@click.command("simulate")
@click.argument("model_file", metavar="MODEL.yaml", type=INPUT_FILE)
@allocation_option
@model_years_option
@click.option("--draws", "n_draws", type=int, metavar="N", help="Intervals from N draws (1,000 is usual).")
@click.option("--seed", type=int, default=0, show_default=True, help="The same seed gives the same draws.")
@click.option(
    "--against", "other_file", metavar="FILE.csv", type=INPUT_FILE, help="How often it beats this one; with --draws."
)
@click.option("--tornado", "has_tornado", is_flag=True, help="Which assumption the answer hangs on most.")
@click.option("--free", is_flag=True, help="Evaluate an allocation that breaks limits; list them as problems.")
@json_option
@refuse_cleanly
def simulate(
    model_file: Path,
    allocation_file: Path | None,
    n_years: int | None,
    n_draws: int | None,
    seed: int,
    other_file: Path | None,
    has_tornado: bool,
    free: bool,
    as_json: bool,
) -> None:
    """Coverage of each need for women and men under an allocation; the baseline where none is given.

    An allocation that breaks a limit of the model is refused. Today's money is what it is: where the baseline itself
    breaks one, it is evaluated and the breach is told.

    \b
    Examples:
      python -m budget_model simulate data/examples/water_and_care.yaml \\
          --allocation data/examples/water_and_care_allocation.csv --draws 1000 --seed 7 --tornado
      python -m budget_model simulate data/examples/works_and_services.yaml --years 5
    """
    if other_file is not None and n_draws is None:
        raise click.UsageError("--against compares draw by draw: it needs --draws N.")
    horizon = build_horizon(calibrate(read_portable_model(model_file)), n_years)
    plan, problems = _read_plan(horizon, allocation_file, free)
    result = simulate_plan(horizon, plan)
    if n_draws is None:
        document = _document(result, problems)
    else:
        other = None if other_file is None else _read_plan(horizon, other_file, free)[0]
        document = _drawn_document(result, problems, other, n_draws, seed)
    if has_tornado:
        document["tornado"] = tornado_rows(horizon.model, tornado(horizon, plan))
    if as_json:
        print_json(document)
    else:
        print_result(result, problems, document)


def _document(result: PlanResult, problems: Iterable[Problem]) -> dict[str, Any]:
    is_plan = len(result.years) > 1
    return plan_document(result, problems) if is_plan else scenario_document(result.years[0], problems)


def _drawn_document(
    result: PlanResult, problems: Iterable[Problem], other: Array | None, n_draws: int, seed: int
) -> dict[str, Any]:
    plans = [result.plan] if other is None else [result.plan, other]
    draws = run_draws(result.horizon, plans, n_draws, seed)
    document = draws_document(result, draws, draws.plans[0], problems)
    if other is not None:
        document["draws"]["beats_other"] = chances_against(draws, draws.plans[0], draws.plans[1])
    return document


def _read_plan(horizon: Horizon, file: Path | None, free: bool) -> tuple[Array, tuple[Problem, ...]]:
    """The plan and the limits that it breaks; that of a file is refused where it breaks any, unless `free`."""
    plan = horizon.baseline if file is None else read_plan(file, horizon)
    problems = check_plan(horizon, plan)
    if problems and file is not None and not free:
        raise AllocationError(problems)
    return plan, problems
