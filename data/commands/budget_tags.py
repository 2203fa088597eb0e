"""`budget tags` and `budget schemes`: tags as a table, their totals by one scheme, and the schemes themselves."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import click

from budget_model.spending.counting import SchemeTotals, count, scheme_totals
from budget_model.spending.lines import STAGES, amount_text
from budget_model.spending.tag_rows import tag_of_row
from budget_model.spending.tags import parse_tag
from data.commands.files import INPUT_FILE, OUTPUT_FILE
from data.commands.opened import COMMAND_LINE, opened_store
from data.commands.output import json_option, print_json, print_table, progress, refuse_cleanly
from data.readers.schemes import read_schemes
from data.store.sites import load_site
from data.workflows.tag_files import export_tags, import_tags
from data.workflows.tag_ratings import scheme_of
from data.workflows.tag_similar import carry_tags
from data.workflows.tagged_lines import tagged_lines

site_option = click.option("--site", required=True, help="Slug of the site.")


@click.group("tags")
def tags() -> None:
    """Gender tags as a table, and what they add up to by one scheme."""


@tags.command("export")
@click.argument("file", type=OUTPUT_FILE)
@site_option
@click.option("--year", type=int, help="Lines of this year only.")
@json_option
@refuse_cleanly
def export(file: Path, site: str, year: int | None, as_json: bool) -> None:
    """Write the newest tags of a site as CSV or XLSX.

    \b
    Example:
      python -m budget_model budget tags export tags.xlsx --site villa --year 2026
    """
    with opened_store() as opened:
        count_ = export_tags(opened.factory, site, file, year)
    progress(f"{count_:,} tags written to {file}.")
    if as_json:
        print_json({"tags": count_, "file": str(file)})


@tags.command("import")
@click.argument("file", type=INPUT_FILE)
@site_option
@click.option("--as", "actor", default=COMMAND_LINE, help="Log-in name of the person who proposes them.")
@click.option("--dry-run", "is_dry_run", is_flag=True, help="Check everything and store nothing.")
@json_option
@refuse_cleanly
def import_(file: Path, site: str, actor: str, is_dry_run: bool, as_json: bool) -> None:
    """Propose the tags of a CSV or XLSX file, all of them or none. A file never approves anything.

    \b
    Example:
      python -m budget_model budget tags import tags.xlsx --site villa --as demo-oficial
    """
    with opened_store() as opened:
        done = import_tags(opened.factory, site, file, actor, is_dry_run)
    document = {"site": site, "file": file.name, "dry_run": is_dry_run, "proposed": len(done.proposed)}
    document |= {"unchanged": done.unchanged, "empty": done.empty}
    if as_json:
        print_json(document | {"lines": [{"year": year, "code": code} for year, code in done.proposed]})
    else:
        print_table(("tags", ""), list(document.items()))


@tags.command("carry")
@site_option
@click.option("--from", "from_year", type=int, required=True, help="The year whose approved tags are taken.")
@click.option("--to", "to_year", type=int, required=True, help="The year whose untagged lines get proposals.")
@click.option("--as", "actor", default=COMMAND_LINE, help="Log-in name of the person who proposes them.")
@click.option("--dry-run", "is_dry_run", is_flag=True, help="Only say what would be proposed.")
@json_option
@refuse_cleanly
def carry(site: str, from_year: int, to_year: int, actor: str, is_dry_run: bool, as_json: bool) -> None:
    """Propose the approved tags of one year on the same lines of another, where these have none.

    \b
    Example:
      python -m budget_model budget tags carry --site villa --from 2025 --to 2026 --as demo-oficial
    """
    with opened_store() as opened:
        done = carry_tags(opened.factory, site, from_year, to_year, actor, is_dry_run)
    document = {"site": site, "dry_run": is_dry_run, "proposed": len(done.proposed), "without": done.without}
    if as_json:
        lines = {"lines": [code for _, code in done.proposed], "ambiguous": [code for _, code in done.ambiguous]}
        print_json(document | lines)
    else:
        print_table(("tags", ""), [*document.items(), ("ambiguous", len(done.ambiguous))])


@tags.command("totals")
@site_option
@click.option("--year", type=int, help="Lines of this year only.")
@click.option("--scheme", "scheme_id", required=True, help="Id of the one scheme.")
@click.option("--stage", type=click.Choice(STAGES), default="pim", show_default=True)
@json_option
@refuse_cleanly
def totals(site: str, year: int | None, scheme_id: str, stage: str, as_json: bool) -> None:
    """What approved tags add up to by one scheme and stage. Schemes are never added to each other.

    \b
    Example:
      python -m budget_model budget tags totals --site villa --year 2026 --scheme eu_eige --stage accrued
    """
    scheme = scheme_of(scheme_id)
    with opened_store() as opened, opened.factory() as session:
        found = scheme_totals(tagged_lines(session, load_site(session, site).id, year), scheme, stage)
    if as_json:
        print_json({"site": site, "year": year, **totals_document(found)})
        return
    rows = [(one.code, one.lines, f"{one.amount:,f}", _money(one.counted)) for one in found.classes]
    rows += [(reason, lines, f"{amount:,f}", None) for reason, (lines, amount) in found.uncounted.items()]
    print_table(("class", "lines", stage, "counted"), rows)
    counted = _money(found.counted) or "–"
    click.echo(f"Counted: {counted} of {found.screened:,f} that have a class, {found.total:,f} in all.")


def _money(amount: Decimal | None) -> str | None:
    return None if amount is None else f"{amount:,f}"


def totals_document(found: SchemeTotals) -> dict[str, Any]:
    """Totals as JSON: exact decimals as text."""
    return {
        "scheme": found.scheme,
        "stage": found.stage,
        "total": amount_text(found.total),
        "screened": amount_text(found.screened),
        "counted": None if found.counted is None else amount_text(found.counted),
        "without_amount": found.without_amount,
        "classes": [
            {
                "code": one.code,
                "lines": one.lines,
                "amount": amount_text(one.amount),
                "counted": None if one.counted is None else amount_text(one.counted),
            }
            for one in found.classes
        ],
        "uncounted": {
            reason: {"lines": lines, "amount": amount_text(amount)}
            for reason, (lines, amount) in found.uncounted.items()
        },
    }


@click.group("schemes")
def schemes() -> None:
    """The schemes of gender classification that are known here."""


@schemes.command("list")
@json_option
@refuse_cleanly
def list_(as_json: bool) -> None:
    """List the schemes.

    \b
    Example:
      python -m budget_model budget schemes list --json
    """
    found = [scheme.model_dump(mode="json", exclude_defaults=True) for scheme in read_schemes().values()]
    if as_json:
        print_json({"schemes": found})
        return
    rows = [(one.id, one.kind, "yes" if one.counts_money else "no", one.label["en"]) for one in read_schemes().values()]
    print_table(("scheme", "kind", "counts money", "name"), rows)


@schemes.command("score")
@click.option("--scheme", "scheme_id", default="ph_hgdg", show_default=True, help="A scheme with a form.")
@click.option("--answers", required=True, help='Points of every question: "1.1=0.5; 1.2=1; 2.0=2; …".')
@json_option
@refuse_cleanly
def score(scheme_id: str, answers: str, as_json: bool) -> None:
    """The points of a filled form, and the share of the money that follows.

    \b
    Example:
      python -m budget_model budget schemes score --answers "1.1=0.5; 1.2=1; …"
    """
    scheme = scheme_of(scheme_id)
    row = {"attribution_scheme": scheme.id, "attribution_answers": answers}
    found = count(parse_tag(tag_of_row(row), read_schemes()), scheme)
    document = {"scheme": scheme.id, "score": found.score, "band": found.code, "share": found.share}
    if as_json:
        print_json(document)
    else:
        print_table(tuple(document), [tuple(document.values())])
