"""The participatory budget at a glance for phones: days, money, proposals, winners. No Dash here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from budget_model.errors import NotFoundError
from dashboard.components.projector import kept_size
from dashboard.context import PageContext
from dashboard.services import Services
from dashboard.services.assembly import AssemblyBoard, ProcessInfo, ProposalInfo, VoteInfo
from dashboard.views.assembly_people import parity_words, people_tables, why_no_people
from dashboard.views.assembly_words import PHASES, money, people, rule_name, tie_words
from dashboard.views.ballot_words import times
from dashboard.views.phone_survey import survey_words
from dashboard.views.quorum_words import registration_sentences, rule_sentences, vote_sentence


@dataclass(frozen=True)
class ProposalRow:
    """A proposal on the page. `told`: zone, need, who benefits, as far as stated. `score`: one sentence, or empty."""

    code: str
    title: str
    address: str
    cost: str
    told: tuple[str, ...]
    score: str = ""


def overview_values(services: Services, context: PageContext) -> dict[str, Any]:
    """What the template shows: the year of the address or the latest.

    Raises NotFoundError for a year that has none.
    """
    site, user = context.site, context.user
    board = board_of(services, context)
    if site is None or board.process is None:
        return {"year": None, "votes": [], "facts": [], "results": [], "rows": [], "is_invented": False}
    year = board.process.year
    return {
        "year": year,
        "other_years": [one for one in board.years if one != year],
        "is_invented": board.process.is_synthetic,
        "votes": [vote_line(one, context) for one in services.ballots.announced(user, site) if one.year == year],
        "facts": facts(board.process, context),
        "survey": survey_words(services, context),
        "results": [result(one, context) for one in services.assembly.votes(user, site, year)],
        "rows": [row(one, year, context) for one in public_proposals(board)],
        "rules": rules(board.process, context),
        "people": people_values(board.process, context),
        "quorum": quorum_lines(board.process, context),
    }


def board_of(services: Services, context: PageContext) -> AssemblyBoard:
    """The year of the address or the latest. Raises NotFoundError for a year that has none."""
    site, text = context.site, context.query.get("year", "")
    if site is None or (text and not (text.isascii() and text.isdigit() and len(text) == 4)):
        raise NotFoundError("participatory budget", text[:10])
    return services.assembly.board(context.user, site, int(text) if text else None)


def vote_line(box: Any, context: PageContext) -> str:
    return f"{box.zone}. {times(box, context)}" if box.zone else times(box, context)


def public_proposals(board: AssemblyBoard) -> list[ProposalInfo]:
    """Feasible proposals, also for officials: the page is the public's."""
    return [one for one in board.proposals if one.record.state == "feasible"]


def facts(process: ProcessInfo, context: PageContext) -> list[tuple[str, str]]:
    """Money and days."""
    _, day = context.gettext, context.formats.date
    told = [(_("Envelope"), money(process.envelope, context) if process.envelope else _("not stated"))]
    told += [(f"{_('Envelope')}: {name}", money(amount, context)) for _code, name, amount in process.zones]
    days = _("{first} to {last}")
    told += [(_(PHASES[phase]), days.format(first=day(start), last=day(end))) for phase, start, end in process.phases]
    return told if process.phases else [*told, (_("Phases"), _("No days were announced."))]


def rules(process: ProcessInfo, context: PageContext) -> list[tuple[str, str]]:
    """How it is counted, and on what that rests."""
    _ = context.gettext
    least = process.least_votes
    return [
        (_("Rule of the count"), rule_name(process.rule, context)),
        (_("Equal proposals"), tie_words(process.ties, context)),
        (_("Votes needed to take part"), _("as the file of the vote says") if least is None else str(least)),
        (_("Legal ground"), process.citation or _("not stated")),
        (_("In force since"), context.formats.date(process.effective_on)),
    ]


def people_values(process: ProcessInfo, context: PageContext) -> dict[str, Any]:
    """Who takes part, in numbers, or why none are shown."""
    why = why_no_people(process, context)
    if why:
        return {"why": why}
    sentence, source = parity_words(process, context)
    return {"why": "", "sentence": sentence, "source": source, "tables": people_tables(process, context)}


def quorum_lines(process: ProcessInfo, context: PageContext) -> list[str]:
    """What the vote needs to be valid, and how it stands."""
    if process.quorum is None:
        return [context.gettext("No quorum was announced.")]
    return [*registration_sentences(process.quorum, context), *rule_sentences(process.quorum, context)]


def result(vote: VoteInfo, context: PageContext) -> tuple[str, list[tuple[str, str]], str, str]:
    """The zone of a vote, its winners with their prices, whether it had its quorum (empty: none was announced), and
    the address of its reasons.
    """
    projects, winners = vote.result["projects"], vote.result["outcome"]["winners"]
    lines = [(context.in_language(vote.titles[code], code), money(projects[code]["cost"], context)) for code in winners]
    quorum = vote_sentence(vote.quorum, context) if vote.quorum else ""
    return vote.zone, lines, quorum, context.address("phone/results", vote=str(vote.id), **kept_size(context))


def row(one: ProposalInfo, year: int, context: PageContext, score: str = "") -> ProposalRow:
    record = one.record
    told = [one.zone, context.in_language(one.need) if one.need else "", people(record.women, record.men, context)]
    return ProposalRow(
        record.code,
        context.in_language(record.title, record.code),
        proposal_address(record.code, year, context),
        money(record.cost, context),
        tuple(text for text in told if text),
        score,
    )


def proposal_address(code: str, year: int, context: PageContext) -> str:
    return context.address(f"phone/proposals/{code}", year=str(year), **kept_size(context))
