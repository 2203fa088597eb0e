"""What became of the winners: read by everybody, written by officials."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from budget_model.assembly.execution import Candidate
from budget_model.errors import InputError, NotFoundError, Problem
from dashboard.auth.person import Person
from dashboard.context import SiteRef
from dashboard.services.access import EVERYBODY, PLANNERS, may, require
from data.store import assembly as store
from data.store.lines import list_years
from data.store.sites import load_site
from data.workflows.follow_up import Followed, FollowUp, follow_up_workbook, load_follow_up
from data.workflows.line_links import line_name
from data.workflows.winner_lines import WantedLine, make_lines, match_line, suggested_lines, unmatch_line

if TYPE_CHECKING:
    from dashboard.services import Store

SEE, WRITE = "see the participatory budget", "write budget lines of winners"


@dataclass(frozen=True)
class SuggestedLine:
    """A line that may be a winner's. `pim` None: not stated."""

    candidate: Candidate
    name: str
    pim: Decimal | None


@dataclass(frozen=True)
class FollowBoard:
    """A year's winners, and for officials: budget years, and lines that may be a winner's, by its code."""

    found: FollowUp
    may_edit: bool
    budget_years: tuple[int, ...]
    suggested: Mapping[str, tuple[SuggestedLine, ...]]


class FollowUpService:
    """Winners with their lines and execution."""

    def __init__(self, given: Store):
        self._store = given

    def board(self, user: Person, site: SiteRef, year: int, budget_year: int | None = None) -> FollowBoard:
        """budget_year : in which officials look for lines; None: that of the process, else the latest"""
        require(user, EVERYBODY, site, SEE)
        may_edit = may(user, PLANNERS, site)
        with self._store.factory() as session:
            found = load_follow_up(session, load_site(session, site.slug), year)
            years = tuple(list_years(session, site.id)) if may_edit else ()
            chosen = budget_year or (year if year in years or not years else years[-1])
            suggested = {}
            if may_edit:
                process = store.load_process(session, site.id, year)
                suggested = {
                    code: tuple(SuggestedLine(one, line_name(line), line.pim) for one, line in pairs)
                    for code, pairs in suggested_lines(session, process, chosen).items()
                }
        return FollowBoard(found, may_edit, years, suggested)

    def of_proposal(self, user: Person, site: SiteRef, year: int, code: str) -> tuple[FollowUp, Followed] | None:
        """A winner with its money; None where the proposal has not won."""
        require(user, EVERYBODY, site, SEE)
        with self._store.factory() as session:
            found = load_follow_up(session, load_site(session, site.slug), year)
        own = next((one for one in found.winners if one.winner.code == code), None)
        return None if own is None else (found, own)

    def workbook(self, user: Person, site: SiteRef, year: int, language: str) -> bytes:
        require(user, EVERYBODY, site, SEE)
        with self._store.factory() as session:
            return follow_up_workbook(load_follow_up(session, load_site(session, site.slug), year), language)

    def make(
        self,
        user: Person,
        site: SiteRef,
        year: int,
        wanted: Sequence[WantedLine],
        budget_year: int | None,
        language: str,
    ) -> None:
        require(user, PLANNERS, site, WRITE)
        make_lines(self._store.factory, site.slug, year, wanted, user.login, budget_year=budget_year, language=language)

    def match(
        self, user: Person, site: SiteRef, year: int, name: str, line: tuple[int, str], share: Decimal, language: str
    ) -> None:
        require(user, PLANNERS, site, WRITE)
        try:
            match_line(self._store.factory, site.slug, year, name, line, user.login, share, language=language)
        except NotFoundError as missing:
            message = f"The budget of {line[0]} has no line '{line[1][:80]}'."
            facts = {"code": line[1][:80], "year": line[0]}
            raise InputError(Problem("winner-line-missing", message, value=line[1][:80], facts=facts)) from missing

    def unmatch(self, user: Person, site: SiteRef, year: int, name: str, line: tuple[int, str], reason: str) -> None:
        require(user, PLANNERS, site, WRITE)
        unmatch_line(self._store.factory, site.slug, year, name, line, user.login, reason)
