"""Budget: totals by year and stage, the parts of a year, and how much of it was spent."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from functools import partial
from typing import Any

from dash import Input, Output, State, html

from dashboard.components import (
    Column,
    captioned_figure,
    card,
    data_table,
    keep_in_address,
    no_budget_lines,
    page_header,
    select,
)
from dashboard.context import PageContext
from dashboard.figures.bars import money_figure, years_figure
from dashboard.groups import Group
from dashboard.i18n import mark
from dashboard.queries import unknown_choice
from dashboard.router import Resource
from dashboard.services import Services
from dashboard.services.access import SIGNED_IN
from dashboard.services.budget import BudgetView
from dashboard.views.budget import CHART_STAGES, BudgetPage, budget_page, currency_of, export_tables, stage_names
from dashboard.views.words import label_key_name, short_unit
from data.writers.tables import Table, csv_bytes, xlsx_bytes

NAME = "budget"
TITLE = mark("Budget")
GROUP = Group.BUDGET
ROLES = SIGNED_IN
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class Ids(StrEnum):
    """Components that callbacks talk to."""

    YEAR = "budget-year"
    BY = "budget-by"
    PARTS = "budget-parts"
    DOWNLOADS = "budget-downloads"
    YEARS_CHART = "budget-years-chart"
    PARTS_CHART = "budget-parts-chart"


def layout(services: Services, context: PageContext) -> html.Div:
    _ = context.gettext
    found = load(services, context, context.query.get("year"), context.query.get("by"))
    subtitle = _("What the municipality budgeted and spent, from the files it was imported from.")
    header = page_header(_(TITLE), subtitle, [html.Div(downloads(found, context), id=Ids.DOWNLOADS)])
    if not found.years:
        return html.Div([header, no_budget_lines(context)])
    page = budget_page(found, context)
    return html.Div(
        [
            header,
            card(_("Years"), years_chart(page, found, context)),
            html.Div(filters(found, context), className="filters"),
            html.Div(parts(page, found, context), id=Ids.PARTS),
        ]
    )


def load(services: Services, context: PageContext, year: str | None, by: str | None) -> BudgetView:
    number = int(year) if year and year.isdigit() else None
    return services.budget.budget(context.user, context.site, number, by or None)


def filters(found: BudgetView, context: PageContext) -> list[Any]:
    _ = context.gettext
    years = [{"label": str(total.year), "value": str(total.year)} for total in reversed(found.years)]
    keys = [{"label": label_key_name(key, context), "value": key} for key in found.label_keys]
    return [
        select(Ids.YEAR, _("Year"), years, str(found.year)),
        select(Ids.BY, _("Group by"), keys, found.label_key or ""),
    ]


def years_chart(page: BudgetPage, found: BudgetView, context: PageContext) -> Any:
    _ = context.gettext
    unit = _("Millions of {currency}, current prices", currency=context.formats.symbol(currency_of(context)))
    columns = [Column(title, position > 0) for position, title in enumerate(page.header)]
    names = stage_names(context)
    years = [total.year for total in found.years]
    return captioned_figure(
        Ids.YEARS_CHART,
        years_figure(years, CHART_STAGES, names, page.chart_amounts, short_unit(context)),
        context,
        sentence=page.finding,
        unit=unit,
        table=data_table(_("Totals by year and stage"), columns, page.table),
        sources=sorted({file for total in found.years for file in total.files}),
    )


def parts(page: BudgetPage, found: BudgetView, context: PageContext) -> list[Any]:
    """The chosen year by the chosen label, and its gender share."""
    _ = context.gettext
    columns = [Column(title, position > 0) for position, title in enumerate(page.parts_header)]
    unit = _("Millions of {currency}, modified budget", currency=context.formats.symbol(currency_of(context)))
    chart = captioned_figure(
        Ids.PARTS_CHART,
        money_figure(page.parts_labels, page.parts_bars, short_unit(context)),
        context,
        sentence=page.parts_finding,
        unit=unit,
        table=data_table(f"{page.parts_header[0]}, {found.year}", columns, page.parts_table),
        sources=list(page.files),
    )
    gender = card(_("Share for gender equality, {year}", year=found.year), html.P(page.gender))
    return [card(f"{page.parts_header[0]}, {found.year}", chart), gender]


def downloads(found: BudgetView, context: PageContext) -> list[html.A]:
    if not found.years:
        return []
    chosen = {"year": str(found.year), "by": found.label_key or ""}
    return [
        html.A(
            label, href=context.address(f"budget/budget.{kind}", **chosen), className="btn btn-outline-secondary btn-sm"
        )
        for kind, label in (("csv", context.gettext("Download CSV")), ("xlsx", context.gettext("Download XLSX")))
    ]


def show_parts(services: Services, context: PageContext, year: str | None, by: str | None) -> tuple[Any, Any]:
    """What changes when year or grouping changes."""
    found = load(services, context, year, by)
    return parts(budget_page(found, context), found, context), downloads(found, context)


def export(services: Services, context: PageContext, kind: str) -> Resource:
    """Both tables of the page, exact, with site and source files in it."""
    _ = context.gettext
    year, by = context.query.get("year"), context.query.get("by")
    found = load(services, context, year, by)
    if year and year != str(found.year):
        raise unknown_choice("year", year, [str(total.year) for total in found.years], context)
    if by and by != found.label_key:
        raise unknown_choice("by", by, found.label_keys, context)
    notes = [(_("Site"), context.site.name if context.site else ""), (_("Currency"), currency_of(context))]
    if context.site and context.site.is_synthetic:
        notes.append((_("Warning"), _("SYNTHETIC DATA: no figure here describes real people.")))
    notes += [(_("Source"), ", ".join(sorted({file for total in found.years for file in total.files})))]
    tables = [Table(title, header, rows) for title, header, rows in export_tables(found, context)]
    name = f"{context.site.slug if context.site else ''}-{_(TITLE).lower()}.{kind}"
    if kind == "csv":
        return Resource(csv_bytes(notes, tables), "text/csv", name)
    return Resource(xlsx_bytes(_("Notes"), notes, tables), XLSX, name)


QUERIES = dict.fromkeys(("budget.csv", "budget.xlsx"), frozenset({"year", "by"}))
RESOURCES: dict[str, Callable[[Services, PageContext], Resource]] = {
    "budget.csv": partial(export, kind="csv"),
    "budget.xlsx": partial(export, kind="xlsx"),
}


def register_callbacks(app: Any, services: Services) -> None:
    app.callback(
        Output(Ids.PARTS, "children"),
        Output(Ids.DOWNLOADS, "children"),
        Input(Ids.YEAR, "value"),
        Input(Ids.BY, "value"),
        State("location", "pathname"),
        prevent_initial_call=True,
    )(lambda year, by, path: show_parts(services, app.router.context_of(path), year, by))
    keep_in_address(app, [Ids.YEAR, Ids.BY])
