"""Suggestions for untagged lines, with the quality of what makes them. They fill a form at most; people propose."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy.orm import Session

from dashboard.auth.person import Person
from dashboard.context import SiteRef
from dashboard.services.access import PLANNERS, SIGNED_IN, require
from data.store.lines import list_years
from data.workflows.suggestions import (
    SiteLearned,
    SuggestedLine,
    learn_from_site,
    suggest_lines,
    what_was_learnt_from,
)

if TYPE_CHECKING:
    from dashboard.services import Store

MOST_KEPT = 20  # sites whose classifier a process keeps


@dataclass(frozen=True)
class Suggestions:
    """`lines`: all untagged lines of the year, the likely ones first."""

    years: tuple[int, ...]
    year: int | None
    learned: SiteLearned
    lines: tuple[SuggestedLine, ...]


class SuggestionService:
    """Reads suggestions. What was learnt stays in memory until an approval changes."""

    def __init__(self, store: Store):
        self._store = store
        self._kept: dict[tuple[int, tuple[int, ...]], SiteLearned] = {}

    def suggestions(self, user: Person, site: SiteRef, year: str | None) -> Suggestions:
        """Suggestions for the untagged lines of a year, the newest where it is not there."""
        require(user, SIGNED_IN, site)
        with self._store.factory() as session:
            years = tuple(list_years(session, site.id))
            number = int(year) if year and year.isdigit() else None
            chosen = number if number in years else max(years, default=None)
            learned = self._learned(session, site.id)
            lines = suggest_lines(session, site.id, chosen, learned) if chosen is not None else []
        return Suggestions(years, chosen, learned, tuple(lines))

    def line(self, user: Person, site: SiteRef, year: int, code: str) -> SuggestedLine | None:
        """Suggestions for one line; None where it is not there."""
        require(user, PLANNERS, site, "tag budget lines")
        with self._store.factory() as session:
            found = suggest_lines(session, site.id, year, self._learned(session, site.id), code)
        return found[0] if found else None

    def _learned(self, session: Session, site_id: int) -> SiteLearned:
        key = (site_id, what_was_learnt_from(session, site_id))
        if key not in self._kept:
            if len(self._kept) >= MOST_KEPT:
                self._kept.clear()
            self._kept[key] = learn_from_site(session, site_id)
        return self._kept[key]
