"""Sentences about proposals side by side: each with what is not certain. No Dash, no database."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from dashboard.context import PageContext
from dashboard.services.assembly import ScoreBoard
from dashboard.services.findings import Gap
from dashboard.views.assembly_scores import NOT_COMPUTED, WHY_NONE

SCALES = (100, 1_000, 10_000, 100_000)
LEAST_TOLD = 5
SMALLEST = 0.01  # percentage points
Figure = Mapping[str, float]


@dataclass(frozen=True)
class Sides:
    """Women and men who have a need, persons; None: not known or not shown."""

    women: float | None
    men: float | None


def between(figure: Figure, context: PageContext) -> str:
    number = context.formats.number
    if number(figure["low"]) == number(figure["high"]):
        return context.gettext("{number} in nearly all calculations", number=number(figure["low"]))
    return context.gettext("between {low} and {high}", low=number(figure["low"]), high=number(figure["high"]))


def scale_of(shares: Sequence[float]) -> int:
    """Of every 100, 1,000 …: the smallest number in which the largest share is LEAST_TOLD persons or more."""
    most = max([0.0, *shares])
    return next((scale for scale in SCALES if most * scale >= LEAST_TOLD), SCALES[-1 if most > 0 else 0])


def of_every(met: float, lacking: float | None, scale: int, group: str, context: PageContext) -> list[str]:
    """`Of every 1,000 women with this need: 3`; nothing where it is not known how many have it."""
    if not lacking:
        return []
    _, number = context.gettext, context.formats.number
    part = met / lacking * scale
    told = number(part) if part >= 1 or met <= 0 else _("fewer than one")
    if group == "women":
        return [_("Of every {scale} women with this need: {part}.", scale=number(scale), part=told)]
    return [_("Of every {scale} men with this need: {part}.", scale=number(scale), part=told)]


def lacking_sentence(need: Gap | None, sides: Sides, context: PageContext) -> str:
    """How many women and men of the whole site have the need today."""
    _, number = context.gettext, context.formats.number
    if need is None:
        return _("How many people have this need is not shown here.")
    if need.is_mean:
        return _("It is an average and not a number of people.")
    women, men = (_("not shown") if side is None else number(side) for side in (sides.women, sides.men))
    if need.men is None:
        return _("Today {women} women of the whole municipality have it.", women=women)
    if need.women is None:
        return _("Today {men} men of the whole municipality have it.", men=men)
    return _("Today {women} women and {men} men of the whole municipality have it.", women=women, men=men)


def gap_sentences(need: Gap | None, change: Figure | None, context: PageContext) -> tuple[str, ...]:
    """Who has the need more often today, and whether the proposal narrows that; never a sign without its words."""
    _ = context.gettext
    if change is None:
        return (_("The need concerns only women or only men, so there is no difference."),)
    today = more_often(need, context)
    return (_today(need, today, context), _change(change, today, context))


def more_often(need: Gap | None, context: PageContext) -> str | None:
    """`women` or `men`, where they differ by more than chance and also in the figures as they are shown."""
    if need is None or need.women is None or need.men is None:
        return None
    shown = {context.formats.share(side.estimate) for side in (need.women, need.men)}
    return need.worse_off if len(shown) > 1 else None


def _change(change: Figure, today: str | None, context: PageContext) -> str:
    """change : coverage of women less that of men, percentage points"""
    _ = context.gettext
    ends = sorted(abs(change[end]) for end in ("low", "high"))
    if ends[1] < SMALLEST:
        return _("It would hardly change the difference: by less than 0.01 percentage points.")
    facts = dict(zip(("low", "high"), (context.formats.number(end, 2) for end in ends), strict=True))
    if change["low"] <= 0 <= change["high"]:
        signed = {end: context.formats.signed(change[end], 2) for end in ("low", "high")}
        return _("It is not certain whether women or men gain more: {low} to {high} percentage points.", **signed)
    if facts["low"] == facts["high"]:
        return _alike(facts["low"], "women" if change["low"] > 0 else "men", today, context)
    gaining = "women" if change["low"] > 0 else "men"
    if today is None:
        if gaining == "women":
            return _("Women would gain more than men: {low} to {high} percentage points more.", **facts)
        return _("Men would gain more than women: {low} to {high} percentage points more.", **facts)
    if today == gaining:
        return _("It would narrow the difference by {low} to {high} percentage points.", **facts)
    return _("It would widen the difference by {low} to {high} percentage points.", **facts)


def _alike(points: str, gaining: str, today: str | None, context: PageContext) -> str:
    """The same where both ends of the interval are said alike: one number and no range."""
    _ = context.gettext
    if today is None and gaining == "women":
        return _("Women would gain more than men: about {points} percentage points more.", points=points)
    if today is None:
        return _("Men would gain more than women: about {points} percentage points more.", points=points)
    if today == gaining:
        return _("It would narrow the difference by about {points} percentage points.", points=points)
    return _("It would widen the difference by about {points} percentage points.", points=points)


def _today(need: Gap | None, more: str | None, context: PageContext) -> str:
    _, share = context.gettext, context.formats.share
    if need is None or need.women is None or need.men is None:
        return _("Who has this need more often today is not shown here.")
    if need.women.is_suppressed or need.men.is_suppressed:
        return _("Who has this need more often today is not shown here.")
    shares = {"women": share(need.women.estimate), "men": share(need.men.estimate)}
    if more == "women":
        return _("Today women have it more often: {women} of women, {men} of men.", **shares)
    if more == "men":
        return _("Today men have it more often: {men} of men, {women} of women.", **shares)
    return _("Today women and men have it about equally often: {women} and {men}.", **shares)


def without_score(scores: ScoreBoard, code: str, context: PageContext) -> str:
    return context.gettext(WHY_NONE.get(scores.without.get(code, ""), NOT_COMPUTED))


def most_sentences(scores: ScoreBoard, names: Mapping[str, str], context: PageContext) -> list[str]:
    """Which does most for women, and which for men, as far as the intervals can tell. names : titles by code"""
    _ = context.gettext
    known = [code for code in names if code in scores.scores]
    told = [*_most(scores, known, names, "women", context), *_most(scores, known, names, "men", context)]
    unknown = [code for code in names if code not in scores.scores]
    if unknown:
        told.append(_("What these would do is not known: {codes}.", codes=", ".join(unknown)))
    return told


def _most(
    scores: ScoreBoard, codes: Sequence[str], names: Mapping[str, str], group: str, context: PageContext
) -> list[str]:
    figures = {code: scores.scores[code][group] for code in codes if scores.scores[code][group]}
    if len(figures) < 2:
        return []
    _, first = context.gettext, max(figures, key=lambda code: figures[code]["value"])
    close = [code for code in figures if code == first or figures[code]["high"] >= figures[first]["low"]]
    if len(close) > 1:
        several = "; ".join(f"{code} {between(figures[code], context)}" for code in close)
        if group == "women":
            return [_("For women it is not certain which does most: {several}.", several=several)]
        return [_("For men it is not certain which does most: {several}.", several=several)]
    others = [code for code in figures if code != first]
    facts = {
        "name": f"{first} ({names[first]})",
        "between": between(figures[first], context),
        "others": ", ".join(others),
        "rest": context.formats.number(max(figures[code]["high"] for code in others)),
    }
    if group == "women":
        return [_("{name} would meet the need of most women: {between}. {others}: {rest} at most.", **facts)]
    return [_("{name} would meet the need of most men: {between}. {others}: {rest} at most.", **facts)]
