"""Shapes of areas, and the file that a map is drawn from: no finer than can be seen."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from dashboard.services.findings import AreaRef
from data.store.areas import list_areas

STEPS = 20_000  # of the longer side of a map: finer differences cannot be seen, even near


@dataclass(frozen=True)
class Shape:
    """An area's geometry."""

    area: AreaRef
    geometry: Mapping[str, Any] | None


def load_shapes(session: Session, site_id: int, level: int) -> tuple[Shape, ...]:
    return tuple(Shape(AreaRef(a.id, a.code, a.name, a.level), a.geometry) for a in list_areas(session, site_id, level))


def shape_file(shapes: Sequence[Shape]) -> bytes:
    """GeoJSON with code and name for drawing; areas without a geometry stay out.

    Points are put on a grid that is too fine to be seen, the same for all areas, so that common borders stay common;
    points that fall together are written once.
    """
    decimals = _decimals(shapes)
    features = [
        {
            "type": "Feature",
            "properties": {"code": shape.area.code, "name": shape.area.name},
            "geometry": {
                "type": shape.geometry["type"],
                "coordinates": _shorter(shape.geometry["coordinates"], decimals),
            },
        }
        for shape in shapes
        if shape.geometry
    ]
    document = {"type": "FeatureCollection", "features": features}
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()


def _decimals(shapes: Sequence[Shape]) -> int:
    """Decimals of a degree that part the longer side of all shapes into at least STEPS."""
    rings = [ring for shape in shapes if shape.geometry for ring in _rings(shape.geometry["coordinates"])]
    if not rings:
        return 0
    extents = [[pick(point[axis] for ring in rings for point in ring) for pick in (min, max)] for axis in (0, 1)]
    longest = max(high - low for low, high in extents)
    return max(0, math.ceil(math.log10(STEPS / longest))) if longest > 0 else 6


def _rings(nested: Any) -> Iterator[Any]:
    """Rings of a Polygon's or MultiPolygon's coordinates."""
    for part in nested:
        if isinstance(part[0][0], list | tuple):
            yield from _rings(part)
        else:
            yield part


def _shorter(nested: Any, decimals: int) -> Any:
    if isinstance(nested[0][0], list | tuple):
        return [_shorter(part, decimals) for part in nested]
    points = [(round(point[0], decimals), round(point[1], decimals)) for point in nested]
    kept = [point for point, before in zip(points, [None, *points], strict=False) if point != before]
    return kept if len(kept) > 3 else points
