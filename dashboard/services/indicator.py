"""One indicator in full, as far as the reader may see it: rounds, gap and parity, ages, sex of the head, areas, family.

The public reads protected figures; those who work at the site exact ones, and only they the figures by the sex of the
head and errors that know of common households.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from sqlalchemy.orm import Session

from budget_model.errors import NotFoundError
from budget_model.survey.catalogue import is_mean_document
from dashboard.auth.person import Person
from dashboard.context import SiteRef
from dashboard.services.access import EVERYBODY, require
from dashboard.services.findings import AreaRef, Gap, RoundInfo, SexFigure
from dashboard.services.map import changed_meaning
from dashboard.services.needs import (
    is_sensitive,
    list_areas,
    make_gap,
    named_round,
    reader_of,
    round_as_told,
    side,
    visible_rounds,
)
from dashboard.services.protection import Reader
from data.store.estimates import list_contrasts, list_head_estimates
from data.store.figures import ALL_AGES, SITE_LEVEL, figures_down_to_sectors, indicators_with_figures
from data.store.rounds import STATES
from data.store.tables import Indicator, SurveyRound

if TYPE_CHECKING:
    from dashboard.services import Store


@dataclass(frozen=True)
class Beside:
    """Women beside men: difference (share, or the mean's unit) and ratio, with errors where they are known."""

    difference: float | None
    difference_se: float | None
    ratio: float | None
    ratio_low: float | None = None
    ratio_high: float | None = None
    knows_households: bool = False  # the errors know that women and men share households


@dataclass(frozen=True)
class Line:
    """Women, men and both together, of a round, an age band, an area, a kind of household or a part of the family."""

    name: str
    gap: Gap
    everybody: SexFigure | None
    beside: Beside | None = None
    changed: tuple[str, ...] = ()  # keys in which the definition means something else than in the round before


@dataclass(frozen=True)
class IndicatorDetail:
    """Everything on the page; `rounds` from the earliest on."""

    choices: tuple[tuple[str, Mapping[str, str]], ...]
    code: str
    definition: Mapping[str, Any]
    round: RoundInfo
    here: Line
    rounds: tuple[tuple[RoundInfo, Line], ...]
    bands: tuple[Line, ...]
    heads: tuple[Line, ...]
    areas: tuple[Line, ...]
    family: tuple[tuple[str, Line], ...]  # code, line
    is_public: bool
    lacking_round: str = ""  # the round that was asked for and does not have the indicator


Sides = dict[str, Any]


class IndicatorService:
    """Indicators, one at a time."""

    def __init__(self, store: Store):
        self._store = store

    def detail(self, user: Person, site: SiteRef, code: str | None, round_code: str | None) -> IndicatorDetail | None:
        """An indicator (the first without a code) in a round (the one that counts without); None without figures.
        A round that did not ask it gives way to the newest that did.

        Raises NotFoundError for an indicator or a round that this reader does not see.
        """
        require(user, EVERYBODY, site)
        reader = reader_of(user, site)
        with self._store.factory() as session:
            rounds = visible_rounds(session, site.id, reader)
            asked = named_round(rounds, round_code)
            if asked is None:
                return None
            chosen, found = self._with_indicator(session, reader, rounds, asked, code)
            if not found:
                return None
            indicator = _chosen(found, code)
            detail = self._detail(session, site, reader, rounds, chosen, found, indicator)
            return detail if chosen is asked else replace(detail, lacking_round=asked.code)

    def _with_indicator(
        self, session: Session, reader: Reader, rounds: list[SurveyRound], asked: SurveyRound, code: str | None
    ) -> tuple[SurveyRound, dict[str, Indicator]]:
        """The round that was asked for with its indicators; where it lacks the one, the newest round that has it."""
        for one in (asked, *sorted(rounds, key=lambda one: -STATES.index(one.state))):
            found = _indicators(session, reader, one)
            if code is None or code in found:
                return one, found
        return asked, _indicators(session, reader, asked)

    def _detail(
        self,
        session: Session,
        site: SiteRef,
        reader: Reader,
        rounds: list[SurveyRound],
        chosen: SurveyRound,
        found: dict[str, Indicator],
        indicator: Indicator,
    ) -> IndicatorDetail:
        areas = {area.id: area for area in list_areas(session, site.id)}
        root = next(area for area in areas.values() if area.level == SITE_LEVEL)
        figures = _figures(session, reader, chosen.id, indicator.id)
        beside = {} if reader.is_public else _beside(session, chosen.id, indicator.id)
        sectors = [area for area in areas.values() if area.level == 1 and not is_sensitive(indicator)]
        return IndicatorDetail(
            tuple((one.code, one.definition["label"]) for one in found.values()),
            indicator.code,
            indicator.definition,
            round_as_told(session, reader, chosen),
            _line("", indicator, figures.get((root.id, ALL_AGES), {}), beside.get(root.id)),
            tuple(self._series(session, reader, rounds, indicator.code, root)),
            _by_age(indicator, figures, root),
            () if reader.is_public else _heads(session, chosen.id, indicator),
            tuple(
                _line(area.name, indicator, figures[area.id, ALL_AGES], beside.get(area.id))
                for area in sectors
                if (area.id, ALL_AGES) in figures
            ),
            tuple(
                (one.code, _line("", one, _figures(session, reader, chosen.id, one.id).get((root.id, ALL_AGES), {})))
                for one in _family(indicator, found)
            ),
            reader.is_public,
        )

    def _series(
        self, session: Session, reader: Reader, rounds: list[SurveyRound], code: str, root: AreaRef
    ) -> list[tuple[RoundInfo, Line]]:
        """The indicator in every round that has it, the earliest first."""
        series: list[tuple[RoundInfo, Line]] = []
        before: Indicator | None = None
        for one in reversed(rounds):
            indicator = _indicators(session, reader, one).get(code)
            if indicator is None:
                continue
            sides = _figures(session, reader, one.id, indicator.id).get((root.id, ALL_AGES), {})
            own = None if reader.is_public else _beside(session, one.id, indicator.id).get(root.id)
            changed = changed_meaning(before.definition, indicator.definition) if before else ()
            series.append((round_as_told(session, reader, one), _line(one.code, indicator, sides, own, changed)))
            before = indicator
        return series


def band_order(band: str) -> tuple[int, str]:
    """Bands in the order of their first year: `6-11` before `12-17`."""
    start = band.partition("-")[0].rstrip("+")
    return (int(start) if start.isdecimal() else 0, band)


def _family(indicator: Indicator, found: dict[str, Indicator]) -> list[Indicator]:
    """The other indicators that one entry of the catalogue stands for (`MPI.H` beside `MPI.M0`)."""
    stem = indicator.code.partition(".")[0]
    return [one for one in found.values() if one.code != indicator.code and one.code.startswith(f"{stem}.")]


def _by_age(indicator: Indicator, figures: Mapping[tuple[int, str], Sides], root: AreaRef) -> tuple[Line, ...]:
    """The age bands of the whole site, the youngest first."""
    return tuple(
        _line(band, indicator, sides)
        for (area, band), sides in sorted(figures.items(), key=lambda pair: band_order(pair[0][1]))
        if area == root.id and band != ALL_AGES
    )


def _chosen(found: dict[str, Indicator], code: str | None) -> Indicator:
    if code is not None and code not in found:
        raise NotFoundError("indicator", code)
    return found[code] if code else next(iter(found.values()))


def _indicators(session: Session, reader: Reader, survey_round: SurveyRound) -> dict[str, Indicator]:
    """By code, the newest version of each indicator with figures in the round that the reader may see."""
    found = indicators_with_figures(session, reader.figures, survey_round.id)
    return {row.code: row for row in found if reader.may_see_indicator(is_sensitive(row), SITE_LEVEL)}


def _figures(session: Session, reader: Reader, round_id: int, indicator_id: int) -> dict[tuple[int, str], Sides]:
    """By area and age band: the figures by sex."""
    found: dict[tuple[int, str], Sides] = {}
    for row in figures_down_to_sectors(session, reader.figures, round_id, indicator_id):
        found.setdefault((row.area_id, row.age_band), {})[row.sex] = row
    return found


def _beside(session: Session, round_id: int, indicator_id: int) -> dict[int, Beside]:
    """By area: women beside men with their own errors."""
    return {
        row.area_id: Beside(row.difference, row.difference_se, row.ratio, row.ratio_low, row.ratio_high, True)
        for row in list_contrasts(session, round_id, indicator_id)
    }


def _heads(session: Session, round_id: int, indicator: Indicator) -> tuple[Line, ...]:
    """By the sex of the household's head."""
    found: dict[str, Sides] = {}
    for row in list_head_estimates(session, round_id, indicator.id):
        found.setdefault(row.head_sex, {})[row.sex] = row
    return tuple(_line(sex, indicator, sides) for sex, sides in sorted(found.items()))


def _line(
    name: str, indicator: Indicator, sides: Sides, beside: Beside | None = None, changed: tuple[str, ...] = ()
) -> Line:
    gap = make_gap(indicator, sides)
    if beside is not None and gap.standard_error == math.inf:  # the answers of one sampling unit vouch for nothing
        beside = replace(beside, difference_se=math.inf, ratio_low=None, ratio_high=None)
    return Line(name, gap, side(sides.get("all"), indicator.definition), beside or _from_figures(gap), changed)


def _from_figures(gap: Gap) -> Beside | None:
    """From the two figures alone: errors as if women and men were asked apart, which is rather too wide."""
    if gap.gap is None or gap.women is None or gap.men is None:
        return None
    women, men = gap.women.estimate, gap.men.estimate
    ratio = women / men if women is not None and men else None
    return Beside(gap.gap, gap.standard_error, ratio)


def is_mean(detail: IndicatorDetail) -> bool:
    """Whether the figures are in the unit of their column."""
    return is_mean_document(detail.definition)
