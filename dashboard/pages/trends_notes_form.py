"""Trends page: the forms that pin, change and withdraw a note, and what becomes of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import dash_bootstrap_components as dbc
from babel.dates import get_month_names
from dash import html

from budget_model.errors import InputError, NotFoundError, StaleVersionError
from budget_model.spending.notes import (
    FIRST_YEAR,
    LAST_YEAR,
    LONGEST_REASON,
    LONGEST_SOURCE,
    LONGEST_TEXT,
    Note,
    parse_note,
)
from dashboard.components.forms import choice, chosen, field, field_id, hidden, plain_form, submit
from dashboard.context import PageContext
from dashboard.router import Posted
from dashboard.services import Services
from dashboard.services.budget_notes import NoteBoard, ShownNote
from dashboard.services.statement import StatementChoices
from dashboard.views.budget import stage_names
from dashboard.views.trends_notes_words import STALE

PAGE, SITE, TYPED = "trends", "note-site-", "typed-"
FIELDS = ("year", "month", "day", "text", "about", "source", "reason")
LONGEST_ADDRESS = 6000  # letters that a server takes in any case; longer texts are not carried back


def pin_form(board: NoteBoard, shown: StatementChoices, context: PageContext) -> html.Details:
    """Folded away, unless it comes back with what was typed."""
    _ = context.gettext
    values = typed(context)
    fields = [*note_fields(values, "pin-", context), *sites_field(board, values, context), state_fields(shown, "pin-")]
    form = plain_form(f"{context.address(PAGE)}/note", [*fields, buttons(_("Pin the note"))])
    about = _(
        "A note says what happened at a point in time, so that whoever reads the trend knows. Everybody who works at "
        "the municipality reads it, with your name."
    )
    return html.Details(
        [html.Summary(_("Pin a note")), html.P(about, className="hint"), form], open=bool(values), id="trends-note-pin"
    )


def change_form(opened: ShownNote, shown: StatementChoices, context: PageContext) -> html.Form:
    """The words as they stand, or as they were typed before somebody else was quicker."""
    _, note = context.gettext, opened.newest.note
    parts = (note.moment.year, note.moment.month, note.moment.day)
    stands = {
        **{name: str(part or "") for name, part in zip(("year", "month", "day"), parts, strict=True)},
        "text": note.text,
        "about": note.stage or "",
        "source": note.source,
    }
    values = stands | typed(context)
    why = field(
        "reason",
        _("Why it is changed"),
        values.get("reason", ""),
        form="change-",
        maxLength=LONGEST_REASON,
        hint=_("May be left empty."),
    )
    kept = [hidden("note", str(opened.id), "change-"), hidden("version", str(opened.newest.version), "change-")]
    return plain_form(
        f"{context.address(PAGE)}/note-change",
        [*note_fields(values, "change-", context), why, *kept, state_fields(shown, "change-"), buttons(_("Save"))],
    )


def withdraw_form(opened: ShownNote, shown: StatementChoices, context: PageContext) -> html.Form:
    _ = context.gettext
    why = field("reason", _("Why it is withdrawn"), form="withdraw-", required=True, maxLength=LONGEST_REASON)
    kept = [hidden("note", str(opened.id), "withdraw-"), hidden("version", str(opened.newest.version), "withdraw-")]
    return plain_form(
        f"{context.address(PAGE)}/note-withdraw",
        [why, *kept, state_fields(shown, "withdraw-"), buttons(_("Withdraw the note"), "outline-danger")],
    )


def note_fields(values: Mapping[str, str], form: str, context: PageContext) -> list[Any]:
    """Point in time in three fields, words, stage and source."""
    _ = context.gettext
    names = get_month_names("wide", locale=context.formats.locale)
    months = [("", _("the whole year")), *((str(number), names[number]) for number in range(1, 13))]
    stages = [("", _("all stages")), *stage_names(context).items()]
    bounds = {"min": FIRST_YEAR, "max": LAST_YEAR, "step": 1}
    when = [
        field("year", _("Year"), values.get("year", ""), form=form, type="number", required=True, **bounds),
        choice("month", _("Month (optional)"), months, values.get("month", ""), form=form),
        field("day", _("Day (optional)"), values.get("day", ""), form=form, type="number", min=1, max=31, step=1),
    ]
    return [
        html.Div(when, className="note-when"),
        text_field(values.get("text", ""), form, context),
        choice("about", _("Stage that it is about"), stages, values.get("about", ""), form=form),
        field(
            "source",
            _("Source or web address that shows it (optional)"),
            values.get("source", ""),
            form=form,
            maxLength=LONGEST_SOURCE,
        ),
    ]


def text_field(value: str, form: str, context: PageContext) -> html.Div:
    _, name = context.gettext, field_id(f"{form}text")
    label = html.Label(_("What happened"), htmlFor=name, className="form-label")
    area = dbc.Textarea(id=name, name="text", rows=3, value=value, required=True, maxLength=LONGEST_TEXT)
    hint = html.P(_("At most {number} letters.", number=LONGEST_TEXT), className="hint")
    return html.Div([label, area, hint], className="field")


def sites_field(board: NoteBoard, values: Mapping[str, str], context: PageContext) -> list[html.Details]:
    """Further municipalities that the note is pinned to; nothing for those who may pin at this one alone."""
    if not board.others:
        return []
    _, on = context.gettext, values.get("sites", "").split(",")
    boxes = [
        dbc.Checkbox(id=field_id(SITE + slug), name=SITE + slug, label=name, value=slug in on)
        for slug, name in board.others.items()
    ]
    legend = html.Legend(_("Pin it to these municipalities too"), className="form-label fs-6")
    summary = html.Summary(_("Other municipalities"))
    return [html.Details([summary, html.Fieldset([legend, *boxes], className="field")], open=bool(values.get("sites")))]


def state_fields(shown: StatementChoices, form: str) -> html.Div:
    """What the page shows, so that it shows the same afterwards."""
    return html.Div([hidden("scheme", shown.scheme, form), hidden("stage", shown.stage, form)])


def buttons(label: str, kind: str = "outline-secondary") -> html.Div:
    return html.Div([submit(label, kind=kind)], className="buttons")


def typed(context: PageContext) -> dict[str, str]:
    """What a refused form brings back."""
    return {name.removeprefix(TYPED): text for name, text in context.query.items() if name.startswith(TYPED)}


# --- what becomes of them --------------------------------------------------------------------------------------------


def pin(services: Services, context: PageContext, posted: Posted) -> str:
    others = [name.removeprefix(SITE) for name in posted.fields if name.startswith(SITE)]

    def step(fields: Mapping[str, str]) -> str:
        saved = services.notes.pin(context.user, context.site, others, note_of(fields))
        return "pinned" if saved.is_new else "twice"

    return answered(step, context, posted, {f"{TYPED}sites": ",".join(others)} if others else {})


def change(services: Services, context: PageContext, posted: Posted) -> str:
    def step(fields: Mapping[str, str]) -> str:
        note_id, version = (number(fields.get(name, "")) for name in ("note", "version"))
        note, why = note_of(fields), fields.get("reason", "")
        saved = services.notes.change(context.user, context.site, note_id, note, version, why)
        return "changed" if saved.is_new else "same"

    return answered(step, context, posted, {"note": posted.fields.get("note", "")})


def withdraw(services: Services, context: PageContext, posted: Posted) -> str:
    def step(fields: Mapping[str, str]) -> str:
        note_id, version = (number(fields.get(name, "")) for name in ("note", "version"))
        services.notes.withdraw(context.user, context.site, note_id, version, fields.get("reason", ""))
        return "withdrawn"

    return answered(step, context, posted, {"note": posted.fields.get("note", "")})


def answered(
    step: Callable[[Mapping[str, str]], str], context: PageContext, posted: Posted, kept: Mapping[str, str]
) -> str:
    """The page that shows what the step came to; where it was refused, with what was typed."""
    fields = chosen(posted.fields)
    shown = {name: fields[name] for name in ("scheme", "stage") if fields.get(name)}
    try:
        return f"{context.address(PAGE, **shown, note_done=step(fields))}#trends-notes"
    except InputError as refusal:
        refused = ",".join(dict.fromkeys(problem.rule for problem in refusal.problems))
    except StaleVersionError:
        refused = STALE
    back = {f"{TYPED}{name}": fields[name] for name in FIELDS if fields.get(name)}
    address = context.address(PAGE, **shown, note_refused=refused, **kept, **back)
    if len(address) > LONGEST_ADDRESS:
        return context.address(PAGE, **shown, note_refused=refused, **kept)
    return address


def note_of(fields: Mapping[str, str]) -> Note:
    """The note that a form states; InputError with every problem. A day without a month is no point in time."""
    parts = [fields.get(name, "").strip() for name in ("year", "month", "day")]
    when = "-".join(parts if parts[2] else parts[:2] if parts[1] else parts[:1])
    return parse_note(when, fields.get("text", ""), fields.get("about", ""), fields.get("source", ""))


def number(text: str) -> int:
    """An id or a version of a form; what is no number is not there."""
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise NotFoundError("note", text[:40])
    return int(text)
