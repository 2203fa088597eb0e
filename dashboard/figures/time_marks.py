"""Numbered marks over a chart of years: a thin line at the point in time, its number above the plot."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from textwrap import shorten

import plotly.graph_objects as go

from dashboard.figures.style import INK, NEUTRAL, broken

LEVEL = 24  # pixels of a row of numbers
ROOM = 0.075  # of the width of the axis that a number takes on a phone, a letter wide
LETTER = 0.02  # of the width, for each further letter
HOVER_LETTERS, HOVER_LINE = 300, 46
SIDE = 0.55  # of a year beside the first and the last one, so that January and December have room


@dataclass(frozen=True)
class TimeMark:
    """A place on an axis of years (0 is the first), its number, and what stands behind it, a text a note."""

    place: float
    label: str
    texts: Sequence[str]


def add_time_marks(figure: go.Figure, marks: Sequence[TimeMark], n_years: int) -> None:
    """Put the marks over a figure with a category axis of so many years; numbers that would touch go a row higher."""
    if not marks:
        return
    rows = levels([one.place for one in marks], [room(one.label, n_years) for one in marks])
    band = LEVEL * (max(rows) + 1) + 4
    plot = figure.layout.height - figure.layout.margin.t - figure.layout.margin.b
    total = plot + band
    for one, row in zip(marks, rows, strict=True):
        _mark(figure, one, (plot + LEVEL * (row + 0.5)) / total)
    figure.update_layout(height=figure.layout.height + band)
    figure.update_xaxes(range=[-SIDE, n_years - 1 + SIDE])
    figure.update_yaxes(domain=[0, plot / total])


def room(label: str, n_years: int) -> float:
    """Width of a number in years."""
    return (ROOM + LETTER * (len(label) - 1)) * (n_years - 1 + 2 * SIDE)


def levels(places: Sequence[float], widths: Sequence[float]) -> list[int]:
    """Row of each label, from left to right the lowest one in which it touches no other.

    >>> levels([0.0, 0.1, 0.2, 1.0], [0.15] * 4)
    [0, 1, 0, 0]
    """
    ends: list[float] = []
    found = []
    for place, width in zip(places, widths, strict=True):
        row = next((row for row, end in enumerate(ends) if place - width / 2 >= end), len(ends))
        ends[row : row + 1] = [place + width / 2]
        found.append(row)
    return found


def _mark(figure: go.Figure, one: TimeMark, height: float) -> None:
    line = {"color": NEUTRAL, "width": 1, "dash": "dot"}
    figure.add_shape(type="line", x0=one.place, x1=one.place, y0=0, y1=height, yref="paper", line=line, layer="below")
    figure.add_annotation(
        x=one.place,
        y=height,
        yref="paper",
        yanchor="middle",
        text=f"<b>{one.label}</b>",
        hovertext="<br>".join(broken(shorten(text, HOVER_LETTERS, placeholder=" …"), HOVER_LINE) for text in one.texts),
        showarrow=False,
        font={"size": 12, "color": INK},
        bgcolor="#FFFFFF",
        bordercolor=INK,
        borderpad=2,
    )
