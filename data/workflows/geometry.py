"""Shapes of a site's areas: a checked GeoJSON file goes in, a FeatureCollection comes out."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session, sessionmaker

from budget_model.errors import InputError, NotFoundError, Problem
from data.readers.extents import Extent, extent_of, is_exchanged
from data.readers.geojson import Shapes, read_shapes
from data.readers.geojson_areas import KnownArea
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
    extent: Extent  # of the file's shapes


EXCHANGED = (
    "The shapes lie from latitude {south} to {north} and longitude {west} to {east}, far from the shapes that the site"
    " has (latitude {own_south} to {own_north}, longitude {own_west} to {own_east}); with latitude and longitude"
    " exchanged they fall on them. GeoJSON has longitude first: export the file again. Where the stored shapes are the"
    " wrong ones, import on the server with --moved."
)


def check_shapes(
    session: Session,
    site_slug: str,
    content: bytes,
    file: str,
    level: int = 1,
    id_property: str | None = None,
    aliases: Mapping[str, str] | None = None,
    *,
    is_moved: bool = False,
) -> ImportedShapes:
    """The file held against the site's areas of a level; nothing is stored.

    is_moved : the shapes that the site has are known to lie in the wrong place.

    Raises InputError with every problem, NotFoundError for an unknown site or a level without areas.
    """
    areas = _areas(session, site_slug, level)
    known = [KnownArea(area.code, area.name) for area in areas]
    shapes = read_shapes(content, file, known, id_property or None, aliases)
    extent = extent_of(shapes.geometries.values())
    if not is_moved:
        _check_place(session, site_slug, extent, file)
    had = {area.code for area in areas if area.geometry is not None}
    replaced = tuple(code for code in shapes.geometries if code in had)
    added = tuple(code for code in shapes.geometries if code not in had)
    return ImportedShapes(level, replaced, added, shapes, extent)


def import_shapes(
    factory: sessionmaker[Session],
    site_slug: str,
    content: bytes,
    file: str,
    actor: str,
    level: int = 1,
    id_property: str | None = None,
    aliases: Mapping[str, str] | None = None,
    *,
    is_moved: bool = False,
) -> ImportedShapes:
    """Check and store, with an audit entry; areas that the file lacks keep the shape they have."""
    with transaction(factory) as session:
        site = load_site(session, site_slug)
        done = check_shapes(session, site_slug, content, file, level, id_property, aliases, is_moved=is_moved)
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


def _check_place(session: Session, site_slug: str, extent: Extent, file: str) -> None:
    """InputError where only the exchanged shapes fall on those that the site has, of any level."""
    site = load_site(session, site_slug)
    stored = [area.geometry for area in list_areas(session, site.id) if area.geometry is not None]
    own = extent_of(stored) if stored else None
    if own is None or not is_exchanged(extent, own):
        return
    facts = {**extent.facts(), **{f"own_{name}": value for name, value in own.facts().items()}}
    raise InputError(Problem("geometry.exchanged_place", EXCHANGED.format(**facts), file=file, facts=facts))


def _areas(session: Session, site_slug: str, level: int) -> list[Area]:
    site = load_site(session, site_slug)
    areas = list_areas(session, site.id, level)
    if not areas:
        raise NotFoundError("area of level", str(level))
    return areas
