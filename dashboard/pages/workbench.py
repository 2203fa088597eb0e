"""Programme workbench: programmes changed in a grid or one by one, their response curves, and their history."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from enum import StrEnum
from functools import partial
from typing import Any
from urllib.parse import quote

import dash_bootstrap_components as dbc
from dash import ALL, ClientsideFunction, Dash, Input, Output, State, ctx, dcc, html, no_update

from budget_model.errors import InputError
from dashboard.components import Column, captioned_figure, card, data_table, no_data, notice, page_header, select
from dashboard.context import PageContext
from dashboard.figures.response import response_figure
from dashboard.groups import Group
from dashboard.i18n import mark
from dashboard.pages.workbench_files import FILE_QUERIES, FILE_RESOURCES, file_section, register_files
from dashboard.pages.workbench_form import FIELD, NOTHING, dom_id, form
from dashboard.services import Services
from dashboard.services.access import PLANNERS
from dashboard.services.workbench import Bench, EditableProgramme
from dashboard.shown_errors import sentences_of
from dashboard.views import workbench as views
from dashboard.views.words import GROUPS
from data.workflows.programme_checks import problem
from data.workflows.programme_edits import Edit
from data.workflows.programme_texts import ReadForm, changed_at, form_values, read_form

NAME = "workbench"
TITLE = mark("Programme workbench")
GROUP = Group.BUDGET
ROLES = PLANNERS
RESOURCES, QUERIES = FILE_RESOURCES, FILE_QUERIES
NEW = "new"  # of the query: a programme that is not there yet
CODE = re.compile(r"[a-z0-9][a-z0-9-]{0,79}")


class Ids(StrEnum):
    """Components that answer."""

    GRID = "workbench-grid"
    CHANGES = "workbench-grid-changes"
    SAVE_GRID = "workbench-save-grid"
    GRID_REASON = "workbench-grid-reason"
    PROBLEMS = "workbench-problems"
    STATUS = "workbench-status"
    MARKED = "workbench-marked"
    GO = "workbench-go"
    SAVE = "workbench-save"
    REMOVE = "workbench-remove"
    SURE = "workbench-sure"
    REASON = "workbench-reason"
    CODE = "workbench-code"
    SEEN = "workbench-seen"
    NEED = "workbench-need"
    CURVE = "workbench-curve"


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


def common_parts(context: PageContext) -> list[Any]:
    return [dcc.Store(id=Ids.MARKED), dcc.Location(id=Ids.GO, refresh=True)]


def model_notice(bench: Bench, context: PageContext) -> list[Any]:
    """Why there is no model at present."""
    _ = context.gettext
    if bench.problems is not None:
        return [notice([_("These data give no model yet:"), *sentences_of(bench.problems, context)])]
    if bench.round_code is None:
        return [notice([_("No survey round has needs yet; programmes can be entered all the same.")], "info")]
    saved = context.query.get("saved")
    return [notice([_("Saved. The model is now version {version}.", version=saved[:8])], "info")] if saved else []


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


def save_row(reason_id: str, buttons: Sequence[Any], context: PageContext) -> html.Div:
    """Why something is changed, and the buttons."""
    label = html.Label(
        context.gettext("Reason of the change (for the history)"), htmlFor=reason_id, className="form-label"
    )
    reason = dbc.Input(id=reason_id, type="text", maxlength=300)
    return html.Div([html.Div([label, reason], className="field"), *buttons], className="workbench-actions")


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


def history_section(bench: Bench, context: PageContext, code: str | None = None) -> html.Section:
    _ = context.gettext
    title = _("History")
    rows = views.history_rows(bench.history, context, bench, has_programme=code is None)
    if not rows:
        return card(title, html.P(_("Nothing has been changed yet.")))
    columns = [Column(_("When (UTC)")), Column(_("Who"))]
    columns += [Column(_("Programme"))] if code is None else []
    columns += [Column(_("What")), Column(_("Where from")), Column(_("Reason")), Column(_("Model"))]
    return card(title, data_table(_("Changes, the newest first"), columns, rows))


# --- one programme ---------------------------------------------------------------------------------------------------


def programme_layout(services: Services, context: PageContext, code: str | None) -> html.Div:
    """The form of a programme, its curve, its history; `code` None: a new one."""
    _ = context.gettext
    bench = services.workbench.bench(context.user, context.site, code)
    programme = bench.programme(code) if code else None
    document = programme.document if programme else {}
    title = context.in_language(document.get("name"), _("New programme"))
    back = html.A(_("All programmes"), href=context.address(), className="btn btn-outline-secondary")
    money = context.formats.money(programme.baseline, context.site.currency) if programme and context.site else None
    subtitle = (
        _(
            "Code {code}, version {version}, money of today {money}",
            code=programme.code,
            version=programme.version,
            money=money,
        )
        if programme
        else None
    )
    parts = [
        page_header(title, subtitle, [back]),
        *model_notice(bench, context),
        code_field(programme, context),
        curve_section(programme, bench, context),
        card(_("Parameters"), form(form_values(document, bench.areas), bench, context)),
        html.Div(id=Ids.PROBLEMS, role="alert", className="workbench-problems"),
        html.Div(id=Ids.STATUS, role="status"),
        save_row(Ids.REASON, [html.Button(_("Save programme"), id=Ids.SAVE, className="btn btn-primary")], context),
        remove_section(programme, context),
        history_section(bench, context, code) if code else None,
        dcc.Store(id=Ids.SEEN, data=programme.version if programme else 0),
    ]
    return html.Div([*parts, *common_parts(context)])


def code_field(programme: EditableProgramme | None, context: PageContext) -> html.Div:
    """The code, which never changes once it is there."""
    _ = context.gettext
    made = dbc.Input(id=Ids.CODE, type="text", value=programme.code if programme else "", maxlength=80)
    label = html.Label(_("Code (small letters, digits, hyphens)"), htmlFor=Ids.CODE, className="form-label")
    return html.Div([label, made], className="field", hidden=programme is not None)


def curve_section(programme: EditableProgramme | None, bench: Bench, context: PageContext) -> html.Section:
    """Coverage of a need against the programme's money, as the form says it."""
    _ = context.gettext
    served = [link["need"] for link in (programme.document if programme else {}).get("serves", [])]
    options = [{"value": code, "label": context.in_language(label, code)} for code, label in bench.needs.items()]
    chosen = served[0] if served else next(iter(bench.needs), "")
    choice = select(Ids.NEED, _("Need"), options, chosen)
    hint = _("As the form below says it, saved or not; it is drawn anew when a field is left.")
    return card(_("Response curve"), [html.P(hint, className="hint"), choice, html.Div(id=Ids.CURVE)])


