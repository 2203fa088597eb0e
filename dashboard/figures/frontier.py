"""The frontier: needs met against the gap between women and men, each point the best for its gap."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import plotly.graph_objects as go

from dashboard.context import PageContext
from dashboard.figures.style import INK, base_figure, value_axis

ACCENT = "#1F4E79"


def frontier_figure(points: Sequence[dict[str, Any]], start: dict[str, float], context: PageContext) -> go.Figure:
    """Points of the frontier as a line; where the search started as a cross.

    points : `gender_gap` (share, women minus men), `value` (needs met); start : the same
    """
    _, formats = context.gettext, context.formats
    figure = base_figure(380)
    figure.add_scatter(
        x=[100 * point["gender_gap"] for point in points],
        y=[point["value"] for point in points],
        mode="lines+markers",
        line={"color": ACCENT, "width": 2},
        marker={"size": 8, "color": ACCENT},
        name=_("Best for each gap"),
        text=[f"{formats.points(p['gender_gap'], 3)} · {formats.number(p['value'])}" for p in points],
        hovertemplate="%{text}<extra></extra>",
    )
    if start:
        figure.add_scatter(
            x=[100 * start["gender_gap"]],
            y=[start["value"]],
            mode="markers",
            marker={"size": 12, "symbol": "x", "color": INK},
            name=_("Where you start"),
            hovertemplate=f"{formats.points(start['gender_gap'], 3)} · {formats.number(start['value'])}<extra></extra>",
        )
    figure.update_layout(
        xaxis=value_axis(_("Women's minus men's coverage, percentage points")),
        yaxis=value_axis(_("Needs met, weighted")),
        margin={"l": 70, "r": 24, "t": 48, "b": 56},
    )
    return figure
