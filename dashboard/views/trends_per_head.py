"""Counted money per woman and per person -> header, rows and sentence. No Dash."""

from __future__ import annotations

from decimal import Decimal

from dashboard.context import PageContext
from data.workflows.trends import Trend, TrendYear


def per_head_header(context: PageContext) -> list[str]:
    _ = context.gettext
    return [
        _("Year"),
        _("Women"),
        _("Men"),
        _("As tagged, per woman"),
        _("As tagged, per person"),
        _("One taxonomy, per person"),
        _("Whole budget, per person"),
    ]


def per_head(trend: Trend, one: TrendYear) -> tuple[int | Decimal | None, ...]:
    """Women, men, and amounts of a year per woman and per person; None where the population of the year is missing."""
    population, year = trend.population, one.year
    if population is None or year not in population.counts:
        return (None,) * 6
    count = population.counts[year]
    return (
        count.women,
        count.men,
        population.per_woman(one.as_tagged, year),
        population.per_person(one.as_tagged, year),
        population.per_person(one.constant, year),
        population.per_person(one.series.total, year),
    )


def per_head_rows(trend: Trend, context: PageContext) -> list[list[str]]:
    """The newest year first."""
    formats, found = context.formats, []
    for one in reversed(trend.years):
        women, men, *amounts = per_head(trend, one)
        shown = [formats.money(amount, trend.currency, 2) for amount in amounts]
        found.append([str(one.year), formats.number(women), formats.number(men), *shown])
    return found


def population_sentence(trend: Trend, context: PageContext) -> str:
    """Whether the population is held, and which years it lacks."""
    _ = context.gettext
    if trend.population is None:
        return _("The population by sex is not held here: no amount per woman or person can be said. Give it below.")
    lacking = [str(one.year) for one in trend.years if one.year not in trend.population.counts]
    if not lacking:
        return _("Each year is divided by its own population.")
    return _("The population of {years} is not held: a dash stands there.", years=", ".join(lacking))
