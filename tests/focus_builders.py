"""A site with needs and sessions of focus groups, for tests."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy.orm import Session, sessionmaker

from data.readers.focus_groups import FocusGroupRecord
from data.store.engine import transaction
from data.store.tables import Indicator
from tests.store_builders import Place, make_place

NEEDS = {"WATER": "Sin agua", "CARE": "Sin cuidado", "WORK": "Sin trabajo", "HINS": "Sin seguro", "ILLIT": "No lee"}
FACILITATOR = "Red de mujeres Micaela Bastidas"


def make_focus_site(factory: sessionmaker[Session], slug: str = "lomas") -> Place:
    """A site with two areas, five needs and one mean."""
    with transaction(factory) as session:
        place = make_place(session, slug)
        for code, label in NEEDS.items():
            add_indicator(session, place.site.id, code, label)
        add_indicator(session, place.site.id, "HOURS", "Horas de cuidado", mean="hours")
        return place


def add_indicator(session: Session, site_id: int, code: str, label: str, mean: str | None = None) -> None:
    definition = {"id": code, "label": {"es": label, "en": code.title()}, "mean": mean, "direction": "down"}
    session.add(Indicator(site_id=site_id, code=code, version=1, definition=definition))


def make_record(**changes: Any) -> FocusGroupRecord:
    """A session of eleven women who handed out sixteen points."""
    facts: dict[str, Any] = {
        "held_on": date(2026, 3, 14),
        "place": "Local comunal",
        "composition": "women",
        "facilitator": FACILITATOR,
        "participants": {"female": {"18-29": 4, "30-44": 7}},
        "priorities": {"women": {"WATER": 10.0, "CARE": 6.0, "WORK": 0.0}},
        "findings": "Falta agua desde las seis de la tarde.",
        "quotes": ("No alcanza para todas.",),
        "code": "FG-1",
    }
    return FocusGroupRecord(**(facts | changes))


def men_record(**changes: Any) -> FocusGroupRecord:
    """A session of eight men who ranked three needs."""
    facts: dict[str, Any] = {
        "composition": "men",
        "participants": {"male": {"unknown": 8}},
        "method": "ranks",
        "priorities": {"men": {"WORK": 1.0, "WATER": 2.0, "CARE": 3.0}},
        "code": "FG-2",
    }
    return make_record(**(facts | changes))
