"""The invented map: an outline by a bay, twelve sectors, sixty neighbourhoods that share their borders exactly.

Neighbourhoods are the Voronoi cells of drawn seeds in a unit square (u along the coast, v inland), carried to
longitude and latitude by one smooth map. Corners are shared by index, so neither gaps nor overlaps can arise.
None of it is the real district: no street, sector or boundary of Villa El Salvador was used.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Points = NDArray[np.float64]
Ring = list[int]

CENTRE = (-76.94, -12.21)  # longitude, latitude
SIZE_KM = (8.4, 5.2)  # along the coast, inland
KM_PER_DEGREE = (108.1, 110.6)  # longitude, latitude at 12 degrees south
GROUPS = 5  # neighbourhoods a sector
SAME_POINT = 1e-9

# Sector code, name, kind of settlement, and its rectangle in the unit square (u from, u to, v from, v to).
SECTORS = (
    ("S01", "Franja Costera", "coastal", 0.0, 1.0, 0.0, 0.17),
    ("S02", "Sector Los Algarrobos", "consolidated", 0.0, 0.26, 0.17, 0.46),
    ("S03", "Sector Las Palmeras", "consolidated", 0.26, 0.52, 0.17, 0.46),
    ("S04", "Sector Central", "consolidated", 0.52, 0.76, 0.17, 0.46),
    ("S05", "Sector Los Talleres", "consolidated", 0.76, 1.0, 0.17, 0.46),
    ("S06", "Sector La Solidaridad", "consolidated", 0.0, 0.25, 0.46, 0.75),
    ("S07", "Sector Los Molles", "consolidated", 0.25, 0.5, 0.46, 0.75),
    ("S08", "Sector El Arenal", "consolidated", 0.5, 0.75, 0.46, 0.75),
    ("S09", "Sector Las Brisas", "consolidated", 0.75, 1.0, 0.46, 0.75),
    ("S10", "Laderas del Norte", "hillside", 0.0, 0.33, 0.75, 1.0),
    ("S11", "Lomas Altas", "hillside", 0.33, 0.67, 0.75, 1.0),
    ("S12", "Mirador del Sur", "hillside", 0.67, 1.0, 0.75, 1.0),
)
SEEDS_IN_BLOCK = ((0.22, 0.25), (0.75, 0.22), (0.5, 0.52), (0.2, 0.8), (0.8, 0.78))
SEEDS_IN_STRIP = ((0.1, 0.5), (0.3, 0.5), (0.5, 0.5), (0.7, 0.5), (0.9, 0.5))


@dataclass(frozen=True)
class MapArea:
    """A piece of the map; `geometry` is GeoJSON in WGS 84, outer ring counter-clockwise (RFC 7946)."""

    code: str
    name: str
    level: int
    parent: str | None
    settlement: str  # consolidated, hillside, coastal; site for level 0
    geometry: dict[str, Any]


def draw_map(generator: np.random.Generator, site_code: str, site_name: str) -> tuple[MapArea, ...]:
    """The site (level 0), its sectors (1) and their neighbourhoods (2)."""
    corners, cells = _voronoi(_seeds(generator))
    places = _to_degrees(corners)
    areas = [MapArea(site_code, site_name, 0, None, "site", _polygon(places, _union(cells)))]
    for index, (code, name, settlement, *_) in enumerate(SECTORS):
        own = cells[index * GROUPS : (index + 1) * GROUPS]
        areas.append(MapArea(code, name, 1, None, settlement, _polygon(places, _union(own))))
        for number, cell in enumerate(own, start=1):
            group = f"{code}-G{number}"
            areas.append(MapArea(group, f"{name}, Grupo {number}", 2, code, settlement, _polygon(places, cell)))
    return tuple(areas)


def _seeds(generator: np.random.Generator) -> Points:
    """Five seeds a sector, moved a little at random."""
    seeds = []
    for _, _, settlement, left, right, low, high in SECTORS:
        pattern = np.array(SEEDS_IN_STRIP if settlement == "coastal" else SEEDS_IN_BLOCK)
        jitter = generator.uniform(-0.07, 0.07, pattern.shape) * ((0.4, 1) if settlement == "coastal" else (1, 1))
        seeds.append(np.array([left, low]) + (pattern + jitter) * np.array([right - left, high - low]))
    return np.concatenate(seeds)


def _voronoi(seeds: Points) -> tuple[Points, list[Ring]]:
    """Corners (n, 2) and, per seed, the indices of its cell's corners, counter-clockwise."""
    corners: list[Points] = []
    cells: list[Ring] = []
    for seed in seeds:
        cell = np.array([[0.0, 0.0], [1.0, 0.0], [1.0, 1.0], [0.0, 1.0]])
        for other in seeds:
            if other is not seed and not np.array_equal(other, seed):
                cell = _nearer_half(cell, seed, other)
        cells.append([_index_of(corner, corners) for corner in cell])
    return np.array(corners), cells


def _nearer_half(cell: Points, seed: Points, other: Points) -> Points:
    """The part of a convex cell that lies nearer to `seed` than to `other` (Sutherland and Hodgman)."""
    side = (cell - (seed + other) / 2) @ (other - seed)  # negative: nearer to seed
    kept: list[Points] = []
    for index in range(len(cell)):
        after = (index + 1) % len(cell)
        if side[index] <= 0:
            kept.append(cell[index])
        if side[index] * side[after] < 0:
            share = side[index] / (side[index] - side[after])
            kept.append(cell[index] + share * (cell[after] - cell[index]))
    return np.array(kept)


def _index_of(corner: Points, corners: list[Points]) -> int:
    """The index of a corner; the same place reached along another bisector is the same corner."""
    for index, known in enumerate(corners):
        if np.abs(known - corner).max() < SAME_POINT:
            return index
    corners.append(corner)
    return len(corners) - 1


def _union(cells: list[Ring]) -> Ring:
    """The outer ring of adjoining cells: an edge that two of them share runs both ways and cancels out."""
    edges = {(ring[i], ring[(i + 1) % len(ring)]) for ring in cells for i in range(len(ring))}
    following = {start: end for start, end in edges if (end, start) not in edges}
    ring = [min(following)]
    while (corner := following[ring[-1]]) != ring[0]:
        ring.append(corner)
    if len(ring) != len(following):
        raise ValueError("These cells do not make one piece without holes; change the seeds of the sector.")
    return ring


def _to_degrees(corners: Points) -> Points:
    """The smooth map from the unit square to longitude and latitude: a bay, bent hills, turned to the south-east."""
    along, inland = corners[:, 0] - 0.5, corners[:, 1]
    bay = 0.35 * np.sin(np.pi * corners[:, 0]) * (1 - inland) ** 2
    hills = 0.22 * np.sin(7.0 * corners[:, 0] + 0.8) * inland**3
    x = SIZE_KM[0] * along * (1 - 0.16 * inland)
    y = SIZE_KM[1] * (inland - 0.5) + bay + hills * SIZE_KM[1] * 0.5
    diagonal = np.sqrt(0.5)
    east, north = diagonal * (x + y), diagonal * (y - x)
    return np.column_stack([CENTRE[0] + east / KM_PER_DEGREE[0], CENTRE[1] + north / KM_PER_DEGREE[1]]).round(6)


def _polygon(places: Points, ring: Ring) -> dict[str, Any]:
    """GeoJSON Polygon of one closed ring."""
    return {"type": "Polygon", "coordinates": [[places[index].tolist() for index in [*ring, ring[0]]]]}
