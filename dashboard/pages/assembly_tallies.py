"""Counts of paper and of hands on the officials' page: one enters, another one counts again without looking."""

from __future__ import annotations

from typing import Any

from dash import html

from budget_model.assembly.ballot_forms import POINTS, RANKING
from dashboard.components import Column, data_table
from dashboard.components.forms import choice, field, hidden, plain_form, submit
from dashboard.context import PageContext
from dashboard.i18n import mark
from dashboard.pages.assembly_parts import text_area
from dashboard.services.ballots import DeskBox, TallyInfo
from data.store.audit import COMMAND_LINE
from data.workflows.tallies import SIGNED

PAGE = "ballot-box"
WAYS = {"paper": mark("Ballots on paper"), "hands": mark("Show of hands")}
STATES = {"entered": mark("Waits for a second person"), "signed": mark("Signed off")}
MOST_TEXT = 8_000_000  # signs that a browser takes: it cuts without a word, the server refuses with one


def tally_parts(box: DeskBox, context: PageContext) -> list[Any]:
    """The counts that are there, and the forms while the vote is open."""
    parts: list[Any] = [tallies_table(box, context)] if box.tallies else []
    if box.info.state != "open":
        return parts
    parts += [sign_form(box, one, context) for one in box.tallies if one.may_sign]
    parts += [withdraw_form(box, one, context) for one in box.tallies]
    return [*parts, enter_form(box, context)]


def tallies_table(box: DeskBox, context: PageContext) -> html.Div:
    _, number = context.gettext, context.formats.number
    rows = [
        [
            one.place,
            _(WAYS[one.way]),
            number(one.persons),
            state_words(one, context),
            actor_words(one.entered_by, context),
            actor_words(one.signed_by, context),
        ]
        for one in box.tallies
    ]
    heads = [Column(_("Place")), Column(_("Way")), Column(_("Persons"), True), Column(_("State"))]
    return data_table(_("Counts by hand"), [*heads, Column(_("Entered by")), Column(_("Signed by"))], rows)


def state_words(tally: TallyInfo, context: PageContext) -> str:
    told = context.gettext(STATES[tally.state])
    return told + " · " + context.gettext("somebody asks to take it out") if tally.leaving_by else told


def actor_words(login: str, context: PageContext) -> str:
    return context.gettext("command line") if login == COMMAND_LINE else login or "–"


def enter_form(box: DeskBox, context: PageContext) -> Any:
    _, form = context.gettext, f"tally{box.info.id}-"
    parts = [
        hidden("box", str(box.info.id), form=form),
        field("place", _("Table or assembly"), required=True, maxlength=80, form=form),
        choice("way", _("Way"), [(code, _(name)) for code, name in WAYS.items()], "paper", form=form),
        *([choice("zone", _("Zone"), [("", _("not told")), *box.zones], form=form)] if "zone" in box.info.asks else []),
        text_area("rows", rows_label(box, context), "", rows=6, most=MOST_TEXT, form=form),
        html.Div([submit(_("Keep the count"))], className="buttons"),
    ]
    told = _("By hands only where each person raises a hand once. A second person counts again before it counts.")
    made = plain_form(f"{context.address(PAGE)}/tally", parts)
    return html.Details([html.Summary(_("Enter a count of paper or hands")), html.P(told), made])


def rows_label(box: DeskBox, context: PageContext) -> str:
    _ = context.gettext
    codes = list(box.info.titles)[:2]
    example = " ".join(f"{code}:1" for code in codes) if box.info.form.kind == POINTS else " ".join(codes)
    if box.info.form.kind == RANKING:
        return _("A line for each ranking: codes from the first place on; women; men; others. {example}; 12; 9; 0",
                 example=example)  # fmt: skip
    return _("A line for each set of choices: codes; women; men; others. {example}; 12; 9; 0", example=example)


def sign_form(box: DeskBox, tally: TallyInfo, context: PageContext) -> Any:
    """The second count. The first one is not shown, so that it is counted and not copied."""
    _, form = context.gettext, f"sign{tally.id}-"
    parts = [
        hidden("box", str(box.info.id), form=form),
        hidden("tally", str(tally.id), form=form),
        text_area("rows", rows_label(box, context), "", rows=6, most=MOST_TEXT, form=form),
        html.Div([submit(_("Compare and sign off"))], className="buttons"),
    ]
    made = plain_form(f"{context.address(PAGE)}/sign", parts)
    return html.Details([html.Summary(_("Count again: {place}", place=tally.place)), made])


def withdraw_form(box: DeskBox, tally: TallyInfo, context: PageContext) -> Any:
    """A signed count goes when two people ask for it: the first asks, the second agrees or keeps it."""
    _, form = context.gettext, f"withdraw{tally.id}-"
    told = {"place": tally.place, "who": tally.leaving_by, "reason": tally.leaving_reason}
    parts: list[Any] = []
    if tally.leaving_by:
        parts.append(html.P(_("{who} asks to take this count out: {reason}. A second person must agree.", **told)))
    if not tally.is_leaving_by_me:
        title = _("Agree to take it out") if tally.leaving_by else _("Take the count out")
        fields = [
            *numbers_of(box, tally, form),
            field("reason", _("Reason"), maxlength=400, required=True, form=form),
            html.Div([submit(title, kind="outline-secondary")], className="buttons"),
        ]
        parts.append(plain_form(f"{context.address(PAGE)}/withdraw", fields))
    if tally.leaving_by:
        keep = [*numbers_of(box, tally, f"keep{tally.id}-"), submit(_("Keep the count as it is"))]
        parts.append(plain_form(f"{context.address(PAGE)}/keep", keep))
    elif tally.state == SIGNED:
        parts.insert(0, html.P(_("Two people signed it off, so two take it out: you ask, another one agrees.")))
    summary = html.Summary(_("Take out: {place}", place=tally.place))
    return html.Details([summary, *parts], open=bool(tally.leaving_by))


def numbers_of(box: DeskBox, tally: TallyInfo, form: str) -> list[Any]:
    return [hidden("box", str(box.info.id), form=form), hidden("tally", str(tally.id), form=form)]
