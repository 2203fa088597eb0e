"""Focus groups: priorities of women and men beside what the survey found, sessions to enter, weights of the model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from enum import StrEnum
from typing import Any

import dash_bootstrap_components as dbc
from dash import ALL, Dash, Input, Output, State, ctx, dcc, html, no_update
from dash.exceptions import PreventUpdate

from budget_model.errors import BudgetModelError, InputError, Problem
from dashboard.components import (
    Column,
    captioned_figure,
    card,
    data_table,
    difference_note,
    notice,
    page_header,
    select,
)
from dashboard.context import PageContext
from dashboard.figures.dumbbell import dumbbell_figure
from dashboard.groups import Group
from dashboard.i18n import mark
from dashboard.pages.focus_form import (
    FIELDS,
    FormIds,
    Typed,
    form_class,
    labelled,
    record_from,
    session_form,
)
from dashboard.services import Services
from dashboard.services.access import SIGNED_IN
from dashboard.services.focus_groups import FocusBoard, SessionInfo
from dashboard.shown_errors import problem_sentence, sentences_of
from dashboard.views.focus_groups import FocusView, focus_view, need_names, session_facts, session_title
from dashboard.views.focus_words import WEIGHTINGS
from dashboard.views.words import group_names
from data.readers.focus_groups import FocusGroupRecord
from data.workflows.focus_groups import SavedSession

NAME = "focus-groups"
TITLE = mark("Focus groups")
GROUP = Group.LACKING
ROLES = SIGNED_IN
HINT = "focus.hint."
LEAST_ROWS_OF_CHART = 2


class Ids(StrEnum):
    """Components that callbacks talk to, besides the fields of the form."""

    MESSAGE = "focus-message"
    CONTENT = "focus-content"
    CHART = "focus-chart"
    FORM_BOX = "focus-form-box"
    HINT_BOX = "focus-hint-box"
    HINT_LIST = "focus-hint-list"
    HINTS = "focus-hints"
    CONFIRM = "focus-confirm"
    SAVE = "focus-save"
    WITHDRAW = "focus-withdraw"
    MIX = "focus-mix"
    WEIGHTING = "focus-weighting"
    MIX_REASON = "focus-mix-reason"
    SET_MIX = "focus-set-mix"
    MIX_MESSAGE = "focus-mix-message"


# ---- layout ----------------------------------------------------------------------------------------------------------


def layout(services: Services, context: PageContext) -> html.Div:
    _ = context.gettext
    board = services.focus_groups.board(context.user, context.site)
    subtitle = _("What women and men put first when they are asked in groups, beside what the survey counts.")
    code = context.query.get("edit")
    parts = [html.Div(content(board, context), id=Ids.CONTENT)]
    if board.may_record:
        form = form_card(services, board, context, code)
        parts = [form, *parts] if code else [*parts, form]
    if board.may_mix:
        parts.append(mix_form(board, context))
    return html.Div([page_header(_(TITLE), subtitle), *parts])


def content(board: FocusBoard, context: PageContext) -> list[Any]:
    """Results and sessions: everything but the forms."""
    view = focus_view(board, context)
    return [
        priorities_card(board, view, context),
        agreement_card(view, context),
        mix_card(view, context),
        sessions_card(board, context),
    ]


def priorities_card(board: FocusBoard, view: FocusView, context: PageContext) -> html.Section:
    _ = context.gettext
    columns = [Column(title, index > 0) for index, title in enumerate(view.header)]
    table = data_table(
        _("Needs of women and men: persons by the survey, priorities of the focus groups"), columns, view.table
    )
    hidden = [html.P(sentence, className="source-note") for sentence in view.hidden]
    title = _("Priorities beside the survey")
    if len(view.chart_rows) < LEAST_ROWS_OF_CHART:
        return card(
            title, [html.P(html.Strong(view.finding, className="finding")), *([table] if view.table else []), *hidden]
        )
    figure = dumbbell_figure(view.chart_rows, group_names(context), context.formats.percent_suffix)
    unit = _("% of the priority that each group gave, over all sessions; needs that both had on the table")
    shown = captioned_figure(
        Ids.CHART, figure, context, sentence=view.finding, unit=unit, table=table, sources=list(view.sources)
    )
    return card(title, [shown, difference_note(context), *hidden])


def agreement_card(view: FocusView, context: PageContext) -> html.Section | None:
    _ = context.gettext
    if not view.agreement:
        return None
    columns = [
        Column(_("Orders compared")),
        Column(_("Spearman"), True),
        Column(_("Kendall (tau-b)"), True),
        Column(_("Needs in common"), True),
        Column(_("In words")),
    ]
    how = _(
        "1 is the same order, 0 no common order, −1 the opposite. The survey's order is by persons who lack it. In "
        "words: from 0.7 largely the same, from 0.3 partly, below −0.3 rather opposite (Spearman, from 5 needs)."
    )
    return card(
        _("How far the orders agree"),
        [data_table(_("Agreement of ranks"), columns, view.agreement), html.P(how, className="source-note")],
    )


def mix_card(view: FocusView, context: PageContext) -> html.Section:
    _ = context.gettext
    parts: list[Any] = [html.P(view.mix)]
    if view.mix_author:
        parts.append(html.P(view.mix_author, className="source-note"))
    if view.weights:
        columns = [Column(_("Need")), Column(_("Weight, women"), True), Column(_("Weight, men"), True)]
        title = _("Weights of the needs in the model; 1 is the survey's")
        parts.append(html.Details([html.Summary(title), data_table(title, columns, view.weights)]))
    return card(_("Weights of the model"), parts)


def sessions_card(board: FocusBoard, context: PageContext) -> html.Section:
    _ = context.gettext
    if not board.sessions:
        return card(_("Sessions"), [html.P(_("No session has been entered yet."))])
    return card(
        _("Sessions"),
        [html.Div([session_details(one, board, context) for one in board.sessions], className="sessions")],
    )


def session_details(session: SessionInfo, board: FocusBoard, context: PageContext) -> html.Details:
    _ = context.gettext
    facts: list[Any] = []
    for term, text in session_facts(session, board, context):
        facts += [html.Dt(term), html.Dd(text)]
    parts: list[Any] = [html.Summary(session_title(session, context)), html.Dl(facts)]
    if session.is_synthetic:
        parts.insert(1, html.Span(_("synthetic"), className="badge-synthetic"))
    parts += [html.Blockquote(f"“{quote}”") for quote in session.quotes]
    if board.may_record:
        name = _("Edit {code}", code=session.code)
        address = context.address(NAME, edit=session.code)
        parts.append(html.A(name, href=address, className="btn btn-outline-secondary btn-sm"))
    return html.Details(parts)


def button(button_id: str, label: str, kind: str = "outline-secondary", **options: Any) -> html.Button:
    return html.Button(label, id=button_id, type="button", className=f"btn btn-{kind}", **options)


def form_card(services: Services, board: FocusBoard, context: PageContext, code: str | None) -> html.Section:
    """The form with its messages and buttons; with a code it edits that session."""
    _ = context.gettext
    editing = services.focus_groups.to_edit(context.user, context.site, code) if code else None
    title = _("Edit {code}", code=code) if code else _("Enter a session")
    confirm = dbc.Checkbox(
        id=Ids.CONFIRM, value=False, label=_("I have checked it: none of this names a person or says how to reach one.")
    )
    hints = html.Div(
        [html.Div(id=Ids.HINT_LIST), confirm], id=Ids.HINT_BOX, hidden=True, className="notice notice-warning"
    )
    buttons = [
        button(Ids.SAVE, _("Save the session"), "primary"),
        button(Ids.WITHDRAW, _("Withdraw the session"), hidden=editing is None),
    ]
    body = [
        html.Div(session_form(board, context, editing), id=Ids.FORM_BOX),
        dcc.Store(id=Ids.HINTS, data=[]),
        hints,
        html.Div(id=Ids.MESSAGE, role="status"),
        html.Div(buttons, className="entry-buttons"),
    ]
    told = _("Nothing is overwritten: a change is kept as a new version, with who and when.")
    return card(title, body, subtitle=told)


def mix_form(board: FocusBoard, context: PageContext) -> html.Section:
    """How far the focus groups count: for those who plan."""
    _ = context.gettext
    share = dbc.Input(
        id=Ids.MIX, type="text", inputmode="numeric", autocomplete="off", value=str(int(board.mix.focus_share * 100))
    )
    weightings = [{"label": _(name), "value": code} for code, name in WEIGHTINGS.items()]
    weighting = select(Ids.WEIGHTING, _("What a session counts by"), weightings, board.mix.weighting)
    weighting.className = "field wide"
    reason = dbc.Input(id=Ids.MIX_REASON, maxlength=500, autocomplete="off", value="")
    told = _(
        "Weight of a need = (1 − share) · 1 + share · (its priority over the mean priority of the needs on the table). "
        "It changes the weighted coverage in Simulate; scenarios that are saved keep the weights of their day."
    )
    return card(
        _("Change the mix"),
        [
            html.Div(
                [
                    labelled(_("Share of the focus groups (%)"), share),
                    weighting,
                    labelled(_("Reason, and who agreed"), reason),
                ],
                className="form-grid focus-form",
            ),
            html.Div(id=Ids.MIX_MESSAGE, role="status"),
            html.Div([button(Ids.SET_MIX, _("Set the mix"))], className="entry-buttons"),
        ],
        subtitle=told,
    )


# ---- what people do --------------------------------------------------------------------------------------------------

CHANGED = 7  # outputs of `save`: content, form, message, list of hints, whether it is hidden, hints, confirmation


def save(
    services: Services,
    context: PageContext,
    record_of: Any,
    fields: Mapping[str, Any],
    shown_hints: Sequence[str],
    is_confirmed: bool,
) -> tuple[Any, ...]:
    """Store what was typed, or say everything that is in the way; what looks like a person has to be confirmed."""
    edited = fields["edited"] or {}
    try:
        record: FocusGroupRecord = record_of()
        done = services.focus_groups.save(
            context.user,
            context.site,
            record,
            based_on=edited.get("version"),
            accepted=shown_hints if is_confirmed else (),
            reason=fields["reason"] or "",
        )
    except InputError as error:
        return refused(error, context, shown_hints, is_confirmed)
    except BudgetModelError as error:
        return (no_update, no_update, notice(sentences_of(error, context), "danger"), *[no_update] * 4)
    return saved(services, context, saved_sentence(done, context))


def refused(error: InputError, context: PageContext, shown_hints: Sequence[str], is_confirmed: bool) -> tuple[Any, ...]:
    """Problems as a message, signs of persons as a list to confirm. A confirmation holds for what was shown only."""
    _ = context.gettext
    hints = [problem for problem in error.problems if problem.rule.startswith(HINT)]
    others = [problem_sentence(problem, context) for problem in error.problems if not problem.rule.startswith(HINT)]
    message = notice(others, "danger") if others else None
    if not hints:
        return no_update, no_update, message, no_update, no_update, no_update, no_update
    found = [str(problem.facts["found"]) for problem in hints]
    listed = [
        html.P(html.Strong(_("Nothing is stored yet: the notes may name a person or say how to reach one."))),
        html.Ul([html.Li(problem_sentence(problem, context)) for problem in hints]),
        html.P(_("Take it out and save again, or confirm.")),
    ]
    kept = sorted({*found, *shown_hints}) if is_confirmed else found
    return no_update, no_update, message, listed, False, kept, False


def saved(services: Services, context: PageContext, sentence: str) -> tuple[Any, ...]:
    """The page as it is now, an empty form, and what was done."""
    board = services.focus_groups.board(context.user, context.site)
    form = session_form(board, context, None)
    return content(board, context), form, notice([sentence], "info"), None, True, [], False


def saved_sentence(done: SavedSession, context: PageContext) -> str:
    _ = context.gettext
    if not done.is_new:
        return _("It is stored like this already: {code}, version {version}.", code=done.code, version=done.version)
    return _("Saved: {code}, version {version}.", code=done.code, version=done.version)


def withdraw(services: Services, context: PageContext, fields: Mapping[str, Any]) -> tuple[Any, ...]:
    """Take the edited session out."""
    edited = fields["edited"] or {}
    try:
        done = services.focus_groups.withdraw(
            context.user, context.site, edited.get("code", ""), edited.get("version", 0), fields["reason"] or ""
        )
    except BudgetModelError as error:
        return (no_update, no_update, notice(sentences_of(error, context), "danger"), *[no_update] * 4)
    _ = context.gettext
    sentence = _("Withdrawn: {code}. Its versions stay on record; it counts no more.", code=done.code)
    return saved(services, context, sentence)


def change_mix(
    services: Services, context: PageContext, share: str | None, weighting: str | None, reason: str | None
) -> tuple[Any, Any]:
    """Set the mix, or say why not."""
    try:
        number = share_from(share)
        services.focus_groups.set_mix(context.user, context.site, number, weighting or "", reason or "")
    except BudgetModelError as error:
        return no_update, notice(sentences_of(error, context), "danger")
    board = services.focus_groups.board(context.user, context.site)
    return content(board, context), notice([context.gettext("The mix is set. Simulate uses it from now on.")], "info")


def share_from(typed: str | None) -> Decimal:
    """A whole number of per cent as a share."""
    text = str(typed or "").strip().removesuffix("%").strip()
    if not (text.isascii() and text.isdecimal() and len(text) <= len("100")):
        message = f"'{text}' is not a share. Write a whole number of per cent from 0 to 100."
        raise InputError(Problem("focus.mix", message, value=text, facts={"value": text}))
    return Decimal(text) / 100


# ---- callbacks -------------------------------------------------------------------------------------------------------


def typed_fields(values: Sequence[Any], ids: Sequence[Mapping[str, str]]) -> Typed:
    return list(zip(ids, values, strict=True))


def register_callbacks(app: Dash, services: Services) -> None:
    def context_of(path: str) -> PageContext:
        return app.router.context_of(path)  # type: ignore[attr-defined]

    def on_button(
        save_clicks: int | None,
        withdraw_clicks: int | None,
        path: str,
        shown_hints: list[str] | None,
        is_confirmed: bool | None,
        people: list[Any],
        people_ids: list[dict[str, str]],
        scores: list[Any],
        score_ids: list[dict[str, str]],
        *values: Any,
    ) -> tuple[Any, ...]:
        if not (save_clicks or withdraw_clicks) or not ctx.triggered_id:
            raise PreventUpdate  # the buttons were drawn anew, nobody pressed one
        context, fields = context_of(path), dict(zip(FIELDS, values, strict=True))
        if ctx.triggered_id == Ids.WITHDRAW:
            return withdraw(services, context, fields)
        names = need_names(services.focus_groups.board(context.user, context.site), context)

        def record_of() -> FocusGroupRecord:
            return record_from(fields, typed_fields(people, people_ids), typed_fields(scores, score_ids), names)

        return save(services, context, record_of, fields, shown_hints or [], bool(is_confirmed))

    people_field = {"type": "focus-people", "sex": ALL, "band": ALL}
    score_field = {"type": "focus-score", "group": ALL, "need": ALL}
    app.callback(
        Output(Ids.CONTENT, "children"),
        Output(Ids.FORM_BOX, "children"),
        Output(Ids.MESSAGE, "children"),
        Output(Ids.HINT_LIST, "children"),
        Output(Ids.HINT_BOX, "hidden"),
        Output(Ids.HINTS, "data"),
        Output(Ids.CONFIRM, "value"),
        Input(Ids.SAVE, "n_clicks"),
        Input(Ids.WITHDRAW, "n_clicks"),
        State("location", "pathname"),
        State(Ids.HINTS, "data"),
        State(Ids.CONFIRM, "value"),
        State(people_field, "value"),
        State(people_field, "id"),
        State(score_field, "value"),
        State(score_field, "id"),
        *[State(component, prop) for component, prop in FIELDS.values()],
        prevent_initial_call=True,
    )(on_button)
    app.callback(Output(FormIds.FORM, "className"), Input(FormIds.COMPOSITION, "value"), prevent_initial_call=True)(
        form_class
    )
    app.callback(
        Output(Ids.CONTENT, "children", allow_duplicate=True),
        Output(Ids.MIX_MESSAGE, "children"),
        Input(Ids.SET_MIX, "n_clicks"),
        State(Ids.MIX, "value"),
        State(Ids.WEIGHTING, "value"),
        State(Ids.MIX_REASON, "value"),
        State("location", "pathname"),
        prevent_initial_call=True,
    )(lambda _clicks, share, weighting, reason, path: change_mix(services, context_of(path), share, weighting, reason))
