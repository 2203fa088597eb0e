"""Figures of an indicator for all areas of a level, as far as the reader may see them, and the shapes to draw them in.

Sensitive indicators are never shown below the municipality, so they have no map.
"""

from __future__ import annotations

import json
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING, Any

from sqlalchemy.orm import Session

from budget_model.errors import NotFoundError
from budget_model.survey.catalogue import IndicatorDefinition, is_mean_document, is_part
from budget_model.survey.series import differing_keys
from dashboard.auth.person import Person
from dashboard.context import SiteRef
from dashboard.services.access import EVERYBODY, PLANNERS, require
from dashboard.services.findings import AreaRef, RoundInfo
from dashboard.services.map_shapes import Shape, load_shapes, shape_file
from dashboard.services.needs import is_sensitive, named_round, reader_of, round_as_told, visible_rounds
from dashboard.services.protection import Reader
from data.store.areas import area_levels, area_rows, has_shapes
from data.store.audit import newest_entry
from data.store.figures import count_below_site, figures_by_area, indicators_by_sex, indicators_with_figures
from data.store.rounds import rounds_before
from data.store.tables import Indicator, SurveyRound
from data.workflows.geometry import ImportedShapes, check_shapes, import_shapes

if TYPE_CHECKING:
    from dashboard.services import Store

MOST_KEPT = 12
SHOWN, PROTECTED, MISSING, NOBODY = "shown", "protected", "missing", "nobody"


@dataclass(frozen=True)
class MapIndicator:
    """An indicator as a map needs it."""

    id: int
    code: str
    version: int
    label: Mapping[str, str]
    dimension: str
    direction: str
    is_mean: bool
    source: str
    definition: Mapping[str, Any]


@dataclass(frozen=True)
class AreaFigure:
    """One sex in one area. `status`: shown, protected, missing (nothing is known), nobody (it applies to nobody)."""

    status: str
    estimate: float | None = None
    standard_error: float | None = None
    low: float | None = None
    high: float | None = None
    n: int | None = None
    least: int | None = None


MISSING_FIGURE = AreaFigure(MISSING)
Figures = Mapping[str, Sequence[AreaFigure]]  # by sex (female, male, all), in the order of the areas


@dataclass(frozen=True)
class MapChoices:
    """What there is to choose from; empty where there is nothing to map."""

    rounds: tuple[RoundInfo, ...]  # the newest first
    round: RoundInfo | None
    before: RoundInfo | None  # the round before it
    indicators: tuple[MapIndicator, ...]
    levels: tuple[int, ...]
    has_shapes: bool
    is_public: bool
    best: str = ""  # the indicator with the most figures to show
    by_sex: frozenset[str] = (
        frozenset()
    )  # indicators with figures of women or men in areas; the others have both together


@dataclass(frozen=True)
class MapFigures:
    """An indicator in every area of a level, in one round and in the one before it."""

    indicator: MapIndicator
    round: RoundInfo
    before: RoundInfo | None
    level: int
    areas: tuple[AreaRef, ...]
    now: Figures
    earlier: Figures | None  # None: no earlier round has it
    changed_keys: tuple[str, ...]  # in which the earlier definition means something else
    is_public: bool


class MapService:
    """Maps of indicators."""

    def __init__(self, store: Store):
        self._store = store
        self._kept: OrderedDict[tuple[int, int, int], bytes] = OrderedDict()
        self._lock = Lock()

    def choices(self, user: Person, site: SiteRef, round_code: str | None = None) -> MapChoices:
        """Rounds, indicators and levels that this reader may map. NotFoundError for a round that is not there."""
        require(user, EVERYBODY, site)
        reader = reader_of(user, site)
        with self._store.factory() as session:
            rounds = visible_rounds(session, site.id, reader)
            chosen, before = _chosen(rounds, round_code)
            indicators = _indicators(session, chosen, reader) if chosen else ()
            told = {one.id: round_as_told(session, reader, one) for one in rounds}
            return MapChoices(
                tuple(told.values()),
                chosen and told[chosen.id],
                before and told[before.id],
                indicators,
                tuple(area_levels(session, site.id)),
                has_shapes(session, site.id),
                reader.is_public,
                _best(session, chosen, reader, indicators) if chosen else "",
                _by_sex(session, chosen, reader, indicators) if chosen else frozenset(),
            )

    def figures(
        self, user: Person, site: SiteRef, indicator: str | None, level: int, round_code: str | None = None
    ) -> MapFigures:
        """One indicator (the first where none is named) in all areas of a level.

        Raises NotFoundError for a round, an indicator or a level that this reader cannot map.
        """
        require(user, EVERYBODY, site)
        reader = reader_of(user, site)
        with self._store.factory() as session:
            chosen, before = _chosen(visible_rounds(session, site.id, reader), round_code)
            if chosen is None:
                raise NotFoundError("survey round", round_code or "")
            found = _indicator(_indicators(session, chosen, reader), indicator)
            areas = _areas(session, site.id, level)
            earlier, changed = self._earlier(session, before, found, areas, reader)
            return MapFigures(
                found,
                round_as_told(session, reader, chosen),
                round_as_told(session, reader, before) if before and (earlier or changed) else None,
                level,
                areas,
                load_figures(session, reader, chosen.id, [found.id], areas),
                earlier,
                changed,
                reader.is_public,
            )

    def _earlier(
        self,
        session: Session,
        before: SurveyRound | None,
        indicator: MapIndicator,
        areas: Sequence[AreaRef],
        reader: Reader,
    ) -> tuple[Figures | None, tuple[str, ...]]:
        """Figures of the round before, unless the definition means something else there: then the keys that differ."""
        if before is None:
            return None, ()
        same = [one for one in _indicators(session, before, reader) if one.code == indicator.code]
        if not same:
            return None, ()
        keys = changed_meaning(same[0].definition, indicator.definition)
        if keys:
            return None, keys
        return load_figures(session, reader, before.id, [same[0].id], areas), ()

    def shapes(self, user: Person, site: SiteRef, level: int) -> tuple[bytes, str]:
        """The shapes of a level as GeoJSON with code and name, and what identifies this content."""
        require(user, EVERYBODY, site)
        with self._store.factory() as session:
            key = (site.id, level, newest_entry(session, site.id, "areas."))
            with self._lock:
                kept = self._kept.get(key)
            content = kept or shape_file(load_shapes(session, site.id, level))
        with self._lock:
            self._kept[key] = content
            while len(self._kept) > MOST_KEPT:
                self._kept.popitem(last=False)
        return content, "-".join(str(part) for part in (*key, len(content)))

    def drawn(self, user: Person, site: SiteRef, level: int) -> tuple[Shape, ...]:
        """The shapes of a level, in the order of the figures."""
        require(user, EVERYBODY, site)
        with self._store.factory() as session:
            return load_shapes(session, site.id, level)

    def check_shapes(
        self, user: Person, site: SiteRef, content: bytes, file: str, level: int, id_property: str
    ) -> ImportedShapes:
        """A GeoJSON file held against the site's areas; nothing is stored. InputError with every problem."""
        require(user, PLANNERS, site, "change the shapes of areas")
        with self._store.factory() as session:
            return check_shapes(session, site.slug, content, file, level, id_property)

    def store_shapes(
        self, user: Person, site: SiteRef, content: bytes, file: str, level: int, id_property: str
    ) -> ImportedShapes:
        """Check again, and store."""
        require(user, PLANNERS, site, "change the shapes of areas")
        return import_shapes(self._store.factory, site.slug, content, file, user.login, level, id_property)


