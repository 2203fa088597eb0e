"""Small charts beside each other, and bars of classes, each as one component with its content as JSON.

`assets/16-small-charts.js` writes them: Dash's renderer takes seconds for some hundred components, and a page that
compares a country has as many at every choice.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from dash import html

from dashboard.components.tables import Link
from dashboard.figures.small_multiple_svg import HEIGHT, MARGIN, WIDTH
from dashboard.figures.style import ACCENT, GRID, INK_MUTED

STYLE = {"width": WIDTH, "height": HEIGHT, "margin": MARGIN, "ink": ACCENT, "ground": INK_MUTED, "top": GRID}


@dataclass(frozen=True)
class SmallChart:
    """A link with the name, what is told under it, and where its dots are: a place a year, None where it is unknown.

    places : as `small_multiple_svg.dot_places` gives them
    """

    link: Link
    told: str
    places: Sequence[tuple[float, float] | None]


def small_charts(charts: Sequence[SmallChart]) -> html.Div:
    """A list of them; the figures stand in a table beside it."""
    items = [
        {"link": one.link.light(), "told": one.told, "places": [at and [round(x, 1) for x in at] for at in one.places]}
        for one in charts
    ]
    return html.Div(**_data("data-small-charts", {"style": STYLE, "charts": items}))


def class_bars(labels: Sequence[str], counts: Sequence[int], told: Sequence[str], marked: int | None) -> html.Div:
    """A bar a class, its count (`told`) behind it, the marked one darker and hatched; a table says the same."""
    most = max(counts, default=0) or 1
    content = [
        {"label": label, "told": text, "percent": round(count / most * 100, 1), "marked": place == marked}
        for place, (label, count, text) in enumerate(zip(labels, counts, told, strict=True))
    ]
    return html.Div(className="class-bars", **{"aria-hidden": "true"}, **_data("data-class-bars", content))


def _data(name: str, content: Any) -> dict[str, str]:
    return {name: json.dumps(content, ensure_ascii=False, separators=(",", ":"))}
