"""Programmes of the workbench as files: what goes out, what a file would change, and taking it over."""

from __future__ import annotations

import base64
from enum import StrEnum
from functools import partial
from typing import Any

from dash import Dash, Input, Output, State, ctx, dcc, html, no_update

from budget_model.errors import InputError, Problem
from dashboard.components import Column, card, data_table, notice
from dashboard.context import PageContext
from dashboard.router import Resource
from dashboard.services import Services
from dashboard.services.workbench import Bench, FileAsked
from dashboard.shown_errors import problem_sentence
from dashboard.views import workbench as views
from dashboard.views.budget_imports import place_words


class FileIds(StrEnum):
    """Components that answer."""

    FILE = "workbench-file"
    NEWS = "workbench-file-news"
    APPLY = "workbench-apply"


def file_section(bench: Bench, context: PageContext) -> html.Section:
    """Programmes and model as files, out and in."""
    _ = context.gettext
    names = {
        "programmes.xlsx": _("Workbook to fill in (XLSX)"),
        "programmes.yaml": _("Programmes (YAML)"),
        "model.yaml": _("Model of today, for the command line (YAML)"),
    }
    kept = names if bench.programmes else {"programmes.xlsx": names["programmes.xlsx"]}
    links = [html.Li(html.A(text, href=f"{context.address()}/{name}")) for name, text in kept.items()]
    wanted = {
        "label": _("Workbook, YAML file of programmes, portable model, or Atomica program book"),
        "accept": ".xlsx,.yaml,.yml",
        "store": str(FileIds.FILE),
    }
    hint = _(
        "The file is the whole list: programmes that it lacks would go; an Atomica program book adds to the list. What "
        "it would change is shown before anything is stored."
    )
    parts = [
        html.Ul(links),
        html.Div(className="field", **{"data-read-file": views.as_json(wanted)}),
        html.P(hint, className="hint"),
        html.Div(id=FileIds.NEWS, role="status"),
        html.Button(_("Apply these changes"), id=FileIds.APPLY, className="btn btn-primary", hidden=True),
        dcc.Store(id=FileIds.FILE),
    ]
    return card(_("Files"), parts)


def read_upload(upload: Any) -> tuple[bytes, str]:
    """Content and name of a file that the browser read; InputError where it is none."""
    try:
        return base64.b64decode(upload["content"], validate=True), str(upload["name"])[:200]
    except (TypeError, KeyError, ValueError):
        message = "No file arrived. Choose it again."
        raise InputError(Problem("file_missing", message)) from None


def preview_file(services: Services, context: PageContext, upload: Any) -> tuple[Any, bool]:
    """What a file would change, and whether the button to apply it is hidden."""
    _ = context.gettext
    bench = services.workbench.bench(context.user, context.site)
    try:
        content, name = read_upload(upload)
        asked = services.workbench.read_file(context.user, context.site, content, name)
    except InputError as refusal:
        return file_refusal(refusal, context, bench), True
    notes = [*need_notes(asked.other_need_cells, context), *book_notes(asked, context)]
    if not asked.edited:
        return [*notes, notice([_("The file says what is stored already.")], "info")], True
    columns = [Column(_("Programme")), Column(_("What")), Column(_("From what to what"))]
    caption = _("What {file} would change", file=name)
    return [*notes, data_table(caption, columns, views.preview_rows(asked.edited, context, bench))], False


def book_notes(asked: FileAsked, context: PageContext) -> list[Any]:
    """That a program book adds to the list, and what of it is not taken over."""
    _ = context.gettext
    if asked.edit.is_whole_list:
        return []
    added = notice([_("The file is an Atomica program book: its programmes are added, the others stay.")], "info")
    items = [html.Li(f"{place_words(one, context)}: {problem_sentence(one, context)}") for one in asked.notes]
    if not items:
        return [added]
    head = html.P(_("To know about this book:"))
    return [added, html.Div([head, html.Ul(items)], className="notice notice-warning")]


def need_notes(other_cells: int, context: PageContext) -> list[Any]:
    """That the needs of a portable model are not taken over."""
    if not other_cells:
        return []
    message = context.ngettext(
        "In {number} cell the needs of the file differ from the survey; those of the survey stay.",
        "In {number} cells the needs of the file differ from the survey; those of the survey stay.",
        other_cells,
        number=context.formats.number(other_cells),
    )
    return [notice([message], "warning")]


def file_refusal(refusal: InputError, context: PageContext, bench: Bench) -> html.Div:
    """Every problem of a file with its sheet, line and column."""
    lines = views.problem_lines(refusal, context, bench.needs)
    items = [
        html.Li(file_problem(problem, line.text, context))
        for problem, line in zip(refusal.problems, lines, strict=True)
    ]
    head = html.P(context.gettext("The file is refused; nothing was stored. Please mend:"))
    return html.Div([head, html.Ul(items)], className="notice notice-danger")


def file_problem(problem: Problem, text: str, context: PageContext) -> str:
    """A problem with its place in the file."""
    if problem.line is None or text.startswith(problem.place()):
        return text
    _ = context.gettext
    if problem.sheet is None:
        return _("Line {line}: {text}", line=str(problem.line), text=text)
    place = {"sheet": problem.sheet, "line": str(problem.line), "column": problem.column or "–"}
    return _("Sheet {sheet}, row {line}, column {column}: {text}", text=text, **place)


def apply_file(services: Services, context: PageContext, upload: Any) -> tuple[Any, bool, Any]:
    """Store what a file says; it is read and checked anew."""
    bench = services.workbench.bench(context.user, context.site)
    try:
        content, name = read_upload(upload)
        asked = services.workbench.read_file(context.user, context.site, content, name)
        saved = services.workbench.save(context.user, context.site, asked.edit)
    except InputError as refusal:
        return file_refusal(refusal, context, bench), True, no_update
    return None, True, context.address(saved=saved.model_sha256 or "")


def answer_file(app: Any, services: Services, upload: Any, _clicks: Any, path: str) -> tuple[Any, bool, Any]:
    context = app.router.context_of(path)
    if ctx.triggered_id == FileIds.APPLY:
        return apply_file(services, context, upload)
    return (*preview_file(services, context, upload), no_update)


def export_file(kind: str, services: Services, context: PageContext) -> Resource:
    """A file of the section above."""
    content = services.workbench.export(context.user, context.site, kind, context.language)
    mimetype = XLSX if kind.endswith(".xlsx") else "application/yaml"
    name = f"{context.site.slug}-{kind}" if context.site else kind
    return Resource(content, mimetype, download_name=name)


XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
EXPORTS = ("programmes.xlsx", "programmes.yaml", "model.yaml")
FILE_QUERIES = {kind: frozenset[str]() for kind in EXPORTS}  # their addresses carry nothing
FILE_RESOURCES = {kind: partial(export_file, kind) for kind in EXPORTS}


def register_files(app: Dash, services: Services, go: str) -> None:
    """The callback of the section; `go` is the location that leads to the page as it is afterwards."""
    app.callback(
        [
            Output(FileIds.NEWS, "children"),
            Output(FileIds.APPLY, "hidden"),
            Output(go, "href", allow_duplicate=True),
        ],
        [Input(FileIds.FILE, "data"), Input(FileIds.APPLY, "n_clicks")],
        State("location", "pathname"),
        prevent_initial_call=True,
    )(partial(answer_file, app, services))
