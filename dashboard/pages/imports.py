"""Importing a survey round in five steps: files, what was found, which column is what, preview, import.

Plain forms and links: every step is a page of its own that can be loaded again; the files wait on the server, private
to the person who uploaded them, for a day. Abandoning removes them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from dash import html

from budget_model.errors import InputError
from dashboard.components import Column, card, data_table, notice, page_header
from dashboard.components.forms import chosen, field, file_field, plain_form, submit
from dashboard.context import PageContext
from dashboard.groups import Group
from dashboard.i18n import mark
from dashboard.pages.imports_mapping import mapping_cards
from dashboard.pages.imports_outcome import preview_cards
from dashboard.pages.imports_parts import (
    DONE,
    FILES,
    FOUND,
    MAPPING,
    NAME,
    PREVIEW,
    abandon,
    action,
    next_link,
    problems_card,
    refused_notice,
    steps,
)
from dashboard.router import Posted
from dashboard.services import Services
from dashboard.services.imports import IMPORTERS
from dashboard.shown_errors import sentences_of
from dashboard.views.imports import draft_from, facts_of
from data.readers.sniff import ANSWERS, FORMS
from data.workflows.import_found import Found
from data.workflows.staging import LARGEST_FILE, MOST_FILES, Stage
from data.workflows.wizard_mapping import MAPPINGS

TITLE = mark("Import")
GROUP = Group.SURVEY
ROLES = IMPORTERS
MOST_TOLD = 30  # problems of a mapping file


def layout(services: Services, context: PageContext) -> html.Div:
    _ = context.gettext
    token, step = context.query.get("draft", ""), _step(context)
    subtitle = _("A survey round comes in as a draft. Nothing is stored before the last step.")
    parts: list[Any] = [page_header(_(TITLE), subtitle), steps(step, token, context)]
    if step == DONE:
        return html.Div([*parts, done_card(context)])
    if not token:
        return html.Div([*parts, *start_cards(services, context)])
    stage = services.imports.stage(context.user, context.site, token)
    found = services.imports.found(context.user, context.site, stage)
    if found.is_refused:
        step = FOUND
    shown: dict[int, Callable[..., list[Any]]] = {FOUND: found_cards, MAPPING: mapping_cards, PREVIEW: preview_cards}
    parts[1] = steps(step, token, context)
    return html.Div([*parts, *shown.get(step, found_cards)(services, stage, found, context), abandon(stage, context)])


def look_for(services: Services, context: PageContext) -> None:
    """NotFoundError for an upload that is gone or somebody else's."""
    if context.query.get("draft") and _step(context) != DONE:
        services.imports.stage(context.user, context.site, context.query["draft"])


LOOK_FOR = look_for


def _step(context: PageContext) -> int:
    text = context.query.get("step", "")
    step = int(text) if text.isdigit() else FOUND if context.query.get("draft") else FILES
    return step if FILES <= step <= DONE else FILES


# --- 1 files -------------------------------------------------------------------------------------------------------


def start_cards(services: Services, context: PageContext) -> list[Any]:
    _ = context.gettext
    waiting = services.imports.waiting(context.user, context.site)
    cards = [*refused_notice(context), card(_("Choose round and files"), start_form(context))]
    if waiting:
        links = [
            html.Li(html.A(f"{one.round_code}: {names_of(one)}", href=context.address(NAME, draft=one.token)))
            for one in waiting
        ]
        cards.append(card(_("Uploads of yours that wait"), html.Ul(links, className="downloads-list")))
    return cards


def start_form(context: PageContext) -> html.Form:
    """The round's code, the form, the answers and perhaps a mapping."""
    _ = context.gettext
    most = LARGEST_FILE // 2**20
    return plain_form(
        action(context, "start"),
        [
            field(
                "round",
                _("Code of the round"),
                context.query.get("code", ""),
                hint=_("For example 2026-1. It cannot be changed later."),
                required=True,
                maxlength=40,
            ),
            file_field(
                "form",
                _("Form (XLSForm), if the answers come from Kobo, ODK or Ona"),
                FORMS,
                _(
                    "It gives types, codes and labels, and says which rows are people. A JSON file of Kobo that holds "
                    "form and answers goes here alone."
                ),
            ),
            file_field(
                "data",
                _("Files with the answers"),
                ANSWERS,
                _(
                    "All files of one export together; or a table of people and one of households. Up to {count} files "
                    "of {most} MB: XLSX, CSV, JSON, Parquet, SPSS, Stata.",
                    count=MOST_FILES,
                    most=most,
                ),
                multiple=True,
            ),
            file_field(
                "mapping",
                _("Mapping file, if there is one"),
                MAPPINGS,
                _("YAML, as the command line takes it. It fills in which column is what; it can also be given later."),
            ),
            html.Div([submit(_("Upload and check"))], className="buttons"),
        ],
        has_files=True,
    )


def names_of(stage: Stage) -> str:
    """The files that were uploaded."""
    return ", ".join(stage.data or (stage.form or "",))


# --- 2 what was found ----------------------------------------------------------------------------------------------


