"""The tables that `explain` prints of a plan of several years."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

import click

from data.commands.output import print_table

SHOWN_LINES = 15


def print_plan_reasons(document: Mapping[str, Any]) -> None:
    """Whose work, a column a year; the next money and the cuts with their years."""
    _print_work(document)
    horizon, currency = document["horizon"], document["currency"]
    amount, rows = horizon["next"]["amount"], horizon["next"]["lines"][:SHOWN_LINES]
    click.echo(
        f"\nNeeds that the next {amount:,.0f} {currency} of a year would meet until the plan ends, person-years:"
    )
    groups = list(rows[0]["gained"])
    print_table(
        ("programme", "area", "year", *groups, "limit"),
        [
            (row["programme"], row["area"], row["year"], *(f"{row['gained'][g]:,.2f}" for g in groups), row["limit"])
            for row in rows
        ],
    )
    if horizon["cuts"]:
        _print_cuts(horizon["cuts"])


def _print_work(document: Mapping[str, Any]) -> None:
    """Needs covered by each programme's work in each year; the rows of a year add up to whom the plan covers."""
    parts: dict[str, list[float]] = defaultdict(lambda: [0.0] * len(document["years"]))
    for index, year in enumerate(document["years"]):
        for row in year["contributions"]:
            parts[row["programme"]][index] += row["persons"]
        parts["without these"][index] = sum(row["persons"] for row in year["background"])
    parts["all together"] = [sum(values) for values in zip(*parts.values(), strict=True)]
    click.echo("Needs covered, by whose work (persons; over all years person-years):")
    columns = [f"year {year['year']}" for year in document["years"]]
    rows = [(name, *(f"{value:,.0f}" for value in values), f"{sum(values):,.0f}") for name, values in parts.items()]
    print_table(("by", *columns, "all years"), rows)


def _print_cuts(cuts: list[Mapping[str, Any]]) -> None:
    click.echo(
        "\nThe largest cuts: person-years of needs no longer met per 1,000, beside the largest increase of the year:"
    )
    rows = []
    for cut in cuts[:SHOWN_LINES]:
        other = cut["beside"]
        beside = (None, None) if other is None else (other["programme"], f"{other['per_1000']['mean']['all']:,.2f}")
        yields = f"{cut['per_1000']['mean']['all']:,.2f}"
        rows.append((cut["programme"], cut["area"], cut["year"], f"{-cut['change']:,.2f}", yields, *beside))
    print_table(("programme", "area", "year", "cut", "per 1,000", "money went to", "per 1,000"), rows)
