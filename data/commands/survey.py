"""`survey`: answers into the data bank."""

from __future__ import annotations

from pathlib import Path

import click

from data.commands.opened import COMMAND_LINE, opened_store
from data.commands.output import json_option, print_json, print_table, progress, refuse_cleanly
from data.workflows.surveys import import_survey

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group("survey")
def survey() -> None:
    """Survey rounds of a site."""


@survey.command("import")
@click.argument("site")
@click.argument("round_code", metavar="ROUND")
@click.option("--persons", "persons_file", required=True, type=FILE, help="One row a person.")
@click.option("--households", "households_file", type=FILE, help="One row a household.")
@click.option("--map", "mapping_file", required=True, type=FILE, help="Which column is what (YAML).")
@json_option
@refuse_cleanly
def import_(
    site: str, round_code: str, persons_file: Path, households_file: Path | None, mapping_file: Path, as_json: bool
) -> None:
    """Import a round: CSV, Parquet, SPSS or Stata. Columns that identify people are left out and named.

    \b
    Example:
      python -m budget_model survey import nairobi 2021 --persons individuals.csv \\
          --households households.csv --map data/examples/nairobi/mapping.yaml
    """
    files = {"persons": persons_file, **({"households": households_file} if households_file else {})}
    with opened_store() as store:
        stored = import_survey(
            store.factory, store.bank_folder, site, round_code, files, mapping_file, COMMAND_LINE, say=progress
        )
    for warning in stored.warnings:
        progress(f"Note: {warning}")
    result = {
        "site": site,
        "round": stored.code,
        "households": stored.households,
        "persons": stored.persons,
        "areas": list(stored.new_areas),
        "bank": stored.bank_path,
        "warnings": [
            {"rule": warning.rule, "file": warning.file, "column": warning.column, "message": warning.message}
            for warning in stored.warnings
        ],
    }
    if as_json:
        print_json(result)
    else:
        rows = [(key, result[key]) for key in ("site", "round", "households", "persons", "bank")]
        print_table(("imported", ""), rows)
