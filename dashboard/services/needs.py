"""Indicators and needs of women and men at one site, as far as the reader may see them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sqlalchemy.orm import Session

from budget_model.errors import NotFoundError
from budget_model.survey.catalogue import is_mean_document, is_part, side_labels
from dashboard.auth.person import Person
from dashboard.context import SiteRef
from dashboard.services.access import EVERYBODY, SIGNED_IN, may, require
from dashboard.services.findings import AreaRef, Findings, Gap, RoundInfo, SexFigure
from dashboard.services.protection import Reader, published_persons
from data.store import areas as area_store
from data.store.definitions import pending_definitions, redefinitions
from data.store.figures import Figure, figures_of_area, rounds_with_figures, rounds_without_protection
from data.store.rounds import PUBLISHED, list_rounds, round_that_counts
from data.store.tables import Indicator, PublishedFigure, SurveyRound

if TYPE_CHECKING:
    from dashboard.services import Store

SEXES = {"women": "female", "men": "male"}
HIDDEN, NOBODY = "protected", "nobody"


class NeedsService:
    """Gaps between women and men."""

    def __init__(self, store: Store):
        self._store = store

    def unprotected(self, user: Person, site: SiteRef) -> tuple[str, ...]:
        """Codes of published rounds that have no figures for the public yet."""
        require(user, EVERYBODY, site)
        with self._store.factory() as session:
            return rounds_without_protection(session, site.id)

    def findings(
        self, user: Person, site: SiteRef, area_code: str | None = None, round_code: str | None = None
    ) -> Findings:
        """Gaps of a round (without a code of the one that counts), for the whole site or one of its areas.

        Raises
        ------
        AccessError : the public asks for an area below the site. NotFoundError : no such area or round for this reader.
        """
        require(user, EVERYBODY, site)
        reader = reader_of(user, site)
        with self._store.factory() as session:
            rounds = visible_rounds(session, site.id, reader)
            survey_round = named_round(rounds, round_code)
            areas = list_areas(session, site.id)
            area = choose_area(areas, area_code)
            if area is not None and area.level > 0:
                require(user, SIGNED_IN, site, "see figures of sectors")
            gaps = load_gaps(session, survey_round, area, reader) if survey_round and area else ()
            told = survey_round and round_as_told(session, reader, survey_round)
            choices = tuple(round_as_told(session, reader, one) for one in rounds)
        shown = tuple(areas) if reader.may_see_sectors else tuple(found for found in areas if found.level == 0)
        return Findings(told, area, shown, gaps, reader.is_public, choices)


def reader_of(user: Person, site: SiteRef) -> Reader:
    return Reader(is_public=not may(user, SIGNED_IN, site))


def visible_rounds(session: Session, site_id: int, reader: Reader) -> list[SurveyRound]:
    """Rounds with figures for this reader, the newest first; the public sees published rounds only."""
    with_figures = rounds_with_figures(session, reader.figures)
    return [
        one
        for one in list_rounds(session, site_id)
        if one.id in with_figures and (not reader.is_public or one.state == PUBLISHED)
    ]


def named_round(rounds: list[SurveyRound], code: str | None) -> SurveyRound | None:
    """The round of that code, without one the round that counts; None of no rounds. NotFoundError: no such code."""
    if not code:
        return round_that_counts(rounds)
    for one in rounds:
        if one.code == code:
            return one
    raise NotFoundError("survey round", code)


def latest_round(session: Session, site_id: int, reader: Reader) -> SurveyRound | None:
    """The round that counts among those with figures for this reader."""
    return round_that_counts(visible_rounds(session, site_id, reader))


def list_areas(session: Session, site_id: int) -> list[AreaRef]:
    return [AreaRef(area.id, area.code, area.name, area.level) for area in area_store.list_areas(session, site_id)]


def choose_area(areas: list[AreaRef], code: str | None) -> AreaRef | None:
    """The area of that code; without a code the site itself."""
    wanted = [area for area in areas if (area.code == code if code else area.level == 0)]
    if not wanted and code:
        raise NotFoundError("area", code)
    return wanted[0] if wanted else None


def load_gaps(session: Session, survey_round: SurveyRound, area: AreaRef, reader: Reader) -> tuple[Gap, ...]:
    """One gap an indicator that the reader may see, in the order of the catalogue; the newest version counts."""
    by_code: dict[str, dict[int, tuple[Indicator, dict[str, Figure]]]] = {}
    for indicator, figure in figures_of_area(session, reader.figures, survey_round.id, area.id):
        versions = by_code.setdefault(indicator.code, {})
        versions.setdefault(indicator.version, (indicator, {}))[1][figure.sex] = figure
    newest = [versions[max(versions)] for versions in by_code.values()]
    return tuple(
        make_gap(indicator, figures)
        for indicator, figures in newest
        if reader.may_see_indicator(is_sensitive(indicator), area.level) and not is_part(indicator.code)
    )


def is_sensitive(indicator: Indicator) -> bool:
    return bool(indicator.definition.get("sensitive"))


def make_gap(indicator: Indicator, figures: dict[str, Figure]) -> Gap:
    definition = indicator.definition
    sides = {group: side(figures.get(sex), definition) for group, sex in SEXES.items()}
    return Gap(
        code=indicator.code,
        label=definition["label"],
        dimension=definition.get("dimension") or "other",
        direction=definition["direction"],
        is_mean=is_mean_document(definition),
        is_sensitive=is_sensitive(indicator),
        source=definition.get("source") or "",
        women=sides["women"],
        men=sides["men"],
        unit=definition.get("unit") or {},
        lacking_label=side_labels(definition)[0],
    )


def side(figure: Figure | None, definition: dict[str, Any]) -> SexFigure | None:
    """One sex's figure; None where the indicator does not apply to that sex (nobody in the universe)."""
    if figure is None or figure.population == 0:
        return None
    if isinstance(figure, PublishedFigure):
        if figure.status == NOBODY:
            return None
        if figure.status == HIDDEN:
            return SexFigure.suppressed(figure.least)
    is_mean = is_mean_document(definition)
    return SexFigure(
        estimate=figure.estimate,
        standard_error=figure.standard_error,
        ci_low=figure.ci_low,
        ci_high=figure.ci_high,
        cv=figure.cv,
        persons=figure.n,
        universe=figure.population,
        lacking=None if is_mean else persons_lacking(figure, definition["direction"]),
    )


def persons_lacking(figure: Figure, direction: str) -> float | None:
    """Persons of the universe who lack it: those counted where lower is better, the others where higher is."""
    if figure.count is None:
        return None
    return figure.count if direction == "down" else figure.population - figure.count


def round_info(survey_round: SurveyRound) -> RoundInfo:
    return RoundInfo(
        survey_round.id,
        survey_round.code,
        survey_round.starts_on,
        survey_round.ends_on,
        survey_round.coverage_area,
        survey_round.coverage_rate,
        survey_round.is_census,
        survey_round.household_count,
        survey_round.person_count,
        survey_round.source,
        survey_round.state,
    )


def round_as_told(session: Session, reader: Reader, survey_round: SurveyRound) -> RoundInfo:
    """The round as this reader is told of it: the public gets the number of persons that its figures add up to."""
    pending = () if reader.is_public else pending_definitions(session, survey_round)
    told = replace(round_info(survey_round), pending=pending, redefined=redefinitions(session, survey_round))
    persons = published_persons(session, survey_round.id) if reader.is_public and told.person_count else None
    return told if persons is None else replace(told, person_count=persons)
