"""Importing a survey round in five steps: files, what was found, which column is what, preview, import.

Plain forms and links: every step is a page of its own that can be loaded again; the files wait on the server, private
to the person who uploaded them, for a day. Abandoning removes them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from dash import html

from budget_model.errors import InputError
from dashboard.components import Column, card, data_table, notice, page_header, tile, tiles
from dashboard.components.forms import choice, chosen, field, file_field, hidden, plain_form, submit
from dashboard.context import PageContext
from dashboard.groups import Group
from dashboard.i18n import mark
from dashboard.router import Posted
from dashboard.services import Services
from dashboard.services.imports import IMPORTERS
from dashboard.shown_errors import sentences_of
from dashboard.views.imports import (
    BAND_PREFIX,
    SEX_PREFIX,
    column_of,
    column_options,
    counts_sentence,
    draft_from,
    facts_of,
    preview_tables,
    problem_rows,
)
from dashboard.views.imports_words import RULES, STEPS
from data.readers.sniff import ANSWERS, FORMS
from data.workflows.import_wizard import Found, MappingQuestion, Preview
from data.workflows.mapping_guess import BLANK, OTHER, ColumnInfo
from data.workflows.staging import LARGEST_FILE, LIFETIME, MOST_FILES, Stage, safe_name
from data.workflows.wizard_mapping import MAPPINGS

NAME = "imports"
TITLE = mark("Import")
GROUP = Group.SURVEY
ROLES = IMPORTERS
MOST_TOLD = 30  # problems of a mapping file
FILES, FOUND, MAPPING, PREVIEW, DONE = range(1, 6)


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


def _step(context: PageContext) -> int:
    text = context.query.get("step", "")
    step = int(text) if text.isdigit() else FOUND if context.query.get("draft") else FILES
    return step if FILES <= step <= DONE else FILES


def steps(current: int, token: str, context: PageContext) -> html.Ol:
    """Where one stands; earlier steps are links."""
    items = []
    for number, title in enumerate(STEPS, start=1):
        text: Any = context.gettext(title)
        if token and FOUND <= number < current:
            text = html.A(text, href=context.address(NAME, draft=token, step=str(number)))
        items.append(html.Li(text, **({"aria-current": "step"} if number == current else {})))
    return html.Ol(items, className="wizard-steps")


def next_link(step: int, stage: Stage, label: str, context: PageContext) -> html.A:
    return html.A(label, href=context.address(NAME, draft=stage.token, step=str(step)), className="btn btn-primary")


def abandon(stage: Stage, context: PageContext) -> html.Section:
    """At any step: away with the files."""
    _ = context.gettext
    hours = round(LIFETIME.total_seconds() / 3600)
    note = _(
        "The files are private to you and are removed after {hours} hours. Abandoning removes them now.", hours=hours
    )
    form = plain_form(
        action(context, "abandon"),
        [hidden("draft", stage.token), submit(_("Abandon and remove the files"), kind="outline-secondary")],
    )
    return html.Section([html.P(note, className="hint"), form])


# --- 1 files -------------------------------------------------------------------------------------------------------


def start_cards(services: Services, context: PageContext) -> list[Any]:
    _ = context.gettext
    waiting = services.imports.waiting(context.user, context.site)
    refusals = refused_notice(context)
    most = LARGEST_FILE // 2**20
    form = plain_form(
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
            html.Div([submit(_("Upload and check"))], className="buttons"),
        ],
        has_files=True,
    )
    cards = [*refusals, card(_("Choose round and files"), form)]
    if waiting:
        links = [
            html.Li(html.A(f"{one.round_code}: {names_of(one)}", href=context.address(NAME, draft=one.token)))
            for one in waiting
        ]
        cards.append(card(_("Uploads of yours that wait"), html.Ul(links, className="downloads-list")))
    return cards


def names_of(stage: Stage) -> str:
    """The files that were uploaded."""
    return ", ".join(stage.data or (stage.form or "",))


def action(context: PageContext, name: str) -> str:
    """Where a form of this page is posted."""
    return f"{context.address(NAME)}/{name}"


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
    return [*cards, html.P(next_link(MAPPING, stage, _("Next: which column is what"), context))]


def problems_card(problems: Sequence[Any], context: PageContext) -> html.Section:
    _ = context.gettext
    sentence = html.P(counts_sentence(problems, context))
    if not problems:
        return card(_("Problems"), sentence)
    header = [
        *(Column(_("Kind")), Column(_("What is wrong")), Column(_("Place")), Column(_("Rows"), True)),
        Column(_("First lines")),
    ]
    table = data_table(
        _("Problems by kind and place, those that must be mended first"), header, problem_rows(problems, context)
    )
    return card(_("Problems"), [sentence, table])


# --- 3 which column is what ----------------------------------------------------------------------------------------


def mapping_cards(services: Services, stage: Stage, found: Found, context: PageContext) -> list[Any]:
    _ = context.gettext
    question = services.imports.question(context.user, context.site, stage, found, context.language)
    told = _("Filled in as in the last import with this form. Check it.") if question.is_kept else ""
    guess = _(
        "What is marked as a guess was guessed from names, labels and codes. Check it, and change it where wrong."
    )
    form = plain_form(
        action(context, "mapping"),
        [
            hidden("draft", stage.token),
            *round_fields(stage, found, context),
            *people_fields(question, found, context),
            *design_fields(question, stage, context),
            html.Div([submit(_("Keep and show the preview"))], className="buttons"),
        ],
    )
    left_out = ", ".join(question.identities)
    notes = [html.P(_("Not stored, because they may identify people: {names}.", names=left_out))] if left_out else []
    refusals = refused_notice(context)
    asked = card(_("Which column is what"), [html.P(told or guess), *notes, form])
    return [*refusals, asked, mapping_file_card(stage, context)]


def mapping_file_card(stage: Stage, context: PageContext) -> html.Section:
    """A mapping file in place of the answers, as the command line takes it; what is wrong with the last one."""
    _ = context.gettext
    hint = _(
        "YAML, as the command line takes it: also derived columns, new names and columns that do not identify anybody. "
        "It fills in the answers above."
    )
    form = plain_form(
        action(context, "mapping-file"),
        [
            hidden("draft", stage.token),
            file_field("mapping", _("Mapping file"), MAPPINGS, hint),
            html.Div(
                [submit(_("Take the mapping file and show the preview"), kind="outline-primary")], className="buttons"
            ),
        ],
        has_files=True,
    )
    refused = [notice(list(stage.told), "danger", role="alert")] if stage.told else []
    return card(_("Or give a mapping file"), [*refused, form])


def refused_notice(context: PageContext) -> list[Any]:
    """Why what was sent was not taken."""
    refused = [one for one in context.query.get("refused", "").split(",") if one]
    return [notice([refusal_sentence(one, context) for one in refused], "danger", role="alert")] if refused else []


def refusal_sentence(refused: str, context: PageContext) -> str:
    """`rule` or `rule:file` → the sentence of the rule, after the name of the file that it is about."""
    rule, _colon, file = refused.partition(":")
    sentence = context.gettext(RULES[rule]) if rule in RULES else context.gettext("Check the answers.")
    return f"{safe_name(file)}: {sentence}" if file else sentence


def round_fields(stage: Stage, found: Found, context: PageContext) -> list[Any]:
    """What a person states of the round."""
    _ = context.gettext
    facts = stage.facts
    title = found.form.title if found.form else ""
    rate = facts.get("coverage_rate")
    return [
        field("coverage", _("Area that the round covers, in words"), facts.get("coverage_area") or "", required=True),
        field("source", _("Whence the answers come"), facts.get("source") or title, required=True),
        html.Div(
            [
                field("starts_on", _("First day"), facts.get("starts_on") or "", type="date"),
                field("ends_on", _("Last day"), facts.get("ends_on") or "", type="date"),
                field(
                    "rate",
                    _("Households that answered, % of those of the area"),
                    f"{rate * 100:g}" if rate else facts.get("rate_as_typed") or "",
                    hint=_("Leave it empty if it is not known."),
                ),
            ],
            className="form-grid",
        ),
    ]


def people_fields(question: MappingQuestion, found: Found, context: PageContext) -> list[Any]:
    _ = context.gettext
    draft, columns = question.draft, question.columns
    persons, both = (
        column_options(columns, ("persons",), context),
        column_options(columns, ("persons", "households"), context),
    )
    areas = [*draft.areas, "", ""]
    fields: list[Any] = []
    if found.form is None:
        households = column_options(columns, ("households",), context)
        fields.append(
            choice(
                "household",
                label(_("Household of the person"), "household", question, context),
                persons,
                draft.household,
            )
        )
        if "households" in found.raw:
            fields.append(
                choice(
                    "household_id",
                    label(_("Key of the household"), "household_id", question, context),
                    households,
                    draft.household_id,
                )
            )
    fields += [
        choice("sex", label(_("Sex"), "sex", question, context), persons, draft.sex),
        *code_fields(column_of(question, draft.sex), question, context),
        choice("age", label(_("Age"), "age", question, context), persons, draft.age, _("In years; or bands in words.")),
        *band_fields(column_of(question, draft.age), question, context),
        choice("area1", label(_("Area of level 1 (sector)"), "area1", question, context), both, areas[0]),
        choice("area2", label(_("Area of level 2 (neighbourhood)"), "area2", question, context), both, areas[1]),
    ]
    return fields


def label(text: str, name: str, question: MappingQuestion, context: PageContext) -> Any:
    """The field's label, with a mark where its value is only a guess."""
    if name not in question.draft.guessed:
        return text
    return [text, html.Span(context.gettext("guess"), className="guess")]


