"""Pieces that the steps of the budget files page share: addresses, tables of problems, totals and changes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from dash import html

from budget_model.errors import Problem
from dashboard.components import Column, card, data_table, folded_table, notice
from dashboard.components.forms import hidden, plain_form, submit
from dashboard.context import PageContext
from dashboard.views.budget_import_changes import ChangeList
from dashboard.views.budget_imports import counts_rows, problem_rows, totals_header, totals_rows
from data.workflows.staging import Stage

NAME = "budget-imports"
PROBLEMS_SHOWN = 20  # of those that keep a file out
NUMBERS_FROM = 2  # columns of totals that hold numbers
AMOUNTS = 3  # the last columns of changes
AT_FIRST = (10, 5, 3, 2)  # lines of each list in sight before it is unfolded, where there are one to four lists


def action(context: PageContext, name: str) -> str:
    """Where a form of this page is posted."""
    return f"{context.address(NAME)}/{name}"


def refused_card(problems: Sequence[Problem], context: PageContext) -> html.Section:
    return card(context.gettext("Problems"), refused_parts(problems, context))


def refused_parts(problems: Sequence[Problem], context: PageContext) -> list[Any]:
    """Why a file cannot come in, with places, and the way to another one."""
    _ = context.gettext
    told = notice([_("The file cannot come in. Nothing was stored.")], "danger", role="alert")
    again = html.P(html.A(_("Choose another file"), href=context.address(NAME)))
    shown = problems_table(problems[:PROBLEMS_SHOWN], context, _("Why the file cannot come in, with places"))
    more = problems[PROBLEMS_SHOWN:]
    left = [html.P(_("{count} further problems are not listed.", count=len(more)))] if more else []
    return [told, shown, *left, again]


def problems_table(problems: Sequence[Problem], context: PageContext, caption: str = "") -> html.Div:
    """`caption` tells two tables of a page apart."""
    _ = context.gettext
    header = [Column(_("What is wrong")), Column(_("Place")), Column(_("Found"))]
    return data_table(caption or _("Problems of the file with their places"), header, problem_rows(problems, context))


def totals_table(totals: Any, context: PageContext) -> html.Div:
    columns = [Column(title, place >= NUMBERS_FROM) for place, title in enumerate(totals_header(context))]
    caption = context.gettext(
        "Totals by year and stage, to hold against the source's own. PIA: opening budget; PIM: modified budget"
    )
    return html.Div(data_table(caption, columns, totals_rows(totals, context)), className="import-totals")


def counts_table(counts: Mapping[str, int], context: PageContext) -> html.Div:
    _ = context.gettext
    header = [Column(_("Lines")), Column(_("Number"), True)]
    table = data_table(_("Lines of the file's years"), header, counts_rows(counts, context))
    return html.Div(table, className="import-counts")


def change_tables(lists: Sequence[ChangeList], order: str, context: PageContext) -> html.Div:
    """A list for each kind of change: its first lines, the others folded away in a box that scrolls.

    order : how the lines are sorted and written, in words
    """
    parts = [part for one in lists for part in _change_table(one, AT_FIRST[len(lists) - 1], context)]
    return html.Div([html.P(order, className="hint"), *parts], className="import-changes")


def _change_table(one: ChangeList, most: int, context: PageContext) -> list[Any]:
    _ = context.gettext
    numbers_from = len(one.header) - AMOUNTS
    columns = [Column(title, place >= numbers_from) for place, title in enumerate(one.header)]
    rest = context.formats.number(len(one.rows) - most)
    parts = [
        html.H3(one.title),
        *folded_table(one.title, columns, one.rows, most, _("Show the other lines: {count}", count=rest)),
    ]
    if one.unlisted:
        told = _("{count} further lines are not listed on this page.", count=context.formats.number(one.unlisted))
        parts.append(html.P(told, className="hint"))
    return parts


def abandon_form(stage: Stage, context: PageContext) -> html.Form:
    button = submit(context.gettext("Abandon and remove the file"), kind="outline-secondary")
    return plain_form(action(context, "abandon"), [hidden("draft", stage.token, "abandon"), button])
