"""Conditions that cannot all be kept, in words a council understands, each with the smallest change that helps."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dashboard.context import PageContext
from dashboard.i18n import mark
from dashboard.services.simulate_models import LoadedModel
from dashboard.views.simulate_names import covered_name, group_name, programme_name

DECIMALS = 2
MOST_DIGITS = 6  # of a percentage
NO_NAMES: Mapping[str, str] = {}

# What a condition asks for, as part of a sentence and of a list.
CONFLICTS = {
    "budget": mark("the budget of {amount}"),
    "min_coverage": mark("the target of {coverage} for “{need}”, {group}"),
    "min_coverage_by_area": mark("the target of {coverage} for “{need}”, {group}, in {area}"),
    "no_group_worse_off": mark("that nobody is worse off in “{need}”"),
    "min_share": mark("that these programmes get at least {share} of all money: {programmes}"),
    "earmark": mark("that the source {source} pays only for: {programmes}"),
    "max_change": mark("that no programme changes by more than {share}"),
    "max_gap": mark("that women's and men's coverage differ by at most {gap}"),
    "floor": mark("the minimums of the programmes, with the limit on change"),
    "ceiling": mark("the maximums of the programmes, with the limit on change"),
    "locked": mark("the locked programmes: {programmes}"),
}
ONE_LINE = {
    "floor": mark("that “{programme}” gets at least {amount} in {area} (its minimum or the limit on change)"),
    "ceiling": mark("that “{programme}” gets at most {amount} in {area} (its maximum or the limit on change)"),
}
RELAXATIONS = {
    "amount": mark("It would take {needed}, {difference} more."),
    "coverage": mark("At most {percent} can be reached."),
    "share": mark("With {percent} it becomes possible."),
    "gap": mark("With {points} it becomes possible."),
    "left_out": mark("Without it an allocation exists."),
    "floor": mark("At most {needed} of it can be kept."),
    "ceiling": mark("It would have to be at least {needed}."),
}
NOT_PROVEN = {
    "amount": mark("{needed} is enough; it is proved that {limit} is not. In between we do not know."),
    "coverage": mark("{percent} can be reached; more than {limit_percent} cannot. In between we do not know."),
    "floor": mark("It is proved that {limit} cannot be kept; {needed} may be possible."),
    "ceiling": mark("It is proved that {limit} is too little; {needed} may be possible."),
    "share": mark("Up to {limit_percent} it is proved to be impossible; with {percent} it may be possible."),
    "gap": mark(
        "With {points} it becomes possible; below {limit_points} it is proved that it does not. "
        "In between we do not know."
    ),
}


def conflict_sentences(
    result: Mapping[str, Any], loaded: LoadedModel, context: PageContext, areas: Mapping[str, str] = NO_NAMES
) -> list[str]:
    """The contradicting conditions, each with the smallest change of it that helps."""
    return [_conflict(row, loaded, areas, context) for row in result["optimum"]["conflicts"]]


def _conflict(row: Mapping[str, Any], loaded: LoadedModel, areas: Mapping[str, str], context: PageContext) -> str:
    asked = asked_words(row, loaded, areas, context)
    told = f"{asked[0].upper()}{asked[1:]}. {_relaxation(row, loaded, areas, context)}"
    aside = row.get("aside", []) if row["relaxation"] is not None else []
    if not aside:
        return told
    others = "; ".join(asked_words(other, loaded, areas, context) for other in aside)
    left = context.gettext("Worked out without what cannot be kept in any case: {aside}.", aside=others)
    return f"{told} {left}"


def asked_share(share: float | None, context: PageContext) -> str:
    """A percentage that somebody asked for, with the decimals that it was written with: 99.99 never reads 100.0."""
    if share is None:
        return context.formats.share(None)
    percent = 100 * share
    needed = next(
        (digits for digits in range(MOST_DIGITS) if abs(round(percent, digits) - percent) < 1e-9), MOST_DIGITS
    )
    return context.formats.share(share, needed)


def asked_words(row: Mapping[str, Any], loaded: LoadedModel, areas: Mapping[str, str], context: PageContext) -> str:
    """What one condition asks for."""
    formats, need = context.formats, str(row.get("need", ""))
    area = str(row.get("area", ""))
    facts = {
        "amount": formats.money(row.get("amount"), _currency(context)),
        "coverage": asked_share(row.get("coverage"), context),
        "need": covered_name(loaded, need, context) if need else "",
        "group": group_name(str(row.get("group", "")), context).lower(),
        "area": areas.get(area, area),
        "share": asked_share(row.get("share"), context),
        "programme": programme_name(loaded, str(row["programme"]), context) if row.get("programme") else "",
        "source": str(row.get("source", "")),
        "gap": formats.points(row.get("gap"), DECIMALS).lstrip("+"),
        "programmes": ", ".join(programme_name(loaded, code, context) for code in row.get("programmes", [])),
    }
    words = ONE_LINE if row["constraint"] in ONE_LINE and row.get("programme") else CONFLICTS
    sentence = words[row["constraint"]]
    return context.gettext(sentence, **facts)


def _relaxation(row: Mapping[str, Any], loaded: LoadedModel, areas: Mapping[str, str], context: PageContext) -> str:
    _, formats, relaxation = context.gettext, context.formats, row["relaxation"]
    if relaxation is None:
        still = "; ".join(asked_words(other, loaded, areas, context) for other in row.get("still", []))
        if not still:
            return _("Changing it alone is not enough.")
        return _("Changing it alone is not enough; even without it these contradict each other: {still}.", still=still)
    needed, limit = relaxation.get("needed"), relaxation.get("limit")
    cents = 2 if relaxation["quantity"] in ONE_LINE else 0  # rounded to whole units, a limit would promise too much
    facts = {
        "needed": formats.money(needed, _currency(context), cents),
        "difference": formats.money(relaxation.get("difference"), _currency(context)),
        "percent": formats.share(needed, DECIMALS),
        "points": formats.points(needed, DECIMALS).lstrip("+"),
        "limit": formats.money(limit, _currency(context), cents),
        "limit_percent": formats.share(limit, DECIMALS),
        "limit_points": formats.points(limit, DECIMALS).lstrip("+"),
    }
    # Answers kept from before have no word on what is proved.
    sentence = (RELAXATIONS if relaxation.get("is_proven", True) else NOT_PROVEN)[relaxation["quantity"]]
    return _(sentence, **facts)


def _currency(context: PageContext) -> str:
    return context.site.currency if context.site else ""
