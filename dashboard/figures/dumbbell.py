"""Women and men per indicator on one line each, joined by a bar; intervals where the figures come from a sample."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import plotly.graph_objects as go

from dashboard.figures.style import COLOURS, INK_MUTED, SYMBOLS, Rows, base_figure, category_axis, value_axis

STEPS = (5, 10, 20, 25, 50)  # percent between marks of the axis
GAP_ROOM = 1.55  # axis by its greatest value: a gap such as `−10.00 pp ≈` must stand behind it on a phone
MOST_MARKS = 4  # beside 0: more would touch on a phone


@dataclass(frozen=True)
class Dot:
    """One side of a row: a share (0-1), its interval if any, and how it is written."""

    share: float
    low: float | None
    high: float | None
    text: str


@dataclass(frozen=True)
class Row:
    """An indicator with its women's and men's dots and the gap as text."""

    label: str
    women: Dot
    men: Dot
    gap: str


def dumbbell_figure(rows: Sequence[Row], names: dict[str, str], percent: str) -> go.Figure:
    """`names` are the words for women and men; `percent` stands after the numbers of the axis."""
    places = Rows(tuple(row.label for row in rows))
    figure = base_figure(places.height())
    figure.add_trace(_bars(rows, places.positions))
    for group in ("women", "men"):
        figure.add_trace(_dots(rows, places.positions, group, names[group]))
    for position, row in zip(places.positions, rows, strict=True):
        figure.add_annotation(
            x=max(_end(row.women), _end(row.men)) * 100,
            y=position,
            text=row.gap,
            showarrow=False,
            xanchor="left",
            xshift=10,
            font={"size": 12, "color": INK_MUTED},
        )
    figure.update_layout(
        xaxis=value_axis(
            range=[0, axis_end(rows)],
            dtick=axis_step(axis_end(rows)),
            ticksuffix=percent,
        ),
        yaxis=category_axis(places),
    )
    return figure


def axis_end(rows: Sequence[Row]) -> float:
    """The end of the axis in percent, with room for the gap's text; never cut off at the greatest dot."""
    greatest = max((max(_end(row.women), _end(row.men)) for row in rows), default=1.0)
    return max(10.0, greatest * 100 * GAP_ROOM)


def axis_step(end: float) -> int:
    """Percent from mark to mark of an axis that ends there."""
    return next((step for step in STEPS if end / step <= MOST_MARKS), STEPS[-1])


def _end(dot: Dot) -> float:
    return dot.high if dot.high is not None else dot.share


def _bars(rows: Sequence[Row], positions: Sequence[float]) -> go.Scatter:
    x: list[float | None] = []
    y: list[float | None] = []
    for position, row in zip(positions, rows, strict=True):
        x += [row.women.share * 100, row.men.share * 100, None]
        y += [position, position, None]
    return go.Scatter(x=x, y=y, mode="lines", line={"color": "#C9C8D2", "width": 4}, hoverinfo="skip", showlegend=False)


def _dots(rows: Sequence[Row], positions: Sequence[float], group: str, name: str) -> go.Scatter:
    dots: list[Dot] = [getattr(row, group) for row in rows]
    has_interval = any(dot.low is not None for dot in dots)
    interval = {
        "type": "data",
        "symmetric": False,
        "array": [(_end(dot) - dot.share) * 100 for dot in dots],
        "arrayminus": [(dot.share - (dot.low if dot.low is not None else dot.share)) * 100 for dot in dots],
        "color": COLOURS[group],
        "thickness": 1.2,
        "width": 3,
    }
    return go.Scatter(
        x=[dot.share * 100 for dot in dots],
        y=list(positions),
        mode="markers",
        name=name,
        marker={"color": COLOURS[group], "symbol": SYMBOLS[group], "size": 12},
        error_x=interval if has_interval else None,
        cliponaxis=False,
        customdata=[dot.text for dot in dots],
        hovertemplate="%{customdata}<extra>" + name + "</extra>",
    )
