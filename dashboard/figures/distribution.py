"""How many fall into each class of a value, with the class of one of them marked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import plotly.graph_objects as go

from dashboard.figures.style import ACCENT, ACCENT_LIGHT, base_figure, value_axis

HEIGHT = 300


def distribution_figure(
    labels: Sequence[str], counts: Sequence[int], marked: int | None, titles: Mapping[str, str]
) -> go.Figure:
    """Upright bars, a class each; the marked one is darker, hatched and named."""
    is_marked = [place == marked for place in range(len(labels))]
    figure = base_figure(
        HEIGHT,
        xaxis={"title": {"text": titles["value"], "font": {"size": 12}}, "fixedrange": True, "tickfont": {"size": 11}},
        yaxis=value_axis(titles["count"], rangemode="tozero"),
        margin={"l": 8, "r": 8, "t": 36, "b": 64},
        bargap=0.08,
    )
    figure.add_bar(
        x=list(labels),
        y=list(counts),
        marker={
            "color": [ACCENT if one else ACCENT_LIGHT for one in is_marked],
            "pattern": {"shape": ["/" if one else "" for one in is_marked]},
        },
        hovertemplate="%{x}: %{y}<extra></extra>",
        showlegend=False,
    )
    if marked is not None:
        text = {"text": titles["marked"], "showarrow": True, "arrowhead": 0, "ay": -22, "ax": 0, "font": {"size": 12}}
        figure.add_annotation(x=labels[marked], y=counts[marked], **text)
    return figure
