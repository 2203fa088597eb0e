"""Two moments side by side, joined by a line each; both ends carry name and value, so that nobody needs the colours."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import plotly.graph_objects as go

from dashboard.figures.style import ACCENT, INK, INK_MUTED, NEUTRAL, base_figure

LEAST_DISTANCE = 0.055  # of labels, of the height between the lowest and the highest point
LETTERS = 12  # of a name beside a point
HEIGHT, PIXELS_A_LINE = 260, 24


@dataclass(frozen=True)
class Slope:
    """A line from its value at the start to that at the end, with their texts. `is_own`: the one that is looked at."""

    name: str
    start: float
    end: float
    texts: tuple[str, str]
    is_own: bool = False


def slope_figure(ends: tuple[str, str], slopes: Sequence[Slope]) -> go.Figure:
    """The lines, the own one thick and dark; labels stand beside their points as far as their distance lets them."""
    figure = base_figure(HEIGHT + PIXELS_A_LINE * len(slopes))
    for one in slopes:
        colour, width, symbol = (ACCENT, 3.5, "circle") if one.is_own else (NEUTRAL, 1.5, "diamond")
        figure.add_scatter(
            x=[0, 1],
            y=[one.start, one.end],
            mode="lines+markers",
            name=one.name,
            line={"color": colour, "width": width, "dash": "solid" if one.is_own else "dot"},
            marker={"symbol": symbol, "size": 9, "color": colour},
            text=list(one.texts),
            hovertemplate="%{text}<extra>" + one.name + "</extra>",
            showlegend=False,
        )
    for side, anchor in ((0, "right"), (1, "left")):
        _label(figure, slopes, side, anchor)
        figure.add_annotation(
            x=side, y=1.04, yref="paper", yanchor="bottom", text=f"<b>{ends[side]}</b>", showarrow=False
        )
    figure.update_layout(
        xaxis={"range": [-1.6, 2.6], "visible": False, "fixedrange": True},
        yaxis={"visible": False, "fixedrange": True, "autorange": True},
        margin={"l": 4, "r": 4, "t": 48, "b": 16},
    )
    return figure


def _label(figure: go.Figure, slopes: Sequence[Slope], side: int, anchor: str) -> None:
    values = [one.end if side else one.start for one in slopes]
    every = [end for one in slopes for end in (one.start, one.end)]  # both sides share the height of the chart
    for one, place in zip(slopes, spread(values, max(every) - min(every)), strict=True):
        name = one.name if len(one.name) <= LETTERS else one.name[: LETTERS - 1] + "…"
        figure.add_annotation(
            x=side,
            y=place,
            text=f"{name} {one.texts[side]}",
            xanchor=anchor,
            xshift=10 if side else -10,
            showarrow=False,
            font={"size": 12, "color": INK if one.is_own else INK_MUTED},
        )


def spread(values: Sequence[float], height: float) -> list[float]:
    """Places of labels in a chart of this height: their values, moved up where two would stand too close.

    >>> spread([1.0, 1.0, 3.0], 2.0)
    [1.0, 1.11, 3.0]
    """
    least = LEAST_DISTANCE * (height or 1)
    order = sorted(range(len(values)), key=lambda place: values[place])
    found = list(values)
    for before, place in itertools.pairwise(order):
        found[place] = round(max(found[place], found[before] + least), 10)
    return found
