"""Versions of questionnaires."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from budget_model.errors import NotFoundError
from data.store.tables import FormVersion


def find_version(session: Session, site_id: int, form_id: str, version: str) -> FormVersion | None:
    """A version of a site's questionnaire, if it is stored."""
    wanted = select(FormVersion).where(
        FormVersion.site_id == site_id, FormVersion.form_id == form_id, FormVersion.version == version
    )
    return session.scalar(wanted)


def load_version(session: Session, site_id: int, form_id: str, version: str | None = None) -> FormVersion:
    """A version, or the latest where none is named; NotFoundError for an unknown one or another site's."""
    wanted = select(FormVersion).where(FormVersion.site_id == site_id, FormVersion.form_id == form_id)
    if version is not None:
        wanted = wanted.where(FormVersion.version == version)
    found = session.scalar(wanted.order_by(FormVersion.published_at.desc(), FormVersion.id.desc()).limit(1))
    if found is None:
        raise NotFoundError("form", f"{form_id} {version or ''}".strip())
    return found


def list_versions(session: Session, site_id: int) -> list[FormVersion]:
    """All versions of a site's questionnaires, the latest first; the workbooks stay in the database until asked for."""
    wanted = select(FormVersion).where(FormVersion.site_id == site_id)
    return list(session.scalars(wanted.order_by(FormVersion.published_at.desc(), FormVersion.id.desc())))


def save_version(session: Session, version: FormVersion) -> FormVersion:
    """Add a version."""
    session.add(version)
    session.flush()
    return version
