"""The municipality's own criteria and the points of proposals: open to everybody, filled in by officials."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from budget_model.assembly.criteria import Criterion
from budget_model.assembly.proposals import FEASIBLE
from dashboard.auth.person import Person
from dashboard.context import SiteRef
from dashboard.services.access import EVERYBODY, PLANNERS, may, require
from data.store import assembly as store
from data.workflows.criteria import Mark, criteria_of, marks_of, save_marks

if TYPE_CHECKING:
    from dashboard.services import Store


@dataclass(frozen=True)
class Matrix:
    """Criteria in their order; points by proposal and criterion, of proposals that this person may see."""

    criteria: tuple[Criterion, ...]
    points: Mapping[str, Mapping[str, Fraction]]


class CriteriaService:
    """Points of proposals."""

    def __init__(self, given: Store):
        self._store = given

    def matrix(self, user: Person, site: SiteRef, year: int) -> Matrix:
        require(user, EVERYBODY, site, "see the participatory budget")
        may_edit = may(user, PLANNERS, site)
        with self._store.factory() as session:
            process = store.load_process(session, site.id, year)
            rows = store.list_proposals(session, process.id)
            shown = {row.code for row in rows if may_edit or row.state == FEASIBLE}
            points = {code: one for code, one in marks_of(session, process.id).items() if code in shown}
            return Matrix(criteria_of(process), points)

    def save(self, user: Person, site: SiteRef, year: int, code: str, points: Mapping[str, str]) -> int:
        """Points of one proposal as somebody wrote them; gives how many changed."""
        require(user, PLANNERS, site, "give points to proposals")
        marks = [Mark(code, criterion, text.strip()) for criterion, text in points.items()]
        return save_marks(self._store.factory, site.slug, year, marks, user.login)
