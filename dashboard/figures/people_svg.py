"""People as small figures, each standing for so many: whole, dotted where only possible, cut where it is a part.

Women are filled, men striped, both in the ink of the page: apart without any colour, also on paper.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from html import escape

MOST_FIGURES, IN_A_ROW = 20, 20
WIDTH, HEIGHT = 10, 22  # of one figure
SYMBOLS = (
    '<svg width="0" height="0" class="symbols" aria-hidden="true" focusable="false"><defs>'
    '<pattern id="stripes" width="3" height="3" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">'
    '<rect width="1.6" height="3" class="stripe"/></pattern>'
    f'<symbol id="person" viewBox="0 0 {WIDTH} {HEIGHT}"><circle cx="5" cy="4" r="3"/>'
    '<path d="M1 20v-7a4 4 0 0 1 8 0v7z"/></symbol></defs></svg>'
)


def people_a_figure(highest: Iterable[float]) -> int:
    """How many people a figure stands for: 1, 2, 5, 10 …, so that the largest number needs MOST_FIGURES or fewer."""
    most = max([0.0, *highest])
    step = 1
    while most / step > MOST_FIGURES:
        step = step * 5 // 2 if str(step).startswith("2") else step * 2
    return step


def people_svg(low: float, high: float, each: int, group: str, told: str) -> str:
    """Figures up to `low` in full, up to `high` dotted.

    each : people that one figure stands for; group : women or men; told : what it shows, for those who hear the page
    """
    count = max(1, math.ceil(high / each - 1e-9))
    parts = []
    for place in range(count):
        possible, certain = (min(1.0, max(0.0, end / each - place)) for end in (high, low))
        x, y = place % IN_A_ROW * WIDTH, place // IN_A_ROW * HEIGHT
        parts += [_figure(x, y, possible, "possible"), _figure(x, y, certain, "certain")]
    box = f"0 0 {IN_A_ROW * WIDTH} {math.ceil(count / IN_A_ROW) * HEIGHT}"
    return (
        f'<svg class="people {escape(group)}" viewBox="{box}" role="img" aria-label="{escape(told)}">'
        f"{''.join(parts)}</svg>"
    )


def _figure(x: int, y: int, part: float, kind: str) -> str:
    """The left part of a figure; the inner picture cuts what is beyond it."""
    if part <= 0:
        return ""
    drawn = f'<use href="#person" width="{WIDTH}" height="{HEIGHT}" class="{kind}"/>'
    return f'<svg x="{x}" y="{y}" width="{part * WIDTH:.2f}" height="{HEIGHT}">{drawn}</svg>'
