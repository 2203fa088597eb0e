"""`budget`: budget files read, imported into a site, and written out again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import click

from budget_model.errors import Problem
from budget_model.spending.lines import (
    STAGES,
    BudgetLines,
    amount_text,
    gender_totals_by_year,
    totals_by_year,
)
from data.commands.budget_classify import classify
from data.commands.budget_imports import imports
from data.commands.budget_links import links, modification
from data.commands.budget_municipalities import municipalities
from data.commands.budget_note import note
from data.commands.budget_scorecard import scorecard
from data.commands.budget_statement import statement
from data.commands.budget_tag import tag
from data.commands.budget_tags import schemes, tags
from data.commands.budget_trends import population, prices, suggest, trends
from data.commands.files import INPUT_FILE, INPUT_FILE_OR_FOLDER, OUTPUT_FILE
from data.commands.opened import COMMAND_LINE, opened_store
from data.commands.output import json_option, print_json, print_table, progress, refuse_cleanly
from data.readers.budget_files import SOURCES, read_budget
from data.readers.line_rows import ReadSoFar
from data.workflows.budgets import ImportedLines, export_lines, import_budget_file

ROWS_A_MESSAGE = 5_000_000

source_option = click.option(
    "--source", type=click.Choice(SOURCES), default="auto", show_default=True, help="What kind of file it is."
)
map_option = click.option("--map", "mapping", type=INPUT_FILE, help="Which column is what (YAML), for --source table.")
municipality_option = click.option(
    "--municipality", help="Keep one municipality of the ministry's files: its SEC_EJEC or ubigeo."
)
whole_option = click.option(
    "--last-line-is-whole",
    is_flag=True,
    help="The last line of a ministry's file has no line end, and you know that it was not cut off.",
)


@click.group("budget")
def budget() -> None:
    """Budget lines: read a file, import it into a site, export what a site has; their gender tags."""


for group in (
    tag,
    tags,
    schemes,
    imports,
    statement,
    trends,
    prices,
    suggest,
    classify,
    links,
    modification,
    scorecard,
    population,
    municipalities,
    note,
):
    budget.add_command(group)


@budget.command("read")
@click.argument("file", type=INPUT_FILE_OR_FOLDER)
@source_option
@map_option
@municipality_option
@whole_option
@json_option
@refuse_cleanly
def read(
    file: Path,
    source: str,
    mapping: Path | None,
    municipality: str | None,
    last_line_is_whole: bool,
    as_json: bool,
) -> None:
    """Read a budget file and print its exact totals by year and stage. Nothing is stored.

    \b
    mef       the ministry's open expenditure data (Peru), monthly or annual
    consulta  what the ministry's query page gives, XLSX or CSV
    fdp       a Fiscal Data Package: its datapackage.json
    table     any CSV or XLSX with one row a line, with --map

    \b
    Examples:
      python -m budget_model budget read 2024-Gasto-Mensual.csv --municipality 150142
      python -m budget_model budget read presupuesto.csv --map data/examples/carmen_de_areco.yaml --json
    """
    lines = read_budget(file, source, mapping, municipality, False, _report_rows(), last_line_is_whole)
    document = read_document(lines)
    if as_json:
        print_json(document)
    else:
        _print_totals(document)
    _say_warnings(lines.problems)


@budget.command("import")
@click.argument("file", type=INPUT_FILE_OR_FOLDER)
@click.option("--site", required=True, help="Slug of the site.")
@source_option
@map_option
@municipality_option
@click.option("--year", type=int, help="Import this year only.")
@click.option("--remove-gone", is_flag=True, help="Remove lines of the file's years that it no longer has.")
@whole_option
@json_option
@refuse_cleanly
def import_(file: Path, site: str, as_json: bool, **options: Any) -> None:
    """Import a budget file into a site: new lines are added, those that are there are brought up to date.

    All of the file is stored or nothing. A line is known by its year and code.

    \b
    Example:
      python -m budget_model budget import 2024-Gasto-Mensual.csv --site villa --municipality 150142
    """
    with opened_store() as store:
        lines, result = import_budget_file(store.factory, site, file, COMMAND_LINE, progress=_report_rows(), **options)
    told = (*lines.problems, *result.diff.warnings(file.name))
    _say_warnings(told)
    document = import_document(lines, result, told)
    document = {"site": site, "file": file.name, **document}
    if as_json:
        print_json(document)
        return
    shown = ("site", "file", "source", "rows_read", "rows_kept", "new", "moved", "relabelled", "unchanged")
    print_table(("imported", ""), [(key, document[key]) for key in (*shown, "tags_proposed", "import_id")])
    _print_totals(read_document(lines), document["stored"])
    _say_gone(result.gone, result.removed)


@budget.command("export")
@click.argument("file", type=OUTPUT_FILE)
@click.option("--site", required=True, help="Slug of the site.")
@click.option("--year", type=int, help="Export this year only.")
@json_option
@refuse_cleanly
def export(file: Path, site: str, year: int | None, as_json: bool) -> None:
    """Write the budget lines of a site as CSV or XLSX, with their sources.

    \b
    Example:
      python -m budget_model budget export budget.xlsx --site villa --year 2026
    """
    with opened_store() as store:
        count = export_lines(store.factory, site, file, year)
    if as_json:
        print_json({"site": site, "lines": count, "target": str(file)})
    else:
        progress(f"{count:,} lines written to {file}.")


def import_document(lines: BudgetLines, result: ImportedLines, told: Sequence[Problem]) -> dict[str, Any]:
    """The JSON document of `budget import`: what was read, what it changed, and the totals before and after."""
    return {
        "source": lines.source,
        "new": result.new,
        "changed": result.changed,
        "unchanged": result.unchanged,
        "gone": [{"year": year, "code": code} for year, code in result.gone],
        "removed": result.removed,
        "import_id": result.import_id,
        "rows_read": lines.rows_read,
        "rows_kept": lines.rows_kept,
        "moved": result.diff.counts["moved"],
        "relabelled": result.diff.counts["relabelled"],
        "years": read_document(lines)["years"],
        "stored": {year: {"before": one["before"], "after": one["after"]} for year, one in result.totals.items()},
        "tags_proposed": len(result.tags.proposed) if result.tags else 0,
        "problems": [_problem(problem) for problem in told],
    }


def read_document(lines: BudgetLines) -> dict[str, Any]:
    """The JSON document of `budget read`: exact decimals as strings, a stage that the file lacks as null."""
    years = totals_by_year(lines.frame)
    gender = gender_totals_by_year(lines.frame)
    document: dict[str, Any] = {
        "years": {str(year): {"lines": total.lines, **_texts(total.amounts)} for year, total in years.items()}
    }
    if gender:
        document["gender"] = {
            str(year): {"lines": total.lines, "full": _texts(total.full), "weighted": _texts(total.weighted)}
            for year, total in gender.items()
        }
    return document | {"currency": lines.currency, "problems": [_problem(problem) for problem in lines.problems]}


def _texts(amounts: Mapping[str, Decimal | None]) -> dict[str, str | None]:
    return {stage: None if (amount := amounts[stage]) is None else amount_text(amount) for stage in STAGES}


def _problem(problem: Problem) -> dict[str, Any]:
    names = ("level", "rule", "file", "sheet", "line", "column", "value", "message")
    return {name: getattr(problem, name) for name in names}


def _print_totals(document: Mapping[str, Any], stored: Mapping[str, Any] | None = None) -> None:
    """Totals of a file; `stored`: beside what the site had of its years before and has after."""
    rows = [(year, "in the file", total["lines"], *_shown(total)) for year, total in document["years"].items()]
    for year, one in (stored or {}).items():
        rows += [(year, f"stored {when}", None, *_shown(one[when])) for when in ("before", "after")]
    for year, total in document.get("gender", {}).items():
        rows.append((year, "gender, full", total["lines"], *_shown(total["full"])))
        rows.append((year, "gender, weighted", total["lines"], *_shown(total["weighted"])))
    print_table(("year", "", "lines", *STAGES), sorted(rows, key=lambda row: row[0]))
    click.echo(f"Currency: {document['currency'] or 'not stated'}")


def _shown(amounts: Mapping[str, str | None]) -> list[str | None]:
    return [None if amounts[stage] is None else f"{Decimal(str(amounts[stage])):,f}" for stage in STAGES]


def _say_warnings(problems: tuple[Problem, ...]) -> None:
    for problem in problems:
        progress(f"Warning: {problem}")


def _say_gone(gone: tuple[tuple[int, str], ...], removed: bool) -> None:
    if gone:
        done = "removed" if removed else "kept; --remove-gone removes them"
        progress(f"{len(gone):,} lines of these years are not in the file ({done}):")
        for year, code in gone[:20]:
            progress(f"  {year} {code}")


def _report_rows() -> Any:
    """Says now and then how many rows were read."""
    said = 0

    def report(so_far: ReadSoFar) -> None:
        nonlocal said
        rows = so_far.rows
        if rows - said >= ROWS_A_MESSAGE:
            said = rows
            progress(f"{rows:,} rows read …")

    return report
