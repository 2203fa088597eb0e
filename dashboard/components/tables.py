"""Tables: a caption, headers with scope, numbers right-aligned.

A table of texts travels as one component with its rows as JSON, and `assets/15-tables.js` writes the cells: Dash's
renderer takes seconds for thousands of components. A table with components in its cells is made of components.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from dash import html
from dash.development.base_component import Component

from dashboard.components.folding import PRINTED


@dataclass(frozen=True)
class Column:
    """A column's header and whether it holds numbers.

    is_folded : on a phone, where each row is a block, its cell opens with the row's button (tables of texts alone)
    """

    title: str
    is_number: bool = False
    is_folded: bool = False


@dataclass(frozen=True)
class Marked:
    """A text behind a marked word, e.g. *assumption*."""

    word: str
    text: str


@dataclass(frozen=True)
class Link:
    """A link in a cell; `data` are its `data-…` attributes, by name without `data-`."""

    text: str
    href: str
    data: Mapping[str, str] = field(default_factory=dict)

    def light(self) -> dict[str, Any]:
        """As the scripts take it that write it."""
        return {"text": self.text, "href": self.href, "data": dict(self.data)}


def data_table(
    caption: str, columns: Sequence[Column], rows: Sequence[Sequence[Any]], more: str = "", **options: Any
) -> html.Div:
    """Rows of already formatted cells; the first cell of a row is its header. On a phone each row is a block.

    more : on the button of a row that opens its folded cells, where columns are folded
    Raises ValueError where a row has not as many cells as there are columns.
    """
    for row in rows:
        if len(row) != len(columns):
            raise ValueError(f"Table '{caption}': a row has {len(row)} cells for {len(columns)} columns.")
    attributes = {"tabIndex": 0, "role": "region", "aria-label": caption}
    if any(isinstance(cell, Component) for row in rows for cell in row):
        return html.Div(_table_of_components(caption, columns, rows, options), className="table-scroll", **attributes)
    content = {
        "caption": caption,
        "columns": [[column.title, column.is_number, column.is_folded] for column in columns],
        "rows": [[_light(cell) for cell in row] for row in rows],
        "more": more,
    }
    data = {"data-table": json.dumps(content, ensure_ascii=False, separators=(",", ":"))}
    return html.Div(className="table-scroll", **attributes, **data, **options)


def folded_table(
    caption: str, columns: Sequence[Column], rows: Sequence[Sequence[Any]], most: int, more: str
) -> list[Component]:
    """The first rows, and the others under a line (`more`) that opens: a phone shows a long table as many blocks.

    Paper shows all of them. Each of the two has a name of its own, so that whoever goes from region to region knows
    which one it is.
    """
    shown = data_table(caption, columns, rows[:most])
    if len(rows) <= most:
        return [shown]
    others = data_table(f"{caption}: {more}", columns, rows[most:])
    return [shown, html.Details([html.Summary(more), others], className=PRINTED)]


def _light(cell: Any) -> Any:
    if isinstance(cell, Link):
        return cell.light()
    return {"word": cell.word, "text": cell.text} if isinstance(cell, Marked) else "" if cell is None else str(cell)


def _table_of_components(
    caption: str, columns: Sequence[Column], rows: Sequence[Sequence[Any]], options: dict[str, Any]
) -> html.Table:
    head = html.Tr([html.Th(c.title, scope="col", className="number" if c.is_number else None) for c in columns])
    body = [
        html.Tr([_cell(cell, column, i == 0) for i, (cell, column) in enumerate(zip(row, columns, strict=True))])
        for row in rows
    ]
    return html.Table([html.Caption(caption), html.Thead(head), html.Tbody(body)], className="data-table", **options)


def _cell(cell: Any, column: Column, is_header: bool) -> html.Th | html.Td:
    class_name = "number" if column.is_number else None
    shown = (
        html.Span([html.Span(cell.word, className="assumption"), f" {cell.text}"]) if isinstance(cell, Marked) else cell
    )
    return html.Th(shown, scope="row", className=class_name) if is_header else html.Td(shown, className=class_name)
