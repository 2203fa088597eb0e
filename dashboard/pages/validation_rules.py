"""What the rules found in a round: counts, rules with cases, groups of cases that are alike, by whom and where."""

from __future__ import annotations

from typing import Any

from dash import html

from dashboard.components import Column, data_table, no_data, notice, select, tile, tiles
from dashboard.components.folding import folded, folding_card
from dashboard.context import PageContext
from dashboard.pages.validation_parts import Ids, button
from dashboard.services.validation import Board
from dashboard.views.validation import RulesView, groups_rows, ids_title, rules_view


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
