"""Sessions of focus groups at site `valle` of `tests.dashboard_seed`, and needs of its survey, for the dashboard."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import select

from dashboard.services import Store
from data.readers.focus_groups import FocusGroupRecord
from data.store.engine import transaction
from data.store.tables import Area, Indicator, Need, Site, SurveyRound
from data.workflows.focus_groups import save_sessions
from tests.dashboard_seed import add_user

FACILITATOR = "Red de mujeres Micaela Bastidas"
# persons of the whole site: women, men; of 1,000 each
PERSONS = {"WATER": (300, 200), "ILLIT": (60, 20), "HINS": (250, 350), "RARE": (4, 20)}


def add_focus_groups(store: Store) -> None:
    """Needs of the round; eleven women, eight men, and a mixed session of which three men are too few to be shown."""
    with transaction(store.factory) as session:
        site = session.scalars(select(Site).where(Site.slug == "valle")).one()
        add_user(session, "sol", "Sol Ramos", "surveyor", site.id)
        found = session.scalars(select(SurveyRound).where(SurveyRound.site_id == site.id)).one()
        area = session.scalars(select(Area).where(Area.site_id == site.id, Area.level == 0)).one()
        for indicator in session.scalars(select(Indicator).where(Indicator.site_id == site.id)):
            for group, persons in zip(("women", "men"), PERSONS.get(indicator.code, ()), strict=False):
                session.add(
                    Need(
                        round_id=found.id,
                        indicator_id=indicator.id,
                        area_id=area.id,
                        target_group=group,
                        universe=1000.0,
                        deficit=float(persons),
                        deficit_standard_error=10.0 if indicator.code == "WATER" else None,
                    )
                )
    save_sessions(store.factory, "valle", [women_session(), men_session(), mixed_session()], "ana")


def women_session(**changes: Any) -> FocusGroupRecord:
    facts: dict[str, Any] = {
        "held_on": date(2026, 3, 14),
        "place": "Local comunal",
        "composition": "women",
        "facilitator": FACILITATOR,
        "participants": {"female": {"18-29": 4, "30-44": 7}},
        "priorities": {"women": {"WATER": 6.0, "HINS": 3.0, "ILLIT": 1.0}},
        "findings": "El agua llega dos horas al día.",
        "quotes": ("Nadie nos avisa cuándo llega.",),
        "area": "S1",
        "code": "FG-1",
    }
    return FocusGroupRecord(**(facts | changes))


def men_session() -> FocusGroupRecord:
    return women_session(
        composition="men",
        participants={"male": {"unknown": 8}},
        method="ranks",
        priorities={"men": {"HINS": 1.0, "WATER": 2.0, "ILLIT": 3.0}},
        findings="Prefieren una posta.",
        quotes=(),
        area=None,
        code="FG-2",
    )


def mixed_session() -> FocusGroupRecord:
    return women_session(
        composition="mixed",
        participants={"female": {"60+": 11}, "male": {"60+": 3}},
        priorities={"women": {"WATER": 1.0, "ILLIT": 1.0}, "men": {"WATER": 1.0}},
        findings="Solo una voz entre los hombres.",
        quotes=("Casi nadie vino.",),
        code="FG-3",
    )
