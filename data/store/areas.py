"""Areas of a site in the store: level 0 is the site, 1 its sectors, 2 their neighbourhoods."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from budget_model.errors import InputError, Problem
from data.store import audit
from data.store.tables import Area, Site


@dataclass(frozen=True)
class AreaRecord:
    """An area to be stored; `parent` is the code of the area one level up (None at level 1: the site's own)."""

    code: str
    name: str
    level: int = 1
    parent: str | None = None
    geometry: Mapping[str, Any] | None = None  # GeoJSON geometry, WGS 84; None leaves a stored one as it is


def list_areas(session: Session, site_id: int, level: int | None = None) -> list[Area]:
    """Areas of a site by level and code; of one level, or of all."""
    query = select(Area).where(Area.site_id == site_id).order_by(Area.level, Area.code)
    return list(session.scalars(query if level is None else query.where(Area.level == level)))


def area_names(session: Session, site_id: int) -> dict[str, str]:
    """Code -> name of every area of a site."""
    return dict(session.execute(select(Area.code, Area.name).where(Area.site_id == site_id)).all())


def area_levels(session: Session, site_id: int) -> list[int]:
    """Levels below the site that it has areas of, ascending."""
    query = select(Area.level).where(Area.site_id == site_id, Area.level > 0).distinct().order_by(Area.level)
    return list(session.scalars(query))


def area_rows(session: Session, site_id: int, level: int) -> list[tuple[int, str, str, int]]:
    """Id, code, name and level of the areas of a level by code, without their geometries, which may be large."""
    query = select(Area.id, Area.code, Area.name, Area.level)
    rows = session.execute(query.where(Area.site_id == site_id, Area.level == level).order_by(Area.code))
    return [(row[0], row[1], row[2], row[3]) for row in rows]


def has_shapes(session: Session, site_id: int) -> bool:
    """Whether any area below the site has a geometry."""
    query = select(Area.id).where(Area.site_id == site_id, Area.geometry.is_not(None), Area.level > 0)
    return session.scalar(query.limit(1)) is not None


def list_shapes(session: Session, site_id: int, codes: Collection[str]) -> list[tuple[str, str, dict[str, Any]]]:
    """Code, name and geometry (GeoJSON) of the areas of these codes that have one."""
    query = select(Area.code, Area.name, Area.geometry).where(Area.site_id == site_id, Area.code.in_(codes))
    return [(code, name, geometry) for code, name, geometry in session.execute(query) if geometry]


def area_ids(session: Session, site_id: int) -> dict[str, int]:
    """Code -> id of every area of a site."""
    return dict(session.execute(select(Area.code, Area.id).where(Area.site_id == site_id)).all())


def root_area(session: Session, site_id: int) -> Area:
    """The site's own area (level 0), made with the site's slug and name where there is none yet."""
    root = session.scalar(select(Area).where(Area.site_id == site_id, Area.level == 0))
    if root is None:
        site = session.get_one(Site, site_id)
        root = Area(site_id=site_id, level=0, code=site.slug, name=site.name)
        session.add(root)
        session.flush()
    return root


def save_areas(session: Session, site_id: int, actor: str, records: Sequence[AreaRecord]) -> tuple[str, ...]:
    """Add areas, or update name, parent and geometry of those that are there; gives the codes that are new.

    Raises InputError with every problem: a code twice, an unknown parent or one of the wrong level, a level that a
    stored area does not have.
    """
    known = {area.code: area for area in list_areas(session, site_id)}
    problems = list(_problems(records, known))
    if problems:
        raise InputError(problems)
    root = root_area(session, site_id)
    new = []
    for record in sorted(records, key=lambda record: (record.level, record.code)):
        area = known.get(record.code) or (root if record.level == 0 else None)
        if area is None:
            area = known[record.code] = Area(site_id=site_id, code=record.code, level=record.level)
            session.add(area)
            new.append(record.code)
        _update(area, record, root, known)
        session.flush()
    audit.record(session, actor, "areas.save", f"{len(records)} areas", site_id, {"new": new})
    return tuple(new)


def _update(area: Area, record: AreaRecord, root: Area, known: Mapping[str, Area]) -> None:
    area.code, area.name = record.code, record.name
    if record.level > 0:
        area.parent_id = known[record.parent].id if record.parent else root.id
    if record.geometry is not None:
        area.geometry = dict(record.geometry)


def _problems(records: Sequence[AreaRecord], known: Mapping[str, Area]) -> Iterator[Problem]:
    levels = {code: area.level for code, area in known.items()} | {record.code: record.level for record in records}
    seen: set[str] = set()
    for record in records:
        if record.code in seen:
            yield Problem("area_twice", f"Area '{record.code}' stands twice. Keep one of them.", value=record.code)
        seen.add(record.code)
        if record.code in known and known[record.code].level != record.level:
            message = f"Area '{record.code}' is stored at level {known[record.code].level}, not {record.level}."
            yield Problem("area_level", message + " Give it another code.", value=record.code)
        if _has_wrong_parent(record, levels):
            message = f"Area '{record.code}' (level {record.level}) has no parent '{record.parent}' one level up."
            yield Problem("area_parent", message + " Add the parent or mend its code.", value=record.code)


def _has_wrong_parent(record: AreaRecord, levels: Mapping[str, int]) -> bool:
    if record.parent is None:
        return record.level > 1
    return levels.get(record.parent) != record.level - 1
