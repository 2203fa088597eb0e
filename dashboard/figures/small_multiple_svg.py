"""One of many small charts on one scale: a municipality's share from year to year. Years that are unknown stay open.

As SVG, or as the places of its dots, from which a script draws the same.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape

from dashboard.figures.style import ACCENT, GRID, INK, INK_MUTED
from dashboard.figures.time_marks import TimeMark

WIDTH, HEIGHT, MARGIN = 168, 72, 7
BAND, LETTERS = 12, 10  # pixels above the picture that numbers of marks take, and their size


def small_multiple_svg(
    values: Sequence[float | None], top: float, low: float = 0.0, marks: Sequence[TimeMark] = ()
) -> str:
    """The picture as SVG: a line from known year to known year that follow each other, a dot for each.

    values : the earliest year first; None = unknown, which is not 0
    top, low : values at the upper and the lower edge, the same for all charts beside each other
    marks : numbered points in time; their places count years from the first one
    """
    places = dot_places(values, top, low)
    lines = "".join(
        f'<polyline points="{" ".join(f"{x:.1f},{y:.1f}" for x, y in run)}" fill="none" stroke="{ACCENT}" '
        'stroke-width="2"/>'
        for run in _runs(places)
    )
    dots = "".join(f'<circle cx="{at[0]:.1f}" cy="{at[1]:.1f}" r="2.8" fill="{ACCENT}"/>' for at in places if at)
    band = BAND if marks else 0
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{HEIGHT + band}" '
        f'viewBox="0 {-band} {WIDTH} {HEIGHT + band}">{_edge(HEIGHT - MARGIN, INK_MUTED)}{_edge(MARGIN, GRID)}'
        f"{''.join(_marked(one, len(values)) for one in marks)}{lines}{dots}</svg>"
    )


def _marked(mark: TimeMark, count: int) -> str:
    """A dotted line at a point in time with the number of its note above."""
    at = WIDTH / 2 if count == 1 else MARGIN + mark.place * (WIDTH - 2 * MARGIN) / (count - 1)
    x = min(max(at, MARGIN / 2), WIDTH - MARGIN / 2)
    return (
        f'<line x1="{x:.1f}" x2="{x:.1f}" y1="0" y2="{HEIGHT - MARGIN}" stroke="{INK_MUTED}" stroke-dasharray="2 2"/>'
        f'<text x="{x:.1f}" y="-2" font-size="{LETTERS}" text-anchor="middle" font-family="sans-serif" fill="{INK}">'
        f"{escape(mark.label)}</text>"
    )


def dot_places(values: Sequence[float | None], top: float, low: float = 0.0) -> list[tuple[float, float] | None]:
    """x and y of each value within WIDTH and HEIGHT; None where it is unknown."""
    return [_place(at, value, len(values), top, low) for at, value in enumerate(values)]


def _edge(y: float, colour: str) -> str:
    return f'<line x1="0" x2="{WIDTH}" y1="{y}" y2="{y}" stroke="{colour}" stroke-width="1"/>'


def _place(at: int, value: float | None, count: int, top: float, low: float) -> tuple[float, float] | None:
    if value is None:
        return None
    x = WIDTH / 2 if count == 1 else MARGIN + at * (WIDTH - 2 * MARGIN) / (count - 1)
    return x, HEIGHT - MARGIN - (value - low) / (top - low) * (HEIGHT - 2 * MARGIN)


def _runs(places: Sequence[tuple[float, float] | None]) -> Iterator[list[tuple[float, float]]]:
    """Known years that follow each other, two at least: no line is drawn over a year that nobody knows."""
    run: list[tuple[float, float]] = []
    for place in (*places, None):
        if place is not None:
            run.append(place)
        elif run:
            if len(run) > 1:
                yield run
            run = []
