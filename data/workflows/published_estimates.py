"""Estimates that a source has published -> a round without answers: stored as printed, with their source."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy.orm import Session, sessionmaker

from budget_model.errors import InputError, Problem
from data.readers.estimates_table import (
    AreaName,
    EstimatesMap,
    EstimatesTable,
    PublishedEstimate,
    read_estimates,
    read_register,
)
from data.store import audit
from data.store.areas import AreaRecord, area_ids, list_areas, root_area, save_areas
from data.store.engine import transaction
from data.store.estimates import replace_estimates
from data.store.indicators import save_indicators
from data.store.publications import replace_published
from data.store.rounds import save_round
from data.store.sites import load_site
from data.store.tables import RoundEvent, SurveyRound
from data.workflows.bank import check_round_code

DRAFT, PUBLISHED = "draft", "published"
NO_ANSWERS = ""  # the bank path of a round that is known by its published estimates only


@dataclass(frozen=True)
class StoredEstimates:
    """What came in."""

    round_code: str
    state: str
    estimates: int
    indicators: tuple[str, ...]
    areas: tuple[str, ...]  # made for it
    without_figure: tuple[str, ...]  # areas of the register that the table says nothing of
    table: EstimatesTable


def import_estimates(
    factory: sessionmaker[Session],
    site_slug: str,
    round_code: str,
    content: bytes,
    file: str,
    mapping: EstimatesMap,
    actor: str,
    register: tuple[bytes, str] | None = None,
) -> StoredEstimates:
    """Store a table of published estimates as a round of its own, all of it or nothing.

    register : content and name of the table of areas, where the map has one; its areas are made.

    Raises InputError with every problem; NotFoundError for an unknown site.
    """
    check_round_code(round_code)
    named, elsewhere = _register(mapping, register)
    with transaction(factory) as session:
        site = load_site(session, site_slug)
        made = (
            save_areas(session, site.id, actor, [AreaRecord(area.code, area.name) for area in named]) if named else ()
        )
        codes = [area.code for area in list_areas(session, site.id) if area.level > 0]
        table = read_estimates(content, file, mapping, codes, elsewhere)
        survey_round = save_round(session, actor, _round(site.id, round_code, content, mapping))
        indicators = _store(session, survey_round, mapping, table, file)
        _record(session, survey_round, actor, content, file, mapping)
        with_figure = {row.area for row in table.rows}
        without = tuple(area.code for area in named if area.code not in with_figure)
        return StoredEstimates(round_code, survey_round.state, len(table.rows), indicators, tuple(made), without, table)


def _register(mapping: EstimatesMap, register: tuple[bytes, str] | None) -> tuple[tuple[AreaName, ...], frozenset[str]]:
    if mapping.areas is None:
        return (), frozenset()
    if register is None:
        message = f"The map asks for a table of areas ('{mapping.areas.file}'). Give it with --areas."
        raise InputError(Problem("register.missing", message, value=mapping.areas.file))
    return read_register(*register, mapping.areas)


def _round(site_id: int, code: str, content: bytes, mapping: EstimatesMap) -> SurveyRound:
    return SurveyRound(
        site_id=site_id,
        code=code,
        starts_on=mapping.starts_on,
        ends_on=mapping.ends_on,
        coverage_area=mapping.coverage.area,
        coverage_rate=mapping.coverage.rate,
        is_census=mapping.census,
        area_columns=[],
        household_count=None,
        person_count=None,
        state=PUBLISHED if mapping.published else DRAFT,
        bank_path=NO_ANSWERS,
        content_sha256=hashlib.sha256(content).hexdigest(),
        source=mapping.source,
    )


def _store(
    session: Session, survey_round: SurveyRound, mapping: EstimatesMap, table: EstimatesTable, file: str
) -> tuple[str, ...]:
    """Definitions and figures; where the source has published them, also as what everybody sees."""
    used = {row.indicator for row in table.rows}
    definitions = [item for item in mapping.definitions(file).values() if item.id in used]
    ids = save_indicators(session, survey_round.site_id, definitions)
    areas = area_ids(session, survey_round.site_id)
    root = root_area(session, survey_round.site_id).id
    rows = list(_rows(table, ids, areas, root))
    replace_estimates(session, survey_round.id, ids.values(), rows)
    if mapping.published:
        replace_published(session, survey_round.id, [_shown(row) for row in rows])
    return tuple(ids)


def _rows(
    table: EstimatesTable, ids: Mapping[str, int], areas: Mapping[str, int], root: int
) -> Iterator[dict[str, Any]]:
    for row in table.rows:
        yield {
            "indicator_id": ids[row.indicator],
            "area_id": root if row.area is None else areas[row.area],
            "sex": row.sex,
            "age_band": "all",
            "estimate": row.estimate,
            "standard_error": row.se,
            "ci_low": row.ci_low,
            "ci_high": row.ci_high,
            "cv": row.cv,
            "deff": None,
            "n": row.n,
            "population": row.population,
            "count": _count(row),
            "count_standard_error": None,
        }


def _count(row: PublishedEstimate) -> float | None:
    return None if row.population is None else row.estimate * row.population


def _shown(row: Mapping[str, Any]) -> dict[str, Any]:
    """The same figure as everybody sees it: its source has published it, so nothing is left to protect."""
    kept = {name: value for name, value in row.items() if name not in ("deff", "count_standard_error")}
    return {**kept, "status": "shown", "least": 0}


def _record(
    session: Session, survey_round: SurveyRound, actor: str, content: bytes, file: str, mapping: EstimatesMap
) -> None:
    detail = {"file": file, "sha256": hashlib.sha256(content).hexdigest(), "source": mapping.source}
    audit.record(session, actor, "estimates.import", f"round {survey_round.code}", survey_round.site_id, detail)
    if survey_round.state == PUBLISHED:
        event = RoundEvent(
            round_id=survey_round.id,
            at=datetime.now(UTC),
            actor=actor,
            from_state=DRAFT,
            to_state=PUBLISHED,
            reason=f"Published by its source: {mapping.source}",
            detail=detail,
        )
        session.add(event)
