"""`budget imports`: what earlier imports of a site read and changed."""

from __future__ import annotations

from typing import Any

import click

from data.commands.opened import opened_store
from data.commands.output import json_option, print_json, print_table, progress, refuse_cleanly
from data.store.budget_imports import list_changes, list_imports, load_import
from data.store.sites import load_site
from data.store.tables import BudgetImport, BudgetImportChange

CHANGES_SHOWN = 200
site_option = click.option("--site", required=True, help="Slug of the site.")


@click.group("imports")
def imports() -> None:
    """Records of budget imports: what each read, kept and changed."""


@imports.command("list")
@site_option
@json_option
@refuse_cleanly
def list_(site: str, as_json: bool) -> None:
    """List the imports of a site, the newest first.

    \b
    Example:
      python -m budget_model budget imports list --site villa
    """
    with opened_store() as store, store.factory() as session:
        found = [_record(record) for record in list_imports(session, load_site(session, site).id)]
    if as_json:
        print_json({"site": site, "imports": found})
        return
    header = ("import", "at (UTC)", "by", "file", "rows", "new", "changed", "gone")
    names = ("id", "at", "actor", "file", "rows_kept", "new", "changed", "gone")
    print_table(header, [[record[name] for name in names] for record in found])


@imports.command("show")
@click.argument("import_id", type=int)
@site_option
@json_option
@refuse_cleanly
def show(import_id: int, site: str, as_json: bool) -> None:
    """One import: its totals by year and stage, and the lines that it found new, moved, relabelled or gone.

    \b
    Example:
      python -m budget_model budget imports show 12 --site villa --json
    """
    with opened_store() as store, store.factory() as session:
        record = _record(load_import(session, load_site(session, site).id, import_id))
        limit = 10**9 if as_json else CHANGES_SHOWN
        changes = [_change(change) for change in list_changes(session, import_id, limit=limit)]
    if as_json:
        print_json({**record, "changes": changes})
        return
    print_table(("import", ""), [(name, value) for name, value in record.items() if name not in ("totals", "warnings")])
    print_table(
        ("change", "year", "line", "PIM before", "PIM after", "tagged"),
        [
            (
                change["kind"],
                change["year"],
                change["code"],
                (change["before"] or {}).get("pim"),
                (change["after"] or {}).get("pim"),
                "yes" if change["is_tagged"] else "",
            )
            for change in changes
        ],
    )
    for warning in record["warnings"]:
        progress(f"Warning: {warning['message']}")


def _record(record: BudgetImport) -> dict[str, Any]:
    return {
        "id": record.id,
        "at": record.at.isoformat(timespec="seconds"),
        "actor": record.actor,
        "file": record.source_file,
        "sha256": record.source_sha256,
        "source": record.source,
        "municipality": record.municipality,
        "rows_read": record.rows_read,
        "rows_kept": record.rows_kept,
        "new": record.new_count,
        "changed": record.changed_count,
        "unchanged": record.unchanged_count,
        "gone": record.gone_count,
        "removed": record.has_removed,
        "totals": record.totals,
        "warnings": record.warnings,
    }


def _change(change: BudgetImportChange) -> dict[str, Any]:
    names = ("kind", "year", "code", "name", "is_tagged", "before", "after")
    return {name: getattr(change, name) for name in names}
