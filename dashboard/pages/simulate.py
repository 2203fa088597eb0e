"""Simulate: move money between programmes and see whose needs are met. The scripts in `assets/` draw while it moves;
the callbacks here give the result that counts, save it and hand it out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import StrEnum
from functools import partial
from typing import Any

import dash_bootstrap_components as dbc
from dash import ClientsideFunction, Dash, Input, Output, State, dcc, html
from werkzeug.exceptions import BadRequest, NotFound

from budget_model.coverage.kernel import VERSION as KERNEL_VERSION
from budget_model.errors import BudgetModelError, InputError, NotFoundError
from dashboard.components import Column, card, data_table, no_data, notice, page_header, source_note, tile, tiles
from dashboard.context import PageContext
from dashboard.groups import Group
from dashboard.i18n import mark
from dashboard.router import Resource
from dashboard.services import Services
from dashboard.services.access import PLANNERS, may
from dashboard.services.simulate import TRYERS, Run, Workbench
from dashboard.views import scenario_tables
from dashboard.views.simulate import (
    answer_view,
    group_name,
    inconsistency_rows,
    page_view,
    save_sentences,
    source_parts,
    weight_sentence,
)
from dashboard.views.simulate_start import Start, changes_of_address, start_of
from data.writers.tables import csv_bytes, xlsx_bytes

NAME = "simulate"
TITLE = mark("Simulate")
GROUP = Group.SIMULATION
ROLES = TRYERS
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


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


# ---- layout ------------------------------------------------------------------------------------------------------


def layout(services: Services, context: PageContext) -> html.Div:
    _ = context.gettext
    try:
        start = start_of(services, context)
    except (InputError, NotFoundError) as error:
        return html.Div([page_header(_(TITLE)), nothing_yet(error, context)])
    workbench = start.workbench
    view = page_view(workbench, context, start.changes, start.keeps_address)
    return html.Div(
        [
            header(workbench, context),
            notice(start.notices, id="simulate-notices") if start.notices else None,
            html.P(_("Loading the model …"), id="simulate-loading", className="loading", role="status"),
            html.Div(
                [
                    summary(workbench, context),
                    html.Div(
                        [programmes(context), html.Div(results(start, context), className="simulate-results")],
                        className="simulate-columns",
                    ),
                ],
                id="simulate-workbench",
                hidden=True,
            ),
            *[dcc.Store(id=store) for store in STORES],
            dcc.Store(id=Ids.VIEW, data=view),
        ],
        className="simulate",
    )


STORES = (Ids.STARTED, Ids.RELEASED, Ids.ANSWER, Ids.SETTLED, Ids.SAVED, Ids.FOLLOWED)


def nothing_yet(error: BudgetModelError, context: PageContext) -> html.Div:
    _ = context.gettext
    if isinstance(error, NotFoundError):
        return no_data(
            _("This site has no survey round with needs yet."),
            _("They appear when a survey round is imported and its indicators are run."),
        )
    return no_data(_("The model of this site cannot be built yet."), str(error))


def button(button_id: str, label: str, **options: Any) -> html.Button:
    kind = options.pop("kind", "outline-secondary")
    return html.Button(label, id=button_id, type="button", className=f"btn btn-{kind}", **options)


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
        html.A(_("Save or share"), href="#simulate-keep", className="btn btn-primary"),
    ]
    return page_header(_("Simulate a reallocation"), subtitle, actions)


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
            html.Div(id="simulate-problems", className="notice notice-warning", hidden=True),
            html.P(id="simulate-server", role="alert", className="server-message"),
        ],
        id="simulate-result",
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


HIDDEN = {"aria-hidden": "true"}


def coverage_panel(workbench: Workbench, context: PageContext) -> html.Section:
    _ = context.gettext
    return html.Section(
        [
            html.H2(_("Coverage of needs"), className="eyebrow"),
            html.P(id="simulate-finding", className="finding"),
            html.P(_("Share of the people concerned whose need is met, today → this scenario"), className="unit"),
            html.P(
                _("Each row is a need. 78% means: of every 100 people it concerns, 78 do not lack it."),
                className="unit",
            ),
            html.Div(
                [choice("simulate-needs-choice", _("Needs shown")), choice("simulate-needs-order", _("Order"))],
                className="filters",
            ),
            legend(workbench, context),
            axis(),
            html.Ul(id="simulate-coverage", className="dumbbells"),
            html.P(_("This choice holds no need. Choose others above."), id="simulate-needs-none", hidden=True),
            twin("simulate-coverage-table", context),
        ],
        className="panel",
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


LINK = "btn btn-outline-secondary"


def save_form(context: PageContext) -> html.Div:
    _ = context.gettext
    if not may(context.user, PLANNERS, context.site):
        return html.P(_("Your role may try allocations and share them; officials of the site may save them."))
    return html.Div(
        [
            html.Label(_("Name of the scenario"), htmlFor=Ids.NAME, className="form-label"),
            dbc.Input(id=Ids.NAME, type="text", maxlength=120, autocomplete="off"),
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


# ---- callbacks ---------------------------------------------------------------------------------------------------


def answer_release(services: Services, context: PageContext, released: Mapping[str, Any]) -> dict[str, Any]:
    """The authoritative result for what a browser released, with the sequence number it came with."""
    run = run_released(services, context, released)
    return {"sequence": released.get("sequence"), **answer_view(run, context)}


def run_released(services: Services, context: PageContext, released: Mapping[str, Any] | None) -> Run:
    """Run what the browser's store holds; it is input like any other."""
    changes = (released or {}).get("changes")
    model = (released or {}).get("model")
    if not isinstance(changes, dict) or not isinstance(model, str):
        raise BadRequest("no amounts")
    return services.simulate.run(context.user, context.site, model, changes)


