"""The profile of an area or of the site: people by sex and age, needs, gaps, the rest of the site, earlier rounds.

The public gets it from the protected figures of the published round, like every other page.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl
from sqlalchemy.orm import Session

from budget_model.survey.catalogue import is_part
from dashboard.auth.person import Person
from dashboard.context import SiteRef
from dashboard.services.access import EVERYBODY, require
from dashboard.services.findings import AreaRef, Gap, RoundInfo, SexFigure
from dashboard.services.map import changed_meaning, load_figures
from dashboard.services.map_shapes import Shape, load_shapes
from dashboard.services.needs import (
    choose_area,
    is_sensitive,
    list_areas,
    make_gap,
    named_round,
    reader_of,
    round_as_told,
    side,
    visible_rounds,
)
from dashboard.services.protection import Reader, is_of_everybody
from dashboard.services.trend import MOST_ROUNDS, TrendPoint, trend_of
from data.store.corrections import count_corrections
from data.store.figures import ALL_AGES, BOTH_SEXES, SITE_LEVEL, Figure, figures_of_area, populations
from data.store.rounds import rounds_before
from data.store.tables import Indicator, SurveyRound
from data.workflows.bank import PERSONS, bank_file
from data.workflows.corrected import corrected_answers

if TYPE_CHECKING:
    from dashboard.services import Store

SEX, AGE_BAND = "sex", "age_band"
MOST_NEEDS = 10


@dataclass(frozen=True)
class Band:
    """Women and men of an age band [persons]; None is protected or not known."""

    band: str
    women: float | None
    men: float | None


@dataclass(frozen=True)
class Population:
    """People of the area. `bands` are empty where they cannot be shown."""

    everybody: float | None  # also of another sex, or none stated
    women: float | None
    men: float | None
    bands: tuple[Band, ...]


@dataclass(frozen=True)
class Extreme:
    """An area and its figure, women and men together."""

    area: AreaRef
    estimate: float


@dataclass(frozen=True)
class ProfileNeed:
    """A need of the area and what it is compared with. Figures are of the indicator, not of its lack."""

    gap: Gap
    everybody: SexFigure | None
    rest: tuple[float | None, float | None]  # women, men of the rest of the site
    site: SexFigure | None  # women and men of the whole site
    before: tuple[SexFigure | None, SexFigure | None]  # women, men in the round before
    worst: Extreme | None = None  # of the site's areas, in the profile of the whole site
    best: Extreme | None = None
    trend: tuple[TrendPoint, ...] = ()  # the earliest round first


@dataclass(frozen=True)
class Profile:
    """Everything on the page."""

    round: RoundInfo | None
    before: RoundInfo | None
    area: AreaRef | None
    areas: tuple[AreaRef, ...]
    needs: tuple[ProfileNeed, ...]
    population: Population | None
    has_shapes: bool
    is_public: bool
    gaps: tuple[Gap, ...] = ()  # of every share of the area, also of those that are not among the largest needs
    means: tuple[Gap, ...] = ()  # indicators that are means, with at least one figure to show
    rounds: tuple[RoundInfo, ...] = ()  # what the reader may choose from, the newest first


@dataclass(frozen=True)
class _Found:
    """An indicator with its figures in one area."""

    indicator: Indicator
    gap: Gap
    everybody: SexFigure | None


class ProfileService:
    """Profiles of sites and their areas."""

    def __init__(self, store: Store):
        self._store = store

    def profile(
        self, user: Person, site: SiteRef, area_code: str | None = None, round_code: str | None = None
    ) -> Profile:
        """The profile in a round (without a code in the one that counts).

        Raises NotFoundError for an area that the site does not have, and for a round that this reader does not see.
        """
        require(user, EVERYBODY, site)
        reader = reader_of(user, site)
        with self._store.factory() as session:
            areas = list_areas(session, site.id)
            area = choose_area(areas, area_code)
            rounds = visible_rounds(session, site.id, reader)
            shapes = load_shapes(session, site.id, max(area.level, 1) if area else 1)
            has_shapes = any(shape.geometry for shape in shapes)
            now = named_round(rounds, round_code)
            if now is None or area is None:
                return Profile(None, None, area, tuple(areas), (), None, has_shapes, reader.is_public)
            series = [now, *rounds_before(rounds, now)][:MOST_ROUNDS]
            before = series[1] if len(series) > 1 else None
            found = [(one, _found(session, reader, one, area)) for one in series]
            here = tuple(found[0][1].values())
            return Profile(
                round_as_told(session, reader, now),
                before and round_as_told(session, reader, before),
                area,
                tuple(areas),
                self._needs(session, reader, found, area, areas),
                population_of(session, self._store.bank_folder, reader, now, area),
                has_shapes,
                reader.is_public,
                tuple(one.gap for one in here if not one.gap.is_mean),
                means_of(here),
                tuple(round_as_told(session, reader, one) for one in rounds),
            )

    def shapes(self, user: Person, site: SiteRef, area_code: str | None) -> tuple[tuple[Shape, ...], AreaRef | None]:
        """The shapes of the area's level (of level 1 for the site), and the area."""
        require(user, EVERYBODY, site)
        with self._store.factory() as session:
            area = choose_area(list_areas(session, site.id), area_code)
            return load_shapes(session, site.id, max(area.level, 1) if area else 1), area

    def _needs(
        self,
        session: Session,
        reader: Reader,
        found: Sequence[tuple[SurveyRound, Mapping[str, _Found]]],
        area: AreaRef,
        areas: Sequence[AreaRef],
    ) -> tuple[ProfileNeed, ...]:
        """The largest needs of the first round. found : rounds with what each says of the area, the newest first"""
        now, here = found[0]
        root = next(one for one in areas if one.level == SITE_LEVEL)
        whole = _found(session, reader, now, root)
        earlier = found[1][1] if len(found) > 1 else {}
        sectors = [one for one in areas if one.level == 1] if area.level == SITE_LEVEL else []
        series = [(round_as_told(session, reader, one), figures) for one, figures in reversed(found)]
        return tuple(
            ProfileNeed(
                one.gap,
                one.everybody,
                _rest(one, whole.get(one.gap.code)) if area.level > SITE_LEVEL else (None, None),
                whole[one.gap.code].everybody if one.gap.code in whole else None,
                _before(one, earlier.get(one.gap.code)),
                *_extremes(session, reader, now, one, sectors),
                trend_of(series, one.gap.code),
            )
            for one in _largest(tuple(here.values()))
        )


