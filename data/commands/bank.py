"""`bank`: rounds out of the data bank as packages, and packages in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import click

from data.commands.files import INPUT_FILE_OR_FOLDER, OUTPUT_FILE_OR_FOLDER
from data.commands.opened import COMMAND_LINE, opened_store
from data.commands.output import json_option, print_json, print_table, progress, refuse_cleanly
from data.workflows.anonymise import LEAST
from data.workflows.bank_packages import NO_LICENCE, export_round, import_package
from data.workflows.extract_changes import CHANGES, OF_THE_TOTAL
from data.writers.datapackage import write_package


@click.group("bank")
def bank() -> None:
    """The data bank: extracts for researchers, exact copies for another installation."""


@bank.command("export")
@click.argument("site")
@click.argument("round_code", metavar="ROUND")
@click.argument("target", metavar="FOLDER|FILE.zip", type=OUTPUT_FILE_OR_FOLDER)
@click.option(
    "--exact", "is_exact", is_flag=True, help="Every column as it is, for another installation; not for research."
)
@click.option("--sensitive", "has_sensitive", is_flag=True, help="With the columns of sensitive indicators.")
@click.option("--licence", default=NO_LICENCE, show_default=True, help="Under which it may be used.")
@click.option("--least", type=click.IntRange(2, 100), default=LEAST, show_default=True, help="Persons in a cell.")
@json_option
@refuse_cleanly
def export(
    site: str,
    round_code: str,
    target: Path,
    is_exact: bool,
    has_sensitive: bool,
    licence: str,
    least: int,
    as_json: bool,
) -> None:
    """Write a round as a Data Package: Parquet, CSV and datapackage.json. Without --exact it is anonymised.

    \b
    Examples:
      python -m budget_model bank export lomas 2026-1 lomas-2026-1.zip --licence CC-BY-4.0
      python -m budget_model bank export lomas 2026-1 moving/ --exact
    """
    with opened_store() as store:
        done = export_round(
            *(store.factory, store.bank_folder, site, round_code, COMMAND_LINE),
            *(is_exact, has_sensitive, licence, least),
        )
    write_package(done.files, target)
    protection = done.protection
    if protection and protection["rare_after"]:
        progress(
            f"Note: {protection['rare_after']:,} persons still share sex, age band, sector and household size with "
            f"fewer than {least - 1} others. Give the extract only under an agreement."
        )
    result = {
        "site": site,
        "round": round_code,
        "target": str(target),
        "exact": is_exact,
        "households": done.households,
        "persons": done.persons,
        "protection": dict(protection) if protection else None,
    }
    if as_json:
        print_json(result)
        return
    print_table(("exported", ""), [(key, value) for key, value in result.items() if key != "protection"])
    if protection:
        _print_changes(protection["indicators"])


def _print_changes(entries: Sequence[Mapping[str, Any]]) -> None:
    """What the extract changes in each indicator against the original; README.md of the package says it at length."""
    counted = [one for one in entries if "left_out" not in one]
    changed = [one for one in counted if any(one[name] for name in CHANGES)]
    click.echo("\nPersons by indicator of whom the extract cannot say something that the original says:")
    rows = [(one["indicator"], *(one[name] for name in CHANGES)) for one in changed]
    print_table(("indicator", *(name.replace("_", " ") for name in CHANGES)), rows)
    lacking = [str(one["indicator"]) for one in entries if "left_out" in one]
    same = [str(one["indicator"]) for one in counted if not any(one[name] for name in OF_THE_TOTAL)]
    click.echo(f"In total as in the original, to the last digit: {', '.join(same) or 'none'}.")
    click.echo(f"Cannot be computed, because columns are left out: {', '.join(lacking) or 'none'}.")


@bank.command("import")
@click.argument("file", type=INPUT_FILE_OR_FOLDER)
@click.option("--site", required=True, help="The site that gets the round.")
@click.option("--round", "round_code", help="Another code than in the package.")
@json_option
@refuse_cleanly
def import_(file: Path, site: str, round_code: str | None, as_json: bool) -> None:
    """Import a package of another data bank as a draft round.

    \b
    Example:
      python -m budget_model bank import lomas-2026-1.zip --site lomas
    """
    with opened_store() as store:
        stored = import_package(store.factory, store.bank_folder, site, file, COMMAND_LINE, round_code)
    result = {
        "site": site,
        "round": stored.code,
        "households": stored.households,
        "persons": stored.persons,
        "areas": list(stored.new_areas),
        "bank": stored.bank_path,
    }
    if as_json:
        print_json(result)
    else:
        print_table(
            ("imported", ""), [(key, result[key]) for key in ("site", "round", "households", "persons", "bank")]
        )
