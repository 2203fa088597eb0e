"""Scorecards of a site: read by everybody who works there, answered by officials."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from dashboard.auth.person import Person
from dashboard.context import SiteRef
from dashboard.services.access import PLANNERS, SIGNED_IN, may, require
from data.readers.scorecards import read_scorecards
from data.store.scorecards import GivenAnswer
from data.workflows.scorecards import SiteCard, answer_question, card_years, load_card, shown_year

if TYPE_CHECKING:
    from dashboard.services import Store


@dataclass(frozen=True)
class CardChoices:
    """What can be chosen, and what is; no year where the site has neither lines nor answers."""

    cards: tuple[str, ...]
    years: tuple[int, ...]
    card: str
    year: int | None


class ScorecardService:
    """Reads and answers scorecards."""

    def __init__(self, store: Store, today: Callable[[], date] = date.today):
        self._store, self._today = store, today

    def choices(self, user: Person, site: SiteRef, card: str | None, year: str | None) -> CardChoices:
        """The choices of an address; what is not there falls back to the first card and the last year that is over."""
        require(user, SIGNED_IN, site)
        cards = tuple(read_scorecards())
        chosen = card if card in cards else cards[0]
        with self._store.factory() as session:
            years = card_years(session, site.id, chosen)
        number = int(year) if year and year.isdigit() else None
        return CardChoices(cards, years, chosen, number if number in years else shown_year(years, self._today().year))

    def card(self, user: Person, site: SiteRef, card: str, year: int) -> SiteCard:
        """A card with its answers, what the system holds, and the grade."""
        require(user, SIGNED_IN, site)
        with self._store.factory() as session:
            return load_card(session, site.id, card, year)

    def may_answer(self, user: Person, site: SiteRef) -> bool:
        """Whether this person may answer here."""
        return may(user, PLANNERS, site)

    def answer(self, user: Person, site: SiteRef, card: str, year: int, given: GivenAnswer, based_on: int) -> int:
        """Keep an answer; raises as `answer_question`."""
        require(user, PLANNERS, site, "answer a scorecard")
        return answer_question(self._store.factory, site.slug, card, year, given, user.login, based_on)
