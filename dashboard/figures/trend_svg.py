"""A small picture of shares from round to round: women and men as two lines, on a scale of its own.

It stands beside the numbers and is no more than their shape; who cannot see it misses nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import quote

from dashboard.figures.style import MEN, WOMEN

WIDTH, HEIGHT, MARGIN = 84, 26, 5
LEAST_SPAN = 0.05  # share: a smaller span would make a cliff of nothing
Values = Sequence[float | None]


def trend_svg(women: Values, men: Values) -> str:
    """The picture as SVG; places of a round without a figure stay open. Empty with fewer than two points of one sex.

    women, men : shares (0-1), the earliest round first
    """
    known = [value for value in (*women, *men) if value is not None]
    if max((sum(value is not None for value in values) for values in (women, men)), default=0) < 2:
        return ""
    middle = (max(known) + min(known)) / 2
    span = max(max(known) - min(known), LEAST_SPAN)
    lines = [
        _line(values, colour, middle - span / 2, span, is_round)
        for values, colour, is_round in ((men, MEN, False), (women, WOMEN, True))
    ]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{HEIGHT}" '
        f'viewBox="0 0 {WIDTH} {HEIGHT}">{"".join(lines)}</svg>'
    )


def _line(values: Values, colour: str, low: float, span: float, is_round: bool) -> str:
    step = (WIDTH - 2 * MARGIN) / max(len(values) - 1, 1)
    points = [
        (MARGIN + at * step, HEIGHT - MARGIN - (value - low) / span * (HEIGHT - 2 * MARGIN))
        for at, value in enumerate(values)
        if value is not None
    ]
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    drawn = [f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="1.6"/>']
    for x, y in points:
        mark = f'<circle cx="{x:.1f}" cy="{y:.1f}" r="2.6" fill="{colour}"/>'
        corner = f'<rect x="{x - 2.2:.1f}" y="{y - 2.2:.1f}" width="4.4" height="4.4" fill="{colour}" '
        drawn.append(mark if is_round else f'{corner}transform="rotate(45 {x:.1f} {y:.1f})"/>')
    return "".join(drawn)


def as_address(svg: str) -> str:
    """The picture as a data address for an image."""
    return f"data:image/svg+xml,{quote(svg)}"
