"""Charts on a page: the only place that makes a `dcc.Graph`.

The helper switches off what would send a chart to a server of Plotly's, and gives every chart a sentence, its unit,
its source and the same figures as a table.
"""

from __future__ import annotations

from typing import Any

import plotly.graph_objects as go
from dash import dcc, html

from dashboard.components.page import source_note
from dashboard.context import PageContext


def graph(graph_id: str, figure: go.Figure | dict[str, Any], context: PageContext, **options: Any) -> dcc.Graph:
    """A `dcc.Graph` without modebar, without any button that leaves this machine, in the page's language."""
    config = {
        "displayModeBar": False,
        "displaylogo": False,
        "showSendToCloud": False,
        "plotlyServerURL": "",
        "locale": context.formats.plotly_locale,
        "responsive": True,
    }
    return dcc.Graph(id=graph_id, figure=figure, config=config, **options)


def captioned_figure(
    graph_id: str,
    figure: go.Figure | dict[str, Any],
    context: PageContext,
    *,
    sentence: str,
    unit: str,
    table: Any,
    sources: list[str],
) -> html.Figure:
    """Chart with its finding as a sentence (also its text alternative), unit, source, and the figures as a table."""
    _ = context.gettext
    return html.Figure(
        [
            html.Figcaption([html.Strong(sentence, className="finding"), html.Span(unit, className="unit")]),
            html.Div(graph(graph_id, figure, context), role="img", **{"aria-label": f"{sentence} {unit}"}),
            html.Details([html.Summary(_("Show the figures as a table")), table]),
            source_note(context, sources),
        ],
        className="captioned-figure",
    )
