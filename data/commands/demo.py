"""`demo`: builds the demonstration site, or says that it is there."""

from __future__ import annotations

from dataclasses import asdict

import click

from data.commands.opened import OpenedStore, opened_store
from data.commands.output import json_option, print_json, print_table, progress, refuse_cleanly
from data.demo.standing import NAME, DemoReport, standing_report


@click.command()
@click.option(
    "--households",
    type=click.IntRange(min=200),
    help="Size of the census; the full size (about 100,000) when left out.",
)
@json_option
@refuse_cleanly
def demo(households: int | None, as_json: bool) -> None:
    """Build the demonstration site: a synthetic municipality with census, budget, programmes and log-ins.

    Where it is there already, nothing is changed.

    \b
    Example:
      python -m budget_model demo
    """
    with opened_store() as store:
        report = standing_report(store.factory) or _built(store, households)
    if as_json:
        print_json(asdict(report))
        return
    _print_report(report)


def _built(store: OpenedStore, households: int | None) -> DemoReport:
    """Built now; what that needs is loaded only here, because every start of the server asks whether it is there."""
    from data.demo.build import build_demo

    return build_demo(store.factory, store.bank_folder, households, progress=lambda line: progress(f"  {line}"))


def _print_report(report: DemoReport) -> None:
    state = "built in " + f"{sum(report.seconds.values()):.1f} s" if report.built else "already there, nothing changed"
    click.echo(f"{NAME} ({report.site}): {state}")
    print_table(("what", "how many"), [(name.replace("_", " "), f"{count:,}") for name, count in report.counts.items()])
    click.echo("Log-ins of the demonstration, known to everybody:")
    print_table(("log-in", "password", "role"), [(entry.login, entry.password, entry.role) for entry in report.logins])
