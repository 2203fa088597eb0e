"""`explain`: why an allocation of a portable model gives what it gives. No database."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from budget_model.coverage.calibrate import calibrate
from budget_model.coverage.explain_report import plan_reasons_document, reasons_document
from budget_model.coverage.plans import check_plan
from budget_model.coverage.project import build_horizon
from budget_model.errors import AllocationError
from data.commands.explain_plan import print_plan_reasons
from data.commands.files import INPUT_FILE
from data.commands.output import json_option, print_json, print_table, refuse_cleanly
from data.commands.plan_options import allocation_option, model_years_option
from data.readers.portable_model import read_plan, read_portable_model

SHOWN_LINES = 15


@click.command("explain")
@click.argument("model_file", metavar="MODEL.yaml", type=INPUT_FILE)
@allocation_option
@model_years_option
@click.option("--amount", type=click.FloatRange(min=0, min_open=True), default=1000.0, show_default=True,
              help="How much the next money is.")  # fmt: skip
@click.option("--free", is_flag=True, help="Explain an allocation that breaks limits all the same.")
@json_option
@refuse_cleanly
def explain(
    model_file: Path, allocation_file: Path | None, n_years: int | None, amount: float, free: bool, as_json: bool
) -> None:
    """Whose work each met need is, where the next money would meet most, and what each cut costs.

    Of a plan of several years: for each year and over all of them, in person-years.

    \b
    Examples:
      python -m budget_model explain data/examples/water_and_care.yaml \\
          --allocation data/examples/water_and_care_allocation.csv
      python -m budget_model explain data/examples/works_and_services.yaml --years 5 \\
          --allocation data/examples/works_and_services_plan.csv
    """
    horizon = build_horizon(calibrate(read_portable_model(model_file)), n_years)
    plan = horizon.baseline if allocation_file is None else read_plan(allocation_file, horizon)
    problems = check_plan(horizon, plan)
    if problems and allocation_file is not None and not free:
        raise AllocationError(problems)
    if horizon.n_years == 1:
        document = reasons_document(horizon.calibrated, plan[0], amount)
    else:
        document = plan_reasons_document(horizon, plan, amount)
    if as_json:
        print_json(document)
    elif horizon.n_years == 1:
        _print_for_people(document)
    else:
        print_plan_reasons(document)


def _print_for_people(document: Mapping[str, Any]) -> None:
    click.echo("Persons covered, by whose work:")
    nodes, links = document["flow"]["nodes"], document["flow"]["links"]
    to_needs = [link for link in links if nodes[link["target"]]["kind"] == "need"]
    print_table(
        ("need", "by", "persons"),
        [
            (nodes[link["target"]]["id"], nodes[link["source"]]["id"], f"{link['persons']:,.0f}")
            for link in sorted(to_needs, key=lambda link: (link["target"], link["source"]))
        ],
    )
    amount, currency = document["next"]["amount"], document["currency"]
    click.echo(f"\nNeeds that the next {amount:,.0f} {currency} would meet:")
    rows = document["next"]["lines"][:SHOWN_LINES]
    groups = list(rows[0]["gained"])
    print_table(
        ("programme", "area", *groups, "limit"),
        [
            (row["programme"], row["area"], *(f"{row['gained'][group]:,.2f}" for group in groups), row["limit"])
            for row in rows
        ],
    )
    if document["cuts"]:
        _print_cuts(document)


def _print_cuts(document: Mapping[str, Any]) -> None:
    click.echo("\nCuts: needs no longer met per 1,000, beside those that the largest increase meets:")
    print_table(
        ("programme", "area", "cut", "per 1,000", "money went to", "area", "per 1,000"),
        [
            (
                cut["programme"],
                cut["area"],
                f"{-cut['change']:,.2f}",
                f"{cut['per_1000']['mean']['all']:,.2f}",
                *_beside(cut["beside"]),
            )
            for cut in document["cuts"]
        ],
    )


def _beside(line: Mapping[str, Any] | None) -> tuple[str | None, str | None, str | None]:
    if line is None:
        return None, None, None
    return line["programme"], line["area"], f"{line['per_1000']['mean']['all']:,.2f}"
