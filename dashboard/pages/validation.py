"""Validation: a survey round from draft to published. What the rules found, corrections, states, who took part."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Sequence
from datetime import date
from enum import StrEnum
from functools import partial
from typing import Any

import dash_bootstrap_components as dbc
from dash import Dash, Input, Output, State, ctx, dcc, html, no_update
from dash.exceptions import PreventUpdate

from budget_model.errors import BudgetModelError, InputError, Problem
from dashboard.components import (
    Column,
    card,
    data_table,
    keep_in_address,
    no_data,
    notice,
    page_header,
    select,
    tile,
    tiles,
)
from dashboard.components.folding import folded, folding_card
from dashboard.context import PageContext
from dashboard.groups import Group
from dashboard.i18n import mark
from dashboard.pages.validation_figures import (
    AGES,
    CATALOGUE,
    CATALOGUE_NAME,
    MAKE,
    figures_card,
    make_figures,
    run_indicators,
)
from dashboard.pages.validation_figures import RUN as RUN_INDICATORS
from dashboard.router import Resource
from dashboard.services import Services
from dashboard.services.validation import Board
from dashboard.shown_errors import problem_sentence, sentences_of
from dashboard.views.imports_words import HOUSEHOLD_DRAWN
from dashboard.views.validation import (
    SHOWN_CHANGES,
    RulesView,
    correction_rows,
    groups_rows,
    history_rows,
    ids_title,
    preview_rows,
    rules_view,
    took_part_rows,
)
from dashboard.views.validation_words import STATES
from data.workflows.round_states import VALIDATORS, Representation

NAME = "validation"
TITLE = mark("Validation")
GROUP = Group.SURVEY
ROLES = VALIDATORS
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
SHOWN_PROBLEMS = 30


class Ids(StrEnum):
    """Components that callbacks talk to."""

    ROUND = "validation-round"
    CONTENT = "validation-content"
    MESSAGE = "validation-message"
    RUN = "validation-run"
    RULE = "validation-rule"
    GROUPS = "validation-groups"
    REASON = "validation-reason"
    VALIDATE = "validation-validate"
    PUBLISH = "validation-publish"
    REOPEN = "validation-reopen"
    UPLOAD = "validation-upload"
    PREVIEW = "validation-preview"
    APPLY = "validation-apply"
    ORGANISATION = "validation-organisation"
    WOMEN = "validation-women"
    MEN = "validation-men"
    HELD_ON = "validation-held-on"
    CONCLUSIONS = "validation-conclusions"
    REPRESENT = "validation-represent"
    INDICATORS = RUN_INDICATORS
    AGES = AGES
    CATALOGUE = CATALOGUE
    FIGURES = MAKE


# ---- layout ------------------------------------------------------------------------------------------------------


def layout(services: Services, context: PageContext) -> html.Div:
    _ = context.gettext
    board = services.validation.board(context.user, context.site, context.query.get("round"))
    subtitle = _("A survey round is checked, corrected and validated before it is published; then it never changes.")
    header = page_header(_(TITLE), subtitle)
    if board is None:
        nothing = no_data(
            _("This site has no survey round yet."), _("Import one; it begins as a draft and is validated here.")
        )
        return html.Div([header, nothing])
    options = [{"label": code, "value": code} for code, _state in board.rounds]
    return html.Div(
        [
            header,
            html.Div(select(Ids.ROUND, _("Survey round"), options, board.code), className="filters"),
            html.Div(id=Ids.MESSAGE, role="status"),
            dcc.Loading(
                html.Div(content(board, context), id=Ids.CONTENT),
                delay_show=400,
                overlay_style={"visibility": "visible", "opacity": 0.5},
            ),
        ]
    )


def content(board: Board, context: PageContext, acted: str = "") -> list[Any]:
    """Everything below the choice of the round. What is worked on is open: the rules of a draft, and the card of the
    button that was pressed (`acted`)."""
    cards = [
        (rules_card(board, context), board.state == "draft" or acted == Ids.RUN),
        (corrections_card(board, context), acted == Ids.APPLY),
        (representation_card(board, context), board.state == "validated" or acted == Ids.REPRESENT),
        (figures_card(board, context), acted in (Ids.INDICATORS, Ids.FIGURES)),
    ]
    for made, is_open in cards:
        made.open = made.open or is_open
    return [state_card(board, context), *(made for made, _is_open in cards)]


def button(button_id: str, label: str, kind: str = "outline-secondary", **options: Any) -> html.Button:
    return html.Button(label, id=button_id, type="button", className=f"btn btn-{kind}", **options)


def labelled(label: str, field: Any, hint: str = "") -> html.Div:
    """A field with its label, and a hint below."""
    parts = [dbc.Label(label, html_for=field.id, class_name="form-label"), field]
    return html.Div([*parts, html.P(hint, className="hint")] if hint else parts, className="field")


def state_card(board: Board, context: PageContext) -> html.Section:
    """Where the round stands, the buttons that move it, and its history."""
    _ = context.gettext
    steps = [
        html.Li(_(name), className="step", **({"aria-current": "step"} if state == board.state else {}))
        for state, name in STATES.items()
    ]
    hint = _(
        "Needed to go back to draft, to validate with errors left or few rules applied, and to publish without women's "
        "organisations."
    )
    reason = dbc.Textarea(id=Ids.REASON, maxlength=2000, rows=2)
    is_draft, is_validated = board.state == "draft", board.state == "validated"
    buttons = [
        button(Ids.VALIDATE, _("Mark as validated"), "primary", hidden=not is_draft),
        button(
            Ids.PUBLISH,
            _("Publish"),
            "primary",
            hidden=not (is_validated and board.may_publish),
            disabled=board.is_validator,
        ),
        button(Ids.REOPEN, _("Back to draft"), hidden=not is_validated),
    ]
    return card(
        _("State of the round"),
        [
            html.Ol(steps, className="steps", **{"aria-label": _("Draft, validated, published")}),
            html.P(state_sentence(board, context)),
            *([html.P(design_sentence(context), className="hint")] if board.is_drawn_by_household else []),
            html.Div(labelled(_("Reason"), reason, hint), hidden=board.state == "published"),
            html.Div(buttons, className="page-actions"),
            history(board, context),
        ],
    )


def state_sentence(board: Board, context: PageContext) -> str:
    _ = context.gettext
    if board.state == "draft":
        return _("Draft: run the rules, correct, and mark the round as validated.")
    if board.state == "published":
        return _("Published: nothing of it changes any more.")
    if board.may_publish and not board.is_validator:
        return _("Validated: you may publish it.")
    return _("Validated: it takes a second person, an official or administrator, to publish it.")


def design_sentence(context: PageContext) -> str:
    """Where nobody stated the unit that was drawn."""
    return context.gettext(HOUSEHOLD_DRAWN)


def history(board: Board, context: PageContext) -> Any:
    _ = context.gettext
    if not board.events:
        return html.P(_("No change of state is on record."), className="source-note")
    columns = [Column(_("When (UTC)")), Column(_("Who")), Column(_("Change")), Column(_("Reason"))]
    title = _("Changes of state, the newest first")
    rows = history_rows(board, context)
    return folded(title, data_table(title, columns, rows), context.formats.number(len(rows)))


def rules_card(board: Board, context: PageContext) -> html.Details:
    """The latest run: counts, rules with cases, their groups, and what could not be applied."""
    _ = context.gettext
    report = html.A(
        _("Download report (XLSX)"),
        href=context.address("validation/report.xlsx", round=board.code),
        className="btn btn-outline-secondary btn-sm",
    )
    actions = html.Div([button(Ids.RUN, _("Run the rules"), "primary"), report], className="page-actions")
    view = rules_view(board, context)
    if view is None:
        nothing = no_data(_("The rules have not been run on this round."), _("Run them; the answers stay as they are."))
        return folding_card(_("What the rules found"), [actions, nothing, *no_groups(context)])
    counts = [
        tile(_("Cases of error"), view.errors),
        tile(_("Cases of warning"), view.warnings),
        tile(_("Rules that found nothing"), context.formats.number(view.quiet)),
        tile(_("Rules that cannot be applied"), context.formats.number(len(view.unused))),
    ]
    stale = notice([_("Answers were corrected since. Run the rules again.")]) if not view.is_current else None
    few = notice([view.few_applied]) if view.few_applied else None
    parts = [html.P(view.sentence), few, stale, actions, tiles(counts, _("Result of the rules"))]
    parts += [*rules_found(view, board, context), *by_whom(view, context)]
    note = _("{errors} errors, {warnings} warnings", errors=view.errors, warnings=view.warnings)
    return folding_card(_("What the rules found"), [part for part in parts if part is not None], note)


def no_groups(context: PageContext) -> list[Any]:
    """The choice of the rule is always on the page, so that its callback finds it."""
    choice = select(Ids.RULE, context.gettext("Rule"), [], "")
    return [html.Div([choice, html.Div(id=Ids.GROUPS)], hidden=True)]


def rules_found(view: RulesView, board: Board, context: PageContext) -> list[Any]:
    _ = context.gettext
    if not view.choices:
        return [html.P(_("No rule found anything.")), *no_groups(context)]
    columns = [
        Column(_("Rule")),
        Column(_("Level")),
        Column(_("Cases"), True),
        Column(_("Looked at"), True),
        Column(_("Not judged"), True),
    ]
    options = [{"label": label, "value": rule} for rule, label in view.choices]
    first = view.choices[0][0]
    kinds = (
        (_("Rules of errors with cases"), view.found, True),
        (_("Rules of warnings with cases"), view.warned, not view.found),
    )
    tables = [
        folded(title, data_table(title, columns, rows), context.formats.number(len(rows)), is_open)
        for title, rows, is_open in kinds
        if rows
    ]
    return [
        *tables,
        html.Div(select(Ids.RULE, _("Look at the cases of"), options, first), className="filters drill"),
        html.Div(groups(board, first, context), id=Ids.GROUPS),
    ]


def groups(board: Board, rule: str | None, context: PageContext) -> list[Any]:
    """Cases of a rule that are alike, together."""
    _ = context.gettext
    rows = groups_rows(board, rule, context)
    if not rows or not rule:
        return []
    columns = [
        Column(_("Enumerator")),
        Column(_("Sector")),
        Column(_("What was found")),
        Column(_("Cases"), True),
        Column(ids_title(board, rule, context)),
    ]
    link = html.A(
        _("Download these answers as a file of corrections (CSV)"),
        href=context.address("validation/cases.csv", round=board.code, rule=rule),
        className="btn btn-outline-secondary btn-sm",
    )
    return [data_table(_("Cases that are alike, together"), columns, rows), html.P(link)]


def by_whom(view: RulesView, context: PageContext) -> list[Any]:
    """Who and where, and the rules that could not be applied: folded away."""
    _ = context.gettext
    parts = []
    tables = (
        (_("By enumerator"), _("Enumerator"), view.by_enumerator),
        (_("By sector"), _("Sector"), view.by_area),
    )
    for title, first, rows in tables:
        if rows:
            columns = [Column(first), Column(_("Errors"), True), Column(_("Warnings"), True), Column(_("Most often"))]
            parts.append(folded(title, data_table(title, columns, rows), context.formats.number(len(rows))))
    if view.unused:
        title = _("Rules that cannot be applied, and why")
        columns = [Column(_("Rule")), Column(_("Why"))]
        parts.append(folded(title, data_table(title, columns, view.unused), context.formats.number(len(view.unused))))
    return parts


def corrections_card(board: Board, context: PageContext) -> html.Details:
    """Upload with its preview, and the newest lines of the log."""
    _ = context.gettext
    how = _(
        "A CSV file with the columns record,id,column,old,new,reason. The imported answers stay as they are; "
        "corrections are applied whenever they are read."
    )
    upload = html.Div(
        [
            html.Label(  # names the field that the component hides
                dcc.Upload(
                    button("validation-choose", _("Choose a file of corrections (CSV)")),
                    id=Ids.UPLOAD,
                    accept=".csv,text/csv",
                )
            ),
            html.Div(id=Ids.PREVIEW, role="status"),
            button(Ids.APPLY, _("Apply these corrections"), "primary", hidden=True),
        ],
        hidden=board.state != "draft",
    )
    closed = None if board.state == "draft" else html.P(_("Only a draft is corrected."), className="hint")
    log: list[Any] = [html.P(_("No answer has been corrected."), className="source-note")]
    if board.recent:
        columns = [
            Column(_("When (UTC)")),
            Column(_("Who")),
            Column(_("Record")),
            Column(_("Column")),
            Column(_("Change")),
            Column(_("Reason")),
        ]
        count = context.formats.number(board.corrections)
        title = _("Corrections, the newest first ({count} in all)", count=count)
        log = [folded(title, data_table(title, columns, correction_rows(board, context)))]
    parts = [part for part in (html.P(how), closed, upload, *log) if part is not None]
    return folding_card(_("Corrections"), parts, context.formats.number(board.corrections))


def representation_card(board: Board, context: PageContext) -> html.Details:
    """Who took part in the validation, and the form to record it."""
    _ = context.gettext
    recorded: Any = notice([_("No organisation is on record. Publishing then needs a reason.")])
    if board.took_part:
        columns = [
            Column(_("Organisation")),
            Column(_("Day")),
            Column(_("Women"), True),
            Column(_("Men"), True),
            Column(_("Conclusions")),
            Column(_("Recorded by")),
        ]
        recorded = data_table(_("Organisations that took part"), columns, took_part_rows(board, context))
    form = html.Div(
        [
            html.Div(
                [
                    labelled(_("Organisation"), dbc.Input(id=Ids.ORGANISATION, maxlength=200)),
                    labelled(_("Women taking part"), dbc.Input(id=Ids.WOMEN, type="number", min=0, step=1)),
                    labelled(_("Men taking part"), dbc.Input(id=Ids.MEN, type="number", min=0, step=1)),
                    labelled(_("Day"), dbc.Input(id=Ids.HELD_ON, type="date", max=date.today().isoformat())),
                ],
                className="form-grid",
            ),
            labelled(
                _("Conclusions"),
                dbc.Textarea(id=Ids.CONCLUSIONS, maxlength=4000, rows=3),
                _("Write no names of persons, telephones or documents."),
            ),
            button(Ids.REPRESENT, _("Record this organisation"), "outline-secondary"),
        ],
        hidden=board.state == "published",
    )
    number = context.formats.number(len(board.took_part))
    return folding_card(_("Women's organisations in the validation"), [recorded, form], number)


# ---- what people do ------------------------------------------------------------------------------------------------


def show_round(services: Services, context: PageContext, code: str | None) -> tuple[Any, Any]:
    """Another round is chosen: its content, and no message."""
    return content(services.validation.board(context.user, context.site, code), context), None


def show_groups(services: Services, context: PageContext, code: str | None, rule: str | None) -> Any:
    return groups(services.validation.board(context.user, context.site, code), rule, context)


def uploaded(contents: str | None) -> bytes:
    """The bytes of an uploaded file, which the browser sends as a data address."""
    try:
        return base64.b64decode((contents or "").partition(",")[2], validate=True)
    except (binascii.Error, ValueError):
        raise InputError(Problem("corrections.empty", "The file did not arrive. Choose it again.")) from None


def preview(
    services: Services, context: PageContext, code: str, contents: str | None, name: str | None
) -> tuple[Any, bool]:
    """What a file would change, or all that is wrong with it; and whether the button to apply it is hidden."""
    _ = context.gettext
    if not contents:
        return None, True
    try:
        checked = services.validation.preview(context.user, context.site, code, uploaded(contents), name or "")
    except InputError as error:
        return notice(problem_sentences(error, context), "danger"), True
    columns = [
        Column(_("Line"), True),
        Column(_("Record")),
        Column(_("Column")),
        Column(_("Change")),
        Column(_("Reason")),
    ]
    number = len(checked.lines)
    sentence = context.ngettext(
        "{number} correction can be applied.", "{number} corrections can be applied.", number, number=f"{number:,}"
    )
    further = _("The first {number} are shown.", number=SHOWN_CHANGES) if number > SHOWN_CHANGES else ""
    warnings = [problem_sentence(problem, context) for problem in checked.warnings[:SHOWN_PROBLEMS]]
    shown = data_table(_("What the file changes"), columns, preview_rows(checked, context))
    parts = [html.P(html.Strong(f"{sentence} {further}".strip())), notice(warnings) if warnings else None, shown]
    return [part for part in parts if part is not None], False


def problem_sentences(error: InputError, context: PageContext) -> list[str]:
    """The first problems, and how many more there are."""
    sentences = sentences_of(error, context)
    if len(sentences) <= SHOWN_PROBLEMS:
        return sentences
    number = context.formats.number(len(sentences) - SHOWN_PROBLEMS)
    return [*sentences[:SHOWN_PROBLEMS], context.gettext("… and {number} more", number=number)]


Message = tuple[Sequence[str], str]  # sentences, and whether they are info, warning or danger


def act(services: Services, context: PageContext, action: str, code: str, fields: dict[str, Any]) -> tuple[Any, Any]:
    """Do what a button says; the page then shows the round as it is, and what came of it."""
    try:
        sentences, kind = ACTIONS[Ids(action)](services, context, code, fields)
    except BudgetModelError as error:
        sentences = problem_sentences(error, context) if isinstance(error, InputError) else sentences_of(error, context)
        return no_update, notice(sentences, "danger")
    board = services.validation.board(context.user, context.site, code)
    return content(board, context, action), notice(sentences, kind)


def run_rules(services: Services, context: PageContext, code: str, fields: dict[str, Any]) -> Message:
    services.validation.run_rules(context.user, context.site, code)
    return [context.gettext("The rules have been run.")], "info"


def move(services: Services, context: PageContext, code: str, fields: dict[str, Any], to_state: str) -> Message:
    change = services.validation.move(context.user, context.site, code, to_state, fields["reason"] or "")
    _ = context.gettext
    done = _("Round {code} is now: {state}.", code=code, state=_(STATES[change.to_state]))
    warnings = [problem_sentence(problem, context) for problem in change.warnings]
    return [done, *warnings], "warning" if warnings else "info"


def apply(services: Services, context: PageContext, code: str, fields: dict[str, Any]) -> Message:
    content = uploaded(fields["contents"])
    applied = services.validation.correct(context.user, context.site, code, content, fields["filename"] or "")
    sentence = context.ngettext(
        "{number} correction was applied. Run the rules again.",
        "{number} corrections were applied. Run the rules again.",
        applied.applied,
        number=f"{applied.applied:,}",
    )
    return [sentence], "info"


def represent(services: Services, context: PageContext, code: str, fields: dict[str, Any]) -> Message:
    warnings = services.validation.represent(context.user, context.site, code, entry_of(fields))
    if warnings:
        return [problem_sentence(problem, context) for problem in warnings], "warning"
    return [context.gettext("Recorded.")], "info"


def entry_of(fields: dict[str, Any]) -> Representation:
    """The form's fields; InputError where a number or the day is none."""
    problems, numbers, held_on = [], [], None
    for name in ("women", "men"):
        number = fields[name]
        is_whole = isinstance(number, int | float) and not isinstance(number, bool) and number == int(number)
        numbers.append(int(number) if is_whole else -1)
    if min(numbers) < 0:
        problems.append(Problem("representation.number", "Write how many women and men took part, as whole numbers."))
    try:
        held_on = date.fromisoformat(fields["held_on"] or "")
    except ValueError:
        problems.append(Problem("representation.day", "State the day on which it was held."))
    if problems or held_on is None:
        raise InputError(problems)
    return Representation(fields["organisation"] or "", *numbers, held_on, fields["conclusions"] or "")


