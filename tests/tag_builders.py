"""A site with budget lines and people who tag them, for the tests of tags."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.orm import Session, sessionmaker

from data.store.engine import transaction
from data.store.lines import save_lines
from data.store.users import add_user, give_role
from tests.store_builders import budget_row, make_site

SITE = "lomas"
ANA, BETO, CARLA, MONA = "ana", "beto", "carla", "mona"  # three officials and a monitor
WHY = {"objective": "Less violence", "indicator": "IPV12", "gap": "35.6 % of women in 12 months"}
PRINCIPAL = {"marker": "2", **WHY}


def make_tag_site(factory: sessionmaker[Session], codes: Sequence[str] = ("a", "b", "c"), year: int = 2026) -> int:
    """The site `lomas` with lines of 100.00 each, three officials and a monitor; its id."""
    with transaction(factory) as session:
        site = make_site(session, SITE)
        for login in (ANA, BETO, CARLA, MONA):
            user = add_user(session, login=login, display_name=login.title(), password_hash="x", actor="test")
            give_role(session, user, "monitor" if login == MONA else "official", site.id, "test")
        save_lines(session, site.id, "test", [budget_row(code, year) for code in codes])
        return site.id
