"""Two moments side by side, joined by a line each; both ends carry name and value, so that nobody needs the colours."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from textwrap import shorten

import plotly.graph_objects as go

from dashboard.figures.style import ACCENT, INK, INK_MUTED, NEUTRAL, base_figure, broken

LETTERS = 17  # of a line of a label: what a phone has room for beside a point
MOST_LETTERS = 85  # of a label; the table and the text of the point have the whole name
LINE, GAP = 15, 6  # pixels of a line of a label, and between two labels
LEAST_PIXELS, LABELS_SHARE = 160, 0.8  # between the lowest and the highest point; of the labels of a side
HALF_LABEL = 3  # lines of half the highest label
AWAY = 0.14  # of a label from its point, in the width between the two moments
MARGINS = {"l": 4, "r": 4, "t": 48, "b": 16}


@dataclass(frozen=True)
class Slope:
    """A line from its value at the start to that at the end, with their texts. `is_own`: the one that is looked at."""

    name: str
    start: float
    end: float
    texts: tuple[str, str]
    is_own: bool = False

    def label(self, side: int) -> str:
        """Name and value in lines that a phone has room for."""
        name = shorten(self.name, MOST_LETTERS, placeholder=" …")
        value = self.texts[side].replace(" ", "\N{NO-BREAK SPACE}")
        return f"{broken(f'{name} {value}', LETTERS).removesuffix(value)}<b>{value}</b>"

    def value(self, side: int) -> float:
        return self.end if side else self.start


def slope_figure(ends: tuple[str, str], slopes: Sequence[Slope]) -> go.Figure:
    """The lines, the own one thick and dark; labels stand beside their points as far as their distance lets them."""
    values = [one.value(side) for one in slopes for side in (0, 1)]
    labels = max(sum(label_heights(slopes, side)) for side in (0, 1))
    pixel = ((max(values) - min(values)) or 1) / max(LEAST_PIXELS, LABELS_SHARE * labels)
    places = [place for side in (0, 1) for place in label_places(slopes, side, pixel)]
    room = LINE * pixel * HALF_LABEL
    lowest, highest = min(*values, *places) - room, max(*values, *places) + room
    figure = base_figure(round((highest - lowest) / pixel) + MARGINS["t"] + MARGINS["b"])
    for one in slopes:
        _line(figure, one)
    for side in (0, 1):
        for one, place in zip(slopes, places[side * len(slopes) :], strict=False):
            _label(figure, one, side, place)
        figure.add_annotation(
            x=side, y=1.0, yref="paper", yanchor="bottom", text=f"<b>{ends[side]}</b>", showarrow=False
        )
    figure.update_layout(
        xaxis={"range": [-1.75, 2.75], "visible": False, "fixedrange": True},
        yaxis={"range": [lowest, highest], "visible": False, "fixedrange": True},
        margin=MARGINS,
    )
    return figure


def _line(figure: go.Figure, one: Slope) -> None:
    colour, width, symbol = (ACCENT, 3.5, "circle") if one.is_own else (NEUTRAL, 1.5, "diamond")
    figure.add_scatter(
        x=[0, 1],
        y=[one.start, one.end],
        mode="lines+markers",
        name=one.name,
        line={"color": colour, "width": width, "dash": "solid" if one.is_own else "dot"},
        marker={"symbol": symbol, "size": 9, "color": colour},
        text=list(one.texts),
        hovertemplate="%{text}<extra>" + broken(one.name) + "</extra>",
        showlegend=False,
    )


def _label(figure: go.Figure, one: Slope, side: int, place: float) -> None:
    """The label, and a thin line that leads from its point to it."""
    beside = side + AWAY if side else side - AWAY
    figure.add_shape(
        type="line", x0=side, x1=beside, y0=one.value(side), y1=place, line={"color": NEUTRAL, "width": 0.75}
    )
    figure.add_annotation(
        x=beside,
        y=place,
        text=one.label(side),
        xanchor="left" if side else "right",
        align="left" if side else "right",
        showarrow=False,
        font={"size": 12, "color": INK if one.is_own else INK_MUTED},
    )


def label_heights(slopes: Sequence[Slope], side: int) -> list[int]:
    """Pixels of the labels of a side, with the gap between two."""
    return [LINE * (one.label(side).count("<br>") + 1) + GAP for one in slopes]


def label_places(slopes: Sequence[Slope], side: int, pixel: float) -> list[float]:
    """Middles of the labels of a side; `pixel` is what a pixel is worth."""
    heights = [height * pixel for height in label_heights(slopes, side)]
    return spread([one.value(side) for one in slopes], heights)


def spread(values: Sequence[float], heights: Sequence[float]) -> list[float]:
    """Middles of labels as high as this: as near to their values as they can be without touching (least squares).

    Without the heights of those below it, a label only has to stand no lower than the one before: isotonic regression,
    by pooling neighbours that are out of order.

    >>> spread([1.0, 1.0, 3.0], [0.2, 0.4, 0.2])
    [0.85, 1.15, 3.0]
    """
    order = sorted(range(len(values)), key=lambda place: values[place])
    below, sums = 0.0, []
    for place in order:
        sums.append(below + heights[place] / 2)
        below += heights[place]
    blocks: list[tuple[float, int]] = []  # mean and number of those that touch each other
    for place, under in zip(order, sums, strict=True):
        mean, number = values[place] - under, 1
        while blocks and blocks[-1][0] >= mean:
            before, many = blocks.pop()
            mean, number = (mean * number + before * many) / (number + many), number + many
        blocks.append((mean, number))
    means = [mean for mean, number in blocks for _ in range(number)]
    found = [0.0] * len(values)
    for place, mean, under in zip(order, means, sums, strict=True):
        found[place] = round(mean + under, 10)
    return found
