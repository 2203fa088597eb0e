"""Money by fifth of income and sex as columns, and the concentration curve."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import plotly.graph_objects as go

from dashboard.figures.style import ACCENT, COLOURS, INK_MUTED, NEUTRAL, base_figure, value_axis


def fifths_figure(
    labels: Sequence[str], amounts: Mapping[str, Sequence[float]], names: Mapping[str, str], titles: tuple[str, str]
) -> go.Figure:
    """A pair of columns a fifth: women beside men. titles : of the axes (people, money in millions)"""
    figure = base_figure(340, barmode="group", bargap=0.3)
    for group, values in amounts.items():
        figure.add_bar(
            x=list(labels),
            y=[value / 1e6 for value in values],
            name=names.get(group, group),
            marker={"color": COLOURS.get(group, NEUTRAL), "pattern": {"shape": "" if group == "women" else "/"}},
            hovertemplate="%{y:,.2f}<extra>" + names.get(group, group) + "</extra>",
        )
    figure.update_layout(
        yaxis=value_axis(titles[1], rangemode="tozero", tickformat=",.1f"),
        xaxis={
            "type": "category",
            "fixedrange": True,
            "tickfont": {"size": 12, "color": INK_MUTED},
            "title": {"text": titles[0], "font": {"size": 12, "color": INK_MUTED}},
        },
        margin={"l": 56, "r": 12, "t": 44, "b": 52},
    )
    return figure


def concentration_figure(
    curve: Sequence[Mapping[str, Any]], names: tuple[str, str, str], titles: tuple[str, str]
) -> go.Figure:
    """Shares of money and of income that the poorest have. names : of money, income, the even spread"""
    figure = base_figure(380)
    people = [100 * point["people"] for point in curve]
    lines = (
        (names[0], [point["spending"] for point in curve], {"color": ACCENT, "width": 3}),
        (names[1], [point["income"] for point in curve], {"color": INK_MUTED, "width": 2, "dash": "dash"}),
        (names[2], [point["people"] for point in curve], {"color": NEUTRAL, "width": 1.5, "dash": "dot"}),
    )
    for name, values, line in lines:
        shares = [None if value is None else 100 * value for value in values]
        figure.add_scatter(
            x=people, y=shares, mode="lines", name=name, line=line, hovertemplate="%{x:.0f} → %{y:.1f}<extra></extra>"
        )
    figure.update_layout(
        xaxis=value_axis(titles[0], range=[0, 100]),
        yaxis=value_axis(titles[1], range=[0, 100]),
        margin={"l": 56, "r": 12, "t": 72, "b": 52},
    )
    return figure
