"""Programme workbench: programmes changed in a grid or one by one, their response curves, and their history."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from dash import ALL, ClientsideFunction, Dash, Input, Output, State, ctx, dcc, html, no_update

from dashboard.components import Column, card, data_table, no_data, page_header
from dashboard.context import PageContext
from dashboard.groups import Group
from dashboard.i18n import mark
from dashboard.pages.workbench_answers import NEW, Answer, remove_programme, save_grid, save_programme, show_curve
from dashboard.pages.workbench_files import FILE_QUERIES, FILE_RESOURCES, file_section, register_files
from dashboard.pages.workbench_form import FIELD, NOTHING
from dashboard.pages.workbench_one import programme_layout
from dashboard.pages.workbench_parts import Ids, common_parts, history_section, model_notice, save_row
from dashboard.services import Services
from dashboard.services.access import PLANNERS
from dashboard.services.workbench import Bench
from dashboard.views import workbench as views

NAME = "workbench"
TITLE = mark("Programme workbench")
GROUP = Group.BUDGET
ROLES = PLANNERS
RESOURCES, QUERIES = FILE_RESOURCES, FILE_QUERIES


def layout(services: Services, context: PageContext) -> html.Div:
    code = context.query.get("programme")
    if code is None:
        return list_layout(services, context)
    return programme_layout(services, context, None if code == NEW else code)


# --- all programmes --------------------------------------------------------------------------------------------------


def list_layout(services: Services, context: PageContext) -> html.Div:
    """The grid, cells where records exceed the survey, and the history."""
    _ = context.gettext
    bench = services.workbench.bench(context.user, context.site)
    new = html.A(_("New programme"), href=context.address(programme=NEW), className="btn btn-outline-secondary")
    subtitle = _(
        "What money buys: change it here, and every change stays in the history. Saved scenarios keep their model."
    )
    header = page_header(_(TITLE), subtitle, [new])
    return html.Div(
        [
            header,
            *model_notice(bench, context),
            *grid_section(bench, context),
            file_section(bench, context),
            history_section(bench, context),
            inconsistent_section(bench, context),
            *common_parts(context),
        ]
    )


def grid_section(bench: Bench, context: PageContext) -> list[Any]:
    _ = context.gettext
    if not bench.programmes:
        how = _("Enter one with the button above, or read a file of programmes.")
        return [no_data(_("No programme has been entered."), how), html.Div(id=Ids.STATUS), html.Div(id=Ids.PROBLEMS)]
    document = views.grid_document(bench, context)
    grid = html.Div(
        id=Ids.GRID,
        className="table-scroll",
        tabIndex=0,
        role="region",
        **{"aria-label": document["words"]["caption"], "data-programme-grid": views.as_json(document)},
    )
    hint = _(
        "An emptied field is a parameter that is not stated. Its name opens the whole programme: needs, lines, sources."
    )
    parts = [
        html.P(hint, className="hint"),
        grid,
        html.Div(id=Ids.PROBLEMS, role="alert", className="workbench-problems"),
        html.Div(id=Ids.STATUS, role="status"),
        save_row(
            Ids.GRID_REASON, [html.Button(_("Save changes"), id=Ids.SAVE_GRID, className="btn btn-primary")], context
        ),
        dcc.Store(id=Ids.CHANGES, data={}),
    ]
    return [card(_("Parameters of all programmes"), parts)]


def inconsistent_section(bench: Bench, context: PageContext) -> html.Section:
    _ = context.gettext
    title = _("Records exceed survey")
    why = _(
        "Here the programmes' records claim more people covered than the survey finds. The model believes the survey "
        "and scales the programmes down. Check unit cost, effectiveness and reach."
    )
    rows = views.inconsistent_rows(bench.inconsistent, context, bench)
    if not rows:
        return card(title, html.P(_("In no cell do the records claim more than the survey finds.")))
    columns = [
        Column(_("Need")),
        Column(_("Sector")),
        Column(_("Group")),
        Column(_("Covered by the records"), True),
        Column(_("Covered by the survey"), True),
    ]
    caption = _(
        "Share of the universe that is covered, by records and by survey (round {round})", round=bench.round_code
    )
    number = context.formats.number(len(rows))
    told = html.Summary(context.ngettext("{number} cell", "{number} cells", len(rows), number=number))
    return card(title, [html.P(why), html.Details([told, data_table(caption, columns, rows)])])


# --- answers ---------------------------------------------------------------------------------------------------------


def register_callbacks(app: Dash, services: Services) -> None:
    answers = [Output(Ids.PROBLEMS, "children"), Output(Ids.MARKED, "data"), Output(Ids.GO, "href")]
    app.callback(
        answers,
        Input(Ids.SAVE_GRID, "n_clicks"),
        State(Ids.CHANGES, "data"),
        State(Ids.GRID_REASON, "value"),
        State("location", "pathname"),
        prevent_initial_call=True,
    )(partial(answer_grid, app, services))
    fields = [State({"type": FIELD, "path": ALL}, "value"), State({"type": FIELD, "path": ALL}, "id")]
    app.callback(
        [Output(output.component_id, output.component_property, allow_duplicate=True) for output in answers],
        [Input(Ids.SAVE, "n_clicks"), Input(Ids.REMOVE, "n_clicks")],
        [
            State(Ids.SURE, "value"),
            State(Ids.CODE, "value"),
            State(Ids.SEEN, "data"),
            State(Ids.REASON, "value"),
            State("location", "pathname"),
            *fields,
        ],
        prevent_initial_call=True,
    )(partial(answer_form, app, services))
    app.callback(
        Output(Ids.CURVE, "children"),
        [Input({"type": FIELD, "path": ALL}, "value"), Input(Ids.NEED, "value")],
        [State({"type": FIELD, "path": ALL}, "id"), State(Ids.CODE, "value"), State("location", "pathname")],
    )(partial(answer_curve, app, services))
    register_files(app, services, Ids.GO)
    app.clientside_callback(
        ClientsideFunction("programmeGrid", "mark"),
        Output(Ids.STATUS, "title"),
        Input(Ids.MARKED, "data"),
        prevent_initial_call=True,
    )


def answer_grid(app: Any, services: Services, _clicks: Any, changes: Any, reason: Any, path: str) -> Answer:
    return save_grid(services, app.router.context_of(path), changes, reason)


def answer_form(app: Any, services: Services, _save: Any, _remove: Any, *states: Any) -> Answer:
    is_sure, code, seen, reason, path, values, ids = states
    context = app.router.context_of(path)
    if ctx.triggered_id == Ids.REMOVE:
        return remove_programme(services, context, code or "", seen, reason) if is_sure else (no_update,) * 3
    return save_programme(services, context, by_path(values, ids), (code or "").strip(), seen, reason)


def answer_curve(app: Any, services: Services, values: Any, need: Any, ids: Any, code: Any, path: str) -> Any:
    return show_curve(services, app.router.context_of(path), by_path(values, ids), code or "", need or "")


def by_path(values: Sequence[Any], ids: Sequence[Mapping[str, str]]) -> dict[str, Any]:
    """Values of the fields by their path; a select's sign for nothing is nothing."""
    return {place["path"]: "" if value == NOTHING else value for place, value in zip(ids, values, strict=True)}
