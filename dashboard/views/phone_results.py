"""Values of the plain page of results: the same parts as on the page with charts, one vote at a time. No Dash here."""

from __future__ import annotations

from typing import Any

from budget_model.errors import NotFoundError
from dashboard.components.projector import kept_size
from dashboard.context import PageContext
from dashboard.services import Services
from dashboard.services.assembly import AssemblyBoard, VoteInfo
from dashboard.views.assembly_result_parts import (
    COMMAND,
    record_address,
    record_title,
    record_words,
    result_facts,
    result_parts,
)
from dashboard.views.ballot_overview import board_of

NAME = "phone/results"


def results_values(services: Services, context: PageContext) -> dict[str, Any]:
    """What the template shows. Raises NotFoundError for a year or a vote that the site has not."""
    vote_id = vote_of(context)
    board, votes = votes_of(services, context, vote_id)
    values: dict[str, Any] = {
        "year": board.process.year if board.process else None,
        "is_invented": bool(board.process and board.process.is_synthetic),
        "other_years": [
            (year, results_address(context, year=str(year)))
            for year in board.years
            if board.process and year != board.process.year
        ],
        "full_address": full_address(board, vote_id, context),
        "vote": None,
    }
    vote = next((one for one in votes if vote_id in (None, one.id)), None)
    if vote is None or board.process is None:
        return values
    scores = services.assembly.scores(context.user, context.site, board.process.year)
    return {
        **values,
        "vote": vote,
        "zones": zone_links(votes, vote, context),
        "facts": [(one.label, " · ".join(filter(None, (one.value, one.note)))) for one in result_facts(vote, context)],
        "parts": result_parts(vote, scores, context),
        "record": {
            "title": record_title(context),
            "told": record_words(context),
            "command": COMMAND,
            "address": record_address(vote, context),
        },
    }


def vote_of(context: PageContext) -> int | None:
    """The vote that the address names. Raises NotFoundError where it is no number."""
    text = context.query.get("vote", "")
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise NotFoundError("vote", text[:10])
    return int(text)


def votes_of(
    services: Services, context: PageContext, vote_id: int | None
) -> tuple[AssemblyBoard, tuple[VoteInfo, ...]]:
    """The year of the vote that is named, else of the address, else the latest; with its counted votes."""
    assembly, user, site = services.assembly, context.user, context.site
    if vote_id is None or site is None:
        board = board_of(services, context)
    else:
        board = assembly.board(user, site, assembly.vote_year(user, site, vote_id))
    if site is None or board.process is None:
        return board, ()
    return board, assembly.votes(user, site, board.process.year)


def zone_links(votes: tuple[VoteInfo, ...], vote: VoteInfo, context: PageContext) -> list[tuple[str, str, bool]]:
    """Votes by zone, where there are several: name, address, whether this is it."""
    if len(votes) < 2:
        return []
    whole = context.gettext("The whole site")
    return [(one.zone or whole, results_address(context, vote=str(one.id)), one.id == vote.id) for one in votes]


def results_address(context: PageContext, **query: str) -> str:
    return context.address(NAME, **query, **kept_size(context))


def full_address(board: AssemblyBoard, vote_id: int | None, context: PageContext) -> str:
    year = {"year": str(board.process.year)} if board.process else {}
    return context.address("results", **({"vote": str(vote_id)} if vote_id else year), full="1")
