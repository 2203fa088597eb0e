"""Lines over years: few series, told apart by dash and marker as well as by colour; a missing year breaks the line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import plotly.graph_objects as go

from dashboard.figures.bars import Bar
from dashboard.figures.style import ACCENT, INK_MUTED, NEUTRAL, base_figure, value_axis

LOOKS = (
    {"color": ACCENT, "dash": "solid", "symbol": "circle"},
    {"color": "#B34A00", "dash": "dash", "symbol": "square"},
    {"color": NEUTRAL, "dash": "dot", "symbol": "diamond"},
)


@dataclass(frozen=True)
class Series:
    """A line: a point a year, None where nothing is known."""

    name: str
    points: tuple[Bar | None, ...]


def trend_figure(years: Sequence[int], series: Sequence[Series], unit: str) -> go.Figure:
    """At most three series (`LOOKS`)."""
    figure = base_figure(330)
    for one, look in zip(series, LOOKS, strict=False):
        figure.add_scatter(
            x=[str(year) for year in years],
            y=[point.value if point else None for point in one.points],
            mode="lines+markers",
            name=one.name,
            line={"color": look["color"], "dash": look["dash"], "width": 2.5},
            marker={"symbol": look["symbol"], "size": 9, "color": look["color"]},
            text=[point.text if point else "" for point in one.points],
            hovertemplate="%{text}<extra>" + one.name + "</extra>",
            connectgaps=False,
        )
    figure.update_layout(
        xaxis={"type": "category", "fixedrange": True, "tickfont": {"color": INK_MUTED}, "showgrid": False},
        yaxis=value_axis(unit, rangemode="tozero", tickformat=","),
        margin={"l": 60, "r": 16, "t": 56, "b": 36},
        showlegend=True,
    )
    return figure
