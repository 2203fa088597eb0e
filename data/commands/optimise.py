"""`optimise`: a portable model in, the best allocation with its certificate out. No database."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from budget_model.coverage.calibrate import calibrate
from budget_model.coverage.optimise import Optimum
from budget_model.coverage.optimise import optimise as find_optimum
from budget_model.coverage.optimise_frontier import FrontierPoint, find_frontier
from budget_model.coverage.optimise_report import UNITS, conflict_sentence, frontier_rows, optimum_document
from data.commands.files import INPUT_FILE
from data.commands.output import json_option, print_json, print_table, progress, refuse_cleanly
from data.readers.portable_model import read_portable_model

PLACES = ("programme", "need", "area", "group", "source", "year")
MOST_BINDING = 12  # lines of the table for people


@click.command("optimise")
@click.argument("model_file", metavar="MODEL.yaml", type=INPUT_FILE)
@click.option(
    "--frontier",
    "points",
    metavar="N",
    type=click.IntRange(min=2),
    help="Also the best total for N limits on the gender gap, from the smallest that can be had.",
)
@click.option("--years", "n_years", type=int, metavar="N", help="Length of the plan; default: the model's, else 1.")
@json_option
@refuse_cleanly
def optimise(model_file: Path, points: int | None, n_years: int | None, as_json: bool) -> None:
    """The allocation that serves the model's objective best, and how far at most it is from the best there is.

    Status: optimal (proved to 0.05 %), bounded (the gap is stated) or infeasible (the contradicting constraints are
    named). All three are answers: the exit code is 0. It is 1 where the model is refused.

    \b
    Example:
      python -m budget_model optimise data/examples/water_and_care.yaml
    """
    calibrated = calibrate(read_portable_model(model_file))
    years = calibrated.model.outlook.horizon_years if n_years is None else n_years
    optimum = find_optimum(calibrated, n_years=years)
    frontier = () if points is None else find_frontier(calibrated, points, n_years=years)
    if as_json:
        rows = {} if points is None else {"frontier": frontier_rows(calibrated.model, frontier)}
        print_json({**optimum_document(optimum), **rows})
    else:
        _print_for_people(optimum)
        _print_frontier(frontier)


def _print_for_people(optimum: Optimum) -> None:
    model = optimum.model
    if optimum.status == "infeasible":
        click.echo("No allocation keeps all constraints. These contradict each other:")
        for conflict in optimum.conflicts:
            click.echo(f"  - {conflict_sentence(model, conflict)}")
        return
    if optimum.allocation is None:
        click.echo("No allocation was found that keeps all constraints, nor a proof that there is none.")
        return
    _print_allocation(optimum)
    unit = UNITS[model.objective].replace("currency", model.currency)
    click.echo(f"\nStatus: {optimum.status}")
    click.echo(f"Value:  {_number(optimum.value)} (today {_number(optimum.baseline_value)}) {unit}")
    click.echo(f"Bound:  {_number(optimum.bound)}; gap {100 * optimum.gap:.4f} %")
    click.echo(f"Spent:  {optimum.spent:,.2f} {model.currency}")
    if model.constraints.budget is None and optimum.budget is not None:
        progress(f"The model states no budget; today's total of {optimum.budget:,.2f} {model.currency} was used.")
    for binding in optimum.binding[:MOST_BINDING]:
        named = ", ".join(
            str(value) for key, value in binding.facts.items() if key in ("programme", "area", "need", "group")
        )
        click.echo(f"Binds:  {binding.constraint} {named}: {binding.price:,.4g} per {binding.per}")


def _print_allocation(optimum: Optimum) -> None:
    """Today's money beside the best, one column a year."""
    model, amounts = optimum.model, optimum.allocation
    if amounts is None:
        return
    years = amounts[None] if optimum.n_years == 1 else amounts
    best = ["best"] if optimum.n_years == 1 else [f"year {year}" for year in range(1, len(years) + 1)]
    print_table(
        ("programme", "area", "today", *best),
        [
            (programme, area, f"{model.baseline[p, a]:,.2f}", *(f"{year[p, a]:,.2f}" for year in years))
            for p, programme in enumerate(model.programmes)
            for a, area in enumerate(model.areas)
        ],
    )


def _print_frontier(frontier: Sequence[FrontierPoint]) -> None:
    if frontier:
        click.echo("\nTotal coverage against the gender gap (women minus men):")
        print_table(
            ("limit", "needs met", "at most", "women", "men", "gap"),
            [
                (
                    f"{100 * point.max_gap:.2f} pp",
                    f"{point.total:,.0f}",
                    f"{point.bound:,.0f}",
                    f"{100 * point.women:.2f} %",
                    f"{100 * point.men:.2f} %",
                    f"{100 * point.gender_gap:+.2f} pp",
                )
                for point in frontier
            ],
        )


def _number(value: float) -> str:
    return f"{value:,.2f}" if abs(value) >= 10 else f"{value:.6f}"