def code_fields(column: ColumnInfo | None, question: MappingQuestion, context: PageContext) -> list[Any]:
    """Which code is female, which male."""
    _ = context.gettext
    if column is None:
        return [hidden("sex_before", "")]
    options = [
        *(("female", _("female")), ("male", _("male"))),
        (OTHER, _("another or none stated: counted in totals only")),
        ("", _("a mistake: such rows are refused")),
    ]
    texts = question.code_labels.get(column.name, {})
    values = question.draft.sex_values
    choices = [
        choice(f"{SEX_PREFIX}{code}", coded(code, texts), options, values.get(code, "")) for code in column.codes
    ]
    if column.blanks:
        blank = _("no answer ({count} rows)", count=context.formats.number(column.blanks))
        choices.append(choice(f"{SEX_PREFIX}{BLANK}", blank, options, values.get(BLANK, "")))
    legend = html.Legend(_("Codes of sex in {column}", column=column.name))
    return [hidden("sex_before", column.key), html.Fieldset([legend, *choices], className="codes")]


def band_fields(column: ColumnInfo | None, question: MappingQuestion, context: PageContext) -> list[Any]:
    """Names of the age bands, where ages come in words."""
    _ = context.gettext
    if column is None or column.is_number or not column.codes:
        return [hidden("age_before", column.key if column else "")]
    texts, values = question.code_labels.get(column.name, {}), question.draft.band_values
    fields = [field(f"{BAND_PREFIX}{code}", coded(code, texts), values.get(code, "")) for code in column.codes]
    legend = html.Legend(_("Age bands as they shall be called; empty means not known"))
    return [hidden("age_before", column.key), html.Fieldset([legend, *fields], className="codes")]


