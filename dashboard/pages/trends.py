"""Trends: counted money over years and municipalities, nominal and real, changes of tags told apart, alerts."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from functools import partial
from typing import Any

import dash_bootstrap_components as dbc
from dash import Input, Output, State, html

from budget_model.errors import InputError
from budget_model.spending.alerts import GONE, Alert
from budget_model.spending.digest import RULES
from dashboard.components import (
    Column,
    captioned_figure,
    card,
    data_table,
    keep_in_address,
    no_budget_lines,
    no_data,
    notice,
    page_header,
    select,
)
from dashboard.components.forms import field, field_id, plain_form, submit
from dashboard.context import PageContext
from dashboard.figures.time_marks import add_time_marks
from dashboard.figures.trend import trend_figure
from dashboard.groups import Group
from dashboard.i18n import mark
from dashboard.pages import trends_notes_form as note_forms
from dashboard.pages.trends_multiples import multiples_card
from dashboard.pages.trends_notes import notes_part, told_of_notes
from dashboard.pages.trends_population import keep_population, population_card
from dashboard.pages.trends_stages import slope_card, stages_card
from dashboard.queries import unknown_choice
from dashboard.router import Posted, Resource
from dashboard.services import Services
from dashboard.services.access import SIGNED_IN
from dashboard.services.budget_notes import NoteBoard
from dashboard.services.statement import StatementChoices
from dashboard.services.trends import TrendView
from dashboard.views import trends as views
from dashboard.views import trends_notes as note_views
from dashboard.views.budget import currency_of, stage_names
from dashboard.views.statement import stage_in_sentence
from dashboard.views.trends_alerts import alert_header, alert_rows, alert_sentence
from dashboard.views.trends_export import export_tables
from dashboard.views.trends_ranking import ranking, ranking_cells, ranking_header, ranking_sentence
from dashboard.views.trends_words import PROBLEMS
from dashboard.views.words import short_unit
from data.workflows.digest_words import SILENT
from data.workflows.trends import SiteTrend, Trend, YearAlerts
from data.writers.tables import csv_bytes, xlsx_bytes

NAME = "trends"
TITLE = mark("Trends")
GROUP = Group.BUDGET
ROLES = SIGNED_IN
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CHOICES = ("scheme", "stage")
ALERTS_ID = "trends-alerts"


class Ids(StrEnum):
    """Components that callbacks talk to."""

    SCHEME = "trends-scheme"
    STAGE = "trends-stage"
    CONTENT = "trends-content"
    DOWNLOADS = "trends-downloads"
    CHART = "trends-chart"


def layout(services: Services, context: PageContext) -> html.Div:
    _ = context.gettext
    chosen = choices(services, context, *(context.query.get(name) for name in CHOICES))
    subtitle = _("Counted money over the years. A change of tags never looks like a growth of money.")
    if chosen.year is None:
        return html.Div([page_header(_(TITLE), subtitle), no_budget_lines(context)])
    header = page_header(_(TITLE), subtitle, [html.Div(downloads(chosen, context), id=Ids.DOWNLOADS)])
    shown = html.Div(content(services, context, chosen), id=Ids.CONTENT)
    refused = context.query.get("refused", "")
    told = [notice([_(PROBLEMS[refused])], "danger", role="alert")] if refused in PROBLEMS else []
    told += told_of_notes(context)
    return html.Div([header, *told, html.Div(filters(services, chosen, context), className="filters"), shown])


def choices(services: Services, context: PageContext, scheme: str | None, stage: str | None) -> StatementChoices:
    return services.statement.choices(context.user, context.site, None, scheme, stage)


def filters(services: Services, chosen: StatementChoices, context: PageContext) -> list[Any]:
    _ = context.gettext
    schemes = services.tags.schemes()
    names = [{"label": context.in_language(schemes[name].label), "value": name} for name in chosen.schemes]
    stages = [{"label": name, "value": stage} for stage, name in stage_names(context).items()]
    return [
        select(Ids.SCHEME, _("Scheme that counts the money"), names, chosen.scheme),
        select(Ids.STAGE, _("Stage"), stages, chosen.stage),
    ]


def content(services: Services, context: PageContext, chosen: StatementChoices) -> list[Any]:
    _ = context.gettext
    asked = context.query.get("year", "")
    year = int(asked) if asked.isdigit() else None
    found = services.trends.trends(context.user, context.site, chosen.scheme, chosen.stage, year)
    board = services.notes.board(context.user, context.site)
    if not found.own.years:
        nothing = no_data(_("No line of this site has this stage."), _("Choose another stage."))
        return [nothing, card(_("Years"), years_notes(board, found.own, chosen, context))]
    without = views.without_stage_sentence(found.own, context)
    return [
        html.P(views.finding(found.own, context), className="lead-sentence"),
        *([notice([without])] if without else []),
        card(
            _("Years"),
            [
                chart(found.own, board, chosen, context),
                years_notes(board, found.own, chosen, context),
                years_table(found.own, chosen, context),
            ],
        ),
        stages_card(found.own, context),
        slope_card(found, services.tags.schemes()[chosen.scheme], context),
        changes_card(found.own, context),
        population_card(found, context),
        ranking_card(found, chosen, context),
        multiples_card(found, services.notes.beside(context.user), chosen, context),
        alerts_card(found, chosen, context),
        index_card(found, context),
    ]


def years_notes(board: NoteBoard, trend: Trend, chosen: StatementChoices, context: PageContext) -> html.Div:
    notes = note_views.numbered(board, [one.year for one in trend.years], chosen.stage)
    return notes_part(board, notes, chosen, context)


def chart(trend: Trend, board: NoteBoard, chosen: StatementChoices, context: PageContext) -> html.Figure:
    """The years with numbered marks of the notes; the table has their numbers, the list below their words."""
    _, years = context.gettext, [one.year for one in trend.years]
    notes = note_views.numbered(board, years, chosen.stage)
    stage = stage_in_sentence(chosen.stage, context)
    unit = _("Millions of {currency}, {stage}", currency=context.formats.symbol(trend.currency), stage=stage)
    series = views.year_series(trend, context)
    columns = [Column(_("Year")), *[Column(one.name, True) for one in series], Column(_("Notes"))]
    rows = [
        [
            str(year),
            *(line.points[place].text if line.points[place] else "–" for line in series),
            note_views.numbers_of_year(notes, year),
        ]
        for place, year in enumerate(years)
    ]
    sentence = views.price_sentence(trend, context)
    if trend.base_year is None:
        sentence = f"{sentence} {_('Give one below.')}"
    figure = trend_figure(years, series, short_unit(context))
    add_time_marks(figure, note_views.time_marks(notes, years, context), len(years))
    return captioned_figure(
        Ids.CHART,
        figure,
        context,
        sentence=f"{sentence} {note_views.marks_sentence(notes, context)}".rstrip(),
        unit=unit,
        table=data_table(_("Counted money by year"), columns, rows),
        sources=[_("approved tags of the site"), trend.index.source if trend.index and trend.base_year else ""],
    )


def years_table(trend: Trend, chosen: StatementChoices, context: PageContext) -> html.Div:
    """Each year leads to its lines on the review desk, what is counted of it to its statement."""
    columns = [Column(title, place > 0) for place, title in enumerate(views.year_header(trend, context))]
    caption = context.gettext("Years, the newest first; a dash is unknown, not 0. A year leads to its lines.")
    rows: list[list[Any]] = []
    for year, whole, counted, *others in views.year_rows(trend, context):
        statement = context.address("statement", year=year, scheme=chosen.scheme, stage=chosen.stage)
        lines = html.A(year, href=context.address("review", year=year))
        rows.append([lines, whole, html.A(counted, href=statement), *others])
    return data_table(caption, columns, rows)


def changes_card(trend: Trend, context: PageContext) -> html.Section:
    _ = context.gettext
    rows = views.change_rows(trend, context)
    title = _("From one year to the next")
    if not rows:
        return card(title, html.P(_("There is one year only: a trend needs at least two.")))
    columns = [Column(name, place > 0) for place, name in enumerate(views.change_header(context))]
    why = _(
        "The change of the counted amount, taken apart: money of the same lines, change of their tags, lines that came "
        "and lines that left. The parts add up exactly."
    )
    unknown = views.incomparable_sentence(trend, context)
    told = [html.P(unknown)] if unknown else []
    table = data_table(_("Changes, the newest first"), columns, rows)
    return card(title, [html.P(why, className="hint"), *told, table])


def ranking_card(found: TrendView, chosen: StatementChoices, context: PageContext) -> html.Section:
    """Municipalities by the share that counts; the name leads to the statement of the year."""
    _ = context.gettext
    rows = [
        [site_link(trend, one.year, chosen, context) if one else trend.name, *ranking_cells(trend, one, context)]
        for trend, one in ranking(found)
    ]
    columns = [Column(name, place > 0) for place, name in enumerate(ranking_header(context))]
    hint = ranking_sentence(found, context)
    table = data_table(_("Municipalities that you may see, by the share that counts"), columns, rows)
    return card(_("Municipalities"), [html.P(hint, className="hint"), table])


def site_link(trend: SiteTrend, year: int, chosen: StatementChoices, context: PageContext) -> html.A:
    query = f"?year={year}&scheme={chosen.scheme}&stage={chosen.stage}"
    return html.A(trend.name, href=f"/{context.language}/{trend.slug}/statement{query}")


def alerts_card(view: TrendView, chosen: StatementChoices, context: PageContext) -> html.Section:
    """Alerts of one year with the lines behind them, the other years, and the rules that could not be asked."""
    _, found = context.gettext, view.alerts
    if found is None:
        return card(_("Alerts"), [html.P(_("There is no year of which a rule could be asked.")), digest_way(context)])
    parts: list[Any] = [alert_years(view, found.year, chosen, context), *unasked(found, context)]
    for alert in found.alerts:
        parts.append(notice([alert_sentence(alert, context)]))
        rows = [
            [line_link(name, alert, code, context), code, *amounts]
            for name, code, *amounts in alert_rows(alert, found, currency_of(context), context)
        ]
        if rows:
            columns = [Column(name, place > 1) for place, name in enumerate(alert_header(alert, context))]
            caption = _("Lines behind it ({shown} of {total})", shown=len(rows), total=len(alert.lines))
            parts.append(html.Details([html.Summary(_("Lines behind it")), data_table(caption, columns, rows)]))
    return html.Div(card(_("Alerts"), [*parts, digest_way(context)]), id=ALERTS_ID)


def alert_years(view: TrendView, year: int, chosen: StatementChoices, context: PageContext) -> html.P:
    """Links to the alerts of each year of the site, the shown one named."""
    links: list[Any] = []
    for one in view.own.years:
        query = {"scheme": chosen.scheme, "stage": chosen.stage, "year": str(one.year)}
        href = f"{context.address(NAME, **query)}#{ALERTS_ID}"
        shown = html.Strong(str(one.year)) if one.year == year else html.A(str(one.year), href=href)
        links += [" · ", shown] if links else [shown]
    return html.P([context.gettext("Alerts of the year: "), *links])


def unasked(found: YearAlerts, context: PageContext) -> list[Any]:
    """What silence means: nothing was found, or nothing could be asked."""
    _ = context.gettext
    told = []
    if not found.alerts and len(found.silent) == len(RULES):
        told.append(
            html.P(
                _("No rule could be asked of {year}: whether there is anything to look at is unknown.", year=found.year)
            )
        )
    elif not found.alerts:
        told.append(html.P(_("The rules that could be asked found nothing in {year}.", year=found.year)))
    reasons = [html.Li(_(SILENT[rule], year=found.year)) for rule in found.silent]
    return [*told, html.Ul(reasons, className="hint")] if reasons else told


def digest_way(context: PageContext) -> html.P:
    return html.P(html.A(context.gettext("Digest of alerts"), href=context.address("digest")))


def line_link(name: str, alert: Alert, code: str, context: PageContext) -> Any:
    """The line's name, leading to it on the review desk; a line that is gone cannot be opened."""
    if alert.rule == GONE:
        return name
    return html.A(name, href=context.address("review", year=str(alert.year), line=code) + "#review-panel")


