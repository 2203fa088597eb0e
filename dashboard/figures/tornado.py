"""A tornado: each assumption's bar from the outcome at its low end to that at its high end, the widest on top."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import plotly.graph_objects as go

from dashboard.figures.style import ACCENT, ACCENT_LIGHT, INK, LabelledBars, base_figure, value_axis

THICK = 18
ROOM = 0.12  # of the span, beside the bars


@dataclass(frozen=True)
class TornadoRow:
    """An assumption's name, and the outcome at both of its ends with their texts."""

    label: str
    low: float
    high: float
    low_text: str
    high_text: str


def tornado_figure(
    rows: Sequence[TornadoRow], stated: float, unit: str, ends: tuple[str, str], suffix: str = ""
) -> go.Figure:
    """Bars around the outcome as stated (a line); `ends` name the low and the high end in the legend."""
    places = LabelledBars(tuple(row.label for row in rows), THICK)
    figure = base_figure(places.height, barmode="overlay")
    sides = (
        (ends[0], ACCENT_LIGHT, "/", [row.low for row in rows], [row.low_text for row in rows]),
        (ends[1], ACCENT, "", [row.high for row in rows], [row.high_text for row in rows]),
    )
    for name, colour, shape, values, texts in sides:
        figure.add_bar(
            y=places.starts(0),
            x=[value - stated for value in values],
            base=stated,
            width=THICK,
            offset=0,
            orientation="h",
            name=name,
            marker={"color": colour, "pattern": {"shape": shape}},
            customdata=texts,
            hovertemplate="%{customdata}<extra>" + name + "</extra>",
        )
    outcomes = [stated, *(row.low for row in rows), *(row.high for row in rows)]
    low, high = min(outcomes), max(outcomes)
    room = ROOM * ((high - low) or abs(stated) or 1.0)
    start = low - room
    labels = [{**label, "x": start} for label in places.annotations()]
    figure.add_vline(x=stated, line={"color": INK, "width": 1, "dash": "dot"})
    figure.update_layout(
        xaxis=value_axis(unit, range=[start, high + room], ticksuffix=suffix),
        yaxis=places.axis(),
        annotations=labels,
        margin={"l": 8, "r": 16, "t": 44, "b": 48},
    )
    return figure