def save(
    services: Services, context: PageContext, released: Mapping[str, Any] | None, name: str | None, note: str | None
) -> tuple[Any, dict[str, Any] | None]:
    """Save, or say why not: a message, and where the saved scenario is found."""
    _ = context.gettext
    run = run_released(services, context, released)
    texts = {code: str(amount) for code, amount in run.changes.items()}
    try:
        saved = services.scenarios.save(context.user, context.site, run.loaded.sha256, texts, name or "", note or "")
    except InputError as error:
        free = services.scenarios.free_name(context.user, context.site, name or "")
        return notice(save_sentences(error, run.loaded, free, context), "danger"), None
    listed = html.A(_("See all scenarios"), href=context.address("scenarios"))
    message = _("Saved as “{name}”.", name=saved.name)
    return html.Div([html.P([message, " ", listed])], className="notice notice-info"), {
        "id": saved.id,
        "query": f"?scenario={saved.id}",
    }


def register_callbacks(app: Dash, services: Services) -> None:
    def context_of(path: str) -> PageContext:
        return app.router.context_of(path)

    app.callback(
        Output(Ids.ANSWER, "data"),
        Input(Ids.RELEASED, "data"),
        State("location", "pathname"),
        prevent_initial_call=True,
    )(lambda released, path: answer_release(services, context_of(path), released))
    app.callback(
        Output(Ids.SAVE_MESSAGE, "children"),
        Output(Ids.SAVED, "data"),
        Input(Ids.SAVE, "n_clicks"),
        State(Ids.RELEASED, "data"),
        State(Ids.NAME, "value"),
        State(Ids.NOTE, "value"),
        State("location", "pathname"),
        prevent_initial_call=True,
    )(lambda _clicks, released, name, note, path: save(services, context_of(path), released, name, note))
    for function, output, store in (
        ("start", Ids.STARTED, Ids.VIEW),
        ("settle", Ids.SETTLED, Ids.ANSWER),
        ("saved", Ids.FOLLOWED, Ids.SAVED),
    ):
        app.clientside_callback(ClientsideFunction("simulate", function), Output(output, "data"), Input(store, "data"))


# ---- files of the page -------------------------------------------------------------------------------------------


def kernel_file(services: Services, context: PageContext) -> Resource:
    sha256 = context.query.get("model", "")
    content = found(lambda: services.simulate.kernel(context.user, context.site, sha256))
    return Resource(content, "application/octet-stream", version=f"{sha256}-{KERNEL_VERSION}")


def areas_file(services: Services, context: PageContext) -> Resource:
    return Resource(
        found(lambda: services.simulate.area_shapes(context.user, context.site, context.query.get("model", ""))),
        "application/geo+json",
    )


def scenario_file(services: Services, context: PageContext, kind: str) -> Resource:
    """Allocation and results of the amounts in the address, with source, model and mark in the file."""
    _, query = context.gettext, context.query
    workbench = found(lambda: services.simulate.workbench(context.user, context.site, query.get("model") or None))
    changes = changes_of_address(query.get("c", ""))
    if changes is None:
        raise BadRequest("amounts")
    run = found(lambda: services.simulate.run(context.user, context.site, workbench.loaded.sha256, changes))
    notes, tables = scenario_tables.notes(workbench, run, context), scenario_tables.tables(workbench, run, context)
    what = _("scenario")
    name = f"{context.site.slug if context.site else ''}-{what}.{kind}"
    if kind == "csv":
        return Resource(csv_bytes(notes, tables), "text/csv", name)
    return Resource(xlsx_bytes(_("Notes"), notes, tables), XLSX, name)


def found(get: Callable[[], Any]) -> Any:
    """What is not there is 404, what cannot be read is 400: for files there is no page to show a sentence on."""
    try:
        return get()
    except NotFoundError as error:
        raise NotFound(str(error)) from error
    except InputError as error:
        raise BadRequest(str(error)) from error


RESOURCES: dict[str, Callable[[Services, PageContext], Resource]] = {
    "kernel.bin": kernel_file,
    "areas.json": areas_file,
    "scenario.csv": partial(scenario_file, kind="csv"),
    "scenario.xlsx": partial(scenario_file, kind="xlsx"),
}
