"""What may be shown to whom of a round: exact estimates, or the protected figures made when it was published.

There is one protected table a round (`data.workflows.publication`), and whoever may not see exact figures is shown
that table and nothing else, so that pages and files agree and no two of them can be set against each other.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from data.store.figures import SITE_LEVEL, FigureTable, published_answers
from data.store.tables import Estimate, PublishedFigure

EVERYBODY_IS_IN = ("true", "(true)", "age >= 0")  # conditions that leave nobody out


@dataclass(frozen=True)
class Reader:
    """What the reader may see: the public, which includes people of other sites, or somebody who works at the site."""

    is_public: bool

    @property
    def may_see_sectors(self) -> bool:
        return not self.is_public

    @property
    def figures(self) -> FigureTable:
        """The table that this reader's figures come from."""
        return PublishedFigure if self.is_public else Estimate

    def may_see_indicator(self, is_sensitive: bool, area_level: int) -> bool:
        """Sensitive indicators: never for the public, never below the municipality."""
        return not is_sensitive or (not self.is_public and area_level == SITE_LEVEL)


def is_of_everybody(definition: Mapping[str, Any]) -> bool:
    """Whether an indicator, as it is stored, applies to every person."""
    return str(definition.get("universe", "")).strip().lower() in EVERYBODY_IS_IN


def published_persons(session: Session, round_id: int) -> int | None:
    """How many persons answered in a round as its protected figures count them; None where none concerns everybody.

    The public is told this number everywhere: beside an exact one, sums of published figures would seem wrong.
    """
    answers = published_answers(session, round_id)
    return max((n for definition, n in answers if is_of_everybody(definition)), default=None)