def remove_section(programme: EditableProgramme | None, context: PageContext) -> html.Details | html.Div:
    """Taking a programme away is asked twice."""
    _ = context.gettext
    sure = dbc.Checkbox(id=Ids.SURE, label=_("Yes, take this programme away; its history stays."), value=False)
    button = html.Button(_("Remove programme"), id=Ids.REMOVE, className="btn btn-outline-danger")
    if programme is None:
        return html.Div([sure, button], hidden=True)
    return html.Details([html.Summary(_("Remove this programme")), sure, button])


# --- answers ---------------------------------------------------------------------------------------------------------

Answer = tuple[Any, Any, Any]  # problems, ids of their fields, where to go


def refused(
    refusal: InputError, context: PageContext, bench: Bench, dom_id_of: Any, read: ReadForm | None = None
) -> Answer:
    """All problems, each leading to its field."""
    lines = views.problem_lines(refusal, context, bench.needs, read.form_path if read else None)
    ids = [dom_id_of(line.field, fact) for line, fact in zip(lines, refusal.problems, strict=True)]
    items = [
        html.Li(html.A(line.text, href=f"#{quote(place)}") if place else line.text)
        for line, place in zip(lines, ids, strict=True)
    ]
    head = html.P(context.gettext("Nothing was saved. Please mend:"))
    return (
        html.Div([head, html.Ul(items)], className="notice notice-danger"),
        [place for place in ids if place],
        no_update,
    )


def save_grid(services: Services, context: PageContext, changes: Any, reason: str | None) -> Answer:
    """What was typed into the grid, stored for all programmes at once or not at all."""
    bench = services.workbench.bench(context.user, context.site)
    try:
        edit = grid_edit(bench, changes if isinstance(changes, Mapping) else {}, reason or "")
        saved = services.workbench.save(context.user, context.site, edit)
    except InputError as refusal:
        return refused(refusal, context, bench, grid_dom_id)
    return None, [], context.address(saved=saved.model_sha256 or "")


def grid_dom_id(path: str, fact: Any) -> str:
    code = fact.facts.get("programme", "")
    return f"grid-{code}-{path.replace('.', '-')}" if path in views.GRID_PATHS and code else ""


