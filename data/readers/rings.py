"""Plane geometry of the rings of a map: crossings, areas, what lies inside what. Coordinates only, no files.

Crossings are looked for on a grid of about as many cells as there are segments, so that time grows with the number of
segments as long as they are short, as in maps. Common areas are measured on level lines.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

SCAN_LINES = 240
Points = NDArray[np.float64]
Ring = Points  # (n, 2) longitude, latitude; the first point again at the end


def first_outside_world(rings: Sequence[Ring]) -> Points | None:
    for ring in rings:
        wrong = (np.abs(ring[:, 0]) > 180) | (np.abs(ring[:, 1]) > 90)
        if wrong.any():
            point: Points = ring[int(np.argmax(wrong))]
            return point
    return None


def signed_area(ring: Ring) -> float:
    x, y = (ring - ring[0]).T
    return float(np.sum(x[:-1] * y[1:] - x[1:] * y[:-1]) / 2)


def is_inside(hole: Ring, outer: Ring) -> bool:
    """Whether most points of the hole lie within the outer ring; both may touch."""
    sample = hole[:: max(1, len(hole) // 16)]
    middles = (sample[:-1] + sample[1:]) / 2 if len(sample) > 1 else sample
    inside = sum(holds(outer, point) for point in middles)
    return 2 * inside >= len(middles)


def holds(ring: Ring, point: Points) -> bool:
    x, y = ring[:, 0], ring[:, 1]
    straddles = (y[:-1] > point[1]) != (y[1:] > point[1])
    if not straddles.any():
        return False
    x0, y0, x1, y1 = x[:-1][straddles], y[:-1][straddles], x[1:][straddles], y[1:][straddles]
    crossings = x0 + (point[1] - y0) / (y1 - y0) * (x1 - x0)
    return bool(np.count_nonzero(crossings > point[0]) % 2)


def first_crossing(rings: Sequence[Ring]) -> Points | None:
    """A point where two segments of the rings cross each other, or None. Rings may touch in points."""
    starts = np.concatenate([ring[:-1] for ring in rings])
    ends = np.concatenate([ring[1:] for ring in rings])
    for one, two in _near_pairs(starts, ends):
        found = _proper_crossings(starts[one], ends[one], starts[two], ends[two])
        if found.any():
            at = int(np.argmax(found))
            return _meeting(starts[one[at]], ends[one[at]], starts[two[at]], ends[two[at]])
    return None


def _near_pairs(starts: Points, ends: Points) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """Pairs of segments that share a cell of a grid, in blocks."""
    low, high = np.minimum(starts, ends), np.maximum(starts, ends)
    origin, extent = low.min(axis=0), np.maximum(high.max(axis=0) - low.min(axis=0), 1e-12)
    side = max(1, math.isqrt(len(starts)))
    first = np.minimum((low - origin) / extent * side, side - 1).astype(np.int64)
    last = np.minimum((high - origin) / extent * side, side - 1).astype(np.int64)
    cells, members = _cells_of(first, last, side)
    order = np.argsort(cells, kind="stable")
    cells, members = cells[order], members[order]
    borders = np.flatnonzero(np.diff(cells)) + 1
    for group in np.split(members, borders):
        if len(group) > 1:
            for at in range(0, len(group), 2000):  # a crowded cell is compared block by block
                rows = group[at : at + 2000]
                one, two = np.meshgrid(rows, group, indexing="ij")
                is_pair = one < two
                yield one[is_pair], two[is_pair]


def _cells_of(
    first: NDArray[np.int64], last: NDArray[np.int64], side: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Every cell of the box around each segment."""
    width, height = (last - first + 1).T
    repeated = np.repeat(np.arange(len(first)), width * height)
    position = np.arange(len(repeated)) - np.repeat(np.cumsum(width * height) - width * height, width * height)
    x = first[repeated, 0] + position % width[repeated]
    y = first[repeated, 1] + position // width[repeated]
    return y * side + x, repeated


def _turns(a: Points, b: Points, c: Points) -> Points:
    """Positive where a → b → c turns left."""
    result: Points = (b[:, 0] - a[:, 0]) * (c[:, 1] - a[:, 1]) - (b[:, 1] - a[:, 1]) * (c[:, 0] - a[:, 0])
    return result


def _proper_crossings(a: Points, b: Points, c: Points, d: Points) -> NDArray[np.bool_]:
    """Whether segment ab crosses cd inside both; touching ends do not count."""
    found: NDArray[np.bool_] = (_turns(a, b, c) * _turns(a, b, d) < 0) & (_turns(c, d, a) * _turns(c, d, b) < 0)
    return found


def _meeting(a: Points, b: Points, c: Points, d: Points) -> Points:
    r, s = b - a, d - c
    t = ((c - a)[0] * s[1] - (c - a)[1] * s[0]) / (r[0] * s[1] - r[1] * s[0])
    point: Points = a + t * r
    return point


def edges_of(rings: Sequence[Ring]) -> Points:
    """(n, 4) x0, y0, x1, y1 of all edges, the lower end first, without level ones."""
    edges = np.concatenate([np.hstack([ring[:-1], ring[1:]]) for ring in rings])
    edges = edges[edges[:, 1] != edges[:, 3]]
    falling = edges[:, 1] > edges[:, 3]
    edges[falling] = edges[falling][:, [2, 3, 0, 1]]
    return edges


def common_area(one: Points, two: Points, low: Points, high: Points) -> float:
    """Area that both shapes cover within a box, from the even-odd intervals on scan lines."""
    step = (high[1] - low[1]) / SCAN_LINES
    lines = low[1] + (np.arange(SCAN_LINES) + 0.5) * step
    mine, other = _crossings(one, lines), _crossings(two, lines)
    return step * sum(_common_length(a, b) for a, b in zip(mine, other, strict=True) if len(a) and len(b))


def _crossings(edges: Points, lines: Points) -> list[Points]:
    """For each level line, where the edges cross it, sorted."""
    near = edges[(edges[:, 3] > lines[0]) & (edges[:, 1] <= lines[-1])]
    edge, line = np.nonzero((near[:, 1, None] <= lines) & (near[:, 3, None] > lines))
    x0, y0, x1, y1 = near[edge].T
    x = x0 + (lines[line] - y0) / (y1 - y0) * (x1 - x0)
    order = np.lexsort((x, line))
    return np.split(x[order], np.cumsum(np.bincount(line, minlength=len(lines)))[:-1])


def _common_length(a: Points, b: Points) -> float:
    total, i, j = 0.0, 0, 0
    while i + 1 < len(a) and j + 1 < len(b):
        total += max(0.0, min(a[i + 1], b[j + 1]) - max(a[i], b[j]))
        if a[i + 1] < b[j + 1]:
            i += 2
        else:
            j += 2
    return total


def wound(ring: Ring, is_outer: bool) -> Ring:
    return ring if (signed_area(ring) > 0) == is_outer else ring[::-1]
