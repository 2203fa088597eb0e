"""The box that shapes lie in, and whether its latitude and longitude seem to be exchanged."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np


@dataclass(frozen=True)
class Extent:
    """Degrees; longitude from west to east, latitude from south to north."""

    west: float
    south: float
    east: float
    north: float

    def facts(self) -> dict[str, str]:
        """The four numbers as they are written in a sentence [degrees]."""
        sides = ("west", "south", "east", "north")
        return {name: f"{getattr(self, name):.4f}".rstrip("0").rstrip(".") for name in sides}

    def meets(self, other: Extent) -> bool:
        """Whether the two boxes have a point in common."""
        beside = self.east < other.west or other.east < self.west
        return not (beside or self.north < other.south or other.north < self.south)

    def exchanged(self) -> Extent:
        """The box with longitudes as latitudes and the reverse."""
        return Extent(self.south, self.west, self.north, self.east)


def extent_of(geometries: Iterable[Mapping[str, Any]]) -> Extent:
    """The box around Polygons and MultiPolygons, at least one."""
    boxes = []
    for geometry in geometries:
        polygons = [geometry["coordinates"]] if geometry["type"] == "Polygon" else geometry["coordinates"]
        for polygon in polygons:
            points = np.asarray([point[:2] for point in polygon[0]], dtype=np.float64)
            boxes.append((*points.min(axis=0), *points.max(axis=0)))
    every = np.asarray(boxes)
    low, high = every[:, :2].min(axis=0), every[:, 2:].max(axis=0)
    return Extent(float(low[0]), float(low[1]), float(high[0]), float(high[1]))


def is_exchanged(found: Extent, known: Extent) -> bool:
    """Whether the found box lies away from the known one and falls on it once its numbers change places."""
    return not found.meets(known) and found.exchanged().meets(known)
