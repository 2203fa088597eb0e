"""Focus group sessions in versions, their priorities, and the mix of the model's weights. Rows are only ever added."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from budget_model.errors import NotFoundError
from data.store.tables import FocusGroupPriority, FocusGroupSession, PriorityMix, Site

ACTIVE, WITHDRAWN = "active", "withdrawn"
Scores = Mapping[str, Mapping[str, float]]  # group -> need -> score


def lock_site(session: Session, site_id: int) -> None:
    """Let writers of a site's sessions wait for each other, so that no two take the same code or version."""
    session.execute(select(Site.id).where(Site.id == site_id).with_for_update())


def add_version(session: Session, version: FocusGroupSession, scores: Scores) -> FocusGroupSession:
    """Add a version of a session with its priorities."""
    session.add(version)
    session.flush()
    session.add_all(
        FocusGroupPriority(session_id=version.id, indicator_code=need, target_group=group, score=score)
        for group, needs in scores.items()
        for need, score in needs.items()
    )
    session.flush()
    return version


def find_version(session: Session, site_id: int, code: str) -> FocusGroupSession | None:
    """The newest version of a session, withdrawn or not; None where there is none."""
    query = (
        select(FocusGroupSession)
        .where(FocusGroupSession.site_id == site_id, FocusGroupSession.code == code)
        .order_by(FocusGroupSession.version.desc())
    )
    return session.scalar(query.limit(1))


def load_version(session: Session, site_id: int, code: str) -> FocusGroupSession:
    """The newest version of a session; NotFoundError where the site has none of that code."""
    found = find_version(session, site_id, code)
    if found is None:
        raise NotFoundError("focus group session", code)
    return found


def list_versions(session: Session, site_id: int, code: str) -> list[FocusGroupSession]:
    """All versions of a session, the first one first."""
    query = select(FocusGroupSession).where(FocusGroupSession.site_id == site_id, FocusGroupSession.code == code)
    return list(session.scalars(query.order_by(FocusGroupSession.version)))


def list_sessions(session: Session, site_id: int, *, with_withdrawn: bool = False) -> list[FocusGroupSession]:
    """The newest version of every session, the latest session first."""
    newest = (
        select(FocusGroupSession.code, func.max(FocusGroupSession.version).label("version"))
        .where(FocusGroupSession.site_id == site_id)
        .group_by(FocusGroupSession.code)
        .subquery()
    )
    query = (
        select(FocusGroupSession)
        .join(newest, (FocusGroupSession.code == newest.c.code) & (FocusGroupSession.version == newest.c.version))
        .where(FocusGroupSession.site_id == site_id)
        .order_by(FocusGroupSession.held_on.desc(), FocusGroupSession.code)
    )
    found = session.scalars(query).all()
    return [one for one in found if with_withdrawn or one.state == ACTIVE]


def load_scores(session: Session, session_ids: Sequence[int]) -> dict[int, dict[str, dict[str, float]]]:
    """Version id -> group -> need -> score, in the order in which they were entered."""
    found: dict[int, dict[str, dict[str, float]]] = {key: {} for key in session_ids}
    query = select(FocusGroupPriority).where(FocusGroupPriority.session_id.in_(session_ids))
    for row in session.scalars(query.order_by(FocusGroupPriority.id)):
        found[row.session_id].setdefault(row.target_group, {})[row.indicator_code] = row.score
    return found


def find_mix(session: Session, site_id: int) -> PriorityMix | None:
    """The mix that counts; None where nobody has set one (survey only)."""
    query = select(PriorityMix).where(PriorityMix.site_id == site_id).order_by(PriorityMix.id.desc())
    return session.scalar(query.limit(1))


def add_mix(session: Session, mix: PriorityMix) -> PriorityMix:
    """Set another mix; the earlier ones stay."""
    session.add(mix)
    session.flush()
    return mix
