"""Proposals on plain pages: the list with a sentence each, and one proposal with figures, what they rest on, review."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from budget_model.errors import NotFoundError
from dashboard.context import PageContext
from dashboard.services import Services
from dashboard.services.assembly import AssemblyBoard, ProposalInfo, ScoreBoard
from dashboard.services.criteria import Matrix
from dashboard.services.proposals import ReviewStep
from dashboard.views.assembly_criteria import criterion_name, exact, points_text, total_text
from dashboard.views.assembly_people import FigureTable
from dashboard.views.assembly_place import place_map, place_words, shown_photo
from dashboard.views.assembly_scores import assumption_rows, score_line, score_rows, source_words
from dashboard.views.assembly_words import STATES, money, people
from dashboard.views.ballot_overview import board_of, proposal_address, public_proposals, row


@dataclass(frozen=True)
class ShownStep:
    """A finding of the review in words."""

    state: str
    day: str
    told: str


def list_values(services: Services, context: PageContext) -> dict[str, Any]:
    """What the list shows. Raises NotFoundError for a year that has none."""
    board = board_of(services, context)
    if board.process is None:
        return {"year": None, "rows": [], "is_invented": False, "may_propose": board.may_edit}
    year, shown = board.process.year, public_proposals(board)
    sizes = services.proposals.photo_sizes(context.user, context.site, year)
    scores = services.assembly.scores(context.user, context.site, year)
    count = context.ngettext(
        "{number} proposal", "{number} proposals", len(shown), number=context.formats.number(len(shown))
    )
    return {
        "year": year,
        "is_invented": board.process.is_synthetic,
        "may_propose": board.may_edit,
        "count": count,
        "rows": [row(one, year, context, told_score(scores, one, context)) for one in shown],
        "photos": {one.record.code: shown_photo(one.record, year, sizes, context) for one in shown},
        "source": source_of(scores, context),
    }


def told_score(scores: ScoreBoard, one: ProposalInfo, context: PageContext) -> str:
    return score_line(scores, one.record.code, context) if scores.saved_at else ""


def source_of(scores: ScoreBoard, context: PageContext) -> str:
    """Where the figures come from and when they were computed; empty where there are none."""
    if scores.saved_at is None:
        return ""
    return context.gettext("Source: {source}", source=source_words(scores, context))


def proposal_values(services: Services, context: PageContext, code: str) -> dict[str, Any]:
    """What the page of a proposal shows; NotFoundError where nobody may see it."""
    board = board_of(services, context)
    one = next((one for one in public_proposals(board) if one.record.code == code), None)
    if board.process is None or one is None:
        raise NotFoundError("proposal of the assembly", code)
    year, user, site = board.process.year, context.user, context.site
    scores = services.assembly.scores(user, site, year)
    reviews = services.proposals.reviews(user, site, year, code)
    return {
        "year": year,
        "code": code,
        "is_invented": one.is_synthetic,
        "title": context.in_language(one.record.title, code),
        "paragraphs": [line for line in context.in_language(one.record.description).splitlines() if line.strip()],
        "facts": [*facts(one, context), *merged_facts(board, code, context)],
        "photo": shown_photo(one.record, year, services.proposals.photo_sizes(user, site, year), context),
        "points": points_table(services.criteria.matrix(user, site, year), code, context),
        "map": Markup(place_map(one.record, one.zone, services.proposals.shapes(user, site), context)),  # noqa: S704
        "steps": [shown_step(step, context) for step in reviews],
        **score_values(scores, code, context),
    }


def merged_address(services: Services, context: PageContext, code: str) -> str:
    """Where a proposal went on that was merged into one that everybody sees; empty where it was not."""
    try:
        board = board_of(services, context)
    except NotFoundError:
        return ""
    public = {one.record.code for one in public_proposals(board)}
    into = next((one.into for one in board.merged if one.code == code and one.into in public), None)
    return proposal_address(into, board.process.year, context) if into and board.process else ""


def map_of(services: Services, context: PageContext, code: str) -> str:
    """The map of a proposal that this person may see; NotFoundError where there is none."""
    board = board_of(services, context)
    one = next((one for one in board.proposals if one.record.code == code), None)
    drawn = (
        place_map(one.record, one.zone, services.proposals.shapes(context.user, context.site), context) if one else ""
    )
    if not drawn:
        raise NotFoundError("proposal of the assembly", code)
    return drawn


def facts(one: ProposalInfo, context: PageContext) -> list[tuple[str, str]]:
    """Price, place, need, who benefits; what is not stated says so."""
    _, record = context.gettext, one.record
    missing = _("not stated")
    told = [
        (_("Price"), money(record.cost, context) if record.cost is not None else _("not priced yet")),
        (_("Where"), place_words(record, one.zone, context)),
        (_("Need that it answers"), context.in_language(one.need) if one.need else missing),
        (_("Who benefits in a year"), people(record.women, record.men, context) or missing),
        (_("Category"), record.category or missing),
    ]
    if record.unit_cost is not None:
        told.append((_("Cost for one person and year"), money(record.unit_cost, context)))
    if record.excludes:
        told.append((_("Only one of these may win"), ", ".join([record.code, *record.excludes])))
    return [*told, (_("Code"), record.code)]


def merged_facts(board: AssemblyBoard, code: str, context: PageContext) -> list[tuple[str, str]]:
    """The proposals that became part of this one."""
    parts = [f"{one.code} · {context.in_language(one.title)}" for one in board.merged if one.into == code]
    return [(context.gettext("Merged into it"), "; ".join(parts))] if parts else []


def score_values(scores: ScoreBoard, code: str, context: PageContext) -> dict[str, Any]:
    """Figures with their interval and what they rest on, or the sentence that says why there are none."""
    _, score = context.gettext, scores.scores.get(code)
    if score is None:
        return {"score": None, "no_score": score_line(scores, code, context)}
    heads = (_("In one year"), _("Figure, and where it lies in nine of ten draws"))
    rests = (_("Assumption"), _("Value"), _("Source"))
    rows = tuple(tuple(cells) for cells in score_rows(score, context))
    grounds = tuple(tuple(cells) for cells in assumption_rows(scores, score, context))
    return {
        "score": FigureTable(_("Needs that the price would meet beside today's budget"), heads, rows),
        "assumptions": FigureTable(_("What the figures rest on"), rests, grounds),
        "source": source_of(scores, context),
    }


def points_table(matrix: Matrix, code: str, context: PageContext) -> FigureTable | None:
    """The points of a proposal by the municipality's own criteria; None where none were announced."""
    if not matrix.criteria:
        return None
    _, points = context.gettext, matrix.points.get(code, {})
    heads = (_("Criterion"), _("Points"), _("At most"), _("Weight of the criterion"))
    rows = [
        (criterion_name(one, context), points_text(points, one.code), exact(one.most), exact(one.weight))
        for one in matrix.criteria
    ]
    rows.append((_("Of 100"), total_text(matrix, points, context), "100", ""))
    return FigureTable(_("Points by the municipality's own criteria"), heads, tuple(rows))


def shown_step(step: ReviewStep, context: PageContext) -> ShownStep:
    _ = context.gettext
    price = _("Price: {amount}.", amount=money(step.cost, context)) if step.cost is not None else _("Not priced yet.")
    told = " ".join(part for part in (step.reason, price) if part)
    return ShownStep(_(STATES[step.state]), context.formats.date(step.at.date()), told)
