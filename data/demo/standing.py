"""The demonstration site as it stands in a store: whether it is complete, what it holds, who may log in.

Every start of the server asks this, so nothing here needs what the building of the site needs.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml
from sqlalchemy import func, select
from sqlalchemy.orm import Session, sessionmaker

from budget_model.errors import InputError, Problem
from data.store import sites
from data.store.tables import (
    Area,
    AuditEntry,
    BudgetLine,
    Estimate,
    LineTag,
    Need,
    Programme,
    Scenario,
    SurveyRound,
)

SLUG = "villa-el-salvador-demo"
NAME = "Villa El Salvador (demo)"
ROUND = "2026-1"  # the round of today
BUILT = "demo.build"  # the audit entry that says the site is complete
ACCOUNTS = Path(__file__).parent / "accounts.yaml"
Factory = sessionmaker[Session]


@dataclass(frozen=True)
class DemoLogin:
    """A log-in of the demonstration: its password is public."""

    login: str
    name: str
    role: str
    password: str


@dataclass
class DemoReport:
    """What stands in the store, and how long each step took (empty when it was all there)."""

    site: str
    built: bool
    counts: dict[str, int]
    logins: tuple[DemoLogin, ...]
    seconds: dict[str, float] = field(default_factory=dict)


def standing_report(factory: Factory) -> DemoReport | None:
    """What is there of a complete demonstration site; None where it is still to be built."""
    return DemoReport(SLUG, False, counts_of(factory), read_logins()) if is_complete(factory) else None


def read_logins() -> tuple[DemoLogin, ...]:
    """The log-ins of `accounts.yaml`."""
    entries = yaml.safe_load(ACCOUNTS.read_text(encoding="utf-8"))
    return tuple(DemoLogin(**entry) for entry in entries)


def is_complete(factory: Factory) -> bool:
    """Whether the build was closed; InputError where a site of that address is not a synthetic one."""
    with factory() as session:
        site = sites.find_site(session, SLUG)
        if site is None:
            return False
        if not site.is_synthetic:
            message = f"There is a site '{SLUG}' that is not synthetic. The demonstration leaves it alone."
            raise InputError(Problem("demo_site_taken", message, value=SLUG))
        closed = select(func.count()).where(AuditEntry.site_id == site.id, AuditEntry.action == BUILT)
        return bool(session.scalar(closed))


def count_rows(session: Session, table: type[Any], *conditions: Any) -> int:
    return session.scalar(select(func.count()).select_from(table).where(*conditions)) or 0


def counts_of(factory: Factory) -> dict[str, int]:
    """Rows of the site, by what they are."""
    with factory() as session:
        site = sites.load_site(session, SLUG)
        of_site = SurveyRound.site_id == site.id
        round_ = session.scalars(select(SurveyRound).where(of_site, SurveyRound.code == ROUND)).one()
        return {
            "rounds": count_rows(session, SurveyRound, of_site),
            "areas": count_rows(session, Area, Area.site_id == site.id),
            "households": round_.household_count,
            "persons": round_.person_count,
            "estimates": count_rows(session, Estimate, Estimate.round_id == round_.id),
            "needs": count_rows(session, Need, Need.round_id == round_.id),
            "budget_lines": count_rows(session, BudgetLine, BudgetLine.site_id == site.id),
            "tags": count_rows(session, LineTag, LineTag.site_id == site.id),
            "programmes": count_rows(session, Programme, Programme.site_id == site.id),
            "scenarios": count_rows(session, Scenario, Scenario.site_id == site.id),
        }
