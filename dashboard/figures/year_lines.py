"""Coverage of women and men year by year; dashed: today's budget carried on through the same years."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import plotly.graph_objects as go

from budget_model.coverage.types import Array
from dashboard.context import PageContext
from dashboard.figures.style import COLOURS, INK_MUTED, NEUTRAL, SYMBOLS, base_figure, value_axis

DECIMALS = 2


@dataclass(frozen=True)
class Lines:
    """Coverage of one need, or of all together, by year and group: shares (T, G), NaN where it does not apply."""

    name: str
    groups: tuple[str, ...]
    scenario: Array
    today: Array | None  # today's budget carried on; None where that is the scenario


def year_lines_figure(lines: Lines, names: Mapping[str, str], context: PageContext) -> go.Figure:
    """A line a group of `lines`, called as in `names`; values are percentages."""
    figure = base_figure(340)
    years = list(range(1, len(lines.scenario) + 1))
    for g, group in enumerate(lines.groups):
        name = names.get(group, group)
        if lines.today is not None:
            carried_on = context.gettext("{group}: today's budget carried on", group=name)
            _add_line(figure, years, lines.today[:, g].tolist(), group, carried_on, context, is_dashed=True)
        _add_line(figure, years, lines.scenario[:, g].tolist(), group, name, context)
    figure.update_layout(
        xaxis={
            "title": {"text": context.gettext("Year"), "font": {"size": 12, "color": INK_MUTED}},
            "tickmode": "array",
            "tickvals": years,
            "range": [0.7, len(years) + 0.3],
            "fixedrange": True,
            "showgrid": False,
            "tickfont": {"size": 12, "color": INK_MUTED},
        },
        yaxis=value_axis(ticksuffix=" %", rangemode="normal"),
        margin={"l": 60, "r": 16, "t": 64 if lines.today is not None else 44, "b": 44},
    )
    return figure


def _add_line(
    figure: go.Figure,
    years: list[int],
    shares: list[float],
    group: str,
    name: str,
    context: PageContext,
    is_dashed: bool = False,
) -> None:
    colour = COLOURS.get(group, NEUTRAL)
    figure.add_scatter(
        x=years,
        y=[None if share != share else 100 * share for share in shares],
        mode="lines" if is_dashed else "lines+markers",
        name=name,
        line={"color": colour, "width": 2, "dash": "dot" if is_dashed else "solid"},
        marker={"size": 9, "color": colour, "symbol": SYMBOLS.get(group, "square")},
        text=[context.formats.share(share, DECIMALS) for share in shares],
        hovertemplate="%{text}<extra>" + name + "</extra>",
    )
