"""Figures of a round for readers: exact estimates, or the protected ones made when it was published.

Every function takes the table that its reader may see (`Estimate` or `PublishedFigure`) and reads no other.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from data.store.rounds import PUBLISHED
from data.store.tables import Area, Estimate, Indicator, PublishedFigure, SurveyRound

SITE_LEVEL = 0
ALL_AGES, BOTH_SEXES = "all", "all"
Figure = Estimate | PublishedFigure
FigureTable = type[Estimate] | type[PublishedFigure]
INDICATOR_AND_AREA = (  # what a figure or a need is of, as columns of a table
    Indicator.code.label("indicator"),
    Indicator.version,
    Area.code.label("area"),
    Area.name.label("area_name"),
    Area.level,
)


@dataclass(frozen=True)
class StoredFigures:
    """What is stored of a round: codes with estimates, age bands of estimates, published figures by status."""

    codes: frozenset[str]
    age_bands: frozenset[str]
    by_status: dict[str, int]


def labelled_figures(table: FigureTable, round_id: int, age_band: str | None, columns: Sequence[Any]) -> Select[Any]:
    """Figures of a round as `indicator, version, area, area_name, level, sex, age_band` and `columns`, in that order.

    age_band : None for all bands
    """
    query = (
        select(*INDICATOR_AND_AREA, table.sex, table.age_band, *columns)
        .join(Indicator, Indicator.id == table.indicator_id)
        .join(Area, Area.id == table.area_id)
        .where(table.round_id == round_id)
        .order_by(Indicator.code, Indicator.version, Area.level, Area.code, table.sex, table.age_band)
    )
    return query if age_band is None else query.where(table.age_band == age_band)


def figures_of_area(
    session: Session, table: FigureTable, round_id: int, area_id: int
) -> list[tuple[Indicator, Figure]]:
    """The figures of an area, all ages, in the order in which the indicators came in."""
    query = (
        select(Indicator, table)
        .join(table, table.indicator_id == Indicator.id)
        .where(table.round_id == round_id, table.area_id == area_id, table.age_band == ALL_AGES)
        .order_by(Indicator.id)
    )
    return [(indicator, figure) for indicator, figure in session.execute(query)]


def figures_down_to_sectors(session: Session, table: FigureTable, round_id: int, indicator_id: int) -> list[Figure]:
    """An indicator at the site and in its sectors, every sex and age band."""
    query = select(table).join(Area, Area.id == table.area_id)
    query = query.where(table.round_id == round_id, table.indicator_id == indicator_id, Area.level <= 1)
    return list(session.scalars(query))


def figures_by_area(
    session: Session, table: FigureTable, round_id: int, indicator_ids: Sequence[int], area_id: int
) -> list[Any]:
    """Figures, all ages, of every area of the same site and level as `area_id`.

    Rows `area_id, sex, estimate, standard_error, ci_low, ci_high, n, population`; protected ones also `status, least`.
    """
    columns = [table.area_id, table.sex, table.estimate, table.standard_error, table.ci_low, table.ci_high]
    protected = [PublishedFigure.status, PublishedFigure.least] if table is PublishedFigure else []
    query = select(*columns, table.n, table.population, *protected).where(
        table.round_id == round_id,
        table.indicator_id.in_(indicator_ids),
        table.age_band == ALL_AGES,
        table.area_id.in_(_of_same_level(area_id)),
    )
    return list(session.execute(query))


def _of_same_level(area_id: int) -> Select[tuple[int]]:
    """Ids of all areas of the site and level of an area: a sub-select, as thousands of ids would be too many."""
    site = select(Area.site_id).where(Area.id == area_id).scalar_subquery()
    level = select(Area.level).where(Area.id == area_id).scalar_subquery()
    return select(Area.id).where(Area.site_id == site, Area.level == level)


def rounds_with_figures(session: Session, table: FigureTable) -> set[int]:
    """Ids of the rounds, of whatever site, that have figures."""
    return set(session.scalars(select(table.round_id).distinct()))


def indicators_with_figures(
    session: Session, table: FigureTable, round_id: int, *, below_site: bool = False
) -> list[Indicator]:
    """The newest version of each indicator with figures in a round, in the order in which the codes came in.

    below_site : only indicators with figures of sectors or neighbourhoods
    """
    used = select(table.indicator_id).where(table.round_id == round_id)
    if below_site:
        used = used.join(Area, Area.id == table.area_id).where(Area.level > SITE_LEVEL)
    newest: dict[str, Indicator] = {}
    for row in session.scalars(select(Indicator).where(Indicator.id.in_(used.distinct())).order_by(Indicator.id)):
        if row.code not in newest or newest[row.code].version < row.version:
            newest[row.code] = row
    return list(newest.values())


def count_below_site(session: Session, table: FigureTable, round_id: int) -> dict[int, int]:
    """Indicator id -> how many of its figures below the site have a value."""
    query = select(table.indicator_id, func.count(table.estimate)).join(Area, Area.id == table.area_id)
    query = query.where(table.round_id == round_id, Area.level > SITE_LEVEL).group_by(table.indicator_id)
    return dict(session.execute(query).all())


def indicators_by_sex(session: Session, table: FigureTable, round_id: int) -> set[int]:
    """Ids of the indicators that a round has for women or men below the site."""
    query = select(table.indicator_id).join(Area, Area.id == table.area_id)
    query = query.where(table.round_id == round_id, Area.level > SITE_LEVEL, table.sex.in_(("female", "male")))
    return set(session.scalars(query.distinct()))


def populations(
    session: Session, table: FigureTable, round_id: int, area_id: int
) -> list[tuple[dict[str, Any], str, str, float]]:
    """Definition, sex, age band and population [persons] of each figure of an area that has one."""
    query = select(Indicator.definition, table.sex, table.age_band, table.population)
    query = query.join(table, table.indicator_id == Indicator.id)
    query = query.where(table.round_id == round_id, table.area_id == area_id, table.population.is_not(None))
    return [(definition, sex, band, persons) for definition, sex, band, persons in session.execute(query)]


def published_answers(session: Session, round_id: int) -> list[tuple[dict[str, Any], int]]:
    """Definition and number of answers [persons, rounded] of each protected figure of the whole site, both sexes."""
    query = select(Indicator.definition, PublishedFigure.n).join(
        PublishedFigure, PublishedFigure.indicator_id == Indicator.id
    )
    query = query.join(Area, Area.id == PublishedFigure.area_id).where(
        PublishedFigure.round_id == round_id,
        Area.level == SITE_LEVEL,
        PublishedFigure.sex == BOTH_SEXES,
        PublishedFigure.age_band == ALL_AGES,
        PublishedFigure.n.is_not(None),
    )
    return [(definition, int(n)) for definition, n in session.execute(query)]


def rounds_without_protection(session: Session, site_id: int) -> tuple[str, ...]:
    """Codes of published rounds with estimates and without protected figures: the public sees nothing of them."""
    figures = select(PublishedFigure.id).where(PublishedFigure.round_id == SurveyRound.id)
    estimates = select(Estimate.id).where(Estimate.round_id == SurveyRound.id)
    query = select(SurveyRound.code).where(SurveyRound.site_id == site_id, SurveyRound.state == PUBLISHED)
    query = query.where(~figures.exists(), estimates.exists())
    return tuple(session.scalars(query.order_by(SurveyRound.code)))


def stored_figures(session: Session, round_id: int) -> StoredFigures:
    """What is stored of a round's figures."""
    used = select(Estimate.indicator_id).where(Estimate.round_id == round_id).distinct()
    codes = session.scalars(select(Indicator.code).where(Indicator.id.in_(used)))
    bands = session.scalars(select(Estimate.age_band).where(Estimate.round_id == round_id).distinct())
    counts = select(PublishedFigure.status, func.count()).where(PublishedFigure.round_id == round_id)
    by_status = session.execute(counts.group_by(PublishedFigure.status)).all()
    return StoredFigures(frozenset(codes), frozenset(bands), dict(by_status))
