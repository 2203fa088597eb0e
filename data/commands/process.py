"""`process`: the participatory budget of a year: phases, money, rule, what it rests on, participants in numbers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from data.commands.files import INPUT_FILE
from data.commands.opened import COMMAND_LINE, opened_store
from data.commands.output import json_option, print_json, print_table, refuse_cleanly
from data.commands.process_lines import follow_up, lines, match, unmatch
from data.readers.process_file import read_process
from data.store.assembly import load_process
from data.store.sites import load_site
from data.workflows.processes import process_document, save_process


@click.group("process")
def process() -> None:
    """The participatory budget of a site, year by year."""


for command in (lines, match, unmatch, follow_up):
    process.add_command(command)


@process.command("set")
@click.argument("site")
@click.argument("year", type=int)
@click.argument("file", type=INPUT_FILE)
@json_option
@refuse_cleanly
def set_(site: str, year: int, file: Path, as_json: bool) -> None:
    """Store what a YAML file announces for the participatory budget of a year. Described in docs/assembly.md.

    \b
    Example:
      python -m budget_model process set villa-salvador 2027 proceso.yaml
    """
    content = read_process(file)
    with opened_store() as store:
        saved = save_process(store.factory, site, year, content, COMMAND_LINE, file=file.name)
        with store.factory() as session:
            document = process_document(session, saved)
    _print(site, year, document, as_json)


@process.command("show")
@click.argument("site")
@click.argument("year", type=int)
@json_option
@refuse_cleanly
def show(site: str, year: int, as_json: bool) -> None:
    """What is announced for the participatory budget of a year.

    \b
    Example:
      python -m budget_model process show villa-salvador 2027 --json
    """
    with opened_store() as store, store.factory() as session:
        document = process_document(session, load_process(session, load_site(session, site).id, year))
    _print(site, year, document, as_json)


def _print(site: str, year: int, document: dict[str, Any], as_json: bool) -> None:
    if as_json:
        print_json({"site": site, "year": year, **document})
        return
    phases = ", ".join(f"{one['phase']} {one['starts_on']}–{one['ends_on']}" for one in document["phases"])
    people = sum(one["persons"] for one in document["participants"])
    rows = [(key, document[key]) for key in ("envelope", "rule", "ties", "least_group", "citation")]
    quorum = document["quorum"] or {}
    rows.append(("quorum", ", ".join(f"{key} {value}" for key, value in quorum.items()) or None))
    print_table((f"participatory budget {year}", ""), [*rows, ("phases", phases or None), ("participants", people)])
