"""`process lines|match|unmatch|follow-up`: winners as budget lines, and what became of them."""

from __future__ import annotations

import csv
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

import click

from budget_model.errors import InputError, Problem
from data.commands.files import INPUT_FILE, OUTPUT_FILE
from data.commands.opened import COMMAND_LINE, opened_store
from data.commands.output import json_option, print_json, print_table, progress, refuse_cleanly
from data.readers.files import check_file, write_file
from data.store.assembly import load_process
from data.store.sites import load_site
from data.store.tables import WinnerLine
from data.workflows.follow_up import FollowUp, follow_up_document, follow_up_workbook, load_follow_up
from data.workflows.winner_lines import WantedLine, make_lines, match_line, suggested_lines, unmatch_line

COLUMNS = ("proposal", "code", "source")
Printed = dict[str, Any]
actor_option = click.option("--as", "actor", default=COMMAND_LINE, metavar="LOGIN", help="Who does it.")
year_option = click.option("--budget-year", type=int, help="Of the lines; by default the year of the process.")


@click.command("lines")
@click.argument("site")
@click.argument("year", type=int)
@click.argument("file", metavar="FILE.csv", type=INPUT_FILE)
@year_option
@actor_option
@json_option
@refuse_cleanly
def lines(site: str, year: int, file: Path, budget_year: int | None, actor: str, as_json: bool) -> None:
    """Write budget lines for winners, each with a gender tag that is proposed: all of the file or nothing.

    The file has the columns proposal, code, source and, where it is not the price of the vote, amount.

    \b
    Example:
      python -m budget_model process lines villa-salvador 2027 lines.csv --as ana
    """
    wanted = read_wanted(file)
    with opened_store() as store:
        made = make_lines(store.factory, site, year, wanted, actor, budget_year=budget_year)
    if as_json:
        print_json({"lines": [_document(one) for one in made]})
    else:
        progress(f"{len(made)} budget lines written, with tags proposed.")


@click.command("match")
@click.argument("site")
@click.argument("year", type=int)
@click.argument("proposal", required=False)
@click.argument("line", required=False)
@year_option
@click.option(
    "--share", default="100", show_default=True, help="Of the line's money that is the winner's, in per cent."
)
@actor_option
@json_option
@refuse_cleanly
def match(
    site: str,
    year: int,
    proposal: str | None,
    line: str | None,
    budget_year: int | None,
    share: str,
    actor: str,
    as_json: bool,
) -> None:
    """Say that a budget line carries out a winner. Without a proposal and a line: those that may be.

    \b
    Example:
      python -m budget_model process match villa-salvador 2027 P-01 301291/0042/5/07/2.6 --as ana
    """
    of_year = budget_year or year
    with opened_store() as store:
        if proposal is None or line is None:
            with store.factory() as session:
                process = load_process(session, load_site(session, site).id, year)
                suggested = suggested_lines(session, process, of_year)
                document = {code: [_candidate(one, found) for one, found in pairs] for code, pairs in suggested.items()}
            _print_suggested(document, of_year, as_json)
            return
        made = match_line(store.factory, site, year, proposal, (of_year, line), actor, percent(share) / 100)
    if as_json:
        print_json(_document(made))
    else:
        progress(f"'{line}' of {of_year} is matched to {proposal}.")


@click.command("unmatch")
@click.argument("site")
@click.argument("year", type=int)
@click.argument("proposal")
@click.argument("line")
@click.option("--reason", required=True, help="Why it is no longer the winner's.")
@year_option
@actor_option
@json_option
@refuse_cleanly
def unmatch(
    site: str, year: int, proposal: str, line: str, reason: str, budget_year: int | None, actor: str, as_json: bool
) -> None:
    """Take back that a budget line carries out a winner; a line that was written from it goes with it.

    \b
    Example:
      python -m budget_model process unmatch villa-salvador 2027 P-01 301291/0042/5/07/2.6 --reason "Another work"
    """
    year_of_line = budget_year or year
    with opened_store() as store:
        unmatch_line(store.factory, site, year, proposal, (year_of_line, line), actor, reason)
    if as_json:
        print_json({"site": site, "year": year, "proposal": proposal, "budget_year": year_of_line, "unmatched": line})
    progress(f"'{line}' is no longer matched to {proposal}.")


