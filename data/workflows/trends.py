"""Money counted for gender over the years of a site: as tagged, by one taxonomy, at constant prices, and alerts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy.orm import Session, sessionmaker

from budget_model.errors import InputError, Problem
from budget_model.spending.alerts import DECEMBER, GONE, Alert, Move, december_alert, year_alerts
from budget_model.spending.counting import TaggedLine, count
from budget_model.spending.digest import RULES, askable_rules
from budget_model.spending.population import Count, Population
from budget_model.spending.prices import PriceIndex
from budget_model.spending.schemes import Scheme
from budget_model.spending.statement import Key
from budget_model.spending.sums import CountedSums, LineSums, counted_sums, pair_lines
from budget_model.spending.trends import SeriesYear, YearLine, counted_series, merged_series
from data.readers.population import parse_population
from data.readers.price_index import country_index, parse_price_index
from data.store import prices
from data.store.budget_imports import amounts_moved, late_imports
from data.store.engine import transaction
from data.store.line_sums import SeriesSum, list_gone, list_tagged, sum_tagged_series
from data.store.populations import find_population, replace_population
from data.store.sites import load_site
from data.store.tables import Site
from data.workflows.line_sums import Sums, load_sums, stage_amount, tag_of
from data.workflows.statement import counting_scheme, line_names
from data.workflows.tagged_lines import approved_tags

ALERT_LINES = 10  # named of each alert
NEVER_TAGGED = ""  # stands for all series without a tag; the others have a digest for a name


@dataclass(frozen=True)
class TrendYear:
    """One year of a site. `real`, `real_constant`: at prices of the base year; None where the index lacks the year."""

    year: int
    counted: CountedSums
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
    """Alerts of a year, with what their lines are called.

    silent : rules that could say nothing of the year, so that their finding nothing is no good news
    """

    year: int
    alerts: tuple[Alert, ...]
    names: Mapping[Key, str]
    silent: tuple[str, ...]


@dataclass(frozen=True)
class SiteYear:
    """A year of a site that stands beside others: what of it counts at one stage, without its series."""

    year: int
    counted: CountedSums
    stage: str
    groups: tuple[LineSums, ...] = ()

    @property
    def as_tagged(self) -> Decimal | None:
        """Counted money; None where nothing of the year is tagged: that is unknown, not 0."""
        return self.counted.counted[self.stage]

    @property
    def total(self) -> Decimal:
        """The whole budget at the stage."""
        return self.counted.total[self.stage] or Decimal(0)

    @property
    def untagged(self) -> Decimal:
        """Money of which the scheme can say nothing."""
        return self.counted.unknown[self.stage] or Decimal(0)

    @property
    def share(self) -> Decimal | None:
        """Counted / whole budget (0-1); None where it is unknown, which is not 0."""
        return self.counted.share(self.stage)


@dataclass(frozen=True)
class SiteTrend:
    """The years of a site that have the stage, oldest first, to be held beside those of other sites."""

    slug: str
    name: str
    currency: str
    years: tuple[SiteYear, ...]
    population: Population | None


def load_trend(session: Session, site: Site, scheme_id: str, stage: str) -> Trend:
    """The trend of a site by one scheme and stage.

    Raises NotFoundError for an unknown scheme, InputError for one that counts no money.
    """
    scheme = counting_scheme(scheme_id)
    sums = load_sums(session, [site.id])[site.id]
    counted = {year: counted_sums(groups, scheme) for year, groups in sums.items()}
    series = {one.year: one for one in counted_series(series_lines(session, site.id, sums, scheme, stage))}
    index = site_index(session, site)
    base = index.newest_of(list(series)) if index else None
    years = [_year(year, counted[year], series[year], index, base) for year in sorted(series)]
    return Trend(
        site.slug,
        site.name,
        site.currency,
        stage,
        tuple(years),
        index,
        base,
        find_population(session, site.id),
        tuple(sorted(sums.keys() - series.keys())),
    )


def load_site_trends(session: Session, sites: Sequence[Site], scheme_id: str, stage: str) -> list[SiteTrend]:
    """Many sites beside each other, in their order; those that have no year with the stage are left out."""
    scheme = counting_scheme(scheme_id)
    sums = load_sums(session, [site.id for site in sites])
    found = []
    for site in sites:
        years = [SiteYear(year, counted_sums(groups, scheme), stage, groups) for year, groups in sums[site.id].items()]
        with_stage = tuple(one for one in years if one.counted.total[stage] is not None)
        if with_stage:
            population = find_population(session, site.id)
            found.append(SiteTrend(site.slug, site.name, site.currency, with_stage, population))
    return found


def series_lines(session: Session, site_id: int, sums: Sums, scheme: Scheme, stage: str) -> list[YearLine]:
    """The lines of a stage as `counted_series` takes them, those of series that nobody ever tagged as one a year.

    They only ever add to the whole budget and to what is unknown, so that one sum of theirs says the same.
    """
    told: dict[int, list[SeriesSum]] = defaultdict(list)
    for one in sum_tagged_series(session, site_id, stage):
        told[one.year].append(one)
    contents = {one.content for own in told.values() for one in own if one.content is not None}
    shares = {content: count(tag_of(content), scheme).share for content in contents}
    lines: list[YearLine] = []
    for year, groups in sums.items():
        own = told[year]
        lines += [YearLine(year, one.series, one.amount, shares.get(one.content or "")) for one in own]
        number, amount = stage_amount(groups, stage)
        if number > sum(one.lines for one in own):
            lines.append(YearLine(year, NEVER_TAGGED, amount - sum((one.amount for one in own), Decimal(0)), None))
    return merged_series(lines)


def _year(year: int, counted: CountedSums, series: SeriesYear, index: PriceIndex | None, base: int | None) -> TrendYear:
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
    scheme = counting_scheme(scheme_id)
    counted = counted_lines(session, site_id, year, scheme)
    rest = pair_lines(load_sums(session, [site_id])[site_id].get(year, ()), scheme, year)
    late = december_alert(late_moves(session, site_id, year), counted, scheme, year)
    alerts = year_alerts([*counted, *rest], scheme, year, gone_lines(session, site_id, year))
    alerts = alerts if late is None else (*alerts, late)
    there = {
        key for alert in alerts for line in alert.lines[:ALERT_LINES] if line.before is not None for key in [line.key]
    }
    asked = asked_rules(session, site_id, year, [*counted, *rest], scheme)
    return YearAlerts(
        year, alerts, line_names(session, site_id, there), tuple(one for one in RULES if one not in asked)
    )


def alert_year(years: Sequence[TrendYear]) -> int | None:
    """The year whose alerts are told where nobody chooses one: the newest with anything tagged, else the newest."""
    tagged = [one.year for one in years if one.as_tagged is not None]
    return max(tagged or [one.year for one in years], default=None)


def asked_rules(
    session: Session, site_id: int, year: int, lines: Sequence[TaggedLine], scheme: Scheme
) -> frozenset[str]:
    """Rules that could find something in a year, if there is anything."""
    asked = set(askable_rules(lines, scheme))
    if approved_tags(session, site_id, year):
        asked.add(GONE)
    if late_imports(session, site_id, year):
        asked.add(DECEMBER)
    return frozenset(asked)


def counted_lines(session: Session, site_id: int, year: int, scheme: Scheme) -> list[TaggedLine]:
    """The lines of a year of which something counts."""
    tagged = ((code, tag_of(content), amounts) for code, content, amounts in list_tagged(session, site_id, year))
    return [TaggedLine(year, code, amounts, tag) for code, tag, amounts in tagged if count(tag, scheme).share]


def late_moves(session: Session, site_id: int, year: int) -> list[Move]:
    """What files of the year's end changed in modified budgets: the ministry dates no change, the imports tell it."""
    found = []
    for before, late in late_imports(session, site_id, year):
        for code, (first, second) in amounts_moved(session, late.id, year, "pim").items():
            found.append(Move((year, code), first, second, before.at.date().isoformat(), late.at.date().isoformat()))
    return found


def gone_lines(session: Session, site_id: int, year: int) -> list[Key]:
    """Lines with an approved tag that an import removed from the budget."""
    return [(year, code) for code in list_gone(session, site_id, year)]
