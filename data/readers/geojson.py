"""GeoJSON (RFC 7946) -> shapes of areas, checked: rings closed and not crossed, WGS 84, known areas, no overlaps.

Every problem of a file is found at once and names its feature. Overlaps are looked for once all shapes are sound. Rings
are put into the right-hand order; nothing else about a shape is changed. The plane geometry is in `rings.py`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from budget_model.errors import InputError, Problem
from data.readers.geojson_areas import KnownArea, labelled, match_areas, usual_property
from data.readers.geojson_features import Feature, Polygon, geometry_problem, read_features
from data.readers.rings import (
    Points,
    common_area,
    edges_of,
    first_crossing,
    first_outside_world,
    is_inside,
    signed_area,
    wound,
)

OVERLAP_TOLERANCE = 0.005  # of the smaller area


@dataclass(frozen=True)
class Shapes:
    """Geometries by area code, in the order of the file, and what was noticed on the way."""

    geometries: dict[str, dict[str, Any]]
    warnings: tuple[Problem, ...]
    id_property: str
    points: int


def read_shapes(
    content: bytes,
    file: str,
    areas: Sequence[KnownArea],
    id_property: str | None = None,
    aliases: Mapping[str, str] | None = None,
    tolerance: float = OVERLAP_TOLERANCE,
) -> Shapes:
    """The shapes of a file for these areas.

    Parameters
    ----------
    id_property : the property with the area's code, or its name (accents and capitals do not count). None: `code`,
        else the feature's own id, else `name`, whichever every feature has.
    aliases : text of the id property -> area code, where the file writes a name otherwise.
    tolerance : overlap of two areas that is let pass, as a share of the smaller one.

    Raises InputError with every problem. A site's area that the file lacks is a warning.
    """
    features, problems = read_features(content, file)
    key = id_property or usual_property(features)
    features = [labelled(feature, key) for feature in features]
    problems += [problem for feature in features for problem in _shape_problems(feature, file)]
    codes, unmatched = match_areas(features, areas, key, aliases or {}, file)
    problems += unmatched
    if not problems:
        problems += _overlaps(features, file, tolerance)
    if problems:
        raise InputError(problems)
    geometries = {code: _geometry(feature.polygons) for code, feature in zip(codes, features, strict=True) if code}
    missing = [area for area in areas if area.code not in geometries]
    points = sum(len(ring) for feature in features for polygon in feature.polygons for ring in polygon)
    return Shapes(geometries, tuple(_missing(missing, file)), key, points)


def _missing(missing: Sequence[KnownArea], file: str) -> Iterator[Problem]:
    for area in missing:
        yield geometry_problem(
            "geometry.area_missing", file, "warning", code=area.code, name=area.name, value=area.code
        )


# --- each shape -------------------------------------------------------------------------------------------------------


def _shape_problems(feature: Feature, file: str) -> Iterator[Problem]:
    rings = [ring for polygon in feature.polygons for ring in polygon]

    def problem(rule: str, **facts: Any) -> Problem:
        return geometry_problem(rule, file, label=feature.label, **facts)

    outside = first_outside_world(rings)
    if outside is not None:
        is_exchanged = abs(outside[0]) <= 90 and abs(outside[1]) <= 180
        yield problem("geometry.exchanged" if is_exchanged else "geometry.metres", place=_place(outside))
        return
    is_open = [ring for ring in rings if (ring[0] != ring[-1]).any()]
    if is_open:
        yield problem("geometry.open", start=_place(is_open[0][0]), end=_place(is_open[0][-1]))
        return
    crossing = first_crossing(rings)
    if crossing is not None:
        yield problem("geometry.crossed", place=_place(crossing))
    elif any(signed_area(ring) == 0 for ring in rings):
        yield problem("geometry.flat")
    if any(not is_inside(hole, polygon[0]) for polygon in feature.polygons for hole in polygon[1:]):
        yield problem("geometry.hole")


def _place(point: Points) -> str:
    return f"({point[0]:.5f}, {point[1]:.5f})"


# --- overlaps ---------------------------------------------------------------------------------------------------------


def _overlaps(features: Sequence[Feature], file: str, tolerance: float) -> Iterator[Problem]:
    """Pairs of features that lie on each other by more than the tolerance."""
    rings = [[ring for polygon in feature.polygons for ring in polygon] for feature in features]
    low = np.array([np.min([ring.min(axis=0) for ring in one], axis=0) for one in rings])
    high = np.array([np.max([ring.max(axis=0) for ring in one], axis=0) for one in rings])
    edges = [edges_of(one) for one in rings]
    sizes = [sum(_size(polygon) for polygon in feature.polygons) for feature in features]
    for i in range(len(features)):
        near = np.flatnonzero(((low[i + 1 :] < high[i]) & (high[i + 1 :] > low[i])).all(axis=1)) + i + 1
        for j in near:
            box = (np.maximum(low[i], low[j]), np.minimum(high[i], high[j]))
            share = common_area(edges[i], edges[j], *box) / max(min(sizes[i], sizes[j]), 1e-300)
            if share > tolerance:
                facts = {"share": f"{100 * share:.1f}", "most": f"{100 * tolerance:g}"}
                yield geometry_problem(
                    "geometry.overlap", file, label=features[i].label, other=features[j].label, **facts
                )


def _size(polygon: Polygon) -> float:
    return abs(signed_area(polygon[0])) - sum(abs(signed_area(hole)) for hole in polygon[1:])


def _geometry(polygons: Sequence[Polygon]) -> dict[str, Any]:
    """GeoJSON with outer rings counter-clockwise and holes clockwise (RFC 7946)."""
    coordinates = [[wound(ring, is_outer=not i).tolist() for i, ring in enumerate(polygon)] for polygon in polygons]
    if len(coordinates) == 1:
        return {"type": "Polygon", "coordinates": coordinates[0]}
    return {"type": "MultiPolygon", "coordinates": coordinates}