def coded(code: str, texts: Any) -> str:
    text = texts.get(code, "")
    return f"{code} – {text}" if text and text != code else code


def design_fields(question: MappingQuestion, stage: Stage, context: PageContext) -> list[Any]:
    _ = context.gettext
    draft = question.draft
    options = column_options(question.columns, ("persons", "households"), context)
    units = [options[0], ("household", _("the household itself")), *options[1:]]
    kinds = [("census", _("Everybody was asked (census)")), ("sample", _("A sample was asked"))]
    design = "census" if stage.facts.get("is_census") else "sample"
    return [
        choice("design", _("Design"), kinds, design),
        html.Div(
            [
                choice("weight", label(_("Weight"), "weight", question, context), options, draft.weight),
                choice("strata", label(_("Strata"), "strata", question, context), options, draft.strata),
                choice("psu", label(_("Sampling unit (PSU)"), "psu", question, context), units, draft.psu),
            ],
            className="form-grid",
        ),
    ]


# --- 4 preview -----------------------------------------------------------------------------------------------------


def preview_cards(services: Services, stage: Stage, found: Found, context: PageContext) -> list[Any]:
    _ = context.gettext
    preview = services.imports.preview(context.user, context.site, stage, found)
    refusals = refused_notice(context)
    back = html.A(
        _("Back: which column is what"),
        href=context.address(NAME, draft=stage.token, step=str(MAPPING)),
        className="btn btn-outline-secondary",
    )
    if preview.is_refused:
        return [*refusals, problems_card(preview.problems, context), html.P(back)]
    tables, number = preview_tables(preview, context), context.formats.number
    figures = tiles(
        [
            tile(_("Households"), number(preview.households)),
            tile(_("Persons"), number(preview.persons)),
            tile(_("Days of the survey"), days_of(preview, context)),
            tile(_("Indicators that can be had"), number(len(tables.possible))),
        ],
        _("What the round would hold"),
    )
    header = [Column(_("Area")), *(Column(name, True) for name in (_("Households"), _("Women"), _("Men")))]
    go = plain_form(
        action(context, "finish"),
        [hidden("draft", stage.token), html.Div([back, submit(_("Import as a draft"))], className="buttons")],
    )
    return [
        *refusals,
        figures,
        card(
            _("Households and people by area"),
            data_table(_("Women and men include girls and boys"), header, tables.areas),
        ),
        card(
            _("First rows, as they would be stored"),
            data_table(
                _("Without numbers of people and households"), [Column(name) for name in tables.header], tables.first
            ),
        ),
        indicators_card(tables, context),
        problems_card(preview.problems, context),
        card(_("Import round {code}", code=stage.round_code), go),
    ]