ACTIONS: dict[Ids, Callable[[Services, PageContext, str, dict[str, Any]], Message]] = {
    Ids.RUN: run_rules,
    Ids.VALIDATE: partial(move, to_state="validated"),
    Ids.PUBLISH: partial(move, to_state="published"),
    Ids.REOPEN: partial(move, to_state="draft"),
    Ids.APPLY: apply,
    Ids.REPRESENT: represent,
    Ids.INDICATORS: run_indicators,
    Ids.FIGURES: make_figures,
}
FIELDS = {
    "reason": (Ids.REASON, "value"),
    "contents": (Ids.UPLOAD, "contents"),
    "filename": (Ids.UPLOAD, "filename"),
    "organisation": (Ids.ORGANISATION, "value"),
    "women": (Ids.WOMEN, "value"),
    "men": (Ids.MEN, "value"),
    "held_on": (Ids.HELD_ON, "value"),
    "conclusions": (Ids.CONCLUSIONS, "value"),
    "ages": (Ids.AGES, "value"),
    "catalogue": (Ids.CATALOGUE, "contents"),
    "catalogue_name": (Ids.CATALOGUE, "filename"),
}


# ---- files ---------------------------------------------------------------------------------------------------------


def report_file(services: Services, context: PageContext) -> Resource:
    board = services.validation.board(context.user, context.site, context.query.get("round"))
    code = board.code if board else context.query.get("round", "")
    content = services.validation.report(context.user, context.site, code, context.language)
    return Resource(content, XLSX, f"{context.site.slug}-{code}-{context.gettext(TITLE).lower()}.xlsx")


