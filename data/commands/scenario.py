"""`scenario`: move money between a site's programmes, this year or over years, and see whose needs are met."""

from __future__ import annotations

from pathlib import Path

import click
from sqlalchemy import select
from sqlalchemy.orm import Session

from budget_model.coverage.plan_report import plan_document
from budget_model.coverage.plans import simulate_plan
from budget_model.coverage.project import build_horizon
from budget_model.coverage.report import scenario_document
from data.commands.files import INPUT_FILE
from data.commands.opened import opened_store
from data.commands.output import json_option, print_json, print_table, refuse_cleanly
from data.commands.scenario_compare import compare
from data.commands.scenario_optimise import optimise
from data.commands.scenario_show import show
from data.commands.scenario_words import growth_options, stated_growth, years_option
from data.commands.simulate_tables import print_result
from data.readers.portable_model import read_plan
from data.store.engine import transaction
from data.store.rounds import load_round
from data.store.sites import load_site
from data.store.tables import Scenario, User
from data.store.users import load_user
from data.workflows.growth import with_growth
from data.workflows.models import latest_round_id, snapshot
from data.workflows.plans import exact_years, plan_array, refuse_broken_limits, refuse_parts_of_cents, save_plan
from data.workflows.scenarios import load_calibrated


@click.group("scenario")
def scenario() -> None:
    """Scenarios of a site."""


@scenario.command("run")
@click.argument("site")
@click.option(
    "--allocation",
    "allocation_file",
    metavar="FILE.csv",
    type=INPUT_FILE,
    help="Columns programme,area,amount (and year).",
)
@years_option
@growth_options
@click.option("--round", "round_code", help="Survey round; default: the newest with needs.")
@click.option("--budget-year", type=int, help="Default: the latest year with a modified budget.")
@click.option("--save", "name", metavar="NAME", help="Keep the scenario under this name.")
@click.option("--note", default="", help="Kept with the scenario.")
@click.option("--owner", metavar="LOGIN", help="Whose scenario it is; needed with --save.")
@json_option
@refuse_cleanly
def run(
    site: str,
    allocation_file: Path | None,
    n_years: int,
    price_growth: float | None,
    population_growth: float | None,
    budget_growth: float | None,
    round_code: str | None,
    budget_year: int | None,
    name: str | None,
    note: str,
    owner: str | None,
    as_json: bool,
) -> None:
    """Evaluate an allocation on the site's needs and programmes; what it does not name stays as it is today.

    With --years it is a plan: the file may have a column year, and what it does not name stays at today's amounts
    carried on. A saved plan keeps the money of every year.

    \b
    Examples:
      python -m budget_model scenario run nairobi --allocation allocation.csv --save "More water" --owner alcaldia
      python -m budget_model scenario run nairobi --allocation plan.csv --years 3 --price-growth 0.03
    """
    if name and not owner:
        raise click.UsageError("--save needs --owner LOGIN.")
    growth = stated_growth(price_growth, population_growth, budget_growth)
    with opened_store() as store, transaction(store.factory) as session:
        site_id = load_site(session, site).id
        model_sha256 = snapshot(session, site_id, _round_id(session, site_id, round_code), budget_year).sha256
        calibrated = with_growth(load_calibrated(session, site_id, model_sha256), growth)
        horizon = build_horizon(calibrated, n_years)
        plan = horizon.baseline if allocation_file is None else read_plan(allocation_file, horizon)
        refuse_parts_of_cents(horizon, plan)
        years = exact_years(calibrated.model, plan)
        refuse_broken_limits(horizon, years)
        result = simulate_plan(horizon, plan_array(calibrated.model, years))
        saved = None
        if name and owner:
            saved = save_plan(session, site_id, model_sha256, name, load_user(session, owner), years, growth, note).id
        else:
            session.rollback()  # looking changes nothing: the snapshot stays only with a scenario
    document = plan_document(result) if n_years > 1 else scenario_document(result.years[0])
    if as_json:
        print_json({**document, "model": model_sha256, "scenario": saved})
    else:
        print_result(result, (), document)
        if saved is not None:
            click.echo(f"Saved as scenario {saved}.")


@scenario.command("list")
@click.argument("site")
@json_option
@refuse_cleanly
def list_(site: str, as_json: bool) -> None:
    """Saved scenarios of a site, the newest first; of a plan of several years, money is over all of them.

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
                "years": found.n_years,
                "spent": found.result["spent"],
            }
            for found, login in session.execute(query)
        ]
    if as_json:
        print_json({"scenarios": rows})
    else:
        columns = ("id", "name", "owner", "created_at", "years", "spent")
        print_table(columns, [[row[column] for column in columns] for row in rows])


for command in (show, compare, optimise):
    scenario.add_command(command)


def _round_id(session: Session, site_id: int, code: str | None) -> int:
    return latest_round_id(session, site_id) if code is None else load_round(session, site_id, code).id
