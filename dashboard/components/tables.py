"""Tables: a caption, headers with scope, numbers right-aligned, and the sentence for a table without rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from dash import html


@dataclass(frozen=True)
class Column:
    """A column's header and whether it holds numbers."""

    title: str
    is_number: bool = False


def data_table(caption: str, columns: Sequence[Column], rows: Sequence[Sequence[Any]], **options: Any) -> html.Div:
    """Rows of already formatted cells; the first cell of a row is its header. Scrolls sideways on a phone."""
    head = html.Tr([html.Th(c.title, scope="col", className="number" if c.is_number else None) for c in columns])
    body = [
        html.Tr([_cell(cell, column, i == 0) for i, (cell, column) in enumerate(zip(row, columns, strict=True))])
        for row in rows
    ]
    table = html.Table([html.Caption(caption), html.Thead(head), html.Tbody(body)], className="data-table", **options)
    return html.Div(table, className="table-scroll", tabIndex=0, role="region", **{"aria-label": caption})


def _cell(cell: Any, column: Column, is_header: bool) -> html.Th | html.Td:
    class_name = "number" if column.is_number else None
    return html.Th(cell, scope="row", className=class_name) if is_header else html.Td(cell, className=class_name)