def found_cards(services: Services, stage: Stage, found: Found, context: PageContext) -> list[Any]:
    _ = context.gettext
    cards: list[Any] = []
    if found.tables:
        header = [Column(_("File")), Column(_("Sheet")), Column(_("Holds")), Column(_("Rows"), True)]
        rows = [
            [file, sheet, level or _("households"), context.formats.number(n)] for file, sheet, level, n in found.tables
        ]
        cards.append(card(_("Tables"), data_table(_("What was recognised in the files"), header, rows)))
    cards.append(problems_card(found.problems, context))
    if found.is_refused:
        again = html.A(_("Choose other files"), href=context.address(NAME), className="btn btn-primary")
        return [*cards, html.P(again)]
    if stage.base and stage.mapping:  # a mapping file said it all
        taken = notice([_("The mapping file was taken: it says which column is what.")], "info")
        return [*cards, taken, html.P(next_link(PREVIEW, stage, _("Next: the preview"), context))]
    return [*cards, html.P(next_link(MAPPING, stage, _("Next: which column is what"), context))]


# --- 5 done --------------------------------------------------------------------------------------------------------


def done_card(context: PageContext) -> html.Section:
    _ = context.gettext
    code = context.query.get("round", "")
    return card(
        _("Imported"),
        [
            html.P(_("Round {code} is stored as a draft. Check it next, then validate it.", code=code), role="status"),
            html.P(
                html.A(
                    _("Go to validation"), href=context.address("validation", round=code), className="btn btn-primary"
                )
            ),
        ],
    )


# --- what is posted ------------------------------------------------------------------------------------------------


def start(services: Services, context: PageContext, posted: Posted) -> str:
    forms = list(posted.files.get("form", ()))
    code = posted.fields.get("round", "").strip()
    form, data = forms[0] if forms else None, posted.files.get("data", ())
    try:
        stage = services.imports.start(context.user, context.site, code, form, data, {})
    except InputError as refused:
        return context.address(NAME, code=code, refused=rules_of(refused))
    is_taken = take_given(services, context, stage, posted.files.get("mapping", ()))
    return context.address(NAME, draft=stage.token, step=str(FOUND if is_taken else MAPPING))


def take_given(services: Services, context: PageContext, stage: Stage, files: Sequence[Any]) -> bool:
    """Whether a mapping file that came with the answers was taken, or none came. Of answers that are refused themselves
    that is told first: their columns are not known."""
    if not files:
        return True
    found = services.imports.found(context.user, context.site, stage)
    return found.is_refused or take_mapping(services, context, stage, found, files[0])


def take_mapping(services: Services, context: PageContext, stage: Stage, found: Found, file: Any) -> bool:
    """Take a mapping file, or keep why it is refused for the page that asks for it."""
    try:
        services.imports.take_mapping(context.user, context.site, stage, found, file)
    except InputError as refused:
        sentences = sentences_of(refused, context)[:MOST_TOLD]
        services.imports.keep_refusal(context.user, context.site, stage, sentences)
        return False
    return True


def keep_mapping(services: Services, context: PageContext, posted: Posted) -> str:
    """Keep the answers; back to the step where something is missing or was only now guessed."""
    token = posted.fields.get("draft", "")
    stage = services.imports.stage(context.user, context.site, token)
    found = services.imports.found(context.user, context.site, stage)
    question = services.imports.question(context.user, context.site, stage, found, context.language)
    fields = chosen(posted.fields)
    draft = draft_from(fields, question)
    facts, wrong = facts_of(fields)
    try:
        services.imports.answer(context.user, context.site, stage, found, draft, facts, wrong)
    except InputError as refused:
        return context.address(NAME, draft=token, step=str(MAPPING), refused=rules_of(refused))
    return context.address(NAME, draft=token, step=str(MAPPING if draft.guessed else PREVIEW))


def take_mapping_file(services: Services, context: PageContext, posted: Posted) -> str:
    """The mapping of a file; back to the step, with every problem and its line, where it is refused."""
    token = posted.fields.get("draft", "")
    stage = services.imports.stage(context.user, context.site, token)
    found = services.imports.found(context.user, context.site, stage)
    files = posted.files.get("mapping", ())
    if not files:
        return context.address(NAME, draft=token, step=str(MAPPING), refused="mapping_file_missing")
    is_taken = take_mapping(services, context, stage, found, files[0])
    return context.address(NAME, draft=token, step=str(PREVIEW if is_taken else MAPPING))


def finish(services: Services, context: PageContext, posted: Posted) -> str:
    stage = services.imports.stage(context.user, context.site, posted.fields.get("draft", ""))
    try:
        stored = services.imports.finish(context.user, context.site, stage)
    except InputError as refused:
        return context.address(NAME, draft=stage.token, step=str(PREVIEW), refused=rules_of(refused))
    return context.address(NAME, step=str(DONE), round=stored.code)


def rules_of(refused: InputError) -> str:
    """What was wrong and in which file, for the address of the page that says it."""
    named = (f"{one.rule}:{one.file.replace(',', '_')}" if one.file else one.rule for one in refused.problems)
    return ",".join(dict.fromkeys(named))


def give_up(services: Services, context: PageContext, posted: Posted) -> str:
    stage = services.imports.stage(context.user, context.site, posted.fields.get("draft", ""))
    services.imports.abandon(context.user, context.site, stage)
    return context.address(NAME)


ACTIONS: dict[str, Callable[[Services, PageContext, Posted], str]] = {
    "start": start,
    "mapping": keep_mapping,
    "mapping-file": take_mapping_file,
    "finish": finish,
    "abandon": give_up,
}


def register_callbacks(app: Any, services: Services) -> None:
    """None: every step is a page."""
