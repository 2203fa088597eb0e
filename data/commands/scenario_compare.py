"""`scenario compare`: two to four saved scenarios in the same years, and if asked for in the same draws."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import click

from budget_model.coverage.plan_report import plan_document
from budget_model.coverage.plans import PlanResult, simulate_plan
from budget_model.coverage.report import scenario_document
from data.commands.opened import opened_store
from data.commands.output import json_option, print_json, print_table, progress, refuse_cleanly
from data.store.sites import load_site
from data.workflows.compared import SideBySide, compared_answer, load_plans, read_scenario_ids
from data.workflows.growth import growth_document


@click.command("compare")
@click.argument("site")
@click.argument("numbers", metavar="NUMBER NUMBER…", type=int, nargs=-1, required=True)
@click.option("--draws", "has_draws", is_flag=True, help="Also intervals and chances in 1,000 draws.")
@json_option
@refuse_cleanly
def compare(site: str, numbers: tuple[int, ...], has_draws: bool, as_json: bool) -> None:
    """Two to four saved scenarios of a site side by side.

    Where one of them is a plan of several years, all are compared over its years: scenarios of one year are carried on
    as today's budget is, and of plans of different length the years that all of them have count.

    \b
    Example:
      python -m budget_model scenario compare nairobi 3 5 --draws
    """
    with opened_store() as store, store.factory() as session:
        site_id = load_site(session, site).id
        found = load_plans(session, site_id, read_scenario_ids({"scenarios": list(numbers)}))
    results = [simulate_plan(found.horizon, plan) for plan in found.plans]
    document = _document(found, results)
    if has_draws:
        drawn = compared_answer(found)
        document["chances"] = drawn["chances"]
        for row, allocation in zip(document["scenarios"], drawn["allocations"], strict=True):
            row["drawn"] = allocation
    if as_json:
        print_json(document)
    else:
        _print_for_people(found, results, document)


def _document(found: SideBySide, results: Sequence[PlanResult]) -> dict[str, Any]:
    """`results` of each scenario as `scenario run` prints them, all over the same `years`."""
    years = found.horizon.n_years
    return {
        "years": years,
        "growth": growth_document(found.growth),
        "currency": found.horizon.model.currency,
        "scenarios": [
            {
                "scenario": scenario.id,
                "name": scenario.name,
                "years": scenario.n_years,
                "is_carried_on": scenario.n_years == 1 and years > 1,
                "results": plan_document(result) if years > 1 else scenario_document(result.years[0]),
            }
            for scenario, result in zip(found.scenarios, results, strict=True)
        ],
    }


def _print_for_people(found: SideBySide, results: Sequence[PlanResult], document: Mapping[str, Any]) -> None:
    years, model = found.horizon.n_years, found.horizon.model
    if years > 1:
        progress(f"Compared over {years} years; scenarios of one year are carried on as today's budget is.")
    print_table(
        ("scenario", "own years", "year", f"money, {model.currency}", *(f"{group} covered" for group in model.groups)),
        [row for scenario, result in zip(found.scenarios, results, strict=True) for row in _rows(scenario, result)],
    )
    for i, one in enumerate(document["scenarios"]):
        for j, other in enumerate(document["scenarios"]):
            if i < j and "chances" in document:
                _print_chances(one["name"], other["name"], document["chances"][i][j])


def _rows(scenario: Any, result: PlanResult) -> list[tuple[Any, ...]]:
    """A row a year, and one over all of them where there are several."""
    own = (scenario.name, scenario.n_years)
    spent = result.plan.sum(axis=(1, 2)) + result.running_cost.sum(axis=(1, 2))
    rows = [
        (*own, at, f"{money:,.2f}", *(_percent(share) for share in year.groups.coverage))
        for at, (year, money) in enumerate(zip(result.years, spent, strict=True), start=1)
    ]
    if len(rows) == 1:
        return rows
    return [*rows, (*own, "all", f"{result.spent:,.2f}", *(_percent(share) for share in result.groups.coverage))]


def _print_chances(one: str, other: str, found: Mapping[str, Any]) -> None:
    for group, chance in found["groups"].items():
        better, worse = _percent(chance["better"]), _percent(chance["worse"])
        click.echo(f"{group}: '{one}' covers more than '{other}' in {better} of the draws, less in {worse}.")


def _percent(value: float | None) -> str | None:
    return None if value is None or value != value else f"{100 * value:.2f} %"
