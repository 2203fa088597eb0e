"""`scenario show`: a saved scenario with the money of every year, run again."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

import click

from budget_model.coverage.plan_report import plan_document
from budget_model.coverage.report import scenario_document
from data.commands.files import OUTPUT_FILE
from data.commands.opened import opened_store
from data.commands.output import json_option, print_json, print_table, progress, refuse_cleanly
from data.commands.simulate_tables import print_result
from data.store.scenarios import load_years
from data.store.sites import load_site
from data.store.tables import Scenario, User
from data.workflows.plans import StoredPlan, differing_figures, kept_again, load_plan


@click.command("show")
@click.argument("site")
@click.argument("number", type=int)
@click.option("--file", "file", metavar="FILE.csv", type=OUTPUT_FILE, help="Its money, as `scenario run` reads it.")
@json_option
@refuse_cleanly
def show(site: str, number: int, file: Path | None, as_json: bool) -> None:
    """A saved scenario: who saved it, on which growth, the money of every year, and its results run again.

    `same_digits` says whether running it again gives what was kept when it was saved; `differs` names what does not.

    \b
    Example:
      python -m budget_model scenario show nairobi 3 --file plan.csv
    """
    with opened_store() as store, store.factory() as session:
        site_id = load_site(session, site).id
        stored = load_plan(session, site_id, number)
        owner = session.get_one(User, stored.scenario.owner_id).login
        years = load_years(session, site_id, number)
    rows = [
        {"year": year, "programme": programme, "area": area, "amount": f"{amount:.2f}"}
        for year, allocation in enumerate(years, start=1)
        for (programme, area), amount in allocation.items()
    ]
    document = _document(stored, owner, rows)
    if file is not None:
        _write(file, rows, len(years) > 1)
    if as_json:
        print_json(document)
    else:
        _print_for_people(stored, document)


def _document(stored: StoredPlan, owner: str, rows: list[dict[str, Any]]) -> dict[str, Any]:
    scenario, result = stored.scenario, stored.result
    differs = differing_figures(scenario.result, kept_again(stored))
    return {
        **_head(scenario, owner),
        "same_digits": not differs,
        "differs": differs,
        "allocation": rows,
        "results": plan_document(result) if scenario.n_years > 1 else scenario_document(result.years[0]),
    }


def _head(scenario: Scenario, owner: str) -> dict[str, Any]:
    return {
        "scenario": scenario.id,
        "name": scenario.name,
        "owner": owner,
        "note": scenario.note,
        "created_at": scenario.created_at.isoformat(timespec="seconds"),
        "model": scenario.model_sha256,
        "years": scenario.n_years,
        "growth": scenario.growth,
        "limits": scenario.limits,
    }


def _write(file: Path, rows: list[dict[str, Any]], has_years: bool) -> None:
    """The money as a file that `scenario run` and `simulate` read."""
    columns = ["programme", "area", "amount", *(["year"] if has_years else [])]
    written = io.StringIO(newline="")
    writer = csv.DictWriter(written, columns, extrasaction="ignore", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    file.write_text(written.getvalue(), encoding="utf-8")
    progress(f"Wrote {file}.")


def _print_for_people(stored: StoredPlan, document: dict[str, Any]) -> None:
    head = ("name", "owner", "created_at", "note", "years", "model")
    print_table(("what", "is"), [(name, document[name]) for name in head])
    if document["growth"]:
        rates = (
            f"{name.replace('_', ' ')} {rate if rate is not None else 'as the model says'}"
            for name, rate in document["growth"].items()
        )
        click.echo(f"A year after year 1: {', '.join(rates)}.")
    if document["limits"]:
        times = document["limits"]["times_today"]
        told = "no maximum" if times is None else f"{times:g} times today's money"
        click.echo(f"Found by a search that assumed {told} where a programme states no maximum.")
    model, plan = stored.horizon.model, stored.plan.sum(axis=2)
    click.echo(f"\nMoney of each programme, {model.currency}:")
    years = [f"year {year}" for year in range(1, len(plan) + 1)]
    table = [(code, *(f"{amount:,.2f}" for amount in plan[:, p])) for p, code in enumerate(model.programmes)]
    print_table(("programme", *years), table)
    click.echo("")
    print_result(stored.result, (), document["results"])
    if document["same_digits"]:
        click.echo("Run again, it gives the same digits as when it was saved.")
    else:
        click.echo(f"Run again, these figures differ from those saved: {', '.join(document['differs'][:10])}")
