"""Budget files: upload one, see what it would change, import it; and what every import changed.

Plain forms and links: every step is a page of its own that can be loaded again.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import dash_bootstrap_components as dbc
from dash import html

from budget_model.errors import InputError, Problem
from dashboard.components import Column, card, data_table, no_data, notice, page_header
from dashboard.components.forms import choice, chosen, field, field_id, file_field, hidden, plain_form, submit
from dashboard.context import PageContext
from dashboard.groups import Group
from dashboard.i18n import mark
from dashboard.router import Posted
from dashboard.services import Services
from dashboard.services.access import SIGNED_IN
from dashboard.views.budget_imports import (
    changes_header,
    changes_rows,
    counts_rows,
    preview_rows,
    preview_totals,
    problem_rows,
    problem_words,
    record_counts,
    totals_header,
    totals_rows,
    warning_rows,
    wishes_of,
)
from dashboard.views.budget_imports_words import SOURCES
from data.store.tables import BudgetImport
from data.workflows.budget_wizard import BudgetPreview
from data.workflows.staging import LARGEST_FILE, Stage

NAME = "budget-imports"
TITLE = mark("Budget files")
GROUP = Group.BUDGET
ROLES = SIGNED_IN
FILES = (".csv", ".txt", ".xlsx", ".xls")
PROBLEMS_SHOWN = 20  # of those that keep a file out
NUMBERS_FROM = 2  # columns of totals that hold numbers
AMOUNTS_FROM = 5  # columns of changes that hold amounts


def layout(services: Services, context: PageContext) -> html.Div:
    _ = context.gettext
    subtitle = _("What came in from which file, and what it changed. Nothing is stored before you have seen it.")
    header = page_header(_(TITLE), subtitle)
    if context.query.get("import", "").isdigit():
        return html.Div([header, *detail_cards(services, context, int(context.query["import"]))])
    if not services.budget_imports.may_import(context.user, context.site):
        return html.Div([header, imports_card(services, context)])
    if context.query.get("draft"):
        stage = services.budget_imports.stage(context.user, context.site, context.query["draft"])
        return html.Div([header, *refused_notice(context), *preview_cards(services, stage, context)])
    cards = [start_card(services, context), imports_card(services, context), mappings_card(services, context)]
    return html.Div([header, *refused_notice(context), *cards])


def action(context: PageContext, name: str) -> str:
    """Where a form of this page is posted."""
    return f"{context.address(NAME)}/{name}"


def refused_notice(context: PageContext) -> list[Any]:
    """Why what was sent was not taken."""
    rules = [rule for rule in context.query.get("refused", "").split(",") if rule]
    general = context.gettext("Check what you stated.")
    sentences = list(dict.fromkeys(problem_words(rule, general, context) for rule in rules))
    return [notice(sentences, "danger", role="alert")] if sentences else []


# --- upload --------------------------------------------------------------------------------------------------------


def start_card(services: Services, context: PageContext) -> html.Section:
    _ = context.gettext
    most = LARGEST_FILE // 2**20
    kept = services.budget_imports.mappings(context.user, context.site)
    named = next((one for one in kept if one.name == context.query.get("mapping")), None)
    sources = [(name, _(words)) for name, words in SOURCES.items() if name != "fdp"]
    form = plain_form(
        action(context, "start"),
        [
            file_field(
                "file",
                _("Budget file"),
                FILES,
                _("CSV or XLSX up to {most} MB. Larger files and data packages: on the command line.", most=most),
                required=True,
            ),
            choice("source", _("What kind of file it is"), sources, "table" if named else "auto"),
            html.Div(
                [
                    field(
                        "municipality",
                        _("Municipality (SEC_EJEC or ubigeo)"),
                        hint=_("For files of the ministry with more than one municipality. Empty: all rows."),
                        maxlength=12,
                    ),
                    field("year", _("Year"), hint=_("Empty: all years of the file."), maxlength=4),
                ],
                className="form-grid",
            ),
            mapping_field(named.text if named else "", context),
            html.Div([submit(_("Upload and compare"))], className="buttons"),
        ],
        has_files=True,
    )
    waiting = [
        html.Li(html.A(", ".join(one.data), href=context.address(NAME, draft=one.token)))
        for one in services.budget_imports.waiting(context.user, context.site)
    ]
    own = [html.P(_("Uploads of yours that wait:")), html.Ul(waiting, className="downloads-list")] if waiting else []
    return card(_("Bring a file in"), [form, *own])


def mapping_field(text: str, context: PageContext) -> html.Div:
    _ = context.gettext
    label = html.Label(_("Mapping of a table's columns (YAML)"), htmlFor=field_id("mapping"), className="form-label")
    area = dbc.Textarea(id=field_id("mapping"), name="mapping", rows=6, value=text, className="code")
    hint = html.P(_("Only for any other table: which column is the year, the line, each stage."), className="hint")
    return html.Div([label, area, hint], className="field")


def mappings_card(services: Services, context: PageContext) -> html.Section:
    """Mappings of the site; choosing one fills it into the form above."""
    _ = context.gettext
    kept = services.budget_imports.mappings(context.user, context.site)
    links = [
        html.Li([html.A(one.name, href=context.address(NAME, mapping=one.name)), f" ({one.saved_by})"]) for one in kept
    ]
    chosen_one = next((one for one in kept if one.name == context.query.get("mapping")), None)
    label = html.Label(_("Mapping (YAML)"), htmlFor=field_id("text"), className="form-label")
    area = dbc.Textarea(
        id=field_id("text"), name="text", rows=8, value=chosen_one.text if chosen_one else "", className="code"
    )
    form = plain_form(
        action(context, "mapping"),
        [
            field("name", _("Name"), chosen_one.name if chosen_one else "", required=True, maxlength=80),
            html.Div([label, area], className="field"),
            html.Div([submit(_("Keep the mapping"), kind="outline-secondary")], className="buttons"),
        ],
    )
    listed = html.Ul(links, className="downloads-list") if links else html.P(_("The site keeps no mapping yet."))
    return card(_("Mappings that the site keeps"), [listed, form])


# --- preview -------------------------------------------------------------------------------------------------------


def preview_cards(services: Services, stage: Stage, context: PageContext) -> list[Any]:
    _ = context.gettext
    try:
        preview = services.budget_imports.preview(context.user, context.site, stage)
    except InputError as refused:
        return [refused_card(refused.problems, context), abandon_card(stage, context)]
    if any(problem.rule == "currency_differs" for problem in preview.problems):
        return [refused_card(preview.problems, context), abandon_card(stage, context)]
    read = preview.read.lines
    sentence = _(
        "{file}: {read} rows read, {kept} kept, {lines} budget lines.",
        file=preview.read.provenance.file,
        read=context.formats.number(read.rows_read),
        kept=context.formats.number(read.rows_kept),
        lines=context.formats.number(read.frame.height),
    )
    return [
        card(_("What the file holds"), [html.P(sentence), totals_table(preview_totals(preview), context)]),
        changes_card(preview, context),
        problems_card((*read.problems, *preview.diff.warnings(preview.read.provenance.file)), context),
        refused_card(preview.problems, context) if preview.is_refused else finish_card(preview, stage, context),
        abandon_card(stage, context),
    ]


def refused_card(problems: Sequence[Problem], context: PageContext) -> html.Section:
    _ = context.gettext
    told = notice([_("The file cannot come in. Nothing was stored.")], "danger", role="alert")
    again = html.P(html.A(_("Choose another file"), href=context.address(NAME)))
    shown = problems_table(problems[:PROBLEMS_SHOWN], context, _("Why the file cannot come in, with places"))
    more = problems[PROBLEMS_SHOWN:]
    left = [html.P(_("{count} further problems are not listed.", count=len(more)))] if more else []
    return card(_("Problems"), [told, shown, *left, again])


def problems_table(problems: Sequence[Problem], context: PageContext, caption: str = "") -> html.Div:
    """`caption` tells two tables of a page apart."""
    _ = context.gettext
    header = [Column(_("What is wrong")), Column(_("Place")), Column(_("Found"))]
    return data_table(caption or _("Problems of the file with their places"), header, problem_rows(problems, context))


def problems_card(problems: Sequence[Problem], context: PageContext) -> html.Section:
    _ = context.gettext
    if not problems:
        return card(_("Worth knowing"), html.P(_("Nothing odd was found in the file.")))
    return card(_("Worth knowing"), problems_table(problems, context))


def totals_table(totals: Any, context: PageContext) -> html.Div:
    columns = [Column(title, place >= NUMBERS_FROM) for place, title in enumerate(totals_header(context))]
    caption = context.gettext("Totals by year and stage, to hold against the source's own")
    return data_table(caption, columns, totals_rows(totals, context))


def changes_card(preview: BudgetPreview, context: PageContext) -> html.Section:
    _ = context.gettext
    diff = preview.diff
    parts: list[Any] = [counts_table(diff.counts, context)]
    if diff.changes:
        parts.append(changes_table(preview_rows(diff.changes, context), len(diff.changes), context))
    return card(_("What it would change"), parts)


def counts_table(counts: Any, context: PageContext) -> html.Div:
    _ = context.gettext
    header = [Column(_("Lines")), Column(_("Number"), True)]
    return data_table(_("Lines of the file's years"), header, counts_rows(counts, context))


def changes_table(rows: Sequence[Sequence[str]], total: int, context: PageContext) -> html.Div:
    _ = context.gettext
    columns = [Column(title, place >= AMOUNTS_FROM) for place, title in enumerate(changes_header(context))]
    caption = _("Lines that change, tagged ones first ({shown} of {total})", shown=len(rows), total=total)
    return data_table(caption, columns, rows)


def finish_card(preview: BudgetPreview, stage: Stage, context: PageContext) -> html.Section:
    _ = context.gettext
    parts: list[Any] = [hidden("draft", stage.token)]
    gone = preview.diff.counts["gone"]
    if gone:
        ways = (
            ("keep", _("Keep them"), preview.refused_keeping),
            ("remove", _("Remove them from the budget"), preview.refused_removing),
        )
        options = [(name, words) for name, words, refused in ways if not refused]
        for _name, words, refused in ways:
            if refused:
                told = _("“{choice}” is not possible with this file:", choice=words)
                parts += [notice([told], "warning"), problems_table(refused[:PROBLEMS_SHOWN], context, told)]
        hint = _("Tags of removed lines are kept with their history and come back with the line.")
        if preview.gone_tagged:
            hint = _("{count} of them are tagged.", count=preview.gone_tagged) + " " + hint
        parts.append(
            choice("gone", _("Lines that the file no longer has: {count}", count=gone), options, options[0][0], hint)
        )
    parts.append(html.Div([submit(_("Import"))], className="buttons"))
    return card(_("Import the file"), plain_form(action(context, "finish"), parts))


def abandon_card(stage: Stage, context: PageContext) -> html.Section:
    _ = context.gettext
    button = submit(_("Abandon and remove the file"), kind="outline-secondary")
    return html.Section([plain_form(action(context, "abandon"), [hidden("draft", stage.token), button])])


# --- records -------------------------------------------------------------------------------------------------------


def imports_card(services: Services, context: PageContext) -> html.Section:
    _ = context.gettext
    records = services.budget_imports.imports(context.user, context.site)
    if not records:
        return card(_("Imports"), no_data(_("No budget file has been imported yet."), ""))
    number = context.formats.number
    header = [
        *(Column(_("File")), Column(_("When")), Column(_("By"))),
        *(Column(title, True) for title in (_("Rows kept"), _("New"), _("Changed"), _("Unchanged"), _("Gone"))),
    ]
    rows = [
        [
            html.A(one.source_file, href=context.address(NAME, **{"import": str(one.id)})),
            context.formats.moment(one.at),
            one.actor,
            number(one.rows_kept),
            *(number(count) for count in (one.new_count, one.changed_count, one.unchanged_count, one.gone_count)),
        ]
        for one in records
    ]
    return card(_("Imports"), data_table(_("The newest import first"), header, rows))


def detail_cards(services: Services, context: PageContext, import_id: int) -> list[Any]:
    """One import: where it came from, totals, changes, warnings."""
    _ = context.gettext
    detail = services.budget_imports.detail(context.user, context.site, import_id)
    record = detail.record
    parts: list[Any] = [counts_table(record_counts(record, detail.counts), context)]
    if detail.changes:
        parts.append(changes_table(changes_rows(detail, context), sum(detail.counts.values()), context))
    else:
        parts.append(html.P(_("The years were empty before, or nothing changed: no line is listed.")))
    cards = [
        card(_("Import {id}", id=record.id), [about(record, context), totals_table(record.totals, context)]),
        card(_("What it changed"), parts),
    ]
    if record.warnings:
        table = data_table(
            _("What was odd about the file"),
            [Column(_("What is wrong")), Column(_("Place")), Column(_("Found"))],
            warning_rows(record, context),
        )
        cards.append(card(_("Worth knowing"), table))
    return [*cards, html.P(html.A(_("All imports"), href=context.address(NAME)))]


def about(record: BudgetImport, context: PageContext) -> html.P:
    _ = context.gettext
    told = _(
        "{file}, {at}, by {actor}. Rows read: {read}; kept: {kept}. SHA-256: {sha256}.",
        file=record.source_file,
        at=context.formats.moment(record.at),
        actor=record.actor,
        read=context.formats.number(record.rows_read),
        kept=context.formats.number(record.rows_kept),
        sha256=f"{record.source_sha256[:16]}…",
    )
    return html.P([told, f" {_('Municipality')}: {record.municipality}." if record.municipality else ""])


# --- posted forms ---------------------------------------------------------------------------------------------------


def refused_address(context: PageContext, refused: InputError, **query: str) -> str:
    rules = ",".join(dict.fromkeys(problem.rule for problem in refused.problems))
    return context.address(NAME, **query, refused=rules)


def start(services: Services, context: PageContext, posted: Posted) -> str:
    files = posted.files.get("file", ())
    try:
        if not files:
            raise InputError(Problem("budget_upload_missing", "Choose a file."))
        wishes = wishes_of(chosen(posted.fields))
        stage = services.budget_imports.start(context.user, context.site, files[0], wishes)
    except InputError as refused:
        return refused_address(context, refused)
    return context.address(NAME, draft=stage.token)


def finish(services: Services, context: PageContext, posted: Posted) -> str:
    stage = services.budget_imports.stage(context.user, context.site, posted.fields.get("draft", ""))
    removes = posted.fields.get("gone") == "remove"
    try:
        done = services.budget_imports.finish(context.user, context.site, stage, removes)
    except InputError as refused:
        return refused_address(context, refused, draft=stage.token)
    return context.address(NAME, **{"import": str(done.import_id)})


def abandon(services: Services, context: PageContext, posted: Posted) -> str:
    stage = services.budget_imports.stage(context.user, context.site, posted.fields.get("draft", ""))
    services.budget_imports.abandon(context.user, context.site, stage)
    return context.address(NAME)


def keep_mapping(services: Services, context: PageContext, posted: Posted) -> str:
    name = posted.fields.get("name", "").strip()
    try:
        services.budget_imports.keep_mapping(context.user, context.site, name, posted.fields.get("text", ""))
    except InputError as refused:
        return refused_address(context, refused)
    return context.address(NAME, mapping=name)


ACTIONS: dict[str, Callable[[Services, PageContext, Posted], str]] = {
    "start": start,
    "finish": finish,
    "abandon": abandon,
    "mapping": keep_mapping,
}


def register_callbacks(app: Any, services: Services) -> None:
    """None: every step is a page."""