def index_card(found: TrendView, context: PageContext) -> html.Section:
    """Where the price index comes from, and the form for the site's own."""
    _ = context.gettext
    index = found.own.index
    parts: list[Any] = []
    if index is not None:
        rows = [[str(year), context.formats.number(value, 2)] for year, value in sorted(index.values.items())]
        parts.append(html.P([html.Strong(_("Source: ")), index.source]))
        table = data_table(_("Average of each year"), [Column(_("Year")), Column(_("Index"), True)], rows)
        parts.append(html.Details([html.Summary(_("Show the figures as a table")), table]))
    else:
        parts.append(html.P(_("There is none yet.")))
    if found.may_keep_index:
        parts.append(index_form(context))
    return card(_("Price index"), parts)


def index_form(context: PageContext) -> html.Form:
    _ = context.gettext
    label = html.Label(_("Index by year"), htmlFor=field_id("index"), className="form-label")
    area = dbc.Textarea(id=field_id("index"), name="index", rows=5, value="", className="code")
    hint = html.P(
        _("First line “year,index”, then a line a year: 2024,112.5. It replaces the one above."), className="hint"
    )
    return plain_form(
        f"{context.address(NAME)}/index",
        [
            html.Div([label, area, hint], className="field"),
            field("source", _("Who measured it, and where it was published"), required=True, maxlength=300),
            html.Div([submit(_("Keep the price index"), kind="outline-secondary")], className="buttons"),
        ],
    )