@click.command("follow-up")
@click.argument("site")
@click.argument("year", type=int)
@click.option("--output", type=OUTPUT_FILE, help="An XLSX file with execution and lines.")
@json_option
@refuse_cleanly
def follow_up(site: str, year: int, output: Path | None, as_json: bool) -> None:
    """What became of the winners: their budget lines, modified budget, accrued, paid, per cent.

    \b
    Example:
      python -m budget_model process follow-up villa-salvador 2026 --json
    """
    with opened_store() as store, store.factory() as session:
        found = load_follow_up(session, load_site(session, site), year)
    if output is not None:
        if output.suffix.lower() != ".xlsx":
            message = f"'{output.name}' does not end in .xlsx. Choose such a name."
            raise InputError(Problem("file_ending", message, file=output.name))
        write_file(output, follow_up_workbook(found, "es"))
    if as_json:
        print_json(follow_up_document(found))
    else:
        _print_follow_up(found)


def read_wanted(file: Path) -> list[WantedLine]:
    """The rows of a CSV file; InputError with every problem and its line."""
    check_file(file)
    try:
        rows = list(csv.DictReader(file.read_text(encoding="utf-8-sig").splitlines()))
    except UnicodeDecodeError as wrong:
        message = "The file is not UTF-8. Save it as UTF-8 and read it again."
        raise InputError(Problem("encoding_wrong", message, file=file.name)) from wrong
    missing = [name for name in COLUMNS if rows and name not in rows[0]]
    if missing or not rows:
        message = f"The file needs the columns {', '.join(COLUMNS)} and a row for every line."
        raise InputError(Problem("column_missing", message, file=file.name, column=", ".join(missing) or None))
    problems: list[Problem] = []
    wanted = []
    for number, row in enumerate(rows, start=2):
        amount, text = None, (row.get("amount") or "").strip()
        if text:
            try:
                amount = exact(text)
            except InputError as wrong:
                problem = wrong.problems[0]
                problems.append(Problem(problem.rule, problem.message, file=file.name, line=number, column="amount"))
        cells = {name: (row[name] or "").strip() for name in COLUMNS}
        wanted.append(WantedLine(cells["proposal"], cells["code"], cells["source"], amount, number))
    if problems:
        raise InputError(problems)
    return wanted


def exact(text: str) -> Decimal:
    """An exact number with a decimal point; InputError for anything else."""
    try:
        number = Decimal(text)
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite() or "e" in text.lower():
        message = f"'{text[:30]}' is no amount. Write digits with a decimal point, such as 1200.50."
        raise InputError(Problem("winner-amount-wrong", message, value=text[:30], facts={"value": text[:30]}))
    return number


def percent(text: str) -> Decimal:
    return exact(text.strip().removesuffix("%").strip())


def _document(one: WinnerLine) -> Printed:
    return {
        "proposal": one.proposal_code,
        "budget_year": one.year,
        "code": one.line_code,
        "share": str(one.share.normalize()),
        "origin": one.origin,
    }


def _candidate(one: Any, line: Any) -> Printed:
    return {
        "code": one.code,
        "labels": dict(line.labels),
        "pim": None if line.pim is None else str(line.pim),
        "names_proposal": one.names_proposal,
        "words": list(one.words),
        "has_amount": one.has_amount,
    }


def _print_suggested(document: dict[str, list[Printed]], budget_year: int, as_json: bool) -> None:
    if as_json:
        print_json({"budget_year": budget_year, "suggested": document})
        return
    rows = [
        (code, one["code"], "; ".join(one["labels"].values())[:60], one["pim"], ", ".join(one["words"]))
        for code, likely in document.items()
        for one in likely
    ]
    print_table(("winner", "line", "labels", "pim", "words in common"), rows)


def _print_follow_up(found: FollowUp) -> None:
    rows = []
    for one in found.winners:
        title = next(iter(one.winner.title.values()))[:40]
        for year, money in one.years.items():
            share = money.executed_share
            told = None if share is None else f"{float(share):.1%}"
            amounts = (money.amounts[stage] for stage in ("pim", "accrued", "paid"))
            rows.append((one.winner.code, title, year, *amounts, told, money.state))
        if not one.years:
            rows.append((one.winner.code, title, None, None, None, None, None, "no_line"))
    print_table(("winner", "title", "year", "pim", "accrued", "paid", "executed", "state"), rows)
    click.echo(f"\n{found.currency}; {', '.join(found.files) or 'no line yet'}")
