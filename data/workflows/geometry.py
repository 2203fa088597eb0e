"""Shapes of a site's areas: a checked GeoJSON file goes in, a FeatureCollection comes out."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session, sessionmaker

from budget_model.errors import NotFoundError
from data.readers.geojson import KnownArea, Shapes, read_shapes
from data.store import audit
from data.store.areas import list_areas
from data.store.engine import transaction
from data.store.sites import load_site
from data.store.tables import Area


@dataclass(frozen=True)
class ImportedShapes:
    """What was stored, or would be."""

    level: int
    replaced: tuple[str, ...]  # codes of areas that had a shape
    added: tuple[str, ...]  # codes of areas that had none
    shapes: Shapes


def check_shapes(
    session: Session,
    site_slug: str,
    content: bytes,
    file: str,
    level: int = 1,
    id_property: str | None = None,
    aliases: Mapping[str, str] | None = None,
) -> ImportedShapes:
    """The file held against the site's areas of a level; nothing is stored.

    Raises InputError with every problem, NotFoundError for an unknown site or a level without areas.
    """
    areas = _areas(session, site_slug, level)
    known = [KnownArea(area.code, area.name) for area in areas]
    shapes = read_shapes(content, file, known, id_property or None, aliases)
    had = {area.code for area in areas if area.geometry is not None}
    replaced = tuple(code for code in shapes.geometries if code in had)
    return ImportedShapes(level, replaced, tuple(code for code in shapes.geometries if code not in had), shapes)


def import_shapes(
    factory: sessionmaker[Session],
    site_slug: str,
    content: bytes,
    file: str,
    actor: str,
    level: int = 1,
    id_property: str | None = None,
    aliases: Mapping[str, str] | None = None,
) -> ImportedShapes:
    """Check and store, with an audit entry; areas that the file lacks keep the shape they have."""
    with transaction(factory) as session:
        site = load_site(session, site_slug)
        done = check_shapes(session, site_slug, content, file, level, id_property, aliases)
        for area in list_areas(session, site.id, level):
            if area.code in done.shapes.geometries:
                area.geometry = done.shapes.geometries[area.code]
        detail = {
            "file": file,
            "sha256": hashlib.sha256(content).hexdigest(),
            "level": level,
            "id_property": done.shapes.id_property,
            "aliases": dict(aliases or {}),
            "added": list(done.added),
            "replaced": list(done.replaced),
        }
        audit.record(session, actor, "areas.shapes", f"{len(done.shapes.geometries)} shapes", site.id, detail)
    return done


def export_shapes(session: Session, site_slug: str, level: int | None = None) -> dict[str, Any]:
    """The stored shapes as a FeatureCollection with `code`, `name`, `level`, `parent`; areas without one stay out."""
    site = load_site(session, site_slug)
    areas = list_areas(session, site.id)
    codes = {area.id: area.code for area in areas}
    features = [
        {
            "type": "Feature",
            "properties": {
                "code": area.code,
                "name": area.name,
                "level": area.level,
                "parent": codes.get(area.parent_id) if area.parent_id else None,
            },
            "geometry": area.geometry,
        }
        for area in areas
        if area.geometry is not None and (level is None or area.level == level)
    ]
    return {"type": "FeatureCollection", "site": site.slug, "source": site.source, "features": features}


def _areas(session: Session, site_slug: str, level: int) -> list[Area]:
    site = load_site(session, site_slug)
    areas = list_areas(session, site.id, level)
    if not areas:
        raise NotFoundError("area of level", str(level))
    return areas
