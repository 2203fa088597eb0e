"""What focus groups found, card by card: priorities, agreement of orders, weights of the model, sessions."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from dash import html

from dashboard.components import (
    Column,
    captioned_figure,
    card,
    data_table,
    difference_note,
)
from dashboard.context import PageContext
from dashboard.figures.dumbbell import dumbbell_figure
from dashboard.services.focus_groups import FocusBoard, SessionInfo
from dashboard.views.focus_groups import FocusView, focus_view, session_facts, session_title
from dashboard.views.words import group_names

PAGE = "focus-groups"
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
        address = context.address(PAGE, edit=session.code)
        parts.append(html.A(name, href=address, className="btn btn-outline-secondary btn-sm"))
    return html.Details(parts)