def cases_file(services: Services, context: PageContext) -> Resource:
    code, rule = context.query.get("round", ""), context.query.get("rule", "")
    content = services.validation.cases(context.user, context.site, code, rule)
    return Resource(content, "text/csv", f"{context.site.slug}-{code}-{rule}.csv")


QUERIES = {"report.xlsx": frozenset({"round"}), "cases.csv": frozenset({"round", "rule"})}
RESOURCES: dict[str, Callable[[Services, PageContext], Resource]] = {
    "report.xlsx": report_file,
    "cases.csv": cases_file,
}


# ---- callbacks -----------------------------------------------------------------------------------------------------


def register_callbacks(app: Dash, services: Services) -> None:
    def context_of(path: str) -> PageContext:
        return app.router.context_of(path)  # type: ignore[attr-defined]

    def on_action(*arguments: Any) -> tuple[Any, Any]:
        clicks, (code, path), values = (
            arguments[: len(ACTIONS)],
            arguments[len(ACTIONS) :][:2],
            arguments[len(ACTIONS) + 2 :],
        )
        if not any(clicks) or not ctx.triggered_id:
            raise PreventUpdate  # the buttons were drawn anew, nobody pressed one
        fields = dict(zip(FIELDS, values, strict=True))
        return act(services, context_of(path), ctx.triggered_id, code, fields)

    app.callback(
        Output(Ids.CONTENT, "children"),
        Output(Ids.MESSAGE, "children"),
        *[Input(button_id, "n_clicks") for button_id in ACTIONS],
        State(Ids.ROUND, "value"),
        State("location", "pathname"),
        *[State(component, prop) for component, prop in FIELDS.values()],
        prevent_initial_call=True,
    )(on_action)
    app.callback(
        Output(Ids.CONTENT, "children", allow_duplicate=True),
        Output(Ids.MESSAGE, "children", allow_duplicate=True),
        Input(Ids.ROUND, "value"),
        State("location", "pathname"),
        prevent_initial_call=True,
    )(lambda code, path: show_round(services, context_of(path), code))
    app.callback(
        Output(Ids.GROUPS, "children"),
        Input(Ids.RULE, "value"),
        State(Ids.ROUND, "value"),
        State("location", "pathname"),
        prevent_initial_call=True,
    )(lambda rule, code, path: show_groups(services, context_of(path), code, rule))
    app.callback(
        Output(Ids.PREVIEW, "children"),
        Output(Ids.APPLY, "hidden"),
        Input(Ids.UPLOAD, "contents"),
        State(Ids.UPLOAD, "filename"),
        State(Ids.ROUND, "value"),
        State("location", "pathname"),
        prevent_initial_call=True,
    )(lambda contents, name, code, path: preview(services, context_of(path), code, contents, name))
    app.callback(Output(CATALOGUE_NAME, "children"), Input(Ids.CATALOGUE, "filename"), prevent_initial_call=True)(
        lambda name: name or ""
    )
    keep_in_address(app, [Ids.ROUND])
