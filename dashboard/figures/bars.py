"""Horizontal bars: persons by sex, and money; and money by year and stage as groups of columns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import plotly.graph_objects as go

from dashboard.figures.style import (
    ACCENT,
    ACCENT_LIGHT,
    COLOURS,
    INK_MUTED,
    NEUTRAL,
    LabelledBars,
    base_figure,
    value_axis,
)

STAGE_COLOURS = {"pia": ACCENT_LIGHT, "pim": ACCENT, "accrued": NEUTRAL, "paid": "#C8C6D2"}
STAGE_PATTERNS = {"pia": "", "pim": "", "accrued": "/", "paid": "x"}  # apart without colour, too


THIN, THICK = 15, 18  # pixels of a bar of two, and of one that stands alone
ROOM_FOR_TEXT = 1.65  # times the longest bar: its text stands outside, also on a phone


@dataclass(frozen=True)
class Bar:
    """A length with its text; the text is shown at the end of the bar and on hovering."""

    value: float
    text: str


@dataclass(frozen=True)
class PersonsRow:
    """A need with its women and men; None where the need does not apply to them."""

    label: str
    women: Bar | None
    men: Bar | None


def persons_figure(rows: Sequence[PersonsRow], names: dict[str, str], unit: str) -> go.Figure:
    """Two bars a need under its name: women above, men below."""
    places = LabelledBars(tuple(row.label for row in rows), THIN, 2)
    figure = base_figure(places.height, barmode="overlay")
    for number, group in enumerate(("women", "men")):
        bars: list[Bar | None] = [getattr(row, group) for row in rows]
        figure.add_bar(
            y=places.starts(number),
            x=[bar.value if bar else None for bar in bars],
            width=THIN - 2,
            offset=0,
            orientation="h",
            name=names[group],
            marker={"color": COLOURS[group], "pattern": {"shape": "" if group == "women" else "/"}},
            text=[bar.text if bar else "" for bar in bars],
            textposition="outside",
            textfont={"size": 12},
            constraintext="none",
            cliponaxis=False,
            hovertemplate="%{text}<extra>" + names[group] + "</extra>",
        )
    greatest = max((bar.value for row in rows for bar in (row.women, row.men) if bar), default=1)
    return with_axes(figure, places, unit, greatest * ROOM_FOR_TEXT, ",d")


def money_figure(labels: Sequence[str], bars: Sequence[Bar], unit: str) -> go.Figure:
    """One bar a label, under it; values in millions of the currency."""
    places = LabelledBars(tuple(labels), THICK)
    figure = base_figure(places.height)
    figure.add_bar(
        y=places.starts(0),
        width=THICK,
        offset=0,
        x=[bar.value for bar in bars],
        orientation="h",
        marker={"color": ACCENT},
        text=[bar.text for bar in bars],
        textposition="outside",
        textfont={"size": 12},
        constraintext="none",
        cliponaxis=False,
        hovertemplate="%{text}<extra></extra>",
        showlegend=False,
    )
    greatest = max((bar.value for bar in bars), default=1)
    return with_axes(figure, places, unit, greatest * ROOM_FOR_TEXT or 1, ",")


def with_axes(figure: go.Figure, places: LabelledBars, unit: str, end: float, number_format: str) -> go.Figure:
    figure.update_layout(
        xaxis=value_axis(unit, range=[0, end], tickformat=number_format),
        yaxis=places.axis(),
        annotations=places.annotations(),
        margin={"l": 4, "r": 12, "t": 44 if len(figure.data) > 1 else 12, "b": 40},
    )
    return figure


def years_figure(
    years: Sequence[int], stages: Sequence[str], names: dict[str, str], amounts: dict[str, list[Bar | None]], unit: str
) -> go.Figure:
    """A group of columns a year, a column a stage; a stage that the source lacks has no column."""
    figure = base_figure(340, barmode="group", bargap=0.3)
    for stage in stages:
        figure.add_bar(
            x=[str(year) for year in years],
            y=[bar.value if bar else None for bar in amounts[stage]],
            name=names[stage],
            marker={"color": STAGE_COLOURS[stage], "pattern": {"shape": STAGE_PATTERNS[stage]}},
            customdata=[bar.text if bar else "" for bar in amounts[stage]],
            hovertemplate="%{customdata}<extra>" + names[stage] + "</extra>",
        )
    figure.update_layout(
        yaxis=value_axis(unit, rangemode="tozero", tickformat=","),
        xaxis={"type": "category", "fixedrange": True, "tickfont": {"color": INK_MUTED}},
    )
    return figure