def _found(session: Session, reader: Reader, survey_round: SurveyRound, area: AreaRef) -> dict[str, _Found]:
    """By code, the newest version of every indicator that the reader may see in this area."""
    rows: dict[int, tuple[Indicator, dict[str, Figure]]] = {}
    for indicator, figure in figures_of_area(session, reader.figures, survey_round.id, area.id):
        rows.setdefault(indicator.id, (indicator, {}))[1][figure.sex] = figure
    found: dict[str, _Found] = {}
    for indicator, figures in sorted(rows.values(), key=lambda row: row[0].version):
        if reader.may_see_indicator(is_sensitive(indicator), area.level) and not is_part(indicator.code):
            everybody = side(figures.get("all"), indicator.definition)
            found[indicator.code] = _Found(indicator, make_gap(indicator, figures), everybody)
    return found


def _largest(found: Sequence[_Found]) -> list[_Found]:
    """Shares with a figure to show, the largest share of persons lacking first."""
    shown = [(lack, one) for one in found if (lack := lack_of(one.gap, one.everybody)) is not None]
    return [one for _, one in sorted(shown, key=lambda pair: (-pair[0], pair[1].gap.code))[:MOST_NEEDS]]


def means_of(found: Sequence[_Found]) -> tuple[Gap, ...]:
    """Means of which women or men have a figure, in the order of their codes."""
    means = [one.gap for one in found if one.gap.is_mean]
    shown = [gap for gap in means if any(side and side.estimate is not None for side in (gap.women, gap.men))]
    return tuple(sorted(shown, key=lambda gap: gap.code))


def lack_of(gap: Gap, everybody: SexFigure | None) -> float | None:
    """The share of persons who lack it, women and men together; None for a mean and where nothing is shown."""
    if gap.is_mean:
        return None
    sides = [figure for figure in (gap.women, gap.men) if figure and figure.estimate is not None]
    if everybody and everybody.estimate is not None:
        value = everybody.estimate
    elif sides:
        weights = [figure.universe or 1.0 for figure in sides]
        total = sum(weights)
        value = sum((figure.estimate or 0.0) * weight for figure, weight in zip(sides, weights, strict=True)) / total
    else:
        return None
    return value if gap.direction == "down" else 1 - value


def _rest(here: _Found, whole: _Found | None) -> tuple[float | None, float | None]:
    """Women's and men's figure outside the area, from persons: the whole less the area."""
    if whole is None:
        return None, None
    pairs = ((here.gap.women, whole.gap.women), (here.gap.men, whole.gap.men))
    return tuple(_rest_of_sex(area, site, here.gap.direction) for area, site in pairs)  # type: ignore[return-value]


