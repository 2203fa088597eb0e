"""A budget file before it is imported: what it holds, the way in, what is worth knowing, what it would change."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import dash_bootstrap_components as dbc
from dash import html

from budget_model.errors import InputError, Problem
from dashboard.components import card, notice
from dashboard.components.forms import choice, field_id, hidden, plain_form, submit
from dashboard.context import PageContext
from dashboard.pages.budget_imports_parts import (
    PROBLEMS_SHOWN,
    abandon_form,
    action,
    change_tables,
    counts_table,
    problems_table,
    refused_card,
    totals_table,
)
from dashboard.services import Services
from dashboard.views.budget_import_changes import preview_lists
from dashboard.views.budget_imports import preview_totals
from data.workflows.budget_wizard import BudgetPreview
from data.workflows.staging import Stage

END_UNCERTAIN = "end_uncertain"
ODD = "worth-knowing"  # id of the card that the button refers to


def preview_cards(services: Services, stage: Stage, context: PageContext) -> list[Any]:
    try:
        preview = services.budget_imports.preview(context.user, context.site, stage)
    except InputError as refused:
        return [
            refused_card(refused.problems, context),
            *whole_card(refused.problems, stage, context),
            abandon_form(stage, context),
        ]
    if any(problem.rule == "currency_differs" for problem in preview.problems):
        return [refused_card(preview.problems, context), abandon_form(stage, context)]
    odd = (*preview.read.lines.problems, *preview.diff.warnings(preview.read.provenance.file))
    shown = [holds_card(preview, stage, len(odd), context), changes_card(preview, context)]
    if odd:
        shown.insert(1, card(context.gettext("Worth knowing"), problems_table(odd, context), id=ODD))
    if preview.is_refused:
        shown.insert(1, refused_card(preview.problems, context))
    return shown


def whole_card(problems: Sequence[Problem], stage: Stage, context: PageContext) -> list[Any]:
    """Where the end of the file alone is in doubt: the person may confirm that nothing is missing."""
    if {problem.rule for problem in problems} != {END_UNCERTAIN}:
        return []
    _ = context.gettext
    sentence = _("I have held the file against its source: the last line is whole, no digit of its amount is missing.")
    confirm = dbc.Checkbox(id=field_id("whole"), name="whole", value=False, label=sentence)
    button = html.Div([submit(_("Read it as it is"), kind="outline-secondary")], className="buttons")
    form = plain_form(action(context, "whole"), [hidden("draft", stage.token, "whole"), confirm, button])
    return [card(_("Is the last line whole?"), form)]


def holds_card(preview: BudgetPreview, stage: Stage, odd: int, context: PageContext) -> html.Section:
    """What the file adds up to, and beside it what one can do with it."""
    _ = context.gettext
    counts = counts_table(preview.diff.counts, context)
    ways = [abandon_form(stage, context)] if preview.is_refused else decision(preview, stage, odd, context)
    below = html.Div([counts, html.Div(ways, className="import-ways")], className="import-decision")
    parts = [html.P(read_sentence(preview, context)), totals_table(preview_totals(preview), context), below]
    return card(_("What the file holds"), parts)


def read_sentence(preview: BudgetPreview, context: PageContext) -> str:
    read, number = preview.read.lines, context.formats.number
    return context.gettext(
        "{file}: {read} rows read, {kept} kept, {lines} budget lines.",
        file=preview.read.provenance.file,
        read=number(read.rows_read),
        kept=number(read.rows_kept),
        lines=number(read.frame.height),
    )


def decision(preview: BudgetPreview, stage: Stage, odd: int, context: PageContext) -> list[Any]:
    """The form that imports, after what one should look at first; and the one that takes the file away."""
    _ = context.gettext
    number = context.formats.number(odd)
    told = context.ngettext(
        "{number} thing is worth knowing about this file", "{number} things are worth knowing about this file", odd,
        number=number,
    )  # fmt: skip
    known = html.A(told, href=f"#{ODD}") if odd else _("Nothing odd was found in the file.")
    form = [hidden("draft", stage.token), *gone_choice(preview, context)]
    form.append(html.Div([submit(_("Import"))], className="buttons"))
    return [
        html.H3(_("Import the file")),
        html.P(known),
        plain_form(action(context, "finish"), form),
        abandon_form(stage, context),
    ]


def gone_choice(preview: BudgetPreview, context: PageContext) -> list[Any]:
    """What is to become of lines that the file no longer has, and why a way is not open; nothing where it has all."""
    _, gone = context.gettext, preview.diff.counts["gone"]
    if not gone:
        return []
    ways = (
        ("keep", _("Keep them"), preview.refused_keeping),
        ("remove", _("Remove them from the budget"), preview.refused_removing),
    )
    options = [(name, words) for name, words, refused in ways if not refused]
    if options and options[0][0] != "keep":
        options.insert(0, ("", _("Choose what becomes of them")))  # nothing is removed unless somebody says so
    parts: list[Any] = []
    for _name, words, refused in ways:
        if refused:
            told = _("“{choice}” is not possible with this file:", choice=words)
            parts += [notice([told], "warning"), problems_table(refused[:PROBLEMS_SHOWN], context, told)]
    hint = _("Tags of removed lines are kept with their history and come back with the line.")
    if preview.gone_tagged:
        hint = _("{count} of them are tagged.", count=preview.gone_tagged) + " " + hint
    label = _("Lines that the file no longer has: {count}", count=gone)
    return [*parts, choice("gone", label, options, options[0][0], hint)]


def changes_card(preview: BudgetPreview, context: PageContext) -> html.Section:
    _ = context.gettext
    lists = preview_lists(preview.diff.changes, context)
    if not lists:
        told = _("The years are empty today, or nothing changes: no line is listed.")
        return card(_("What it would change"), html.P(told))
    order = _("Tagged lines first, then the largest changes. Amounts before → after; one alone where it stays.")
    return card(_("What it would change"), change_tables(lists, order, context))
