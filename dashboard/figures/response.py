"""Coverage of a need by women and men against a programme's money, with today's point."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import plotly.graph_objects as go

from dashboard.figures.style import COLOURS, INK_MUTED, SYMBOLS, base_figure, value_axis

DASHES = {"women": "solid", "men": "dash"}  # apart without colour, too
HEIGHT = 320


def response_figure(
    amounts: Sequence[float],
    coverage: Mapping[str, Sequence[float | None]],
    today: int,
    names: Mapping[str, str],
    titles: Mapping[str, str],
) -> go.Figure:
    """A line a group; a marker and a thin upright line where the money is today."""
    figure = base_figure(
        HEIGHT,
        xaxis=value_axis(titles["money"], rangemode="tozero", tickformat=",.0f", nticks=6),
        yaxis=value_axis(titles["coverage"], tickformat=".0%", range=[0, 1.02]),
        margin={"l": 8, "r": 24, "t": 36, "b": 48},
    )
    for group, shares in coverage.items():
        if all(share is None for share in shares):
            continue
        line = {"color": COLOURS[group], "dash": DASHES[group], "width": 2.5}
        figure.add_scatter(x=amounts, y=shares, mode="lines", name=names[group], line=line)
        marker = {"color": COLOURS[group], "symbol": SYMBOLS[group], "size": 12}
        figure.add_scatter(
            x=[amounts[today]], y=[shares[today]], mode="markers", marker=marker, showlegend=False, name=names[group]
        )
    figure.add_vline(x=amounts[today], line={"color": INK_MUTED, "width": 1, "dash": "dot"})
    figure.add_annotation(
        x=amounts[today], y=1.0, text=titles["today"], showarrow=False, xanchor="left", xshift=4, font={"size": 12}
    )
    return figure
