"""What the workbench answers: changes stored or refused with every problem at its field, and the curve anew."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from dash import html, no_update

from budget_model.errors import InputError
from dashboard.components import Column, captioned_figure, data_table, notice
from dashboard.context import PageContext
from dashboard.figures.response import response_figure
from dashboard.pages.workbench_form import dom_id
from dashboard.pages.workbench_parts import Ids
from dashboard.services import Services
from dashboard.services.workbench import Bench
from dashboard.views import workbench as views
from dashboard.views.words import GROUPS
from data.workflows.programme_checks import problem
from data.workflows.programme_edits import Edit
from data.workflows.programme_texts import ReadForm, changed_at, read_form

NEW = "new"  # of the query: a programme that is not there yet
CODE = re.compile(r"[a-z0-9][a-z0-9-]{0,79}")
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
