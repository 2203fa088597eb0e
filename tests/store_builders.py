"""A site with a round, indicators, areas and an owner, for the tests of the store."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy.orm import Session

from data.store.areas import AreaRecord, save_areas
from data.store.models import save_snapshot
from data.store.rounds import save_round
from data.store.sites import add_site
from data.store.tables import Site, SurveyRound, User
from data.store.users import add_user, find_user

DOCUMENT = {"currency": "PEN", "areas": ["north", "south"], "needs": []}


@dataclass(frozen=True)
class Place:
    """What a scenario stands on."""

    site: Site
    survey_round: SurveyRound
    owner: User
    model_sha256: str


def make_place(session: Session, slug: str = "lomas", owner: str = "ana") -> Place:
    site = make_site(session, slug)
    save_areas(session, site.id, "test", [AreaRecord("north", "North"), AreaRecord("south", "South")])
    survey_round = save_round(session, "test", make_round(site.id))
    user = find_user(session, owner) or add_user(
        session, login=owner, display_name=owner.title(), password_hash="x", actor="test"
    )
    snapshot = save_snapshot(session, site.id, survey_round.id, 2026, DOCUMENT)
    return Place(site, survey_round, user, snapshot.sha256)


def make_site(session: Session, slug: str = "lomas") -> Site:
    return add_site(session, slug=slug, name=slug.title(), country="PE", currency="PEN", actor="test")


def make_round(site_id: int, code: str = "2026-1", **columns: Any) -> SurveyRound:
    content: dict[str, Any] = {
        "coverage_area": "everything",
        "is_census": True,
        "area_columns": ["sector"],
        "household_count": 2,
        "person_count": 5,
        "bank_path": f"somewhere/{code}",
        "content_sha256": "0" * 64,
    }
    return SurveyRound(site_id=site_id, code=code, **{**content, **columns})


def budget_row(code: str, year: int = 2026, **columns: Any) -> dict[str, Any]:
    content = {
        "year": year,
        "code": code,
        "labels": {"activity": f"Activity {code}"},
        "pim": Decimal("100.00"),
        "source_file": "lines.csv",
        "source_sha256": "1" * 64,
        "source_line": 2,
    }
    return {**content, **columns}
