"""Trends page: notes pinned to points in time, listed under the chart with the numbers of their marks."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from dash import html

from dashboard.components import Column, data_table, notice
from dashboard.components.folding import PRINTED
from dashboard.context import PageContext
from dashboard.pages.trends_notes_form import change_form, pin_form, withdraw_form
from dashboard.services.budget_notes import NoteBoard, ShownNote
from dashboard.services.statement import StatementChoices
from dashboard.views import trends_notes as views
from dashboard.views.budget import stage_names
from dashboard.views.trends_notes_words import DONE, PROBLEMS

PAGE, PLACE = "trends", "trends-notes"
WEB_ADDRESS = re.compile(r"https?://[^\s<>\"]+", re.ASCII)


def told_of_notes(context: PageContext) -> list[html.Div]:
    """What a form of a note came to."""
    _, query = context.gettext, context.query
    refused = [PROBLEMS[rule] for rule in query.get("note_refused", "").split(",") if rule in PROBLEMS]
    if refused:
        return [notice([_("Nothing was kept."), *[_(sentence) for sentence in refused]], "danger", role="alert")]
    done = query.get("note_done", "")
    return [notice([_(DONE[done])], "info", role="status")] if done in DONE else []


def notes_part(
    board: NoteBoard, notes: Sequence[views.NumberedNote], chosen: StatementChoices, context: PageContext
) -> html.Div:
    """The list, notes of other stages by number, what was changed, and the forms of those who may pin."""
    _ = context.gettext
    parts: list[Any] = [html.H3(_("Notes"))]
    if notes:
        parts.append(
            html.P(
                _("In the chart a year stands at its point; a month or a day before or after it, as in the year."),
                className="hint",
            )
        )
        parts.append(html.Ul([item(one, chosen, context) for one in notes], className="pinned-notes"))
    else:
        parts.append(html.P(_("No note is pinned to these years and this stage."), className="hint"))
    parts += other_stages(board, chosen, context)
    opened = board.find(context.query.get("note", ""))
    if opened is not None:
        number = next((one.number for one in notes if one.shown.id == opened.id), None)
        parts.append(opened_note(opened, number, chosen, context))
    if views.history(board):
        parts.append(history(board, context))
    if board.may_pin and opened is None:
        parts.append(pin_form(board, chosen, context))
    return html.Div(parts, id=PLACE)


def item(one: views.NumberedNote, chosen: StatementChoices, context: PageContext) -> html.Li:
    _, newest = context.gettext, one.shown.newest
    where = html.Strong(views.moment_text(newest.note.moment, context))
    number: Any = html.Span(str(one.number), className="note-number")
    if one.number is None:
        number = html.Span(_("No mark: the chart does not have this year."), className="hint")
    facts: list[Any] = [views.said_by(newest, context)]
    if newest.note.stage is not None:
        facts.append(_("Stage: {stage}", stage=stage_names(context)[newest.note.stage]))
    if newest.note.source:
        facts.append(html.Span([html.Strong(_("Source: ")), *linked(newest.note.source)]))
    if one.shown.also:
        facts.append(_("Pinned to these municipalities too: {names}", names=", ".join(one.shown.also)))
    meta = [part for fact in facts for part in (" · ", fact)][1:]
    if one.shown.may_change:
        meta.append(html.Span([" · ", way_to_change(one, chosen, context)], className="note-way"))
    return html.Li([html.Div([number, " ", where, ": ", newest.note.text]), html.Div(meta, className="hint")])


def linked(source: str) -> list[Any]:
    """The text with its web addresses as links; anything else stays text."""
    parts: list[Any] = []
    last = 0
    for found in WEB_ADDRESS.finditer(source):
        address = found.group().rstrip(".,;:)")
        parts += [source[last : found.start()], html.A(address, href=address, rel="noopener noreferrer")]
        last = found.start() + len(address)
    return [part for part in (*parts, source[last:]) if part != ""]


def way_to_change(one: views.NumberedNote, chosen: StatementChoices, context: PageContext) -> html.A:
    text = context.gettext("Change or withdraw")
    query = {"scheme": chosen.scheme, "stage": chosen.stage, "note": str(one.shown.id)}
    spoken = f"{text}: {one.number or one.shown.newest.note.moment}"
    address = f"{context.address(PAGE, **query)}#{PLACE}-form"
    return html.A(text, href=address, **{"aria-label": spoken})


def other_stages(board: NoteBoard, chosen: StatementChoices, context: PageContext) -> list[html.P]:
    """How many notes are about other stages, with the way to each."""
    found = views.other_stages(board, chosen.stage)
    if not found:
        return []
    names = stage_names(context)
    links: list[Any] = [context.gettext("Notes of other stages: ")]
    for stage, number in found.items():
        address = context.address(PAGE, scheme=chosen.scheme, stage=stage)
        links += [html.A(f"{names[stage]} ({number})", href=address), ", "]
    return [html.P(links[:-1], className="hint")]


def opened_note(opened: ShownNote, number: int | None, chosen: StatementChoices, context: PageContext) -> html.Section:
    """The forms of one note."""
    _ = context.gettext
    named = number or views.moment_text(opened.newest.note.moment, context)
    title = html.H4(_("Change or withdraw note {number}", number=named))
    back = html.A(_("Leave it as it is"), href=context.address(PAGE, scheme=chosen.scheme, stage=chosen.stage))
    forms = [change_form(opened, chosen, context), withdraw_form(opened, chosen, context), html.P(back)]
    return html.Section([title, *forms], id=f"{PLACE}-form", className="note-forms")


def history(board: NoteBoard, context: PageContext) -> html.Details:
    """Nothing is deleted: earlier versions and withdrawn notes, with who and why."""
    _, rows = context.gettext, views.history_rows(board, context)
    title = _("Changes and withdrawals")
    table = data_table(title, [Column(name) for name in views.history_header(context)], rows)
    count = html.Span(context.formats.number(len(rows)), className="folded-note")
    return html.Details([html.Summary([title, count]), table], className=PRINTED)
