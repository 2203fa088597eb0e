"""Proposals as the plain pages need them: how the technical review went, for everybody."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from budget_model.assembly.proposals import FEASIBLE
from budget_model.errors import NotFoundError
from dashboard.auth.person import Person
from dashboard.context import SiteRef
from dashboard.services.access import EVERYBODY, PLANNERS, may, require
from dashboard.services.assembly import SEE
from data.store import assembly as store
from data.workflows.ballot_boxes import site_zone

if TYPE_CHECKING:
    from dashboard.services import Store


@dataclass(frozen=True)
class ReviewStep:
    """A finding of the technical review, and since when it holds, by the clock of the site. Never by whom."""

    state: str
    cost: Decimal | None
    reason: str
    at: datetime


class ProposalService:
    """Reads are open to everybody where the newest version is feasible."""

    def __init__(self, given: Store):
        self._store = given

    def reviews(self, user: Person, site: SiteRef, year: int, code: str) -> tuple[ReviewStep, ...]:
        """Every finding of a proposal, the first one first; versions that changed none of it are passed over."""
        require(user, EVERYBODY, site, SEE)
        clock = site_zone(site.country)
        with self._store.factory() as session:
            process = store.load_process(session, site.id, year)
            rows = store.list_proposal_versions(session, process.id, code)
            if rows[0].state != FEASIBLE and not may(user, PLANNERS, site):
                raise NotFoundError("proposal of the assembly", code)
            steps: list[ReviewStep] = []
            for row in reversed(rows):
                last = steps[-1] if steps else None
                if last is None or (last.state, last.cost, last.reason) != (row.state, row.cost, row.reason):
                    steps.append(ReviewStep(row.state, row.cost, row.reason, row.saved_at.astimezone(clock)))
        return tuple(steps)