def keep_index(services: Services, context: PageContext, posted: Posted) -> str:
    try:
        text, source = posted.fields.get("index", ""), posted.fields.get("source", "")
        services.trends.keep_index(context.user, context.site, text, source)
    except InputError as refusal:
        return context.address(NAME, refused=refusal.problems[0].rule)
    return context.address(NAME)


# --- files ---------------------------------------------------------------------------------------------------------


def downloads(chosen: StatementChoices, context: PageContext) -> list[html.A]:
    query = {"scheme": chosen.scheme, "stage": chosen.stage}
    labels = (("csv", context.gettext("Download CSV")), ("xlsx", context.gettext("Download XLSX")))
    return [
        html.A(
            label, href=context.address(f"{NAME}/trends.{kind}", **query), className="btn btn-outline-secondary btn-sm"
        )
        for kind, label in labels
    ]


def export(services: Services, context: PageContext, kind: str) -> Resource:
    _ = context.gettext
    asked = {name: context.query.get(name) for name in CHOICES}
    chosen = choices(services, context, *asked.values())
    known = {"scheme": chosen.schemes, "stage": list(stage_names(context))}
    for name, value in asked.items():
        if value and value not in known[name]:
            raise unknown_choice(name, value, known[name], context)
    found = services.trends.trends(context.user, context.site, chosen.scheme, chosen.stage)
    scheme = services.tags.schemes()[chosen.scheme]
    notes = [
        (_("Site"), context.site.name if context.site else ""),
        (_("Stage"), stage_names(context)[chosen.stage]),
        (_("Scheme that counts the money"), context.in_language(scheme.label)),
        (_("Currency"), currency_of(context)),
        (_("Prices"), views.price_sentence(found.own, context)),
        (_("Source"), found.own.index.source if found.own.index else _("approved tags of the site")),
    ]
    if context.site and context.site.is_synthetic:
        notes.append((_("Warning"), _("SYNTHETIC DATA: no figure here describes real people.")))
    board = services.notes.board(context.user, context.site)
    years = [one.year for one in found.own.years]
    tables = [*export_tables(found, context), note_views.notes_table(board, years, chosen.stage, context)]
    name = f"{context.site.slug if context.site else ''}-{NAME}.{kind}"
    if kind == "csv":
        return Resource(csv_bytes(notes, tables), "text/csv", name)
    return Resource(xlsx_bytes(_("Notes"), notes, tables), XLSX, name)


QUERIES = dict.fromkeys(("trends.csv", "trends.xlsx"), frozenset(CHOICES))
RESOURCES: dict[str, Callable[[Services, PageContext], Resource]] = {
    "trends.csv": partial(export, kind="csv"),
    "trends.xlsx": partial(export, kind="xlsx"),
}
ACTIONS: dict[str, Callable[[Services, PageContext, Posted], str]] = {
    "index": keep_index,
    "population": keep_population,
    "note": note_forms.pin,
    "note-change": note_forms.change,
    "note-withdraw": note_forms.withdraw,
}


def answer(app: Any, services: Services, scheme: str, stage: str, path: str) -> tuple[Any, Any]:
    context = app.router.context_of(path)
    chosen = choices(services, context, scheme, stage)
    return content(services, context, chosen), downloads(chosen, context)


def register_callbacks(app: Any, services: Services) -> None:
    app.callback(
        [Output(Ids.CONTENT, "children"), Output(Ids.DOWNLOADS, "children")],
        [Input(Ids.SCHEME, "value"), Input(Ids.STAGE, "value")],
        State("location", "pathname"),
        prevent_initial_call=True,
    )(partial(answer, app, services))
    keep_in_address(app, [Ids.SCHEME, Ids.STAGE])
