"""What the pages of the participatory budget share: the year, links between years, addresses of forms, fields."""

from __future__ import annotations

from typing import Any

import dash_bootstrap_components as dbc
from dash import html

from budget_model.errors import InputError, Problem
from dashboard.components import notice
from dashboard.components.forms import field_id
from dashboard.components.projector import kept_size
from dashboard.context import PageContext
from dashboard.services.assembly import AssemblyBoard

PAGE = "proposals"  # whose forms these are


def year_of(context: PageContext) -> int | None:
    """The year of the address; None where it says none."""
    text = context.query.get("year", "")
    return int(text) if text.isdigit() and len(text) == 4 else None


def year_links(board: AssemblyBoard, page: str, context: PageContext) -> list[Any]:
    """Years side by side, and the word for invented data."""
    if board.process is None:
        return []
    _ = context.gettext
    years = [
        html.Strong(str(year))
        if year == board.process.year
        else html.A(str(year), href=year_address(page, year, context))
        for year in board.years
    ]
    row = html.P([html.Span(_("Year"), className="label"), *years], className="year-links")
    told = [notice([_("Invented for the demonstration; nobody proposed or voted this.")], "info")]
    return [row, *(told if board.process.is_synthetic else [])]


def year_address(page: str, year: int, context: PageContext) -> str:
    return context.address(page, year=str(year), **kept_size(context))


def action(context: PageContext, name: str) -> str:
    return f"{context.address(PAGE)}/{name}"


def text_area(name: str, label: str, value: str, rows: int = 4, most: int = 5000, form: str = "") -> html.Div:
    area = dbc.Textarea(id=field_id(form + name), name=name, rows=rows, value=value, maxlength=most)
    return html.Div([html.Label(label, htmlFor=field_id(form + name), className="form-label"), area], className="field")


def posted_year(fields: Any) -> int:
    text = str(fields.get("year", "")).strip()
    if not (text.isascii() and text.isdigit() and len(text) == 4):
        raise InputError(
            Problem("assembly-year", f"'{text[:20]}' is no year.", value=text[:20], facts={"value": text[:20]})
        )
    return int(text)
