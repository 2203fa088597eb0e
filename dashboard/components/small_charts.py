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


@dataclass(frozen=True)
class SmallChart:
    """A link with the name, what is told under it, and the picture's address."""

    link: Link
    told: str
    picture: str


def small_charts(charts: Sequence[SmallChart]) -> html.Div:
    """A list of them; the figures stand in a table beside it."""
    content = [{"link": one.link.light(), "told": one.told, "picture": one.picture} for one in charts]
    return html.Div(**_data("data-small-charts", content))


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