def grid_edit(bench: Bench, changes: Mapping[str, Any], reason: str) -> Edit:
    """The documents with the cells that differ; what the browser sends is taken for nothing but text."""
    entries, seen, problems = {}, {}, []
    for code, mine in changes.items():
        document = bench.programme(str(code)).document
        cells = {path: str(value) for path, value in mine.get("values", {}).items() if path in views.GRID_PATHS}
        read = read_form({**cells}, code)
        problems += read.problems
        for path, text in cells.items():
            name, _dot, part = path.partition(".")
            value = text.strip() if part == "source" else (read.document.get(name) or {}).get(part)
            document = changed_at(document, path, value or None)
        entries[code], seen[code] = document, int(mine.get("version", 0))
    if problems:
        raise InputError(problems)
    return Edit(entries, seen, origin="grid", reason=reason)


def save_programme(
    services: Services, context: PageContext, values: Mapping[str, Any], code: str, seen: Any, reason: str | None
) -> Answer:
    """The form, stored or refused with every problem."""
    bench = services.workbench.bench(context.user, context.site)
    read = read_form(values, code)
    try:
        check_code(bench, code, seen)
        if read.problems:
            raise InputError(read.problems)
        edit = Edit({code: read.document}, {code: int(seen or 0)}, origin="form", reason=reason or "")
        saved = services.workbench.save(context.user, context.site, edit)
    except InputError as refusal:
        return refused(refusal, context, bench, lambda path, fact: form_dom_id(path), read)
    return None, [], context.address(programme=code, saved=saved.model_sha256 or "")


def form_dom_id(path: str) -> str:
    if path == "code":
        return Ids.CODE
    field = path if path.count(".") else f"{path}.value"
    is_plain = path in ("locked", "area_split") or path.startswith(("serves.", "lines."))
    return dom_id(path.removesuffix("_range") if is_plain else field) if path else ""


def check_code(bench: Bench, code: str, seen: Any) -> None:
    """A code that can be one, and is not taken by another programme."""
    is_there = any(programme.code == code for programme in bench.programmes)
    if not is_there and not CODE.fullmatch(code):
        message = f"'{code}' cannot be a code. Use up to 80 small letters, digits and hyphens."
        raise InputError(problem("programme-code", message, code, "code", value=code))
    if is_there and not seen:
        message = f"There is a programme '{code}' already. Choose another code."
        raise InputError(problem("programme-exists", message, code, "code", value=code))


def remove_programme(services: Services, context: PageContext, code: str, seen: Any, reason: str | None) -> Answer:
    bench = services.workbench.bench(context.user, context.site)
    try:
        edit = Edit({code: None}, {code: int(seen or 0)}, origin="form", reason=reason or "")
        saved = services.workbench.save(context.user, context.site, edit)
    except InputError as refusal:
        return refused(refusal, context, bench, lambda path, fact: "")
    return None, [], context.address(saved=saved.model_sha256 or "")


def show_curve(services: Services, context: PageContext, values: Mapping[str, Any], code: str, need: str) -> Any:
    """The picture of the curve, or why there is none."""
    _ = context.gettext
    read = read_form(values, code or NEW)
    served = {link["need"] for link in read.document["serves"]}
    if need not in served:
        return html.P(_("The programme does not serve this need: its money changes nothing here."))
    try:
        if read.problems:
            raise InputError(read.problems)
        curve = services.workbench.curve(context.user, context.site, read.document, need)
    except InputError as refusal:
        texts = [line.text for line in views.problem_lines(refusal, context, {}, read.form_path)]
        return notice([_("No curve yet:"), *texts], "info")
    bench_needs = services.workbench.bench(context.user, context.site).needs
    return curve_figure(
        views.curve_view(
            curve,
            context.in_language(read.document["name"], code),
            context.in_language(bench_needs.get(need), need),
            context,
        ),
        context,
    )


def curve_figure(view: views.CurveView, context: PageContext) -> html.Figure:
    _ = context.gettext
    currency = context.site.currency if context.site else ""
    names = {group: _(GROUPS[group]) for group in view.coverage}
    titles = {"money": _("{currency} a year", currency=currency), "coverage": _("Covered"), "today": _("today")}
    figure = response_figure(view.amounts, view.coverage, view.today, names, titles)
    columns = [Column(_("Money a year"), True), *[Column(names[group], True) for group in view.coverage]]
    table = data_table(_("Coverage by money"), columns, view.rows)
    source = _("Model of the site with the parameters of the form")
    return captioned_figure(
        f"{Ids.CURVE}-graph", figure, context, sentence=view.sentence, unit=view.unit, table=table, sources=[source]
    )


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
