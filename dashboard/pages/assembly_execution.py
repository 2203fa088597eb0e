"""The money of winners as cells and as a card: for the page of all winners and for that of one proposal."""

from __future__ import annotations

from typing import Any

from dash import html

from budget_model.assembly.execution import NO_LINE, STAGES, Execution
from dashboard.components import Column, card, data_table, source_note
from dashboard.context import PageContext
from dashboard.i18n import mark
from dashboard.services import Services
from dashboard.views.assembly_words import money
from dashboard.views.winner_words import STATES
from data.workflows.follow_up import FollowUp

STAGE_NAMES = {
    "pia": mark("Opening budget (PIA)"),
    "pim": mark("Modified budget (PIM)"),
    "accrued": mark("Accrued"),
    "paid": mark("Paid"),
}


def amount_of(held: Execution, stage: str, context: PageContext) -> str:
    """An amount, or that it is not known."""
    amount = held.amounts[stage]
    return context.gettext("not known") if amount is None else money(amount, context)


def money_cells(held: Execution, context: PageContext) -> list[str]:
    share = held.executed_share
    told = context.formats.share(None if share is None else float(share))
    return [*(amount_of(held, stage, context) for stage in STAGES[1:]), told, context.gettext(STATES[held.state])]


def source(found: FollowUp, context: PageContext) -> Any:
    parts = [", ".join(found.files) or context.gettext("no line yet")]
    if found.brought_at is not None:
        at = context.formats.moment(found.brought_at)
        parts.append(context.gettext("last file brought in on {moment}", moment=at))
    return source_note(context, parts)


def proposal_execution(services: Services, year: int, code: str, context: PageContext) -> list[Any]:
    """The card of a proposal that has won: its lines and their money; nothing for one that has not."""
    _ = context.gettext
    told = services.follow_up.of_proposal(context.user, context.site, year, code)
    if told is None:
        return []
    found, own = told
    heads = [Column(_("Budget year")), *(Column(_(STAGE_NAMES[stage]), True) for stage in STAGES[1:])]
    heads += [Column(_("Executed"), True), Column(_("State"))]
    rows = [[str(held_year), *money_cells(held, context)] for held_year, held in own.years.items()]
    shown = [data_table(_("Execution of the proposal"), heads, rows)] if rows else [html.P(_(STATES[NO_LINE]))]
    return [card(_("It won: what became of it"), [*shown, source(found, context)])]
