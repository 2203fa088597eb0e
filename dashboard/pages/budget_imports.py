"""Budget files: upload one, see what it would change, import it; and what every import changed.

Plain forms and links: every step is a page of its own that can be loaded again. What it shows of an upload stands in
`budget_imports_reading` and `budget_imports_look`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import dash_bootstrap_components as dbc
from dash import html

from budget_model.errors import InputError, Problem
from dashboard.components import Column, card, data_table, no_data, notice, page_header, tile, tiles
from dashboard.components.forms import choice, chosen, field, field_id, file_field, plain_form, submit
from dashboard.context import PageContext
from dashboard.groups import Group
from dashboard.i18n import mark
from dashboard.pages.budget_imports_look import preview_cards
from dashboard.pages.budget_imports_parts import NAME, action, change_tables, counts_table, totals_table
from dashboard.pages.budget_imports_reading import NOW, PANEL, end_reading, reading_cards, start_reading
from dashboard.pages.budget_imports_running import PANEL as RUNNING
from dashboard.pages.budget_imports_running import end_imports, import_of, running_cards, start_import
from dashboard.router import Posted
from dashboard.services import Services
from dashboard.services.access import SIGNED_IN
from dashboard.views.budget_import_changes import record_lists
from dashboard.views.budget_imports import problem_words, record_counts, row_tiles, warning_rows, wishes_of
from dashboard.views.budget_imports_words import SOURCES
from data.store.tables import BudgetImport
from data.workflows.staging import LARGEST_FILE, Stage

TITLE = mark("Budget files")
GROUP = Group.BUDGET
ROLES = SIGNED_IN
FILES = (".csv", ".txt", ".xlsx", ".xls")


def layout(services: Services, context: PageContext) -> html.Div:
    _ = context.gettext
    subtitle = _("What came in from which file, and what it changed. Nothing is stored before you have seen it.")
    header = page_header(_(TITLE), subtitle)
    if context.query.get("import", "").isdigit():
        return html.Div([header, *detail_cards(services, context, int(context.query["import"]))])
    if not services.budget_imports.may_import(context.user, context.site):
        return html.Div([header, imports_card(services, context)])
    if context.query.get("job"):
        return html.Div([header, *running_cards(services, context.query["job"], context)])
    if context.query.get("draft"):
        stage = services.budget_imports.stage(context.user, context.site, context.query["draft"])
        return html.Div([header, *refused_notice(context), *draft_cards(services, stage, context)])
    cards = [start_card(services, context), imports_card(services, context), mappings_card(services, context)]
    return html.Div([header, *refused_notice(context), *cards])


def look_for(services: Services, context: PageContext) -> None:
    """NotFoundError for an import of another site, and for a job or an upload that is gone or somebody else's."""
    if context.query.get("import", "").isdigit():
        services.budget_imports.detail(context.user, context.site, int(context.query["import"]))
    elif context.query.get("job"):
        import_of(services, context.query["job"], context)
    elif context.query.get("draft") and services.budget_imports.may_import(context.user, context.site):
        services.budget_imports.stage(context.user, context.site, context.query["draft"])


LOOK_FOR = look_for


def draft_cards(services: Services, stage: Stage, context: PageContext) -> list[Any]:
    """An upload: a large one is read in the background first."""
    waits = services.budget_imports.waits_for_reading(context.user, context.site, stage)
    cards = reading_cards if waits and context.query.get(NOW) != "1" else preview_cards
    return cards(services, stage, context)


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
    lists = record_lists(detail, context)
    if lists:
        parts.append(
            change_tables(lists, _("Tagged lines first. Amounts before → after; one alone where it stays."), context)
        )
    else:
        parts.append(html.P(_("The years were empty before, or nothing changed: no line is listed.")))
    cards = [
        card(_("Import {id}", id=record.id), [*about(record, context), totals_table(record.totals, context)]),
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


def about(record: BudgetImport, context: PageContext) -> list[Any]:
    """Whence it came, and what became of the rows of the file."""
    _ = context.gettext
    told = _(
        "{file}, {at}, by {actor}. SHA-256: {sha256}.",
        file=record.source_file,
        at=context.formats.moment(record.at),
        actor=record.actor,
        sha256=f"{record.source_sha256[:16]}…",
    )
    municipality = f" {_('Municipality')}: {record.municipality}." if record.municipality else ""
    rows = [tile(label, value, note) for label, value, note in row_tiles(record, context)]
    return [html.P([told, municipality]), tiles(rows, _("Rows of the file"))]


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
    try:
        start_reading(services, stage, context)
    except InputError as refused:  # the file is here; it is read when its owner says so
        return refused_address(context, refused, draft=stage.token)
    return context.address(NAME, draft=stage.token)


def finish(services: Services, context: PageContext, posted: Posted) -> str:
    stage = services.budget_imports.stage(context.user, context.site, posted.fields.get("draft", ""))
    removes = posted.fields.get("gone") == "remove"
    try:
        if posted.fields.get("now") != "1" and services.budget_imports.is_long(context.user, context.site, stage):
            address = start_import(services, stage, removes, context)
            end_reading(services, stage, context)
            return address
        end_imports(services, stage, context)
        done = services.budget_imports.finish(context.user, context.site, stage, removes)
    except InputError as refused:
        return refused_address(context, refused, draft=stage.token)
    end_reading(services, stage, context)
    return context.address(NAME, **{"import": str(done.import_id)})


def read_as_whole(services: Services, context: PageContext, posted: Posted) -> str:
    """The person confirms that the last line is whole; nothing is read where the box is empty."""
    stage = services.budget_imports.stage(context.user, context.site, posted.fields.get("draft", ""))
    if not posted.fields.get("whole"):
        return context.address(NAME, draft=stage.token, refused="whole_unconfirmed")
    try:
        services.budget_imports.read_as_whole(context.user, context.site, stage)
    except InputError as refused:
        return refused_address(context, refused, draft=stage.token)
    return context.address(NAME, draft=stage.token)


def abandon(services: Services, context: PageContext, posted: Posted) -> str:
    stage = services.budget_imports.stage(context.user, context.site, posted.fields.get("draft", ""))
    end_reading(services, stage, context)
    end_imports(services, stage, context)
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
    "whole": read_as_whole,
    "abandon": abandon,
    "mapping": keep_mapping,
}


def register_callbacks(app: Any, services: Services) -> None:
    """Every step is a page; only the panels of a reading and of an import ask how far it is."""
    PANEL.register(app, services)
    RUNNING.register(app, services)
