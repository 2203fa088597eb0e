"""A list that somebody builds under the envelope: its sum, what it does, what is wrong with it. No Dash.

Used by the page with charts and by the plain one, which say the same.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal

from budget_model.assembly.proposals import FEASIBLE
from dashboard.components.projector import kept_size
from dashboard.context import PageContext
from dashboard.services.assembly import AssemblyBoard, ProposalInfo, ScoreBoard
from dashboard.views.assembly_result_parts import Fact, ResultTable, table
from dashboard.views.assembly_scores import rounded_money, sum_with_interval, sums_of, with_interval
from dashboard.views.assembly_words import money
from dashboard.views.side_by_side import FEWEST, MOST

MOST_CODES = 60
SIDE_BY_SIDE = "side-by-side"
Interval = Mapping[str, Sequence[float]] | None


def offered_of(board: AssemblyBoard) -> list[ProposalInfo]:
    """Proposals that a list may hold: feasible ones with a price."""
    return [one for one in board.proposals if one.record.state == FEASIBLE and one.record.cost is not None]


def chosen_of(offered: Sequence[ProposalInfo], context: PageContext) -> list[ProposalInfo]:
    """The proposals that the address names; codes that are not offered are passed over."""
    codes = context.query.get("codes", "").split(",")[:MOST_CODES]
    return [one for one in offered if one.record.code in codes]


def left_of(board: AssemblyBoard, chosen: Sequence[ProposalInfo]) -> Decimal | None:
    """Money of the envelope that the list leaves; None where no envelope is stated."""
    envelope = board.process.envelope if board.process else None
    return None if envelope is None else envelope - spent_on(chosen)


def spent_on(chosen: Sequence[ProposalInfo]) -> Decimal:
    return sum((one.record.cost or Decimal(0) for one in chosen), Decimal(0))


def list_facts(
    board: AssemblyBoard,
    chosen: Sequence[ProposalInfo],
    scores: ScoreBoard,
    interval: Interval,
    context: PageContext,
) -> list[Fact]:
    """Total beside the envelope, and what the list does at most."""
    _ = context.gettext
    envelope = board.process.envelope if board.process else None
    left = left_of(board, chosen)
    facts = [
        Fact(_("Chosen"), context.formats.number(len(chosen))),
        Fact(_("Total"), money(spent_on(chosen), context)),
        Fact(_("Envelope"), money(envelope, context) if envelope is not None else _("not stated")),
        Fact(_("Left"), money(left, context) if left is not None else _("not known")),
    ]
    return [*facts, *needs_facts(chosen, scores, interval, context)]


def needs_facts(
    chosen: Sequence[ProposalInfo], scores: ScoreBoard, interval: Interval, context: PageContext
) -> list[Fact]:
    """Needs of women and of men that the list meets, each proposal on its own; nothing where none has a score."""
    _ = context.gettext
    sums = sums_of(scores, [one.record.code for one in chosen])
    if sums is None:
        return []
    women, men, without = sums
    told = _("each on its own; together no more than this")
    if interval is not None:
        told += " · " + _("in brackets: nine of ten draws")
    ends = interval or {}
    facts = [
        Fact(_("Needs of women met"), sum_with_interval(women, ends.get("women"), context), told, "women"),
        Fact(_("Needs of men met"), sum_with_interval(men, ends.get("men"), context), told, "men"),
    ]
    return [*facts, Fact(_("Without a score"), ", ".join(without))] if without else facts


def list_warnings(board: AssemblyBoard, chosen: Sequence[ProposalInfo], context: PageContext) -> list[str]:
    """What is wrong with the list: too dear, or two of which only one may win."""
    _ = context.gettext
    told, left = [], left_of(board, chosen)
    if left is not None and left < 0:
        told.append(
            _("The list costs {excess} more than the envelope. Take something out.", excess=money(-left, context))
        )
    codes = {one.record.code for one in chosen}
    pairs = {
        tuple(sorted((one.record.code, other))) for one in chosen for other in one.record.excludes if other in codes
    }
    return told + [_("Only one of these may win: {codes}", codes=", ".join(pair)) for pair in sorted(pairs)]


def chosen_title(context: PageContext) -> str:
    return context.gettext("The chosen proposals side by side")


def chosen_table(chosen: Sequence[ProposalInfo], scores: ScoreBoard, context: PageContext) -> ResultTable:
    """The chosen proposals, a row each."""
    _ = context.gettext
    heads = [_("Proposal"), _("Price"), _("Need that it answers"), _("Needs of women met"), _("Needs of men met")]
    heads.append(_("Cost of each need met"))
    return table(chosen_title(context), heads, [chosen_row(one, scores, context) for one in chosen], {1, 3, 4, 5})


def chosen_row(one: ProposalInfo, scores: ScoreBoard, context: PageContext) -> list[str]:
    record, score = one.record, scores.scores.get(one.record.code)
    cells = [f"{record.code} · {context.in_language(record.title)}", money(record.cost, context)]
    cells.append(context.in_language(one.need) if one.need else context.gettext("not stated"))
    if score is None:
        return [*cells, "–", "–", "–"]
    cost = score["cost_per_need"]
    met = [with_interval(score[group], context) for group in ("women", "men")]
    return [*cells, *met, "–" if cost is None else rounded_money(cost, context)]


def brackets_note(context: PageContext) -> str:
    return context.gettext("In brackets: where the figure lies in nine of ten draws. No score: –")


def side_by_side_address(chosen: Sequence[ProposalInfo], year: int, context: PageContext) -> str:
    """Where two to four chosen proposals stand side by side in words and pictures; empty for fewer or more."""
    if not FEWEST <= len(chosen) <= MOST:
        return ""
    codes = ",".join(one.record.code for one in chosen)
    return context.address(SIDE_BY_SIDE, year=str(year), codes=codes, **kept_size(context))
