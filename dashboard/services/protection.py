"""What may be shown to whom of a round: exact estimates, or the protected figures made when it was published.

There is one protected table a round (`data.workflows.publication`), and whoever may not see exact figures is shown
that table and nothing else, so that pages and files agree and no two of them can be set against each other.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from data.store.tables import Area, Estimate, Indicator, PublishedFigure

SITE_LEVEL = 0
ALL_AGES, BOTH_SEXES = "all", "all"
EVERYBODY_IS_IN = ("true", "(true)", "age >= 0")  # conditions that leave nobody out
Figure = Estimate | PublishedFigure


@dataclass(frozen=True)
class Reader:
    """What the reader may see: the public, which includes people of other sites, or somebody who works at the site."""

    is_public: bool

    @property
    def may_see_sectors(self) -> bool:
        return not self.is_public

    @property
    def figures(self) -> type[Estimate] | type[PublishedFigure]:
        """The table that this reader's figures come from."""
        return PublishedFigure if self.is_public else Estimate

    def may_see_indicator(self, is_sensitive: bool, area_level: int) -> bool:
        """Sensitive indicators: never for the public, never below the municipality."""
        return not is_sensitive or (not self.is_public and area_level == SITE_LEVEL)


def figures_of(reader: Reader, round_id: int, area_id: int) -> Select[tuple[Indicator, Figure]]:
    """The figures of an area, all ages, that this reader may see."""
    table = reader.figures
    return (
        select(Indicator, table)
        .join(table, table.indicator_id == Indicator.id)
        .where(table.round_id == round_id, table.area_id == area_id, table.age_band == ALL_AGES)
        .order_by(Indicator.id)
    )


def is_of_everybody(definition: Mapping[str, Any]) -> bool:
    """Whether an indicator, as it is stored, applies to every person."""
    return str(definition.get("universe", "")).strip().lower() in EVERYBODY_IS_IN


def published_persons(session: Session, round_id: int) -> int | None:
    """How many persons answered in a round as its protected figures count them; None where none concerns everybody.

    The public is told this number everywhere: beside an exact one, sums of published figures would seem wrong.
    """
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
    return max((int(n) for definition, n in session.execute(query) if is_of_everybody(definition)), default=None)
