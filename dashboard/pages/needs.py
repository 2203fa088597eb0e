"""Needs: the gaps between women and men in every indicator, for the site or (not for the public) one of its areas."""

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
    difference_note,
    keep_in_address,
    no_data,
    notice,
    page_header,
    select,
    unprotected_notice,
)
from dashboard.context import PageContext
from dashboard.figures.dumbbell import dumbbell_figure
from dashboard.groups import Group
from dashboard.i18n import mark
from dashboard.queries import unknown_choice
from dashboard.router import Resource
from dashboard.services import Services
from dashboard.services.access import EVERYBODY
from dashboard.services.findings import Findings
from dashboard.views.focus_groups import Priorities
from dashboard.views.needs import (
    NO_PRIORITIES,
    NeedsView,
    export_header,
    export_notes,
    export_rows,
    needs_view,
    protection_note,
)
from dashboard.views.words import dimension_name, group_names, round_name, round_options, round_sources
from data.store.rounds import PUBLISHED
from data.writers.tables import Table, csv_bytes, xlsx_bytes

NAME = "needs"
TITLE = mark("Needs")
GROUP = Group.LACKING
ROLES = EVERYBODY
ALL = "all"  # a select shows nothing for an empty value
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class Ids(StrEnum):
    """Components that callbacks talk to."""

    AREA = "needs-area"
    ROUND = "needs-round"
    DIMENSION = "needs-dimension"
    CONTENT = "needs-content"
    CHART = "needs-chart"
    DOWNLOADS = "needs-downloads"


def layout(services: Services, context: PageContext) -> html.Div:
    _ = context.gettext
    query = context.query
    findings = services.needs.findings(context.user, context.site, query.get("area"), query.get("round"))
    dimension = context.query.get("dimension")
    subtitle = _("Indicators of the survey for women and men, and how far apart they are.")
    header = page_header(_(TITLE), subtitle, [html.Div(downloads(findings, dimension, context), id=Ids.DOWNLOADS)])
    waiting = unprotected_notice(services.needs.unprotected(context.user, context.site), context)
    if findings.round is None or not findings.gaps:
        return html.Div([header, *(waiting or [nothing_yet(context)])])
    return html.Div(
        [
            header,
            *waiting,
            html.Div(filters(findings, dimension, context), className="filters"),
            html.Div(content(findings, dimension, context, said(services, context)), id=Ids.CONTENT),
        ]
    )


def unpublished_note(findings: Findings, context: PageContext) -> list[Any]:
    """The round and how far it has come, where it is not published."""
    if findings.round is None or findings.round.state == PUBLISHED:
        return []
    named = context.gettext("survey round {code}", code=round_name(findings.round, context))
    return [notice([named], "warning", role="status")]


def nothing_yet(context: PageContext) -> html.Div:
    _ = context.gettext
    return no_data(
        _("There are no indicators of this site to show yet."),
        _("They appear when a survey round is imported, its indicators are run, and (for the public) it is published."),
    )


def filters(findings: Findings, dimension: str | None, context: PageContext) -> list[Any]:
    """Choice of the dimension, and of the area where there is more than one to see."""
    _ = context.gettext
    dimensions = list(dict.fromkeys(gap.dimension for gap in findings.gaps))
    named = sorted(((dimension_name(d, context), d) for d in dimensions), key=lambda pair: pair[0])
    options = [{"label": _("All"), "value": ALL}, *({"label": name, "value": code} for name, code in named)]
    chosen = [select(Ids.DIMENSION, _("Dimension"), options, dimension or ALL)]
    areas = [{"label": area.name, "value": area.code} for area in findings.areas if area.level <= 1]
    current = findings.area.code if findings.area else ""
    area_select = select(Ids.AREA, _("Area"), areas, current)
    if len(areas) < 2:
        area_select.style = {"display": "none"}
    rounds = round_options(findings.rounds, context)
    round_select = select(Ids.ROUND, _("Round"), rounds, findings.round.code if findings.round else "")
    if len(rounds) < 2:
        round_select.style = {"display": "none"}
    return [area_select, round_select, *chosen]


def chosen_dimension(dimension: str | None) -> str | None:
    """None for all of them."""
    return dimension if dimension and dimension != ALL else None


def said(services: Services, context: PageContext) -> Priorities:
    """Priorities of the focus groups of the site."""
    return services.focus_groups.priorities(context.user, context.site)


def content(
    findings: Findings, dimension: str | None, context: PageContext, priorities: Priorities = NO_PRIORITIES
) -> list[Any]:
    """Chart with table, then means, then what is not shown and why."""
    _ = context.gettext
    view = needs_view(findings, chosen_dimension(dimension), context, priorities)
    title = _("Gaps between women and men")
    if not view.chart_rows and not view.mean_table and not view.table:
        nothing = no_data(
            _("No indicator of this dimension can be shown here."), _("Choose another dimension or area.")
        )
        return [*unpublished_note(findings, context), card(title, [nothing, *left_out(view, context)])]
    parts: list[Any] = unpublished_note(findings, context)
    protection = [html.P(protection_note(context), className="source-note")] if findings.is_public else []
    if view.table:
        signs = html.P(signs_note(context), className="source-note")
        shown = [chart(view, findings, context), signs, difference_note(context), *left_out(view, context), *protection]
        parts.append(card(title, shown))
    if view.mean_table:
        parts.append(card(_("Means"), [mean_table(view, context), difference_note(context)]))
    return parts


