"""`scenario`: move money between a site's programmes and see whose needs are met."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path

import click
from sqlalchemy import select
from sqlalchemy.orm import Session

from budget_model.coverage.report import scenario_document
from budget_model.coverage.scenario import ScenarioResult
from budget_model.coverage.types import BudgetModel
from data.commands.files import INPUT_FILE
from data.commands.opened import opened_store
from data.commands.output import json_option, print_json, print_table, refuse_cleanly
from data.readers.portable_model import read_allocation
from data.store.engine import transaction
from data.store.rounds import load_round
from data.store.sites import load_site
from data.store.tables import Scenario, User
from data.store.users import load_user
from data.workflows.models import latest_round_id, snapshot
from data.workflows.scenarios import load_calibrated, run_scenario, save_scenario


@click.group("scenario")
def scenario() -> None:
    """Scenarios of a site."""


@scenario.command("run")
@click.argument("site")
@click.option(
    "--allocation", "allocation_file", metavar="FILE.csv", type=INPUT_FILE, help="Columns programme,area,amount."
)
@click.option("--round", "round_code", help="Survey round; default: the newest with needs.")
@click.option("--budget-year", type=int, help="Default: the latest year with a modified budget.")
@click.option("--save", "name", metavar="NAME", help="Keep the scenario under this name.")
@click.option("--owner", metavar="LOGIN", help="Whose scenario it is; needed with --save.")
@json_option
@refuse_cleanly
def run(
    site: str,
    allocation_file: Path | None,
    round_code: str | None,
    budget_year: int | None,
    name: str | None,
    owner: str | None,
    as_json: bool,
) -> None:
    """Evaluate an allocation on the site's needs and programmes; what it does not name stays as it is today.

    \b
    Example:
      python -m budget_model scenario run nairobi --allocation allocation.csv --save "More water" --owner alcaldia
    """
    if name and not owner:
        raise click.UsageError("--save needs --owner LOGIN.")
    with opened_store() as store, transaction(store.factory) as session:
        site_id = load_site(session, site).id
        round_id = _round_id(session, site_id, round_code)
        model_sha256 = snapshot(session, site_id, round_id, budget_year).sha256
        model = load_calibrated(session, site_id, model_sha256).model
        amounts = _amounts(allocation_file, model)
        result = run_scenario(session, site_id, model_sha256, amounts)
        saved = None
        if name and owner:
            saved = save_scenario(session, site_id, model_sha256, name, load_user(session, owner), amounts).id
        else:
            session.rollback()  # looking changes nothing: the snapshot stays only with a scenario
    if as_json:
        print_json({**scenario_document(result), "model": model_sha256, "scenario": saved})
    else:
        _print_for_people(result)


@scenario.command("list")
@click.argument("site")
@json_option
@refuse_cleanly
def list_(site: str, as_json: bool) -> None:
    """Saved scenarios of a site, the newest first.

    \b
    Example:
      python -m budget_model scenario list nairobi
    """
    with opened_store() as store, store.factory() as session:
        query = (
            select(Scenario, User.login)
            .join(User, User.id == Scenario.owner_id)
            .where(Scenario.site_id == load_site(session, site).id)
            .order_by(Scenario.id.desc())
        )
        rows = [
            {
                "id": found.id,
                "name": found.name,
                "owner": login,
                "created_at": found.created_at.isoformat(timespec="seconds"),
                "model": found.model_sha256,
                "spent": found.result["spent"],
            }
            for found, login in session.execute(query)
        ]
    if as_json:
        print_json({"scenarios": rows})
    else:
        columns = ("id", "name", "owner", "created_at", "spent")
        print_table(columns, [[row[column] for column in columns] for row in rows])


def _round_id(session: Session, site_id: int, code: str | None) -> int:
    return latest_round_id(session, site_id) if code is None else load_round(session, site_id, code).id


def _amounts(file: Path | None, model: BudgetModel) -> Mapping[tuple[str, str], Decimal] | None:
    """The lines that a file changes, as exact as they are written there."""
    if file is None:
        return None
    allocation = read_allocation(file, model)
    return {
        (programme, area): Decimal(repr(float(allocation[row, column])))
        for row, programme in enumerate(model.programmes)
        for column, area in enumerate(model.areas)
        if allocation[row, column] != model.baseline[row, column]
    }


def _print_for_people(result: ScenarioResult) -> None:
    totals, model = result.needs, result.model
    print_table(
        ("need", "group", "of", "covered", "today", "scenario", "gained", "lost"),
        [
            (
                need,
                group,
                f"{totals.universe[n, g]:,.0f}",
                f"{totals.covered[n, g]:,.0f}",
                _percent(totals.coverage_baseline[n, g]),
                _percent(totals.coverage[n, g]),
                f"{totals.gained[n, g]:,.0f}",
                f"{totals.lost[n, g]:,.0f}",
            )
            for n, need in enumerate(model.needs)
            for g, group in enumerate(model.groups)
        ],
    )
    click.echo(f"\nSpent: {result.spent:,.2f} {model.currency} (today {result.spent_baseline:,.2f})")


def _percent(value: float) -> str | None:
    return None if value != value else f"{100 * value:.1f} %"  # NaN: nobody in the universe