def days_of(preview: Preview, context: PageContext) -> str:
    """From the first to the last day, or that they were not stated."""
    _, day = context.gettext, context.formats.date
    first, last = preview.days
    if first and last:
        return _("{first} to {last}", first=day(first), last=day(last))
    if first:
        return _("from {first}", first=day(first))
    return _("until {last}", last=day(last)) if last else _("not stated")


def indicators_card(tables: Any, context: PageContext) -> html.Section:
    _ = context.gettext
    had = html.Details(
        [
            html.Summary(_("Indicators of the core catalogue that can be had: {count}", count=len(tables.possible))),
            html.Ul([html.Li(name) for name in tables.possible]),
        ]
    )
    lacking = data_table(
        _("Indicators that cannot be had, and the columns that they lack"),
        [Column(_("Indicator")), Column(_("Missing"))],
        tables.lacking,
    )
    return card(_("Indicators"), [had, lacking] if tables.lacking else [had])


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
    return context.address(NAME, draft=stage.token, step=str(FOUND))


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
    try:
        services.imports.take_mapping(context.user, context.site, stage, found, files[0])
    except InputError as refused:
        sentences = sentences_of(refused, context)[:MOST_TOLD]
        services.imports.keep_refusal(context.user, context.site, stage, sentences)
        return context.address(NAME, draft=token, step=str(MAPPING))
    return context.address(NAME, draft=token, step=str(PREVIEW))


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
