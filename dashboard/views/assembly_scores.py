"""What proposals do for the survey's needs, in words: figures with their interval, and what they rest on. No Dash."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from dashboard.context import PageContext
from dashboard.i18n import mark
from dashboard.services.assembly import ScoreBoard, VoteInfo

WHY_NONE = {
    "no_cost": mark("No score: it has no price yet."),
    "no_need": mark("No score: it names no need of the survey."),
    "no_unit_cost": mark("No score: neither the cost for one person nor who benefits is stated."),
    "no_programme": mark("No score: no programme of the site serves this need, so its effect is not known."),
    "not_in_model": mark("No score: the survey round of the model has no figure of this need."),
}
NOT_COMPUTED = mark("No score was computed for this version yet.")
Score = Mapping[str, Any]


def with_interval(figure: Mapping[str, float] | None, context: PageContext) -> str:
    """`72 (57–86)`; a group that the need does not concern has none."""
    if figure is None:
        return context.gettext("does not concern them")
    number = context.formats.number
    return f"{number(figure['value'])} ({number(figure['low'])}–{number(figure['high'])})"


def score_line(board: ScoreBoard, code: str, context: PageContext) -> str:
    """One sentence for a list: needs met and the cost of each, or why there is no score."""
    _, number = context.gettext, context.formats.number
    score = board.scores.get(code)
    if score is None:
        return _(WHY_NONE.get(board.without.get(code, ""), NOT_COMPUTED))
    told = _(
        "Needs met in a year: {women} of women, {men} of men.",
        women=number(value_of(score["women"])),
        men=number(value_of(score["men"])),
    )
    if score["cost_per_need"] is None:
        return told
    return told + " " + _("{cost} for each.", cost=rounded_money(score["cost_per_need"], context))


def value_of(figure: Mapping[str, float] | None) -> float | None:
    return None if figure is None else figure["value"]


def rounded_money(value: float, context: PageContext) -> str:
    return context.formats.money(value, context.site.currency if context.site else "")


def score_rows(score: Score, context: PageContext) -> list[list[str]]:
    """Facts of a score with their intervals."""
    _ = context.gettext
    cost = score["cost_per_need"]
    rows = [
        [_("Needs of women met"), with_interval(score["women"], context)],
        [_("Needs of men met"), with_interval(score["men"], context)],
        [_("Cost of each need met"), _("nothing is met") if cost is None else rounded_money(cost, context)],
    ]
    gap = score["gap_change_pp"]
    if gap is not None:
        points = [context.formats.points(gap[key] / 100) for key in ("value", "low", "high")]
        rows.append([_("Coverage of women less that of men"), f"{points[0]} ({points[1]} … {points[2]})"])
    return rows


def assumption_rows(board: ScoreBoard, score: Score, context: PageContext) -> list[list[str]]:
    """What a score rests on, each with its source."""
    _ = context.gettext
    made = score["assumption"]
    name = context.in_language(board.programmes.get(made["programme"]), made["programme"])
    like = _("as the programme “{name}”, which puts most money into this need", name=name)
    stated = _("stated with the proposal")
    divided = _("price divided by those who benefit, as stated with the proposal")
    low, high = made["unit_cost_range"]
    reach = made["reach"]
    shares = (
        _(
            "{women} women, {men} men",
            women=context.formats.share(reach["women"]),
            men=context.formats.share(reach["men"]),
        )
        if reach
        else _("in proportion to who lacks the need")
    )
    effect = context.formats.share(made["effectiveness"])
    return [
        [
            _("Cost for one person and year"),
            f"{money_range(made['unit_cost'], low, high, context)}",
            stated if made["unit_cost_is_stated"] else divided,
        ],
        [_("Share of those served whose need is met"), effect, like],
        [_("Who is served"), shares, stated if reach else like],
        [_("Years that it lasts"), context.formats.number(made["durability_years"]), like],
    ]


def money_range(value: float, low: float, high: float, context: PageContext) -> str:
    return f"{rounded_money(value, context)} ({rounded_money(low, context)} – {rounded_money(high, context)})"


def list_rows(board: ScoreBoard, vote: VoteInfo, context: PageContext) -> tuple[list[list[str]], list[str]] | None:
    """The winning list and the best list under the same envelope, and sentences about both; None without scores."""
    found = board.lists.get(str(vote.id))
    if found is None:
        return None
    _, number = context.gettext, context.formats.number
    winners, best = found["winners"], found["best"]
    drawn = found.get("intervals") or {}  # scores that were computed earlier have none
    rows = [
        [_("The list that won"), *list_cells(winners, drawn.get("winners"), context)],
        [_("The list that meets most needs"), *list_cells(best["effect"], drawn.get("best"), context)],
    ]
    told = [_("The list that meets most needs: {codes}.", codes=", ".join(best["effect"]["codes"]) or "–")]
    if drawn and set(winners["codes"]) != set(best["effect"]["codes"]):
        told.append(difference_sentence(drawn["more"]["both"], context))
    if not best["is_exact"]:
        told.append(_("It is not proven best; no list meets more than {bound} needs.", bound=number(best["bound"])))
    if winners["left_out"]:
        told.append(_("Winners without a score are not counted: {codes}.", codes=", ".join(winners["left_out"])))
    told.append(
        _("People also vote for what the survey does not ask; a list that meets fewer needs is not a wrong one.")
    )
    return rows, told


def list_cells(
    effect: Mapping[str, float], ends: Mapping[str, Sequence[float]] | None, context: PageContext
) -> list[str]:
    """Needs of women, of men and of both that a list meets, each with its interval where there is one."""
    values = {"women": effect["women"], "men": effect["men"], "both": effect["women"] + effect["men"]}
    return [
        context.formats.number(value)
        if ends is None
        else with_interval({"value": value, "low": ends[name][0], "high": ends[name][1]}, context)
        for name, value in values.items()
    ]


def difference_sentence(ends: Sequence[float], context: PageContext) -> str:
    """How sure the best list is to meet more than the winners: both lists in the same draws."""
    _, number = context.gettext, context.formats.number
    low, high = ends
    if round(low) > 0:
        return _(
            "It meets between {low} and {high} needs more in nine of ten draws.", low=number(low), high=number(high)
        )
    return _("By what the model does not know exactly, neither list can be said to meet more needs than the other.")


def sums_of(board: ScoreBoard, codes: Sequence[str]) -> tuple[float, float, list[str]] | None:
    """Needs of women and of men that these proposals meet each on its own, added up, and codes without a score.

    Together they meet no more than that. None where none of them has a score: what is not known is not nought.
    """
    known = [board.scores[code] for code in codes if code in board.scores]
    if not known:
        return None
    women, men = (sum(value_of(score[group]) or 0.0 for score in known) for group in ("women", "men"))
    return women, men, [code for code in codes if code not in board.scores]


def sum_with_interval(value: float, ends: Sequence[float] | None, context: PageContext) -> str:
    """`at most 72 (57–86)` of a list; the interval is of the draws added up, None where they are not kept."""
    if ends is None:
        return context.formats.number(value)
    return with_interval({"value": value, "low": ends[0], "high": ends[1]}, context)


def source_words(scores: ScoreBoard, context: PageContext) -> str:
    """Which model the figures are of, and when they were computed; empty where there are none."""
    if scores.saved_at is None:
        return ""
    facts = {"code": scores.round_code, "moment": context.formats.moment(scores.saved_at)}
    if scores.budget_year is None:
        return context.gettext("Model of the site with the survey round {code}; computed on {moment}", **facts)
    return context.gettext(
        "Model of the site with the survey round {code} and the budget of {year}; computed on {moment}",
        year=str(scores.budget_year),
        **facts,
    )