def _rest_of_sex(area: SexFigure | None, site: SexFigure | None, direction: str) -> float | None:
    known = [(figure.lacking, figure.universe) for figure in (area, site) if figure]
    if len(known) < 2 or any(lacking is None or universe is None for lacking, universe in known):
        return None
    (here, people), (all_lacking, all_people) = known
    outside = (all_people or 0.0) - (people or 0.0)
    if outside <= 0:
        return None
    share = min(max(((all_lacking or 0.0) - (here or 0.0)) / outside, 0.0), 1.0)
    return share if direction == "down" else 1 - share


def _before(now: _Found, earlier: _Found | None) -> tuple[SexFigure | None, SexFigure | None]:
    """The figures of the round before, unless the definition means something else there."""
    if earlier is None or changed_meaning(earlier.indicator.definition, now.indicator.definition):
        return None, None
    return earlier.gap.women, earlier.gap.men


def _extremes(
    session: Session, reader: Reader, now: SurveyRound, one: _Found, sectors: Sequence[AreaRef]
) -> tuple[Extreme | None, Extreme | None]:
    """The sector with the greatest need and the one with the smallest."""
    if len(sectors) < 2 or is_sensitive(one.indicator):
        return None, None
    figures = load_figures(session, reader, now.id, [one.indicator.id], sectors)["all"]
    is_down = one.gap.direction == "down"
    known = [
        Extreme(area, figure.estimate)
        for area, figure in zip(sectors, figures, strict=True)
        if figure.estimate is not None
    ]
    if len(known) < 2:
        return None, None
    low, high = min(known, key=lambda e: e.estimate), max(known, key=lambda e: e.estimate)
    return (high, low) if is_down else (low, high)


# --- people -----------------------------------------------------------------------------------------------------------


def population_of(
    session: Session, bank_folder: Path, reader: Reader, survey_round: SurveyRound, area: AreaRef
) -> Population | None:
    """People by sex and age band: officials from the answers, the public from published figures.

    Published figures have age bands for the whole site only.
    """
    if not reader.is_public and survey_round.bank_path:
        return _from_answers(session, bank_folder, survey_round, area)
    return _from_figures(session, reader, survey_round, area)


def _from_figures(session: Session, reader: Reader, survey_round: SurveyRound, area: AreaRef) -> Population | None:
    """From the indicators that concern everybody; of several the one that more people answered."""
    people: dict[tuple[str, str], float] = {}
    for definition, sex, band, persons in populations(session, reader.figures, survey_round.id, area.id):
        if is_of_everybody(definition):
            people[band, sex] = max(people.get((band, sex), 0.0), persons)
    return _population(people)


def _from_answers(session: Session, bank_folder: Path, survey_round: SurveyRound, area: AreaRef) -> Population | None:
    file = bank_file(bank_folder, survey_round.bank_path, PERSONS)
    if not file.exists():
        return None
    if count_corrections(session, survey_round.id):
        persons = corrected_answers(session, bank_folder, survey_round).persons.lazy()
    else:
        persons = pl.scan_parquet(file)
    columns = persons.collect_schema().names()
    weight = pl.col(survey_round.weight_column) if survey_round.weight_column else pl.lit(1.0)
    if area.level > SITE_LEVEL:
        persons = persons.filter(pl.col(survey_round.area_columns[area.level - 1]).cast(pl.String) == area.code)
    band = pl.col(AGE_BAND).cast(pl.String) if AGE_BAND in columns else pl.lit(None, dtype=pl.String)
    chosen = persons.select(band.alias(AGE_BAND), pl.col(SEX).cast(pl.String), weight.alias("weight"))
    counts = chosen.group_by(AGE_BAND, SEX).agg(pl.col("weight").sum()).collect()
    people: dict[tuple[str, str], float] = {}
    for age_band, sex, persons_counted in counts.iter_rows():
        for group in (sex, BOTH_SEXES):
            people[ALL_AGES, group] = people.get((ALL_AGES, group), 0.0) + persons_counted
        if age_band is not None:
            people[age_band, sex] = persons_counted
    return _population(people)


def _population(people: Mapping[tuple[str, str], float]) -> Population | None:
    if not people:
        return None
    bands = sorted({band for band, _ in people if band != ALL_AGES}, key=_first_age)
    women, men = people.get((ALL_AGES, "female")), people.get((ALL_AGES, "male"))
    together = None if women is None or men is None else women + men
    return Population(
        people.get((ALL_AGES, BOTH_SEXES), together),
        women,
        men,
        tuple(Band(band, people.get((band, "female")), people.get((band, "male"))) for band in bands),
    )


def _first_age(band: str) -> tuple[int, str]:
    digits = "".join(character if character.isdigit() else " " for character in band).split()
    return (int(digits[0]) if digits else 999, band)
