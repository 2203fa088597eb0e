"""`survey`: answers into the data bank, checked, corrected and published."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from budget_model.errors import Problem
from data.commands.files import INPUT_FILE, INPUT_FILE_OR_FOLDER, OUTPUT_FILE
from data.commands.opened import BY, COMMAND_LINE, acting_login, opened_store
from data.commands.output import json_option, print_json, print_table, progress, refuse_cleanly
from data.readers.files import write_file
from data.readers.kobo_json import holds_submissions
from data.workflows.corrections import apply_corrections, checked_corrections
from data.workflows.publication import publish_round
from data.workflows.round_states import (
    PUBLISHERS,
    VALIDATORS,
    Representation,
    change_state,
    is_hardly_checked,
    record_representation,
    rules_applied,
    state_of_round,
)
from data.workflows.surveys import import_form_survey, import_survey
from data.workflows.validation import check_round_answers, report_of
from data.writers.validation_report import is_applicable, message_of


@click.group("survey")
def survey() -> None:
    """Survey rounds of a site."""


@survey.command("import")
@click.argument("site")
@click.argument("round_code", metavar="ROUND")
@click.option("--persons", "persons_file", type=INPUT_FILE, help="One row a person.")
@click.option("--households", "households_file", type=INPUT_FILE, help="One row a household.")
@click.option("--form", "form_file", type=INPUT_FILE_OR_FOLDER, help="The XLSForm of an export of Kobo, ODK or Ona.")
@click.option(
    "--data", "data_files", multiple=True, type=INPUT_FILE, help="A file of the export; all of them, one by one."
)
@click.option(
    "--map", "mapping_file", type=INPUT_FILE, help="Which column is what (YAML); left out: as the site's last import."
)
@json_option
@refuse_cleanly
def import_(
    site: str,
    round_code: str,
    persons_file: Path | None,
    households_file: Path | None,
    form_file: Path | None,
    data_files: tuple[Path, ...],
    mapping_file: Path | None,
    as_json: bool,
) -> None:
    """Import a round. Columns that identify people are left out and named.

    Either files with one row a person and a household (CSV, Parquet, SPSS or Stata), or an export with its form, which
    gives types, codes, labels and the link between people and households.

    \b
    Examples:
      python -m budget_model survey import nairobi 2021 --persons individuals.csv \\
          --households households.csv --map data/examples/nairobi/mapping.yaml
      python -m budget_model survey import lomas 2026-1 --form form.xlsx --data export.xlsx --map map.yaml
    """
    check_sources(persons_file, households_file, form_file, data_files)
    with opened_store() as store:
        place = (store.factory, store.bank_folder, site, round_code)
        if form_file:
            stored = import_form_survey(*place, form_file, data_files, mapping_file, COMMAND_LINE)
        else:
            named = {"persons": persons_file, "households": households_file}
            files = {role: file for role, file in named.items() if file}
            stored = import_survey(*place, files, mapping_file, COMMAND_LINE, say=progress)
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


def check_sources(
    persons_file: Path | None, households_file: Path | None, form_file: Path | None, data_files: tuple[Path, ...]
) -> None:
    """Either tables or a form with its export; `UsageError` says which option is missing or too much."""
    if form_file and (persons_file or households_file):
        raise click.UsageError("Give either --form with --data, or --persons with --households, not both.")
    has_own_answers = form_file is not None and holds_submissions(form_file)
    if bool(form_file) != bool(data_files) and not has_own_answers:
        raise click.UsageError("--form and --data go together: the questionnaire and the files of its export.")
    if not form_file and not persons_file:
        raise click.UsageError("Missing option '--persons' (or '--form' with '--data').")


@survey.command("validate")
@click.argument("site")
@click.argument("round_code", metavar="ROUND")
@click.option("--rules", "rules_file", type=INPUT_FILE, help="Rules of your own (YAML); the product's when left out.")
@click.option("--report", "report_file", type=OUTPUT_FILE, help="Write the report as XLSX.")
@click.option("--language", type=click.Choice(["es", "en"]), default="es", show_default=True, help="Of the report.")
@click.option("--check", "only_checks", is_flag=True, help="Only look; the state of the round stays as it is.")
@click.option(
    "--reason", default="", help="Why the round is validated although errors remain, or few rules could be applied."
)
@BY
@json_option
@refuse_cleanly
def validate(
    site: str,
    round_code: str,
    rules_file: Path | None,
    report_file: Path | None,
    language: str,
    only_checks: bool,
    reason: str,
    by: str | None,
    as_json: bool,
) -> None:
    """Hold a round against the rules. A draft without errors (or with --reason) becomes validated.

    \b
    Example:
      python -m budget_model survey validate lomas 2026-1 --report findings.xlsx
    """
    with opened_store() as store:
        actor = acting_login(store, site, by, VALIDATORS)
        checked = check_round_answers(store.factory, store.bank_folder, site, round_code, actor, rules_file)
        if report_file:
            write_file(report_file, report_of(checked, language))
            progress(f"Report: {report_file}")
        state = state_of_round(store.factory, site, round_code)
        may_move = not only_checks and state == "draft" and rules_file is None
        needs_reason = bool(checked.errors) or is_hardly_checked(checked.result)
        if may_move and (reason or not needs_reason):
            state = change_state(store.factory, site, round_code, "validated", actor, reason).to_state
    document = {
        "site": site,
        "round": round_code,
        "state": state,
        "errors": checked.errors,
        "warnings": checked.warnings,
        "corrections": checked.corrections,
        "rules_file": checked.rules_file,
        "rules_sha256": checked.rules_sha256,
        **checked.result,
    }
    _say_few_applied(document)
    if as_json:
        print_json(document)
    else:
        _print_findings(document, language)


def _print_findings(document: dict[str, Any], language: str) -> None:
    """Rules with cases, then those that cannot be applied, by name."""
    rules = document["rules"]
    found = [rule for rule in rules if rule["cases"]]
    rows = [(rule["id"], rule["severity"], rule["cases"], message_of(rule, language)) for rule in found]
    print_table(("rule", "severity", "cases", "what is wrong"), rows)
    kept = [(rule["id"], rule["cases"], rule["message"][language]) for rule in document.get("form_checks", ())]
    if kept:
        click.echo("")
        print_table(("the form's own conditions, at the import", "cases", "what is wrong"), kept)
    unused = [(rule["id"], ", ".join(rule["missing"]) or rule["reason"]) for rule in rules if not is_applicable(rule)]
    if unused:
        click.echo("")
        print_table(("not applicable", "the round lacks"), unused)
    click.echo(f"\n{document['errors']:,} errors, {document['warnings']:,} warnings; the round is {document['state']}.")
    if document["errors"] and document["state"] == "draft":
        progress("Correct the errors (survey correct), or validate with --reason.")


def _say_few_applied(document: dict[str, Any]) -> None:
    """On standard error, whatever is printed: most rules were not applied."""
    if document["state"] == "draft" and is_hardly_checked(document):
        every, applied = rules_applied(document)
        progress(f"Only {applied:,} of {every:,} rules could be applied: validate with --reason, or bring in columns.")


@survey.command("correct")
@click.argument("site")
@click.argument("round_code", metavar="ROUND")
@click.option("--file", "file", required=True, type=INPUT_FILE, help="CSV: record,id,column,old,new,reason.")
@click.option("--check", "only_checks", is_flag=True, help="Only check the file; nothing is stored.")
@BY
@json_option
@refuse_cleanly
def correct(site: str, round_code: str, file: Path, only_checks: bool, by: str | None, as_json: bool) -> None:
    """Append corrections to the log of a draft round. The imported files stay as they are.

    \b
    Example:
      python -m budget_model survey correct lomas 2026-1 --file corrections.csv
    """
    content = file.read_bytes()
    with opened_store() as store:
        actor = acting_login(store, site, by, VALIDATORS)
        if only_checks:
            checked = checked_corrections(store.factory, store.bank_folder, site, round_code, content, file.name)
            result = {"site": site, "round": round_code, "lines": len(checked.lines), "applied": 0}
            warnings = checked.warnings
        else:
            done = apply_corrections(store.factory, store.bank_folder, site, round_code, content, file.name, actor)
            result = {"site": site, "round": round_code, "applied": done.applied}
            result |= {"corrections": done.total, "sha256": done.sha256}
            warnings = done.warnings
    _print_result(result, warnings, as_json)


@survey.command("publish")
@click.argument("site")
@click.argument("round_code", metavar="ROUND")
@click.option("--reason", default="", help="Why, where no women's organisation took part in the validation.")
@BY
@json_option
@refuse_cleanly
def publish(site: str, round_code: str, reason: str, by: str | None, as_json: bool) -> None:
    """Publish a validated round. It takes another person than the one who validated; afterwards nothing changes.

    \b
    Example:
      python -m budget_model survey publish lomas 2026-1 --by rosa
    """
    with opened_store() as store:
        actor = acting_login(store, site, by, PUBLISHERS)
        change = publish_round(store.factory, store.bank_folder, site, round_code, actor, reason)
    _print_result({"site": site, "round": round_code, "state": change.to_state}, change.warnings, as_json)


@survey.command("reopen")
@click.argument("site")
@click.argument("round_code", metavar="ROUND")
@click.option("--reason", required=True, help="Why the round goes back to draft.")
@BY
@json_option
@refuse_cleanly
def reopen(site: str, round_code: str, reason: str, by: str | None, as_json: bool) -> None:
    """Send a validated round back to draft, so that it can be corrected.

    \b
    Example:
      python -m budget_model survey reopen lomas 2026-1 --reason "Sector 3 was entered twice"
    """
    with opened_store() as store:
        actor = acting_login(store, site, by, VALIDATORS)
        change = change_state(store.factory, site, round_code, "draft", actor, reason)
    _print_result({"site": site, "round": round_code, "state": change.to_state}, change.warnings, as_json)


@survey.command("represent")
@click.argument("site")
@click.argument("round_code", metavar="ROUND")
@click.option("--organisation", required=True, help="Its name; never names of persons.")
@click.option("--women", required=True, type=click.IntRange(0), help="How many took part.")
@click.option("--men", required=True, type=click.IntRange(0), help="How many took part.")
@click.option("--date", "held_on", required=True, type=click.DateTime(["%Y-%m-%d"]), help="Of the meeting.")
@click.option("--conclusions", required=True, help="What the organisation concluded.")
@BY
@json_option
@refuse_cleanly
def represent(
    site: str,
    round_code: str,
    organisation: str,
    women: int,
    men: int,
    held_on: datetime,
    conclusions: str,
    by: str | None,
    as_json: bool,
) -> None:
    """Record an organisation that took part in the validation of a round.

    \b
    Example:
      python -m budget_model survey represent lomas 2026-1 --organisation "Comedor Las Flores" --women 9 --men 1 \\
          --date 2026-06-12 --conclusions "Hours of care in sector 3 were asked again."
    """
    entry = Representation(organisation, women, men, held_on.date(), conclusions)
    with opened_store() as store:
        warnings = record_representation(
            store.factory, site, round_code, entry, acting_login(store, site, by, VALIDATORS)
        )
    _print_result({"site": site, "round": round_code, "organisation": organisation}, warnings, as_json)


def _print_result(result: dict[str, Any], warnings: Sequence[Problem], as_json: bool) -> None:
    """The result as one JSON document or a table; warnings go to standard error and into the document."""
    for warning in warnings:
        progress(f"Note: {warning}")
    if as_json:
        told = [{"rule": one.rule, "line": one.line, "column": one.column, "message": one.message} for one in warnings]
        print_json({**result, "warnings": told})
    else:
        print_table(("", ""), list(result.items()))
