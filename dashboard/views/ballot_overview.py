"""The participatory budget at a glance for phones: days, money, proposals, winners. No Dash here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from budget_model.errors import NotFoundError
from dashboard.context import PageContext
from dashboard.services import Services
from dashboard.services.assembly import AssemblyBoard, ProcessInfo, ProposalInfo, VoteInfo
from dashboard.views.assembly_words import PHASES, money, people, rule_name
from dashboard.views.ballot_words import times


@dataclass(frozen=True)
class ProposalRow:
    """A proposal on the page. `told`: zone, need, who benefits, as far as stated."""

    code: str
    title: str
    description: str
    cost: str
    told: tuple[str, ...]


def overview_values(services: Services, context: PageContext) -> dict[str, Any]:
    """What the template shows: the year of the address or the latest.

    Raises NotFoundError for a year that has none.
    """
    site, user, text = context.site, context.user, context.query.get("year", "")
    if site is None or (text and not (text.isascii() and text.isdigit() and len(text) == 4)):
        raise NotFoundError("participatory budget", text[:10])
    board = services.assembly.board(user, site, int(text) if text else None)
    if board.process is None:
        return {"year": None, "votes": [], "facts": [], "results": [], "rows": [], "is_invented": False}
    year = board.process.year
    return {
        "year": year,
        "is_invented": board.process.is_synthetic,
        "votes": [vote_line(one, context) for one in services.ballots.announced(user, site) if one.year == year],
        "facts": facts(board.process, context),
        "results": [result(one, context) for one in services.assembly.votes(user, site, year)],
        "rows": [row(one, context) for one in public_proposals(board)],
    }


def vote_line(box: Any, context: PageContext) -> str:
    return f"{box.zone}. {times(box, context)}" if box.zone else times(box, context)


def public_proposals(board: AssemblyBoard) -> list[ProposalInfo]:
    """Feasible proposals, also for officials: the page is the public's."""
    return [one for one in board.proposals if one.record.state == "feasible"]


def facts(process: ProcessInfo, context: PageContext) -> list[tuple[str, str]]:
    _, day = context.gettext, context.formats.date
    told = [(_("Envelope"), money(process.envelope, context) if process.envelope else _("not stated"))]
    told.append((_("Rule of the count"), rule_name(process.rule, context)))
    days = _("{first} to {last}")
    told += [(_(PHASES[phase]), days.format(first=day(start), last=day(end))) for phase, start, end in process.phases]
    return told


def result(vote: VoteInfo, context: PageContext) -> tuple[str, list[tuple[str, str]]]:
    """The zone of a vote and its winners with their prices."""
    projects, winners = vote.result["projects"], vote.result["outcome"]["winners"]
    lines = [(context.in_language(vote.titles[code], code), money(projects[code]["cost"], context)) for code in winners]
    return vote.zone, lines


def row(one: ProposalInfo, context: PageContext) -> ProposalRow:
    record = one.record
    told = [one.zone, context.in_language(one.need) if one.need else "", people(record.women, record.men, context)]
    return ProposalRow(
        record.code,
        context.in_language(record.title, record.code),
        context.in_language(record.description),
        money(record.cost, context),
        tuple(text for text in told if text),
    )
