"""Lines and programmes: which lines feed which programmes for which needs, and how much of the budget that covers."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from functools import partial
from typing import Any

from dash import Input, Output, State, html

from dashboard.components import (
    Column,
    card,
    data_table,
    folded_table,
    keep_in_address,
    no_budget_lines,
    notice,
    page_header,
    select,
    source_note,
    tile,
    tiles,
)
from dashboard.context import PageContext
from dashboard.groups import Group
from dashboard.i18n import mark
from dashboard.queries import unknown_choice
from dashboard.router import Resource
from dashboard.services import Services
from dashboard.services.access import SIGNED_IN
from dashboard.services.links import LinkYears
from dashboard.views import links as views
from dashboard.views.budget import currency_of
from data.workflows.line_links import SiteLinks
from data.writers.tables import csv_bytes, xlsx_bytes

NAME = "links"
TITLE = mark("Lines and programmes")
GROUP = Group.BUDGET
ROLES = SIGNED_IN
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
LINES_SHOWN = 10


class Ids(StrEnum):
    """Components that callbacks talk to."""

    YEAR = "links-year"
    CONTENT = "links-content"
    DOWNLOADS = "links-downloads"


def layout(services: Services, context: PageContext) -> html.Div:
    _ = context.gettext
    chosen = services.links.years(context.user, context.site, context.query.get("year"))
    subtitle = _("Which budget lines feed which programmes for which needs, and how much of the budget that covers.")
    if chosen.year is None:
        return html.Div([page_header(_(TITLE), subtitle), no_budget_lines(context)])
    years = [{"label": str(year), "value": str(year)} for year in reversed(chosen.years)]
    return html.Div(
        [
            page_header(_(TITLE), subtitle, [html.Div(downloads(chosen, context), id=Ids.DOWNLOADS)]),
            html.Div([select(Ids.YEAR, _("Year"), years, str(chosen.year))], className="filters"),
            html.Div(content(services, context, chosen), id=Ids.CONTENT),
        ]
    )


def content(services: Services, context: PageContext, chosen: LinkYears) -> list[Any]:
    """Everything of the chosen year."""
    _ = context.gettext
    assert chosen.year is not None  # pages ask only where there are years
    found = services.links.links(context.user, context.site, chosen.year)
    told = views.warnings(found, context)
    return [
        html.P(views.finding(found, context), className="lead-sentence"),
        *([notice(told)] if told else []),
        figures(found, context),
        card(_("Funding sources"), sources(found, context)),
        card(_("Lines without a full link"), rest(found, context)),
        card(_("Programmes between lines and needs"), programmes(found, context)),
        card(_("Needs without a programme"), needs(found, context)),
        source_note(context, list(found.files)),
    ]


def figures(found: SiteLinks, context: PageContext) -> html.Dl:
    _, formats, coverage, currency = context.gettext, context.formats, found.coverage, currency_of(context)
    unlinked = sum((line.rest for line in coverage.unlinked), start=coverage.amount * 0)
    partly = sum((line.rest for line in coverage.partly), start=coverage.amount * 0)
    items = [
        tile(_("Modified budget (PIM)"), formats.millions(coverage.amount, currency)),
        tile(_("Behind programmes"), formats.millions(coverage.linked_amount, currency), formats.share(coverage.share)),
        tile(_("Lines without a link"), formats.number(len(coverage.unlinked)), formats.millions(unlinked, currency)),
        tile(_("Linked in part, the rest"), formats.number(len(coverage.partly)), formats.millions(partly, currency)),
        tile(_("Shared above 100 %"), formats.number(len(coverage.over_shared))),
    ]
    return tiles(items, _("Links of {year}", year=found.year))


def sources(found: SiteLinks, context: PageContext) -> Any:
    columns = [Column(title, place > 0) for place, title in enumerate(views.source_header(context))]
    caption = context.gettext("Modified budget by funding source, {year}", year=found.year)
    return data_table(caption, columns, views.source_rows(found, context))


def rest(found: SiteLinks, context: PageContext) -> list[Any]:
    """Lines that no programme, or not the whole of which, stands behind."""
    _ = context.gettext
    lines = [*found.coverage.over_shared, *found.coverage.partly, *found.coverage.unlinked]
    if not lines:
        return [html.P(_("Every line of the year is linked in full."))]
    columns = [Column(title, place > 1) for place, title in enumerate(views.line_header(context))]
    caption = _("Lines of {year} without a full link, the largest first", year=found.year)
    more = _("{count} more lines", count=context.formats.number(len(lines) - LINES_SHOWN))
    link = html.A(_("Link lines on the programme workbench"), href=context.address("workbench"))
    rows = views.line_rows(found, lines, context)
    return [html.P(link), *folded_table(caption, columns, rows, LINES_SHOWN, more)]


def programmes(found: SiteLinks, context: PageContext) -> Any:
    _ = context.gettext
    if not found.programmes:
        return html.P(_("This site has no programmes yet."))
    columns = [Column(title, place == 1) for place, title in enumerate(views.programme_header(context))]
    caption = _("Programmes with their lines and needs, {year}", year=found.year)
    more = _("{count} more programmes", count=context.formats.number(len(found.programmes) - LINES_SHOWN))
    return html.Div(folded_table(caption, columns, views.programme_rows(found, context), LINES_SHOWN, more))


def needs(found: SiteLinks, context: PageContext) -> Any:
    _ = context.gettext
    if not found.need_names:
        return html.P(_("This site has no needs yet: run the indicators of a round first."))
    if not found.needs_without_programme:
        return html.P(_("Every need of the newest round has a programme that meets it."))
    names = [views.need_name(found, code, context) for code in found.needs_without_programme]
    return html.Ul([html.Li(name) for name in names])


# --- files ---------------------------------------------------------------------------------------------------------


def downloads(chosen: LinkYears, context: PageContext) -> list[html.A]:
    labels = (("csv", context.gettext("Download CSV")), ("xlsx", context.gettext("Download XLSX")))
    return [
        html.A(
            label,
            href=context.address(f"{NAME}/links.{kind}", year=str(chosen.year)),
            className="btn btn-outline-secondary btn-sm",
        )
        for kind, label in labels
    ]


def export(services: Services, context: PageContext, kind: str) -> Resource:
    """All tables of the page, exact."""
    _, asked = context.gettext, context.query.get("year")
    chosen = services.links.years(context.user, context.site, asked)
    if chosen.year is None or (asked and asked != str(chosen.year)):
        raise unknown_choice("year", asked or "", [str(year) for year in chosen.years], context)
    found = services.links.links(context.user, context.site, chosen.year)
    notes = [
        (_("Site"), context.site.name if context.site else ""),
        (_("Year"), str(found.year)),
        (_("Currency"), currency_of(context)),
        (_("Finding"), views.finding(found, context)),
        (_("Source"), ", ".join(found.files)),
    ]
    if context.site and context.site.is_synthetic:
        notes.append((_("Warning"), _("SYNTHETIC DATA: no figure here describes real people.")))
    tables = views.export_tables(found, context)
    name = f"{context.site.slug if context.site else ''}-{NAME}-{found.year}.{kind}"
    if kind == "csv":
        return Resource(csv_bytes(notes, tables), "text/csv", name)
    return Resource(xlsx_bytes(_("Notes"), notes, tables), XLSX, name)


QUERIES = dict.fromkeys(("links.csv", "links.xlsx"), frozenset({"year"}))
RESOURCES: dict[str, Callable[[Services, PageContext], Resource]] = {
    "links.csv": partial(export, kind="csv"),
    "links.xlsx": partial(export, kind="xlsx"),
}


def answer(app: Any, services: Services, year: str, path: str) -> tuple[Any, Any]:
    context = app.router.context_of(path)
    chosen = services.links.years(context.user, context.site, year)
    return content(services, context, chosen), downloads(chosen, context)


def register_callbacks(app: Any, services: Services) -> None:
    app.callback(
        [Output(Ids.CONTENT, "children"), Output(Ids.DOWNLOADS, "children")],
        [Input(Ids.YEAR, "value")],
        State("location", "pathname"),
        prevent_initial_call=True,
    )(partial(answer, app, services))
    keep_in_address(app, [Ids.YEAR])