def _chosen(rounds: list[SurveyRound], code: str | None) -> tuple[SurveyRound | None, SurveyRound | None]:
    """The round of that code (without one the round that counts) and the one before it."""
    chosen = named_round(rounds, code)
    return chosen, next(iter(rounds_before(rounds, chosen)), None) if chosen else None


def _areas(session: Session, site_id: int, level: int) -> tuple[AreaRef, ...]:
    areas = tuple(AreaRef(*row) for row in area_rows(session, site_id, level))
    if not areas or level < 1:
        raise NotFoundError("area of level", str(level))
    return areas


def _indicators(session: Session, survey_round: SurveyRound, reader: Reader) -> tuple[MapIndicator, ...]:
    """Newest versions with figures below the site, without the sensitive ones."""
    found = indicators_with_figures(session, reader.figures, survey_round.id, below_site=True)
    return tuple(_map_indicator(row) for row in found if not is_sensitive(row) and not is_part(row.code))


def _best(session: Session, survey_round: SurveyRound, reader: Reader, indicators: Sequence[MapIndicator]) -> str:
    """The indicator with the most figures of areas, of several the first; empty without indicators."""
    counts = count_below_site(session, reader.figures, survey_round.id)
    return max(indicators, key=lambda one: counts.get(one.id, 0)).code if indicators else ""


def _by_sex(
    session: Session, survey_round: SurveyRound, reader: Reader, indicators: Sequence[MapIndicator]
) -> frozenset[str]:
    """Codes of the indicators that the round has for women or men of its areas; published estimates may lack them."""
    found = indicators_by_sex(session, reader.figures, survey_round.id)
    return frozenset(one.code for one in indicators if one.id in found)


def _map_indicator(row: Indicator) -> MapIndicator:
    definition = row.definition
    return MapIndicator(
        row.id,
        row.code,
        row.version,
        definition["label"],
        definition.get("dimension") or "other",
        definition["direction"],
        is_mean_document(definition),
        definition.get("source") or "",
        definition,
    )


def changed_meaning(earlier: Mapping[str, Any], later: Mapping[str, Any]) -> tuple[str, ...]:
    one, other = (IndicatorDefinition.model_validate_json(json.dumps(dict(each))) for each in (earlier, later))
    return differing_keys(one, other)


def _indicator(indicators: Sequence[MapIndicator], code: str | None) -> MapIndicator:
    wanted = [one for one in indicators if code is None or one.code == code]
    if not wanted:
        raise NotFoundError("indicator", code or "")
    return wanted[0]


def load_figures(
    session: Session, reader: Reader, round_id: int, indicator_ids: Sequence[int], areas: Sequence[AreaRef]
) -> dict[str, tuple[AreaFigure, ...]]:
    """By sex, in the order of the areas; what the reader's table lacks is missing."""
    places = {area.id: at for at, area in enumerate(areas)}
    found: dict[str, list[AreaFigure]] = {sex: [MISSING_FIGURE] * len(areas) for sex in ("female", "male", "all")}
    for row in figures_by_area(session, reader.figures, round_id, indicator_ids, areas[0].id):
        if row.sex in found and row.area_id in places:
            found[row.sex][places[row.area_id]] = _figure(row, reader.is_public)
    return {sex: tuple(figures) for sex, figures in found.items()}


def _figure(row: Any, is_public: bool) -> AreaFigure:
    if row.population == 0 or (is_public and row.status == NOBODY):
        return AreaFigure(NOBODY)
    if is_public and row.status != SHOWN:
        return AreaFigure(PROTECTED, least=row.least)
    if row.estimate is None:
        return MISSING_FIGURE
    return AreaFigure(SHOWN, row.estimate, row.standard_error, row.ci_low, row.ci_high, row.n)
