"""The cards of a round on the validation page: state and history, corrections, who took part."""

from __future__ import annotations

from datetime import date
from typing import Any

import dash_bootstrap_components as dbc
from dash import dcc, html

from dashboard.components import Column, card, data_table, notice
from dashboard.components.folding import folded, folding_card
from dashboard.context import PageContext
from dashboard.pages.validation_figures import figures_card
from dashboard.pages.validation_parts import Ids, button, labelled
from dashboard.pages.validation_rules import rules_card
from dashboard.services.validation import Board
from dashboard.views.imports_words import HOUSEHOLD_DRAWN
from dashboard.views.validation import correction_rows, history_rows, took_part_rows
from dashboard.views.validation_words import STATES


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
            html.Div(
                labelled(_("Reason"), reason, hint), hidden=board.state == "published" and not board.figures.pending
            ),
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
