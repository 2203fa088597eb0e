"""The invented map: valid polygons that share their borders and leave neither gaps nor overlaps."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from data.demo.geometry import MapArea, draw_map

AREAS = draw_map(np.random.default_rng(7), "site", "Site")


def ring_of(area: MapArea) -> np.ndarray:
    (ring,) = area.geometry["coordinates"]
    return np.array(ring)


def signed_area(ring: np.ndarray) -> float:
    """The shoelace formula; above 0 when the ring runs counter-clockwise."""
    x, y = ring[:, 0], ring[:, 1]
    return float((x[:-1] * y[1:] - x[1:] * y[:-1]).sum() / 2)


def at_level(level: int) -> list[MapArea]:
    return [area for area in AREAS if area.level == level]


def contains(ring: np.ndarray, points: np.ndarray) -> np.ndarray:
    """Even-odd rule."""
    inside = np.zeros(len(points), bool)
    for (x1, y1), (x2, y2) in itertools.pairwise(ring):
        crosses = (y1 > points[:, 1]) != (y2 > points[:, 1])
        with np.errstate(divide="ignore", invalid="ignore"):
            inside ^= crosses & (points[:, 0] < (x2 - x1) * (points[:, 1] - y1) / (y2 - y1) + x1)
    return inside


def crossings(ring: np.ndarray) -> int:
    """Pairs of edges of a ring that cut each other."""
    edges = list(itertools.pairwise(ring))

    def side(a, b, c):
        return np.sign((b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0]))

    return sum(
        side(a, b, c) * side(a, b, d) < 0 and side(c, d, a) * side(c, d, b) < 0
        for (a, b), (c, d) in itertools.combinations(edges, 2)
    )


def test_there_are_twelve_sectors_of_five_neighbourhoods_below_one_site():
    assert [len(at_level(level)) for level in (0, 1, 2)] == [1, 12, 60]
    sectors = {area.code for area in at_level(1)}
    assert {area.parent for area in at_level(2)} == sectors
    assert len({area.code for area in AREAS}) == len({area.name for area in AREAS}) == 73


@pytest.mark.parametrize("area", AREAS, ids=lambda area: area.code)
def test_every_ring_is_closed_simple_and_counter_clockwise(area):
    ring = ring_of(area)
    assert (ring[0] == ring[-1]).all()
    assert len({tuple(point) for point in ring}) == len(ring) - 1
    assert signed_area(ring) > 0
    assert crossings(ring) == 0


@pytest.mark.parametrize("level", [1, 2])
def test_areas_of_a_level_fill_the_outline_exactly(level):
    outline = signed_area(ring_of(AREAS[0]))
    assert sum(signed_area(ring_of(area)) for area in at_level(level)) == pytest.approx(outline, rel=1e-9)


@pytest.mark.parametrize("level", [1, 2])
def test_every_place_of_the_outline_lies_in_one_area_only(level):
    ring = ring_of(AREAS[0])
    points = np.random.default_rng(1).uniform(ring.min(axis=0), ring.max(axis=0), (4000, 2))
    inside = contains(ring, points).astype(int)
    assert (sum(contains(ring_of(area), points).astype(int) for area in at_level(level)) == inside).all()


def test_neighbours_share_their_borders_corner_by_corner():
    edges = [
        (tuple(start), tuple(end)) for area in at_level(2) for start, end in itertools.pairwise(ring_of(area).tolist())
    ]
    outline = {(tuple(start), tuple(end)) for start, end in itertools.pairwise(ring_of(AREAS[0]).tolist())}
    single = {(start, end) for start, end in edges if (end, start) not in set(edges)}
    assert single == outline


def test_the_hills_lie_inland_and_one_sector_along_the_coast():
    kinds = [area.settlement for area in at_level(1)]
    assert kinds.count("hillside") == 3
    assert kinds.count("coastal") == 1
    east = {kind: np.mean([ring_of(a)[:, 0].mean() for a in at_level(1) if a.settlement == kind]) for kind in kinds}
    assert east["coastal"] < east["consolidated"] < east["hillside"]
