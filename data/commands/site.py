"""`site`: the municipalities and settlements that keep a monitoring system here."""

from __future__ import annotations

import click

from data.commands.opened import COMMAND_LINE, opened_store
from data.commands.output import json_option, print_json, print_table, refuse_cleanly
from data.store.engine import transaction
from data.store.sites import add_site, list_sites
from data.store.tables import Site


@click.group("site")
def site() -> None:
    """Sites: list them, add one."""


@site.command("list")
@json_option
@refuse_cleanly
def list_command(as_json: bool) -> None:
    """List the sites.

    \b
    Example:
      python -m budget_model site list
    """
    with opened_store() as store, store.factory() as session:
        sites = [_row(one) for one in list_sites(session)]
    if as_json:
        print_json({"sites": sites})
    else:
        print_table(["site", "name", "country", "currency", "synthetic"], [_cells(one) for one in sites])


@site.command("add")
@click.argument("slug")
@click.option("--name", required=True, help="Name as it stands on the pages.")
@click.option("--country", required=True, help="ISO 3166 code of two letters, e.g. PE.")
@click.option("--currency", required=True, help="ISO 4217 code of three letters, e.g. PEN.")
@click.option("--official-code", help="Code of the statistics office; Peru: ubigeo.")
@click.option("--source", default="", help="Whence name and areas come.")
@click.option("--synthetic", is_flag=True, help="The data are invented: marked so on every screen and export.")
@json_option
@refuse_cleanly
def add(
    slug: str,
    name: str,
    country: str,
    currency: str,
    official_code: str | None,
    source: str,
    synthetic: bool,
    as_json: bool,
) -> None:
    """Add a site; SLUG stands in its addresses.

    \b
    Example:
      python -m budget_model site add nairobi --name "Nairobi: Mabatini and Vietnam" --country KE --currency KES
    """
    with opened_store() as store, transaction(store.factory) as session:
        added = _row(
            add_site(
                session,
                slug=slug,
                name=name,
                country=country,
                currency=currency,
                official_code=official_code,
                source=source,
                is_synthetic=synthetic,
                actor=COMMAND_LINE,
            )
        )
    if as_json:
        print_json({"site": added})
    else:
        click.echo(f"Added the site '{slug}' ({name}).")


def _row(one: Site) -> dict[str, object]:
    return {
        "site": one.slug,
        "name": one.name,
        "country": one.country,
        "currency": one.currency,
        "synthetic": one.is_synthetic,
        "official_code": one.official_code,
        "source": one.source,
    }


def _cells(row: dict[str, object]) -> list[object]:
    return [*list(row.values())[:4], "yes" if row["synthetic"] else "no"]
