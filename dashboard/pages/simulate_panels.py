"""What the Simulate page is made of: header, tiles, programmes, and the panels with results from top to bottom."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

import dash_bootstrap_components as dbc
from dash import html

from dashboard.components import (
    Column,
    card,
    data_table,
    difference_note,
    no_data,
    page_header,
    source_note,
    tile,
    tiles,
)
from dashboard.context import PageContext
from dashboard.services.access import PLANNERS, may
from dashboard.services.simulate import Workbench
from dashboard.views.simulate import inconsistency_rows
from dashboard.views.simulate_names import group_name, source_parts
from dashboard.views.simulate_start import Start
from dashboard.views.simulate_texts import weight_sentence

HIDDEN = {"aria-hidden": "true"}
LINK = "btn btn-outline-secondary"


class Ids(StrEnum):
    """Components that callbacks talk to; the scripts know the others by their ids."""

    VIEW = "simulate-view"
    STARTED = "simulate-started"
    RELEASED = "simulate-released"
    ANSWER = "simulate-answer"
    SETTLED = "simulate-settled"
    NAME = "simulate-name"
    NOTE = "simulate-note-field"
    SAVE = "simulate-save"
    SAVE_MESSAGE = "simulate-save-message"
    SAVED = "simulate-saved"
    FOLLOWED = "simulate-followed"
    BEST = "simulate-best"


def header(workbench: Workbench, context: PageContext) -> html.Div:
    _ = context.gettext
    year = workbench.loaded.budget_year
    subtitle = " · ".join(
        [
            _("Budget of {year}", year=year) if year else _("Amounts as stated by the programmes"),
            _("move money between programmes and see whose needs are met"),
            _("results are projections, not promises"),
        ]
    )
    actions = [
        button("simulate-undo", _("Undo"), disabled=True),
        button("simulate-redo", _("Redo"), disabled=True),
        button("simulate-reset", _("Reset"), disabled=True),
        html.A(
            _("Find the best from here"),
            href=context.address("optimise"),
            className="btn btn-outline-secondary",
            **{"data-follow-query": "yes"},
        ),
        html.A(_("Save or share"), href="#simulate-keep", className="btn btn-primary"),
    ]
    return page_header(_("Simulate a reallocation"), subtitle, actions)


def button(button_id: str, label: str, **options: Any) -> html.Button:
    kind = options.pop("kind", "outline-secondary")
    return html.Button(label, id=button_id, type="button", className=f"btn btn-{kind}", **options)


def summary(workbench: Workbench, context: PageContext) -> html.Div:
    """Always in sight: coverage of women and men, the gap, what is left."""
    _ = context.gettext
    titles = {"women": _("Women's needs covered"), "men": _("Men's needs covered")}
    shown = [live_tile(code, titles.get(code, group_name(code, context)), code) for code in workbench.model.groups]
    if {"women", "men"} <= set(workbench.model.groups):
        shown.append(live_tile("gap", _("Gap, women minus men")))
    shown.append(live_tile("left", _("Left to allocate")))
    return html.Div(
        [
            tiles(shown, _("Result of this allocation")),
            html.P(id="simulate-over-shown", className="over-total"),
            html.P(id="simulate-over", className="visually-hidden", role="alert"),
        ],
        id="simulate-summary",
        className="simulate-summary",
    )


def live_tile(code: str, label: str, group: str | None = None) -> html.Div:
    """A tile whose figure and note the scripts fill in."""
    more = [html.Span(id=f"simulate-{part}-{code}", className="tile-more") for part in ("met", "weighted")]
    note = [html.Span(id=f"simulate-note-{code}"), *more]
    return tile(label, html.Span(id=f"simulate-tile-{code}"), note, group)


def programmes(context: PageContext) -> html.Section:
    _ = context.gettext
    rule = _("A programme's total is spread over the areas as its money is today; one without money today, by need.")
    folding = html.Div(
        [
            button("simulate-open-all", _("Open all"), kind="link btn-sm"),
            button("simulate-close-all", _("Close all"), kind="link btn-sm"),
        ],
        className="folding",
    )
    return card(
        _("Programmes"),
        [folding, html.Div(id="simulate-programmes")],
        subtitle=[_("Move a slider or write an amount per year. "), rule],
        className="simulate-programmes",
    )


def results(start: Start, context: PageContext) -> list[Any]:
    """The panels beside the programmes, from top to bottom; another panel of results takes its place here."""
    return [
        result_panel(context),
        coverage_panel(start.workbench, context),
        gains_panel(start.workbench, context),
        map_panel(start.workbench, context),
        keep_panel(context),
        honesty_panel(start.workbench, context),
    ]


def result_panel(context: PageContext) -> html.Section:
    _ = context.gettext
    return card(
        _("In words"),
        [
            html.P(id="simulate-sentence", role="status", className="result-sentence"),
            html.P(id=Ids.BEST, className="best-reachable"),
            html.P(
                html.A(_("Reasons of this result"), href=context.address("reasons"), **{"data-follow-query": "yes"})
            ),
            html.Div(id="simulate-problems", className="notice notice-warning", hidden=True),
            html.P(id="simulate-server", role="alert", className="server-message"),
        ],
        id="simulate-result",
    )


def coverage_panel(workbench: Workbench, context: PageContext) -> html.Section:
    _ = context.gettext
    return html.Section(
        [
            html.H2(_("Coverage of needs"), className="eyebrow"),
            html.P(id="simulate-finding", className="finding"),
            html.P(_("Share of the people concerned whose need is met, today → this scenario"), className="unit"),
            html.Div(
                [choice("simulate-needs-choice", _("Needs shown")), choice("simulate-needs-order", _("Order"))],
                className="filters",
            ),
            legend(workbench, context),
            axis(),
            html.Ul(id="simulate-coverage", className="dumbbells"),
            html.P(
                _("Each row is a need. 78% means: of every 100 people it concerns, 78 do not lack it."),
                className="source-note",
            ),
            difference_note(context),
            html.P(_("This choice holds no need. Choose others above."), id="simulate-needs-none", hidden=True),
            twin("simulate-coverage-table", context),
        ],
        className="panel",
    )


def legend(workbench: Workbench, context: PageContext) -> html.Ul:
    _ = context.gettext
    groups = [
        html.Li([html.Span(className=f"legend-marker marker-{code}"), group_name(code, context)])
        for code in workbench.model.groups
    ]
    today = html.Li([html.Span(className="legend-marker marker-hollow"), _("today")])
    scenario = html.Li([html.Span(className="legend-marker marker-filled"), _("this scenario")])
    whiskers = [html.Li([html.Span(className="legend-whisker"), _("95 % interval, today")])]
    is_sample = not workbench.survey_round.is_census
    return html.Ul([*groups, today, scenario, *(whiskers if is_sample else [])], className="legend")


def choice(select_id: str, label: str) -> html.Div:
    """A native select that the scripts fill; Dash has no plain one."""
    return html.Div(
        [html.Label(label, htmlFor=select_id, className="form-label"), dbc.Select(id=select_id, options=[])]
    )


def axis() -> html.Div:
    marks = [html.Span(f"{share} %", style={"left": f"{share}%"}) for share in (0, 25, 50, 75, 100)]
    return html.Div(
        [html.Span(), html.Div(marks, className="axis-marks"), html.Span()], className="dumbbell-axis", **HIDDEN
    )


def twin(table_id: str, context: PageContext) -> html.Details:
    return html.Details([html.Summary(context.gettext("Show the figures as a table")), html.Div(id=table_id)])


def gains_panel(workbench: Workbench, context: PageContext) -> html.Section:
    _ = context.gettext
    groups = [
        html.Li([html.Span(className=f"legend-bar bar-{code}"), group_name(code, context)])
        for code in workbench.model.groups
    ]
    return card(
        _("Who gains and who loses"),
        [
            html.Ul(groups, className="legend"),
            html.Div(
                [html.Span(), html.Div([html.Span(_("lose")), html.Span(_("gain"))]), html.Span()],
                className="gains-axis",
                **HIDDEN,
            ),
            html.Ul(id="simulate-gains", className="gains"),
            html.P(_("Nobody gains or loses against today."), id="simulate-gains-none", className="quiet"),
        ],
        subtitle=_("Persons by need and group against today. Gains and losses are never set off against each other."),
    )


def map_panel(workbench: Workbench, context: PageContext) -> html.Section:
    _ = context.gettext
    choices = html.Div(
        [choice("simulate-map-need", _("Need")), choice("simulate-map-group", _("Group"))], className="filters"
    )
    picture: list[Any] = [
        html.Div(id="simulate-map", className="map-box"),
        html.P(id="simulate-map-reading", className="map-reading"),
        html.Ul(id="simulate-map-legend", className="map-legend"),
    ]
    if not workbench.has_geometry:
        missing = _("The areas of this site have no shapes, so there is no map.")
        picture = [no_data(missing, _("The table below has the same figures."))]
    return card(
        _("People still uncovered, by area"),
        [choices, *picture, twin("simulate-area-table", context)],
        subtitle=_("Persons of the area whose need is not met in this scenario"),
        className="simulate-map",
    )


def keep_panel(context: PageContext) -> html.Section:
    _ = context.gettext
    share = html.Div(
        [
            button("simulate-share", _("Copy address")),
            html.Label(_("Address of this allocation"), htmlFor="simulate-share-address", className="visually-hidden"),
            dbc.Input(id="simulate-share-address", readonly=True, type="text"),
            html.Span(id="simulate-shared", role="status"),
        ],
        className="share-row",
    )
    downloads = html.Div(
        [
            html.A(
                label, id=f"simulate-download-{kind}", href=context.address(f"simulate/scenario.{kind}"), className=LINK
            )
            for kind, label in (("csv", _("Download CSV")), ("xlsx", _("Download XLSX")))
        ],
        className="download-row",
    )
    return card(_("Save, share, download"), [save_form(context), share, downloads], id="simulate-keep")


def save_form(context: PageContext) -> html.Div:
    _ = context.gettext
    if not may(context.user, PLANNERS, context.site):
        return html.P(_("Your role may try allocations and share them; officials of the site may save them."))
    return html.Div(
        [
            html.Label(_("Name of the scenario"), htmlFor=Ids.NAME, className="form-label"),
            dbc.Input(id=Ids.NAME, type="text", autocomplete="off"),
            html.Label(_("Note (optional)"), htmlFor=Ids.NOTE, className="form-label"),
            dbc.Textarea(id=Ids.NOTE, rows=2),
            html.Div([button(Ids.SAVE, _("Save scenario"), kind="primary")], className="save-row"),
            html.Div(id=Ids.SAVE_MESSAGE, role="status"),
        ],
        className="save-form",
    )


def honesty_panel(workbench: Workbench, context: PageContext) -> html.Section:
    _ = context.gettext
    reading = _(
        "Results are projections of coverage from unit costs, capacity and effectiveness that are partly assumptions "
        "(see Programmes); they do not prove that a programme causes a change. At today's budget they reproduce the "
        "survey exactly. Where the survey is a sample, whiskers show the 95 % interval of today's coverage; the "
        "uncertainty of costs and effectiveness is not drawn."
    )
    return card(
        _("How to read this"),
        [
            html.P(reading),
            html.P(weight_sentence(workbench.loaded, context), id="simulate-weights"),
            *inconsistencies(workbench, context),
            source_note(context, source_parts(workbench, context)),
        ],
    )


def inconsistencies(workbench: Workbench, context: PageContext) -> list[Any]:
    """Cells where the programme records claim more than the survey found, with both figures; nothing where none is."""
    _ = context.gettext
    rows = inconsistency_rows(workbench, context)
    if not rows:
        return []
    title = context.ngettext(
        "Records exceed survey in {number} case", "Records exceed survey in {number} cases", len(rows), number=len(rows)
    )
    explained = _(
        "Here the programmes' records claim more coverage than the survey found. Their effectiveness was scaled down "
        "to the survey's figure; check the records, the unit cost or the survey."
    )
    columns = [
        Column(_("Need")),
        Column(_("Area")),
        Column(_("Group")),
        Column(_("Records"), True),
        Column(_("Survey"), True),
    ]
    return [html.Details([html.Summary(title), html.P(explained), data_table(title, columns, rows)])]
