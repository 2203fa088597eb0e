"""`budget links` and `budget modification`: lines beside programmes, and a scenario written back by line and source."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import click

from budget_model.spending.lines import amount_text
from budget_model.spending.links import LinkedLine
from budget_model.spending.modification import Transfer, Unplaced
from budget_model.spending.written_back import ProgrammeAfter, ShareChange
from data.commands.files import INPUT_FILE, OUTPUT_FILE
from data.commands.opened import opened_store
from data.commands.output import json_option, print_json, print_table, progress, refuse_cleanly
from data.readers.source_rules import read_source_rules
from data.store.sites import load_site
from data.workflows.line_links import SiteLinks, load_links
from data.workflows.modification import BASES, ProposedModification, propose_modification
from data.workflows.modification_workbook import (
    after_rows,
    amount_of,
    modification_workbook,
    share_rows,
    share_step,
    share_text,
    transfer_rows,
    unplaced_rows,
)

LINES_PRINTED = 20


@click.command("links")
@click.option("--site", required=True, help="Slug of the site.")
@click.option("--year", type=int, help="The year; default: the last with a modified budget.")
@json_option
@refuse_cleanly
def links(site: str, year: int | None, as_json: bool) -> None:
    """What of a year's modified budget (PIM) stands behind programmes, by line, programme, need and funding source.

    \b
    Example:
      python -m budget_model budget links --site villa --year 2026 --json
    """
    with opened_store() as opened, opened.factory() as session:
        found = load_links(session, load_site(session, site).id, year)
    if as_json:
        print_json({"site": site, **links_document(found)})
        return
    coverage = found.coverage
    print_table(
        ("", "lines", "PIM"),
        [
            ("whole budget", coverage.line_count, f"{coverage.amount:,.2f}"),
            ("behind programmes", coverage.linked_count, f"{coverage.linked_amount:,.2f}"),
            (
                "without a link",
                len(coverage.unlinked),
                f"{sum((one.rest for one in coverage.unlinked), Decimal(0)):,.2f}",
            ),
            ("linked in part", len(coverage.partly), f"{sum((one.rest for one in coverage.partly), Decimal(0)):,.2f}"),
            ("shared above 1", len(coverage.over_shared), None),
        ],
    )
    click.echo()
    rows = [(one.code, found.line_names[one.code], f"{one.rest:,.2f}") for one in coverage.unlinked[:LINES_PRINTED]]
    print_table(("largest without a link", "name", "PIM"), rows)


def links_document(found: SiteLinks) -> dict[str, Any]:
    """The links as JSON: exact decimals as text, what is unknown as null."""
    coverage = found.coverage
    return {
        "year": found.year,
        "lines": coverage.line_count,
        "lines_linked": coverage.linked_count,
        "pim": amount_text(coverage.amount),
        "pim_linked": amount_text(coverage.linked_amount),
        "share": None if coverage.share is None else f"{coverage.share:f}",
        "unlinked": [_line(one) for one in coverage.unlinked],
        "partly": [_line(one) for one in coverage.partly],
        "over_shared": [_line(one) for one in coverage.over_shared],
        "without_pim": [one.code for one in coverage.without_amount],
        "sources": [
            {
                "source": one.source,
                "lines": one.line_count,
                "pim": amount_text(one.amount),
                "pim_linked": amount_text(one.linked_amount),
            }
            for one in found.sources
        ],
        "programmes": [
            {
                "code": one.code,
                "pim": amount_text(one.amount),
                "stated": None if one.stated is None else amount_text(one.stated),
                "lines": [{"code": code, "share": f"{share:f}"} for code, share in one.lines],
                "lines_gone": list(one.gone),
                "needs": list(one.needs),
            }
            for one in found.programmes
        ],
        "needs_without_programme": list(found.needs_without_programme),
        "files": list(found.files),
    }


def _line(one: LinkedLine) -> dict[str, Any]:
    shares = {programme: f"{share:f}" for programme, share in one.shares.items()}
    amount = None if one.amount is None else amount_text(one.amount)
    return {"code": one.code, "pim": amount, "shares": shares, "rest": amount_text(one.rest)}


@click.command("modification")
@click.option("--site", required=True, help="Slug of the site.")
@click.option("--scenario", type=int, required=True, help="Number of a saved scenario (scenario list).")
@click.option("--basis", type=click.Choice(BASES), default=BASES[0], show_default=True, help="What is free to move.")
@click.option("--rules", "rules_file", type=INPUT_FILE, help="Rules of funding sources (YAML); default: the country's.")
@click.option("--out", type=OUTPUT_FILE, metavar="FILE.xlsx", help="Write the workbook for the budget office.")
@click.option("--language", type=click.Choice(("es", "en")), default="es", show_default=True, help="Of the workbook.")
@json_option
@refuse_cleanly
def modification(
    site: str, scenario: int, basis: str, rules_file: Path | None, out: Path | None, language: str, as_json: bool
) -> None:
    """A saved scenario as a proposed modification by budget line and funding source. Nothing stored is changed.

    Money keeps its source and goes only where the rules of the source let it go; what cannot be placed is told.

    \b
    Example:
      python -m budget_model budget modification --site villa --scenario 3 --out modificacion.xlsx
    """
    rules = None if rules_file is None else read_source_rules(rules_file)
    with opened_store() as opened, opened.factory() as session:
        found = propose_modification(session, load_site(session, site).id, scenario, basis, rules)
    if out is not None:
        out.write_bytes(modification_workbook(found, language))
        progress(f"Written: {out}")
    if as_json:
        print_json({"site": site, **modification_document(found)})
        return
    rows = [(row[1], row[4], row[8], f"{row[2]:,f}") for row in transfer_rows(found, "en")]
    print_table(("source", "from line", "to line", found.currency), rows)
    click.echo()
    print_table(("not placed", "side", found.currency, "why"), [row[:4] for row in unplaced_rows(found, "en")])
    click.echo()
    rows_after = [(row[0], *(f"{amount:,f}" for amount in row[1:5])) for row in after_rows(found, "en")]
    print_table(("after writing back", "today", "wanted", "got", "difference"), rows_after)
    click.echo()
    print_table(("share to change", "name", "programme", "today", "new"), [row[:5] for row in share_rows(found, "en")])
    result = found.result
    click.echo(
        f"\nThe scenario takes away {amount_of(result.moved_out_cents):,f} {found.currency} and adds "
        f"{amount_of(result.moved_in_cents):,f}; {amount_of(result.placed_cents):,f} are placed by line."
    )


def modification_document(found: ProposedModification) -> dict[str, Any]:
    """The modification as JSON: exact decimals as text."""
    result = found.result
    rules = {rule.id: rule for rule in found.rules.rules}
    return {
        "scenario": found.scenario_id,
        "year": found.year,
        "basis": found.basis,
        "currency": found.currency,
        "moved_out": f"{amount_of(result.moved_out_cents):f}",
        "moved_in": f"{amount_of(result.moved_in_cents):f}",
        "placed": f"{amount_of(result.placed_cents):f}",
        "unplaced_out": f"{amount_of(result.unplaced_cents('out')):f}",
        "unplaced_in": f"{amount_of(result.unplaced_cents('in')):f}",
        "transfers": [_transfer(one) for one in result.transfers],
        "unplaced": [_unplaced(one) for one in result.unplaced],
        "after": [_after(one) for one in found.after.programmes],
        "shares": [_share(one) for one in found.after.shares],
        "rules": {
            name: {"basis": rule.basis, "law": rule.law, "look_in": rule.look_in} for name, rule in rules.items()
        },
        "files": list(found.files),
    }


def _transfer(one: Transfer) -> dict[str, Any]:
    return {
        "from_programme": one.from_programme,
        "from_line": one.from_line,
        "to_programme": one.to_programme,
        "to_line": one.to_line,
        "is_new_line": one.is_new_line,
        "source": one.source,
        "amount": f"{amount_of(one.cents):f}",
        "rules": list(one.rules),
    }


def _after(one: ProgrammeAfter) -> dict[str, Any]:
    return {
        "programme": one.code,
        "today": f"{one.today:f}",
        "wanted": f"{one.wanted:f}",
        "got": f"{one.got:f}",
        "difference": f"{one.got - one.wanted:f}",
        "got_with_shares": f"{one.got_with_shares:f}",
        "difference_with_shares": f"{one.got_with_shares - one.wanted:f}",
    }


def _share(one: ShareChange) -> dict[str, Any]:
    return {
        "programme": one.programme,
        "line": one.line,
        "is_new_line": one.source is not None,
        "source": one.source,
        "today": share_text(one.today),
        "wanted": share_text(one.wanted),
        "step": share_step(one),
    }


def _unplaced(one: Unplaced) -> dict[str, Any]:
    return {
        "programme": one.programme,
        "side": one.side,
        "amount": f"{amount_of(one.cents):f}",
        "reason": one.reason,
        "lines": list(one.lines),
        "rules": list(one.rules),
    }
