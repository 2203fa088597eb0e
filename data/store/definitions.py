"""Definitions of a published round: which are computed and not yet public, and which were published later."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from budget_model.survey.catalogue import IndicatorDefinition, is_part
from data.store.publications import find_publication
from data.store.rounds import PUBLISHED
from data.store.tables import Estimate, Indicator, PublishedFigure, RoundEvent, SurveyRound

DEFINITIONS = "definitions"  # in the detail of a round's event: what was published anew


@dataclass(frozen=True)
class PendingDefinition:
    """Estimates of a published round that the public does not see. `public_version` None: it sees none of the code."""

    indicator_id: int
    code: str
    version: int
    public_version: int | None
    label: Mapping[str, str]


@dataclass(frozen=True)
class Redefinition:
    """A definition published after the round: `earlier_version` is what the public saw before, None: nothing."""

    code: str
    version: int
    earlier_version: int | None
    label: Mapping[str, str]
    at: datetime
    role: str  # of the person who published it


def pending_definitions(session: Session, survey_round: SurveyRound) -> tuple[PendingDefinition, ...]:
    """What was computed on a published round and is no part of its publication, in the order of the codes.

    Empty for a round without a publication: nobody has seen figures of it that could change. What is never published
    (medians and how a welfare is spread) is not in it.
    """
    if survey_round.state != PUBLISHED or find_publication(session, survey_round.id) is None:
        return ()
    public = {row.id: row for row in _indicators_of(session, PublishedFigure, survey_round.id)}
    versions: dict[str, int] = {}
    for row in public.values():
        versions[row.code] = max(versions.get(row.code, 0), row.version)
    return tuple(
        PendingDefinition(row.id, row.code, row.version, versions.get(row.code), row.definition["label"])
        for row in _indicators_of(session, Estimate, survey_round.id)
        if row.id not in public and _can_be_published(row)
    )


def _indicators_of(session: Session, table: type[Estimate] | type[PublishedFigure], round_id: int) -> list[Indicator]:
    used = select(table.indicator_id).where(table.round_id == round_id).distinct()
    query = select(Indicator).where(Indicator.id.in_(used)).order_by(Indicator.code, Indicator.version)
    return list(session.scalars(query))


def _can_be_published(row: Indicator) -> bool:
    return not IndicatorDefinition.model_validate(row.definition).needs_every_answer


def redefinitions(session: Session, survey_round: SurveyRound) -> tuple[Redefinition, ...]:
    """What was published anew of a round, the newest of each code; parts of a measure go with the measure."""
    query = select(RoundEvent).where(RoundEvent.round_id == survey_round.id).order_by(RoundEvent.id)
    found = {
        one["indicator"]: Redefinition(
            one["indicator"], one["version"], one["earlier"], one["label"], event.at, event.detail.get("role", "")
        )
        for event in session.scalars(query)
        for one in event.detail.get(DEFINITIONS, ())
        if not is_part(one["indicator"])
    }
    return tuple(found.values())
