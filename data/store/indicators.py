"""Indicator definitions in the store: a version keeps its meaning, a new meaning is a new version."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from budget_model.errors import CatalogueError, Problem
from budget_model.survey.catalogue import CONDITION_KEYS, IndicatorDefinition
from data.store.tables import Indicator

# labels and sources may be mended within a version
MEANING_KEYS = ("level", *CONDITION_KEYS, "below", "spread", "direction")


def list_indicators(session: Session, site_id: int) -> list[Indicator]:
    """The latest version of each indicator of a site, by code."""
    return list({indicator.code: indicator for indicator in list_versions(session, site_id)}.values())


def list_versions(session: Session, site_id: int) -> list[Indicator]:
    """Every version of every indicator of a site, by code and version."""
    query = select(Indicator).where(Indicator.site_id == site_id).order_by(Indicator.code, Indicator.version)
    return list(session.scalars(query))


def save_indicators(session: Session, site_id: int, definitions: Sequence[IndicatorDefinition]) -> dict[str, int]:
    """Code -> id of the rows of these very versions, made where they are new.

    Raises CatalogueError with every definition whose meaning differs from the stored one of the same version.
    """
    rows = {
        (row.code, row.version): row for row in session.scalars(select(Indicator).where(Indicator.site_id == site_id))
    }
    ids: dict[str, int] = {}
    problems = []
    for definition in definitions:
        content = definition.model_dump(mode="json")
        row = rows.get((definition.id, definition.version))
        if row is None:
            row = Indicator(site_id=site_id, code=definition.id, version=definition.version, definition=content)
            session.add(row)
            session.flush()
        elif any(row.definition.get(key) != content.get(key) for key in MEANING_KEYS) or _opens(row, content):
            problems.append(_changed(definition))
        else:
            row.definition = content
        ids[definition.id] = row.id
    if problems:
        raise CatalogueError(problems)
    return ids


def _opens(row: Indicator, content: dict[str, Any]) -> bool:
    """Whether what was sensitive would be no more: figures that are out already would be shown at once."""
    return bool(row.definition.get("sensitive")) and not content.get("sensitive")


def _changed(definition: IndicatorDefinition) -> Problem:
    message = (
        f"indicator '{definition.id}' version {definition.version} is stored with another meaning. "
        f"Raise `version` to {definition.version + 1} so that both stay comparable."
    )
    return Problem("indicator_changed", message, facts={"indicator": definition.id})
