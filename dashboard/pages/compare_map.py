"""The maps of Compare: one a scenario, all on one scale, with a choice of need and group above them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any
from urllib.parse import quote

import dash_bootstrap_components as dbc
from dash import html

from dashboard.components import Column, data_table
from dashboard.context import PageContext
from dashboard.figures.area_svg import classed_svg
from dashboard.services import Services
from dashboard.views.compare import Compared
from dashboard.views.compare_map import ALL, CompareMap, MapPanel, compare_map, map_rows, map_sentence
from dashboard.views.simulate_names import group_name, need_name

NOBODY = "#FFFFFF"


class MapIds(StrEnum):
    """Components that the callback talks to."""

    NEED = "compare-map-need"
    GROUP = "compare-map-group"
    MAPS = "compare-maps"


def map_card(services: Services, context: PageContext, compared: Sequence[Compared]) -> list[Any]:
    """Choices, then the maps of all needs and both groups."""
    _, loaded = context.gettext, compared[0].loaded
    model = loaded.model
    needs = sorted(((need_name(loaded, code, context), code) for code in model.needs), key=lambda item: item[0].lower())
    need_options = [(ALL, _("All needs together")), *((code, name) for name, code in needs)]
    group_options = [(ALL, _("women and men")), *((code, group_name(code, context)) for code in model.groups)]
    choosers = html.Div(
        [
            chooser(MapIds.NEED, _("Need"), need_options),
            chooser(MapIds.GROUP, _("Group"), group_options),
        ],
        className="filters",
    )
    return [choosers, html.Div(maps(services, context, compared, ALL, ALL), id=MapIds.MAPS)]


def chooser(part: str, label: str, options: Sequence[tuple[str, str]]) -> html.Div:
    texts = [{"value": value, "label": text} for value, text in options]
    select = dbc.Select(id=part, options=texts, value=options[0][0])
    return html.Div([html.Label(label, htmlFor=part, className="form-label"), select])


def maps(services: Services, context: PageContext, compared: Sequence[Compared], need: str, group: str) -> list[Any]:
    """Sentence, a map a scenario, the one legend, and the same as a table."""
    _, loaded = context.gettext, compared[0].loaded
    areas = services.simulate.area_names(context.user, context.site)
    geometries = services.simulate.area_geometries(context.user, context.site, loaded.sha256)
    found = compare_map(compared, areas, need, group, context)
    shapes = [geometries.get(code) for code in loaded.model.areas]
    columns = [Column(_("Area")), *(Column(panel.title, True) for panel in found.panels)]
    table = data_table(_("People uncovered by area: {what}", what=found.subject), columns, map_rows(found, context))
    sentence = html.P(html.Strong(map_sentence(found, context)), className="finding")
    subject = html.P(_("{what}, people uncovered", what=found.subject), className="unit")
    if not any(shapes):
        return [sentence, subject, html.P(_("The areas of this site have no shapes; the table shows them.")), table]
    drawn = html.Div([picture(panel, found, shapes, context) for panel in found.panels], className="compare-map-row")
    fold = html.Details([html.Summary(_("Show the figures as a table")), table])
    return [sentence, subject, drawn, legend(found, context), fold]


def picture(panel: MapPanel, found: CompareMap, shapes: list[Mapping[str, Any] | None], context: PageContext) -> Any:
    """One map as a picture with its text alternative; the figures of its areas stand in the table."""
    formats = context.formats
    fills = [found.colours[number] if number >= 0 else NOBODY for number in panel.classes]
    titles = [
        f"{name}: {formats.number(float(persons))}" for name, persons in zip(found.areas, panel.persons, strict=True)
    ]
    label = context.gettext("Map: {what}, people uncovered under “{name}”", what=found.subject, name=panel.title)
    source = f"data:image/svg+xml;charset=utf-8,{quote(classed_svg(shapes, fills, titles, label))}"
    return html.Figure([html.Figcaption(panel.title), html.Img(src=source, alt=label)])


def legend(found: CompareMap, context: PageContext) -> html.Ul:
    items = [
        html.Li([html.Span(className="swatch", style={"background": colour}), text])
        for colour, text in zip(found.colours, found.legend, strict=True)
    ]
    return html.Ul(
        items, className="legend", **{"aria-label": context.gettext("People uncovered, one scale for all maps")}
    )
