"""`form`: questionnaires and the answers that go with them."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from budget_model.errors import Problem
from budget_model.survey.questions import Form
from data.commands.files import INPUT_FILE_OR_FOLDER, OUTPUT_FILE
from data.commands.opened import COMMAND_LINE, opened_store
from data.commands.output import json_option, print_json, print_table, progress, refuse_cleanly
from data.readers.files import write_file
from data.workflows.forms import CORE_INSTRUMENTS, FormCheck, check_files, core_form_bytes, publish_form

ANY_FILE = click.Path(path_type=Path)  # a form that is not there is a problem of the check, told in its document


@click.group("form")
def form() -> None:
    """Questionnaires (XLSForm): check them with their exports, publish versions."""


@form.command("check")
@click.argument("form_file", metavar="FORM", type=ANY_FILE)
@click.argument("data_files", metavar="[DATA]...", nargs=-1, type=ANY_FILE)
@click.option("--catalogue", type=ANY_FILE, help="Say which indicators of this catalogue the form carries.")
@click.option(
    "--also", "other_forms", multiple=True, type=ANY_FILE, help="A separate module that is asked beside the form."
)
@json_option
@refuse_cleanly
def check(
    form_file: Path, data_files: tuple[Path, ...], catalogue: Path | None, other_forms: tuple[Path, ...], as_json: bool
) -> None:
    """Check a form, and the Kobo or ODK exports that were collected with it. Exit code 1 where there are errors.

    \b
    Examples:
      python -m budget_model form check survey.xlsx
      python -m budget_model form check survey.xlsx households.csv members.csv --json
      python -m budget_model form check survey.xlsx --also violence.xlsx --catalogue data/catalogue/indicators.yaml
    """
    found = check_files(form_file, data_files, catalogue, other_forms)
    if as_json:
        print_json(_document(found, form_file))
    else:
        _print_for_people(found)
    if found.is_refused:
        sys.exit(1)


@form.command("publish")
@click.argument("site")
@click.argument("form_file", metavar="FORM", type=INPUT_FILE_OR_FOLDER)
@click.option(
    "--module", "modules", multiple=True, type=INPUT_FILE_OR_FOLDER, help="A local module (XLSForm) to append."
)
@click.option("--version", "version", help="Instead of the version in the settings sheet.")
@click.option("--persons", "is_of_persons", is_flag=True, help="Each submission is one person: no repeat is needed.")
@json_option
@refuse_cleanly
def publish(
    site: str, form_file: Path, modules: tuple[Path, ...], version: str | None, is_of_persons: bool, as_json: bool
) -> None:
    """Store a version of a questionnaire for a site.

    What the module asks inside a repeat called as the form's repeat of members is asked of each person, the rest of
    the household.

    \b
    Example:
      python -m budget_model form publish villa-salvador data/instruments/cbms_grb --module local.xlsx
    """
    with opened_store() as store:
        done = publish_form(store.factory, site, form_file, COMMAND_LINE, modules, version, is_of_persons)
    for warning in done.warnings:
        progress(f"Note: {warning}")
    if as_json:
        fields = ("form_id", "version", "title", "sha256", "question_count", "is_new")
        document = {"site": site, **{name: getattr(done, name) for name in fields}}
        print_json({**document, "warnings": [problem_document(warning) for warning in done.warnings]})
    else:
        told = "Published" if done.is_new else "Already stored:"
        click.echo(f"{told} '{done.form_id}' version {done.version} ({done.question_count:,} questions).")


@form.command("export")
@click.argument("name", type=click.Choice(CORE_INSTRUMENTS))
@click.argument("target", type=OUTPUT_FILE)
@json_option
@refuse_cleanly
def export(name: str, target: Path, as_json: bool) -> None:
    """Write a questionnaire that comes with the product as an XLSX file for Kobo or ODK.

    \b
    Example:
      python -m budget_model form export cbms_grb cbms_grb.xlsx
    """
    write_file(target, core_form_bytes(name))
    if as_json:
        print_json({"form": name, "target": str(target)})
    else:
        progress(f"Written: {target}")


def problem_document(problem: Problem) -> dict[str, Any]:
    """A problem as `--json` gives it; `row` counts from 1, the header's row included."""
    return {
        "level": problem.level,
        "rule": problem.rule,
        "file": problem.file,
        "sheet": problem.sheet,
        "row": problem.line,
        "column": problem.column,
        "value": problem.value,
        "count": problem.facts.get("count"),
        "message": problem.message,
    }


def _document(found: FormCheck, form_file: Path) -> dict[str, Any]:
    document: dict[str, Any] = {
        "form": _form_document(found.form) if found.form else {"file": form_file.name},
        "problems": [problem_document(problem) for problem in found.problems],
    }
    if found.export:
        document["data"] = _data_document(found)
    if found.indicators:
        document["indicators"] = [
            {
                "indicator": needs.indicator,
                "possible": needs.is_possible,
                "questions": list(needs.questions),
                "asked": dict(needs.asked),
                "missing": list(needs.missing),
                "reason": needs.reason or None,
            }
            for needs in found.indicators
        ]
    return document


def _form_document(one: Form) -> dict[str, Any]:
    return {
        "file": one.file,
        "id": one.form_id,
        "title": one.title,
        "version": one.version,
        "languages": [language or "default" for language in one.languages],
        "default_language": one.default_language or None,
        "questions": len(one.questions),
        "groups": sum(section.kind == "group" for section in one.sections),
        "repeats": [
            {"name": section.name, "path": "/".join(section.path), "questions": len(one.at(section.path))}
            for section in one.repeats
        ],
        "members": "/".join(one.members) if one.members else None,
        "choice_lists": len(one.lists),
        "choices": sum(len(choices) for choices in one.lists.values()),
    }


def _data_document(found: FormCheck) -> Mapping[str, Any]:
    export = found.export
    assert export is not None
    members = export.members
    return {
        "households": export.households.height,
        "members": None if members is None else members.height,
        "versions": dict(export.versions),
        "tables": [
            {
                "file": info.file,
                "sheet": info.sheet,
                "level": info.level,
                "layout": info.layout,
                "rows": info.rows,
                "columns_matched": len(info.matched),
                "columns_unknown": list(info.unknown),
            }
            for info in export.infos
        ],
        "rows": {"/".join(level): frame.height for level, frame in export.tables.items()},
    }


def _print_for_people(found: FormCheck) -> None:
    if found.form:
        one = found.form
        print_table(
            ("form", "version", "questions", "repeats", "languages"),
            [(one.form_id, one.version or None, len(one.questions), len(one.repeats), len(one.languages))],
        )
    if found.export:
        print_table(
            ("file", "sheet", "level", "layout", "rows", "unknown columns"),
            [(i.file, i.sheet, i.level or "households", i.layout, i.rows, len(i.unknown)) for i in found.export.infos],
        )
    for problem in found.problems:
        click.echo(f"{problem.level}: {problem}")
    possible = [needs for needs in found.indicators if needs.is_possible]
    if found.indicators:
        click.echo(f"{len(possible):,} of {len(found.indicators):,} indicators can be had from this form.")
    for needs in found.indicators:
        if not needs.is_possible:
            click.echo(f"  {needs.reason}")
    if not found.problems:
        click.echo("No problems found.")
