"""`incidence`: who benefits from public spending, by sex and income."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import click

from budget_model.spending.concentration import grouped_index
from data.commands.files import INPUT_FILE
from data.commands.opened import COMMAND_LINE, opened_store
from data.commands.output import json_option, print_json, print_table, progress, refuse_cleanly
from data.readers.incidence_questions import read_questions
from data.readers.incidence_table import GroupsTable, read_groups
from data.store.incidence_inputs import KINDS
from data.store.sites import load_site
from data.workflows.incidence import STAGES, divide, gather_basis
from data.workflows.incidence_document import incidence_document_of
from data.workflows.incidence_inputs import import_input, stored_inputs, withdraw_input


@click.group("incidence")
def incidence() -> None:
    """Who benefits from public spending: women and men, poor and rich."""


@incidence.command("run")
@click.argument("site")
@click.option("--round", "round_code", help="Survey round; default: the newest with needs.")
@click.option("--budget-year", type=int, help="Default: the latest year with a modified budget.")
@click.option("--stage", type=click.Choice(STAGES), default="pim", show_default=True, help="Stage of the money.")
@click.option(
    "--questions", "questions_file", metavar="FILE.yaml", type=INPUT_FILE,
    help="Which questions tell the users of a programme, what they pay, hours that it saves. Default: the site's own.",
)  # fmt: skip
@json_option
@refuse_cleanly
def run(
    site: str,
    round_code: str | None,
    budget_year: int | None,
    stage: str,
    questions_file: Path | None,
    as_json: bool,
) -> None:
    """Divide a site's programme money among women and men and fifths of people by income.

    Net spending on each programme, divided equally among its users: women and men by its register, incomes by the
    survey. For the municipality's own use: programmes with few users show single households.

    \b
    Example:
      python -m budget_model incidence run villa-el-salvador-demo --questions data/demo/incidence.yaml
    """
    name = "questions" if questions_file is None else questions_file.name
    with opened_store() as store, store.factory() as session:
        stored = stored_inputs(session, load_site(session, site).id)
        questions = stored.questions if questions_file is None else read_questions(questions_file)
        basis = gather_basis(
            session, store.bank_folder, site, round_code, budget_year, stage, questions, name, stored.users
        )
        found = divide(session, store.bank_folder, basis)
    document = incidence_document_of(found)
    if as_json:
        print_json(document)
    else:
        _print_for_people(document)


@incidence.command("import")
@click.argument("site")
@click.argument("file", type=INPUT_FILE)
@json_option
@refuse_cleanly
def import_(site: str, file: Path, as_json: bool) -> None:
    """Keep what a site knows of users: a table (CSV, XLSX: programme, sex, fifth, users, source), or questions (YAML).

    \b
    Example:
      python -m budget_model incidence import villa-el-salvador-demo data/demo/incidence.yaml
    """
    with opened_store() as store:
        kind = import_input(store.factory, site, file.name, file.read_bytes(), COMMAND_LINE, store.bank_folder)
    if as_json:
        print_json({"site": site, "kind": kind, "file": file.name})
    else:
        progress(f"Kept {file.name} as the {kind} of {site}.")


@incidence.command("withdraw")
@click.argument("site")
@click.argument("kind", type=click.Choice(KINDS))
@json_option
@refuse_cleanly
def withdraw(site: str, kind: str, as_json: bool) -> None:
    """Stop using the table of users, or the questions, that a site has kept; they stay in its history.

    \b
    Example:
      python -m budget_model incidence withdraw villa-el-salvador-demo users
    """
    with opened_store() as store:
        withdraw_input(store.factory, site, kind, COMMAND_LINE)
    if as_json:
        print_json({"site": site, "kind": kind, "withdrawn": True})
    else:
        progress(f"The {kind} of {site} are not used any more.")


@incidence.command("table")
@click.argument("file", metavar="FILE.csv", type=INPUT_FILE)
@json_option
@refuse_cleanly
def table(file: Path, as_json: bool) -> None:
    """Concentration curve and index of a table of groups, poorest first: columns group,population,benefit.

    \b
    Example:
      python -m budget_model incidence table data/examples/under_five_deaths_india.csv
    """
    groups = read_groups(file)
    document = _table_document(groups)
    if as_json:
        print_json(document)
    else:
        rows = [
            [row["group"], f"{100 * row['people']:.1f} %", f"{100 * row['benefit']:.1f} %"] for row in document["curve"]
        ]
        print_table(("group", "people up to here", "benefit up to here"), rows)
        click.echo(f"\nConcentration index: {document['index']:.4f} (below 0: the poor have more than their share)")


def _table_document(groups: GroupsTable) -> dict[str, Any]:
    index, people, benefit = grouped_index(groups.population, groups.benefit)
    curve = [
        {"group": name, "people": float(p), "benefit": float(b)}
        for name, p, b in zip(groups.names, people, benefit, strict=True)
    ]
    return {"index": index, "curve": curve}


# ---- tables for people -----------------------------------------------------------------------------------------------


def _print_for_people(document: Mapping[str, Any]) -> None:
    header = ("", "spending", "share", "share of people", "a person")
    rows = [(group, *_amounts(row)) for group, row in document["by_group"].items()]
    rows += [(f"fifth {row['fifth']}", *_amounts(row)) for row in document["by_fifth"]]
    click.echo(
        f"Spending in {document['currency']}, {document['stage']} of {document['budget_year'] or 'stated amounts'}, "
        f"survey {document['round']} (fifth 1: the poorest)"
    )
    print_table(header, rows)
    concentration = document["concentration"]
    click.echo(
        f"\nConcentration index {_decimal(concentration['index'])}{_around(concentration)}, Gini index of income "
        f"{_decimal(concentration['gini_of_income'])}, Kakwani index {_decimal(concentration['kakwani'])}\n"
    )
    _print_programmes(document["programmes"])
    if document["unpaid_hours"]:
        _print_hours(document["unpaid_hours"], document["currency"])
    for text in document["assumptions"].values():
        progress(f"Assumption: {text}")


def _print_programmes(parts: Sequence[Mapping[str, Any]]) -> None:
    print_table(
        ("programme", "net", "a user", "women", "poorest fifth", "index", "women and men from", "incomes from"),
        [
            (
                part["programme"],
                f"{part['net']:,.0f}",
                None if part["cost_per_user"] is None else f"{part['cost_per_user']:,.2f}",
                _percent(part["by_group"]["women"]["share"]),
                _percent(part["by_fifth"][0]["share"]),
                _decimal(part["concentration"]["index"]),
                part["women_and_men_from"],
                part["incomes_from"],
            )
            for part in parts
        ],
    )


def _print_hours(hours: Mapping[str, Any], currency: str) -> None:
    spared = ", ".join(f"{group} {amount:,.0f}" for group, amount in hours["hours"].items())
    click.echo(f"\nHours of unpaid work saved in a year: {spared}")
    if hours["value"]:
        worth = ", ".join(f"{group} {amount:,.0f} {currency}" for group, amount in hours["value"].items())
        rate = hours["hour_value"]
        click.echo(f"Valued at {rate['value']:,.2f} {currency} an hour ({rate['source']}): {worth}")


def _amounts(row: Mapping[str, Any]) -> tuple[str | None, ...]:
    per_person = row["per_person"]
    return (
        f"{row['amount']:,.0f}",
        _percent(row["share"]),
        _percent(row["population_share"]),
        None if per_person is None else f"{per_person:,.2f}",
    )


def _percent(share: float | None) -> str | None:
    return None if share is None else f"{100 * share:.1f} %"


def _decimal(value: float | None) -> str | None:
    return None if value is None else f"{value:.3f}"


def _around(row: Mapping[str, Any]) -> str:
    return "" if row["index_low"] is None else f" ({row['index_low']:.3f} to {row['index_high']:.3f})"
