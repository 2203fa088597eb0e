"""Which results of groups of voters may be shown to everybody, and how exactly.

The ballots of all are public without their voters, so what the winners mean for everybody together is known. Whoever is
in no group that is shown (a group that is too small, or the few who did not say) is what is left when the shown groups
are taken away from all. Where these are few, the figures of the shown groups are rounded until what is left over could
be anything; where no rounding does it, a figure is left out.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

Result = Mapping[str, Any]
Group = dict[str, Any]
MEAN_STEPS = tuple(map(Fraction, ("0.01", "0.02", "0.05", "0.1", "0.2", "0.5", "1")))
SHARE_STEPS = tuple(map(Fraction, ("0.001", "0.002", "0.005", "0.01", "0.02", "0.05", "0.1", "0.2")))


@dataclass(frozen=True)
class ShownGroups:
    """Groups with enough voters. `is_hidden`: one is left out; `steps`: to what a figure is rounded, by its name; empty
    where all are exact, None where the figure is left out."""

    groups: dict[str, Group]
    is_hidden: bool
    steps: Mapping[str, float | None]


@dataclass(frozen=True)
class _Known:
    """What everybody knows of those who are left over: the sum of all voters, and the most that the few can have."""

    total: Fraction
    most: Fraction


def shown_groups(result: Result, least: int, spread: Mapping[str, float] | None = None) -> ShownGroups:
    """Results by sex as everybody may see them.

    Parameters
    ----------
    result : a counted vote as it is stored: `ballots, projects, outcome, by_sex, everybody`
    least : voters below which nothing of a group is shown
    spread : the most that one voter can change of the sum of each figure; half a step is then no less than what `least`
        voters can change, so that neither none nor all of a group is told
    """
    groups = result["by_sex"] or {}
    shown = {label: dict(one) for label, one in groups.items() if one["voters"] >= least}
    few = result["ballots"] - sum(one["voters"] for one in shown.values())
    is_hidden = len(shown) < len(groups)
    if not shown or not 0 < few < least:
        return ShownGroups(shown, is_hidden, {})
    voters = {label: Fraction(one["voters"]) for label, one in shown.items()}
    ones = dict.fromkeys(shown, Fraction(1))
    means = wide_steps(MEAN_STEPS, "satisfaction", voters, least, spread)
    shares = wide_steps(SHARE_STEPS, "exclusion", voters, least, spread)
    parts = wide_steps(SHARE_STEPS, "money_share", ones, least, spread)
    steps = {
        "satisfaction": _round(shown, "satisfaction", _satisfaction(result, few), means, voters),
        "exclusion": _round(shown, "exclusion", _exclusion(result, few), shares, voters),
        "money_share": _round(shown, "money_share", _money(result, few), parts, ones),
        "satisfaction_cost": _round(shown, "satisfaction_cost", None, (), voters),
        "voters": float(least),
    }
    for one in shown.values():
        one["voters"] = round(Fraction(one["voters"], least)) * least
    return ShownGroups(shown, is_hidden, steps)


def wide_steps(
    steps: tuple[Fraction, ...],
    name: str,
    weights: Mapping[str, Fraction],
    least: int,
    spread: Mapping[str, float] | None,
) -> tuple[Fraction, ...]:
    """Those of the steps half of which, in every group, is at least what so many voters can change."""
    needed = 2 * least * (spread[name] if spread else 0.0)
    return tuple(step for step in steps if float(step * min(weights.values())) >= needed - 1e-9)


def _satisfaction(result: Result, few: int) -> _Known | None:
    """Choices that won, over all voters; one voter has at most as many as the luckiest ballot."""
    everybody = result.get("everybody")
    if everybody is None:
        return None
    won = sum(result["projects"][name]["votes"] for name in result["outcome"]["winners"])
    return _Known(Fraction(won), Fraction(few * everybody["most_won"]))


def _exclusion(result: Result, few: int) -> _Known | None:
    """Voters none of whose choices won."""
    everybody = result.get("everybody")
    return None if everybody is None else _Known(Fraction(everybody["excluded"]), Fraction(few))


def _money(result: Result, few: int) -> _Known:
    """The shares of the money, which add up to one; the few can have no more than if all of them chose every winner."""
    projects = [result["projects"][name] for name in result["outcome"]["winners"]]
    total = sum((Fraction(one["cost"]) for one in projects), Fraction(0))
    wanted = [one for one in projects if one["votes"]]
    theirs = sum((Fraction(one["cost"]) * min(Fraction(1), Fraction(few, one["votes"])) for one in wanted), Fraction(0))
    nobodys = sum((Fraction(one["cost"]) for one in projects if not one["votes"]), Fraction(0))
    if not total:
        return _Known(Fraction(0), Fraction(0))
    return _Known(1 - nobodys / total, theirs / total)


def _round(
    shown: dict[str, Group],
    name: str,
    known: _Known | None,
    steps: tuple[Fraction, ...],
    weights: Mapping[str, Fraction],
) -> float | None:
    """Round a figure of every group by the first step that leaves everything possible for the few, else leave it out.

    weights : what the figure of a group is multiplied by in the sum over all voters

    Gives the step; None where the figure is left out.
    """
    exact = {label: Fraction(one[name]) for label, one in shown.items() if one.get(name) is not None}
    for step in steps if len(exact) == len(shown) else ():
        rounded = {label: round(value / step) * step for label, value in exact.items()}
        if known is not None and _tells_nothing(rounded, weights, step, known):
            for label, one in shown.items():
                one[name] = float(rounded[label])
            return float(step)
    for one in shown.values():
        one[name] = None
    return None


def _tells_nothing(
    rounded: Mapping[str, Fraction], weights: Mapping[str, Fraction], step: Fraction, known: _Known
) -> bool:
    """Whether what is left for the few could be anything from nothing to the most that they can have."""
    taken = sum((weights[label] * value for label, value in rounded.items()), Fraction(0))
    doubt = sum(weights.values(), Fraction(0)) * step / 2
    left = known.total - taken
    return left - doubt <= 0 and known.most <= left + doubt


def large_groups(groups: Mapping[str, Mapping[str, Any]] | None, ballots: int, least: int) -> dict[str, Group]:
    """Groups of at least so many voters. All who are left out are that many too, or nobody: else the smallest of those
    that are shown is left out as well, since what the ballots of all give would tell the few."""
    shown = {label: dict(one) for label, one in (groups or {}).items() if one["voters"] >= least}
    while shown and 0 < ballots - sum(one["voters"] for one in shown.values()) < least:
        del shown[min(shown, key=lambda label: (shown[label]["voters"], label))]
    return shown
