"""A picture as data: the document that the script draws, rows of a table, properties of a GeoJSON feature."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dashboard.context import PageContext
from dashboard.views.map import Panel, Picture
from dashboard.views.map_texts import finding, indicator_title, legend, mark_legend, notes, source_line, symbols, unit
from data.writers.tables import Cell


def picture_document(picture: Picture, context: PageContext) -> dict[str, Any]:
    """Everything that changes with a choice; the script draws it."""
    figures = picture.figures
    return {
        "title": indicator_title(figures.indicator, context),
        "finding": finding(picture, context),
        "unit": unit(picture, context),
        "kind": picture.kind,
        "names": [area.name for area in figures.areas],
        "codes": [area.code for area in figures.areas],
        "panels": [_panel_document(*pair) for pair in zip(picture.panels, picture.classes, strict=True)],
        "legend": legend(picture, context),
        "marks": mark_legend(picture, context),
        "symbols": symbols(picture),
        "notes": notes(picture, context),
        "source": source_line(picture, context),
        "colours": list(picture.colours),
    }


def _panel_document(panel: Panel, classes: Sequence[int]) -> dict[str, Any]:
    return {
        "key": panel.key,
        "title": panel.title,
        "values": [_short(value) for value in panel.values],
        "low": [_short(value) for value in panel.low],
        "high": [_short(value) for value in panel.high],
        "classes": list(classes),
        "marks": list(panel.marks),
    }


def _short(value: float | None) -> float | None:
    return None if value is None else round(value, 6)


def table_header(picture: Picture, context: PageContext) -> list[str]:
    _ = context.gettext
    header = [_("Code"), _("Area")]
    for panel in picture.panels:
        header += [panel.title, *(f"{panel.title}: {name}" for name in (_("95 % from"), _("95 % to"), _("Remark")))]
    return header


def table_rows(picture: Picture, context: PageContext) -> list[list[Cell]]:
    """A row an area; what is not shown is empty, with the reason beside it."""
    words = {item["mark"]: item["short"] for item in mark_legend(picture, context)}
    rows: list[list[Cell]] = []
    for at, area in enumerate(picture.figures.areas):
        row: list[Cell] = [area.code, area.name]
        for panel in picture.panels:
            row += [panel.values[at], panel.low[at], panel.high[at], words.get(panel.marks[at])]
        rows.append(row)
    return rows


def geojson_properties(picture: Picture, at: int, context: PageContext) -> dict[str, Any]:
    """Of one area: values, intervals, classes and remarks of every panel."""
    words = {item["mark"]: item["short"] for item in mark_legend(picture, context)}
    area = picture.figures.areas[at]
    found: dict[str, Any] = {"code": area.code, "name": area.name}
    for panel, classes in zip(picture.panels, picture.classes, strict=True):
        number = classes[at]
        found |= {
            panel.key: panel.values[at],
            f"{panel.key}_low": panel.low[at],
            f"{panel.key}_high": panel.high[at],
            f"{panel.key}_class": number + 1 if number >= 0 else None,
            f"{panel.key}_remark": words.get(panel.marks[at]),
        }
    return found