def chart(view: NeedsView, findings: Findings, context: PageContext) -> Any:
    _ = context.gettext
    columns = [Column(title, 0 < i < len(view.header) - 1) for i, title in enumerate(view.header)]
    table = data_table(_("All indicators, women and men"), columns, view.table)
    sources = round_sources(findings.round, context) if findings.round else []
    if not view.chart_rows:
        return html.Div([html.P(view.finding), table])
    unit = _("% of the persons to whom the indicator applies")
    figure = dumbbell_figure(view.chart_rows, group_names(context), context.formats.percent_suffix)
    return captioned_figure(Ids.CHART, figure, context, sentence=view.finding, unit=unit, table=table, sources=sources)


def signs_note(context: PageContext) -> str:
    """What stands behind a difference, and in which order the rows stand."""
    return context.gettext(
        "Order: first where women are worse off, last where men are. ≈ behind a difference: about equal (less than "
        "0.05 points), or no more than chance in a sample could explain."
    )


def mean_table(view: NeedsView, context: PageContext) -> html.Div:
    columns = [Column(title, i > 1) for i, title in enumerate(view.mean_header)]
    return data_table(context.gettext("Indicators that are a mean, each in its own unit"), columns, view.mean_table)


def left_out(view: NeedsView, context: PageContext) -> list[Any]:
    """Which indicators are missing from the chart, and why; nothing where none is."""
    _ = context.gettext
    notes = []
    if view.one_sided:
        notes.append(_("For one sex only, in the table: {names}.", names=", ".join(view.one_sided)))
    if view.suppressed:
        notes.append(
            _(
                "Protected for women, men or both, because fewer than about {least} persons are behind the figure: "
                "{names}.",
                least=context.formats.number(view.least),
                names=", ".join(view.suppressed),
            )
        )
    return [html.P(note, className="source-note") for note in notes]


def downloads(findings: Findings, dimension: str | None, context: PageContext) -> list[html.A]:
    """Links to what is shown, as files."""
    if not findings.gaps:
        return []
    query = {
        "area": findings.area.code if findings.area else "",
        "round": findings.round.code if findings.round else "",
        "dimension": chosen_dimension(dimension) or "",
    }
    chosen = {name: value for name, value in query.items() if value}
    full = html.A(
        context.gettext("One indicator in full"),
        href=context.address("indicator"),
        className="btn btn-outline-secondary btn-sm",
    )
    files = [
        html.A(
            label, href=context.address(f"needs/needs.{kind}", **chosen), className="btn btn-outline-secondary btn-sm"
        )
        for kind, label in (("csv", context.gettext("Download CSV")), ("xlsx", context.gettext("Download XLSX")))
    ]
    return [full, *files]


def show_needs(
    services: Services, context: PageContext, area: str | None, round_code: str | None, dimension: str | None
) -> tuple[Any, Any]:
    """What changes when a filter changes."""
    findings = services.needs.findings(context.user, context.site, area or None, round_code or None)
    return content(findings, dimension, context, said(services, context)), downloads(findings, dimension, context)


def export(services: Services, context: PageContext, kind: str) -> Resource:
    """The file behind a download link: the same rows, with filters, period and source written in it."""
    _ = context.gettext
    query = context.query
    findings = services.needs.findings(context.user, context.site, query.get("area"), query.get("round"))
    dimension = chosen_dimension(context.query.get("dimension"))
    dimensions = dict.fromkeys(gap.dimension for gap in findings.gaps)
    if dimension and dimension not in dimensions:
        raise unknown_choice("dimension", dimension, dimensions, context)
    chosen = [
        (_("Area"), findings.area.name if findings.area else ""),
        (_("Dimension"), dimension_name(dimension, context) if dimension else _("All")),
    ]
    notes = export_notes(findings, chosen, context)
    priorities = said(services, context)
    header = export_header(context, priorities)
    table = Table(_(TITLE), header, export_rows(findings, dimension, context, priorities))
    name = f"{context.site.slug if context.site else ''}-{_(TITLE).lower()}.{kind}"
    if kind == "csv":
        return Resource(csv_bytes(notes, [table]), "text/csv", name)
    return Resource(xlsx_bytes(_("Notes"), notes, [table]), XLSX, name)


QUERIES = dict.fromkeys(("needs.csv", "needs.xlsx"), frozenset({"area", "round", "dimension"}))
RESOURCES: dict[str, Callable[[Services, PageContext], Resource]] = {
    "needs.csv": partial(export, kind="csv"),
    "needs.xlsx": partial(export, kind="xlsx"),
}


def register_callbacks(app: Any, services: Services) -> None:
    app.callback(
        Output(Ids.CONTENT, "children"),
        Output(Ids.DOWNLOADS, "children"),
        Input(Ids.AREA, "value"),
        Input(Ids.ROUND, "value"),
        Input(Ids.DIMENSION, "value"),
        State("location", "pathname"),
        prevent_initial_call=True,
    )(lambda area, code, dimension, path: show_needs(services, app.router.context_of(path), area, code, dimension))
    keep_in_address(app, [Ids.AREA, Ids.ROUND, Ids.DIMENSION])
