"""The palette and the base layout of all charts. Women: purple circle; men: orange diamond (apart in grey, too)."""

from __future__ import annotations

from dataclasses import dataclass
from textwrap import wrap
from typing import Any

import plotly.graph_objects as go

WOMEN, MEN = "#5E3C99", "#E66101"
MEN_TEXT = "#B34A00"
ACCENT, ACCENT_LIGHT, NEUTRAL = "#1F4E79", "#9DB6CC", "#8A8794"
INK, INK_MUTED, GRID = "#1E1B2E", "#55525F", "#E4E4EA"
FONT = "Inter Variable, system-ui, sans-serif"
SYMBOLS = {"women": "circle", "men": "diamond"}
COLOURS = {"women": WOMEN, "men": MEN}
ROW_HEIGHT = 34  # pixels a row of a chart with one label a row
LABEL_WIDTH = 24  # characters


def base_figure(height: int, **layout: Any) -> go.Figure:
    """An empty figure in the house style; no zoom, no transition."""
    figure = go.Figure()
    figure.update_layout(
        height=height,
        font={"family": FONT, "size": 13, "color": INK},
        paper_bgcolor="#FFFFFF",
        plot_bgcolor="#FFFFFF",
        margin={"l": 8, "r": 24, "t": 36, "b": 32},
        legend={"orientation": "h", "x": 0, "y": 1, "yanchor": "bottom", "yref": "paper", "font": {"size": 13}},
        hoverlabel={"font": {"family": FONT, "size": 13}, "bgcolor": "#FFFFFF"},
        dragmode=False,
    )
    figure.update_layout(**layout)
    return figure


def value_axis(title: str = "", **options: Any) -> dict[str, Any]:
    """An axis of numbers: light grid, no zero line, fixed range."""
    axis = {
        "title": {"text": title, "font": {"size": 12, "color": INK_MUTED}},
        "gridcolor": GRID,
        "zeroline": False,
        "fixedrange": True,
        "tickfont": {"size": 12, "color": INK_MUTED},
        "tickangle": 0,
        "nticks": 5,
    }
    return axis | options


@dataclass(frozen=True)
class Rows:
    """Places of rows on a vertical axis: a row whose label needs more lines is higher, so that labels stay apart."""

    labels: tuple[str, ...]

    @property
    def heights(self) -> list[float]:
        """In rows; a label of up to two lines fits one."""
        return [max(1.0, 0.5 * (broken(label).count("<br>") + 1)) for label in self.labels]

    @property
    def positions(self) -> list[float]:
        """Middle of each row, from the top."""
        return [sum(self.heights[:index]) + height / 2 for index, height in enumerate(self.heights)]

    @property
    def total(self) -> float:
        return sum(self.heights)

    def height(self, pixels: int = ROW_HEIGHT) -> int:
        """Of the chart with its axis and legend."""
        return 90 + round(pixels * max(self.total, 2))


def category_axis(rows: Rows, **options: Any) -> dict[str, Any]:
    """An axis with one label a row, the first on top. Positions are numbers, so that equal labels stay apart."""
    axis = {
        "tickmode": "array",
        "tickvals": rows.positions,
        "ticktext": [broken(label) for label in rows.labels],
        "range": [rows.total, 0],
        "automargin": True,
        "showgrid": False,
        "zeroline": False,
        "fixedrange": True,
        "tickfont": {"size": 12},
        "ticks": "outside",
        "ticklen": 6,
        "tickcolor": "rgba(0,0,0,0)",  # only room between label and bar
    }
    return axis | options


WIDE_LABEL = 44  # characters of a label over its bars: what a phone has room for
LINE, ROW_GAP = 17, 14  # pixels of a line of a label, and between rows


@dataclass(frozen=True)
class LabelledBars:
    """Rows in pixels from the top: each has its label in lines of its own and the bars below it, so that labels, bars
    and the texts at their ends find room on a phone, too."""

    labels: tuple[str, ...]
    bar: int  # pixels of a bar
    bars: int = 1  # a row

    @property
    def tops(self) -> list[float]:
        """Where each row's label begins."""
        heights = [self._label_height(label) + self.bars * self.bar + ROW_GAP for label in self.labels]
        return [sum(heights[:index]) for index in range(len(heights) + 1)]

    def _label_height(self, label: str) -> int:
        return LINE * (broken(label, WIDE_LABEL).count("<br>") + 1) + 2

    def starts(self, number: int) -> list[float]:
        """Upper edges of the bars of this number (0 is the first) of all rows."""
        return [
            top + self._label_height(label) + number * self.bar
            for top, label in zip(self.tops, self.labels, strict=False)
        ]

    @property
    def height(self) -> int:
        """Of the chart with its axis and legend."""
        return 96 + round(max(self.tops[-1], 60))

    def axis(self) -> dict[str, Any]:
        return {"range": [max(self.tops[-1], 60), 0], "visible": False, "fixedrange": True}

    def annotations(self) -> list[dict[str, Any]]:
        """The labels."""
        fixed = {"x": 0, "xref": "x", "xanchor": "left", "yanchor": "top", "showarrow": False, "align": "left"}
        return [
            {**fixed, "y": top, "text": broken(label, WIDE_LABEL), "font": {"size": 12.5}, "xshift": -3, "yshift": 3}
            for top, label in zip(self.tops, self.labels, strict=False)
        ]


def broken(label: str, width: int = LABEL_WIDTH) -> str:
    """A long label over several lines. Characters that plotly would read as markup are written out."""
    safe = label.replace("&", "&amp;").replace("<", "&lt;")
    return "<br>".join(wrap(safe, width)) or " "
