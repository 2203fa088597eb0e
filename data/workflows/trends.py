"""Money counted for gender over the years of a site: as tagged, by one taxonomy, at constant prices, and alerts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy.orm import Session, sessionmaker

from budget_model.errors import InputError, NotFoundError, Problem
from budget_model.spending.alerts import Alert, Move, december_alert, year_alerts
from budget_model.spending.counting import TaggedLine
from budget_model.spending.population import Count, Population
from budget_model.spending.prices import PriceIndex
from budget_model.spending.schemes import Scheme
from budget_model.spending.statement import Counted, Key, counted_money
from budget_model.spending.trends import SeriesYear, counted_series
from data.readers.population import parse_population
from data.readers.price_index import country_index, parse_price_index
from data.readers.schemes import read_schemes
from data.store import prices
from data.store import tags as store
from data.store.budget_imports import amounts_moved, late_imports
from data.store.engine import transaction
from data.store.populations import find_population, replace_population
from data.store.sites import load_site
from data.store.tables import Site
from data.workflows.statement import counting_schemes, line_names
from data.workflows.tagged_lines import tagged_lines, year_lines

ALERT_LINES = 10  # named of each alert


@dataclass(frozen=True)
class TrendYear:
    """One year of a site. `real`, `real_constant`: at prices of the base year; None where the index lacks the year."""

    year: int
    counted: Counted
    series: SeriesYear
    real: Decimal | None
    real_constant: Decimal | None

    @property
    def as_tagged(self) -> Decimal | None:
        """Counted money by the year's own tags; None where nothing of the year is tagged: that is unknown, not 0."""
        return self.series.as_tagged

    @property
    def constant(self) -> Decimal | None:
        """Counted money by one taxonomy; None where neither the year nor any other tells anything of its lines."""
        return self.series.constant


@dataclass(frozen=True)
class Trend:
    """The years of a site, oldest first. `base_year` None: no year of it is in the price index.

    without_stage : years of which no line has the stage; they have no amounts, which is not 0
    """

    slug: str
    name: str
    currency: str
    stage: str
    years: tuple[TrendYear, ...]
    index: PriceIndex | None
    base_year: int | None
    population: Population | None = None
    without_stage: tuple[int, ...] = ()


@dataclass(frozen=True)
class YearAlerts:
    """Alerts of a year, with what their lines are called."""

    alerts: tuple[Alert, ...]
    names: Mapping[Key, str]


def load_trend(session: Session, site: Site, scheme_id: str, stage: str) -> Trend:
    """The trend of a site by one scheme and stage; NotFoundError for a scheme that counts no money."""
    scheme = counting_scheme(scheme_id)
    by_year: dict[int, list[TaggedLine]] = defaultdict(list)
    for line in tagged_lines(session, site.id):
        by_year[line.year].append(line)
    series = {one.year: one for one in counted_series(year_lines(session, site.id, scheme, stage))}
    index = site_index(session, site)
    base = index.newest_of(list(series)) if index else None
    years = [
        _year(year, counted_money(by_year[year], scheme, stage), series[year], index, base) for year in sorted(series)
    ]
    return Trend(
        site.slug,
        site.name,
        site.currency,
        stage,
        tuple(years),
        index,
        base,
        find_population(session, site.id),
        tuple(sorted(by_year.keys() - series.keys())),
    )


def counting_scheme(scheme_id: str) -> Scheme:
    if scheme_id not in counting_schemes():
        raise NotFoundError("scheme", scheme_id)
    return read_schemes()[scheme_id]


def _year(year: int, counted: Counted, series: SeriesYear, index: PriceIndex | None, base: int | None) -> TrendYear:
    if index is None:
        return TrendYear(year, counted, series, None, None)
    real = [None if one is None else index.real(one, year, base) for one in (series.as_tagged, series.constant)]
    return TrendYear(year, counted, series, *real)


def site_index(session: Session, site: Site) -> PriceIndex | None:
    """The site's own price index where it has one, else that of its country; the two are never mixed."""
    own = prices.find_levels(session, site.id)
    return PriceIndex(*own) if own else country_index(site.country)


def keep_index(
    factory: sessionmaker[Session], site_slug: str, text: str, source: str, actor: str
) -> dict[int, Decimal]:
    """Keep a table `year,index` as the site's own index, in place of an earlier one. InputError where it is unsound."""
    values = parse_price_index(text)
    if not source.strip():
        raise InputError(Problem("index_source", "State who measured the index and where it was published."))
    with transaction(factory) as session:
        site = load_site(session, site_slug)
        prices.replace_levels(session, site.id, actor, values, source.strip()[:1000])
    return values


def keep_population(
    factory: sessionmaker[Session], site_slug: str, text: str, source: str, actor: str
) -> dict[int, Count]:
    """Keep a table `year,women,men` as the site's population, in place of an earlier one. InputError if unsound."""
    counts = parse_population(text)
    if not source.strip():
        message = "State who counted or projected the population, and where it was published."
        raise InputError(Problem("population_source", message))
    with transaction(factory) as session:
        replace_population(session, load_site(session, site_slug).id, actor, counts, source.strip()[:1000])
    return counts


def load_alerts(session: Session, site_id: int, year: int, scheme_id: str) -> YearAlerts:
    """Alerts of a year, and the names of the lines that they are about."""
    lines, scheme = list(tagged_lines(session, site_id, year)), counting_scheme(scheme_id)
    late = december_alert(late_moves(session, site_id, year), lines, scheme, year)
    alerts = year_alerts(lines, scheme, year, gone_lines(session, site_id, year, lines))
    alerts = alerts if late is None else (*alerts, late)
    there = {
        key for alert in alerts for line in alert.lines[:ALERT_LINES] if line.before is not None for key in [line.key]
    }
    return YearAlerts(alerts, line_names(session, site_id, there))


def late_moves(session: Session, site_id: int, year: int) -> list[Move]:
    """What files of the year's end changed in modified budgets: the ministry dates no change, the imports tell it."""
    found = []
    for before, late in late_imports(session, site_id, year):
        for code, (first, second) in amounts_moved(session, late.id, year, "pim").items():
            found.append(Move((year, code), first, second, before.at.date().isoformat(), late.at.date().isoformat()))
    return found


def gone_lines(session: Session, site_id: int, year: int, lines: Sequence[TaggedLine]) -> list[Key]:
    """Lines with an approved tag that an import removed from the budget."""
    there = {line.code for line in lines}
    heads = store.list_heads(session, site_id, year)
    return [(head.year, head.code) for head in heads if head.approved_id is not None and head.code not in there]
