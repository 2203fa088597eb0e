"""Figures of groups as ranges that leave every ballot open, beside the ballots of all, which are public without voters.

A mean near the lowest or highest that a group of its size could have would tell the ballots of all its members: ten
women none of whose choices won are the ten ballots without a winner. So a figure is told as the range it falls into.
Ranges follow from what is public alone, and are as wide as what `least` voters can change. What is told together is
then tried against another labelling: it stays only where voters of the group could be exchanged for others and all that
is told would be the same.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from budget_model.assembly.by_sex import list_counter, support_matrix
from budget_model.assembly.counting import CountingRule
from budget_model.assembly.election import Election, Integers

FIGURES = ("exclusion", "satisfaction", "money_share")
OWN_LISTS = "winners"
MEANS = ("exclusion", "satisfaction")  # the others are sums
SLACK = 1e-9
STARTS = 8  # exchanges that are tried first, before a labelling counts as not found
MOST_KINDS = 40
Floats = NDArray[np.float64]
Range = tuple[float, float]
Group = dict[str, Any]
ListOf = Callable[[Integers], frozenset[int]]


@dataclass(frozen=True)
class PublicBallots:
    """What everybody knows, one row a voter. `values`: (voters, FIGURES) what a voter adds to the sum of each figure;
    `attributes`: (voters, proposals + 1) whether the ballot names a proposal, and whether none of its choices won."""

    election: Election
    values: Floats
    attributes: NDArray[np.bool_]
    kinds: Integers  # voters with the same values have the same number

    @property
    def spread(self) -> dict[str, float]:
        """The most that one voter can change of the sum of each figure."""
        return dict(zip(FIGURES, map(float, np.ptp(self.values, axis=0)), strict=True))

    def attainable(self, figure: int, voters: int) -> Range:
        """The lowest and the highest sum of so many voters."""
        ordered = np.sort(self.values[:, figure])
        return float(ordered[:voters].sum()), float(ordered[len(ordered) - voters :].sum())


def public_ballots(election: Election, winners: Sequence[int]) -> PublicBallots:
    """The ballots of an election with what the winners mean for each."""
    rows = np.repeat(np.arange(election.ballots.row_count), election.ballots.counts)
    single = replace(election.ballots.select(rows), counts=np.ones(len(rows), dtype=np.int64))
    held = replace(election, ballots=single, voters=())
    matrix = support_matrix(held)
    won = np.zeros(len(held.proposals))
    won[list(winners)] = 1
    cost = won * [float(one.cost) for one in held.proposals]
    supporters = np.maximum(np.asarray(matrix.sum(axis=0)).ravel(), 1)
    per_voter, money = matrix @ won, matrix @ (cost / supporters) / (cost.sum() or 1)
    none = per_voter == 0
    values = np.column_stack([none, per_voter, money]).astype(float)
    attributes = np.column_stack([matrix.toarray() > 0, none])
    kinds = np.unique(np.round(values, 12), axis=0, return_inverse=True)[1].reshape(-1)
    return PublicBallots(held, values, attributes, kinds)


def told_groups(
    public: PublicBallots,
    groups: Mapping[str, Mapping[str, Any]],
    labels: Sequence[str],
    least: int,
    steps: Mapping[str, float | None] | None = None,
    rule: CountingRule | None = None,
) -> dict[str, Group]:
    """The groups as everybody may see them.

    Figures are `ranges` (None: left out) with their middles; `winners` is None where the group's own list is left out.

    Parameters
    ----------
    groups : results of the groups that are large enough
    labels : (voters,) the group of each voter
    steps : to what the figures are rounded already because of a few who are in no group, as `shown_groups` says
    rule : counts the groups' own lists; None where none are told
    """
    if not groups:
        return {}
    labelling = _Labelling(public, list(groups), labels, least)
    ranges: dict[str, list[Range] | None] = {}
    for index, name in enumerate(FIGURES):
        if any(one[name] is None for one in groups.values()):  # a share of no money, where nothing won
            ranges[name] = None
        else:
            ranges[name] = labelling.rounded(index, groups, steps[name]) if steps else labelling.binned(index)
    kept: list[str] = []
    list_of = list_counter(public.election, rule) if rule else None
    for name in (*FIGURES, OWN_LISTS):
        is_there = rule is not None if name == OWN_LISTS else ranges[name] is not None
        if is_there and labelling.is_open({one: ranges.get(one) for one in (*kept, name)}, list_of):
            kept.append(name)
    told = {name: found if name in kept else None for name, found in ranges.items()}
    return {
        label: _told(one, {name: found[at] if found else None for name, found in told.items()}, OWN_LISTS in kept)
        for at, (label, one) in enumerate(groups.items())
    }


def _told(group: Mapping[str, Any], sums: Mapping[str, Range | None], has_list: bool) -> Group:
    told = {name: value for name, value in group.items() if name != "satisfaction_cost"}
    told["ranges"] = {}
    for name, found in sums.items():
        told["ranges"][name] = found
        told[name] = None if found is None else (found[0] + found[1]) / 2
    if OWN_LISTS in told and not has_list:
        told[OWN_LISTS] = None
    return told


class _Labelling:
    """Who is in which group: what nobody but officials knows. The last class is everybody who is in none."""

    def __init__(self, public: PublicBallots, names: list[str], labels: Sequence[str], least: int):
        self.public, self.least = public, least
        place = {name: at for at, name in enumerate(names)}
        self.count, self.rest = len(names), len(names)
        self.codes = np.array([place.get(label, self.rest) for label in labels], dtype=np.int64)
        self.sizes = np.bincount(self.codes, minlength=self.count + 1)
        self.sums = self.sums_of(self.codes)

    def sums_of(self, codes: Integers) -> Floats:
        columns = [np.bincount(codes, weights=column, minlength=self.count + 1) for column in self.public.values.T]
        return np.column_stack(columns)

    # --- ranges ------------------------------------------------------------------------------------------------------

    def binned(self, figure: int) -> list[Range] | None:
        """The range of each group, in the figure's unit; None: the figure is left out.

        Ranges start at the lowest that is attainable. Where everybody is in a group, the largest is what is left over,
        so that two ranges of the same voters never cut each other.
        """
        width = self.least * self.public.spread[FIGURES[figure]]
        if not width:
            return self.in_unit(figure, [(float(value), float(value)) for value in self.sums[:-1, figure]])
        found = []
        for at in range(self.count):
            low, high = self.public.attainable(figure, int(self.sizes[at]))
            bins = int((high - low) / width + SLACK)
            if bins < 2:
                return None
            number = min(int((self.sums[at, figure] - low) / width + SLACK), bins - 1)
            found.append((low + number * width, high if number == bins - 1 else low + (number + 1) * width))
        if not self.sizes[self.rest]:
            largest = int(np.argmax(self.sizes[:-1]))
            others = [one for at, one in enumerate(found) if at != largest]
            total = float(self.sums[:, figure].sum())
            found[largest] = (total - sum(high for _, high in others), total - sum(low for low, _ in others))
        return self.in_unit(figure, found) if self.leaves_width(figure, found, width) else None

    def rounded(self, figure: int, groups: Mapping[str, Mapping[str, Any]], step: float | None) -> list[Range] | None:
        """Half a step about figures that are rounded already."""
        if step is None:
            return None
        found = [(one[FIGURES[figure]] - step / 2, one[FIGURES[figure]] + step / 2) for one in groups.values()]
        width = self.least * self.public.spread[FIGURES[figure]]
        sums = [(low * scale, high * scale) for (low, high), scale in zip(found, self.scales(figure), strict=True)]
        if not self.leaves_width(figure, sums, width):
            return None
        values = self.public.values[:, figure]
        lowest, highest = (values.min(), values.max()) if FIGURES[figure] in MEANS else (0.0, 1.0)
        return [(float(max(low, lowest)), float(min(high, highest))) for low, high in found]

    def leaves_width(self, figure: int, sums: Sequence[Range], width: float) -> bool:
        """Whether what all ranges together with the sum of everybody say of a group is as wide as a range; of those in
        no group, as wide or all that they could be."""
        could_be = [self.public.attainable(figure, int(size)) for size in self.sizes]
        told = [*sums, could_be[self.rest]]
        told = [(max(one[0], can[0]), min(one[1], can[1])) for one, can in zip(told, could_be, strict=True)]
        total = float(self.sums[:, figure].sum())
        lows, highs = sum(low for low, _ in told), sum(high for _, high in told)
        for at, (low, high) in enumerate(told):
            open_ = min(high, total - lows + low) - max(low, total - highs + high)
            wanted = min(width, could_be[at][1] - could_be[at][0]) if at == self.rest else width
            if open_ < wanted - SLACK * max(1.0, width):
                return False
        return True

    def scales(self, figure: int) -> list[float]:
        return [float(size) if FIGURES[figure] in MEANS else 1.0 for size in self.sizes[:-1]]

    def in_unit(self, figure: int, sums: Sequence[Range]) -> list[Range]:
        return [(low / one, high / one) for (low, high), one in zip(sums, self.scales(figure), strict=True)]

    # --- another labelling -------------------------------------------------------------------------------------------

    def is_open(self, told: Mapping[str, list[Range] | None], list_of: ListOf | None) -> bool:
        """Whether, by all that is told, every group may hold voters with and voters without whatever ballots say."""
        limits = np.full((2, self.count + 1, len(FIGURES)), np.inf) * np.array([-1, 1])[:, None, None]
        for index, name in enumerate(FIGURES):
            for at, (low, high) in enumerate(told.get(name) or ()):
                limits[:, at, index] = np.array([low, high]) * self.scales(index)[at]
        asked = _Asked(limits, list_of if OWN_LISTS in told else None)
        return all(self.may_differ(asked, group) for group in range(self.count + 1) if self.sizes[group])

    def may_differ(self, asked: _Asked, group: int) -> bool:
        """Whether the group may have `wanted` voters with each attribute, and without it, and other ballots at all."""
        attributes, size = self.public.attributes, int(self.sizes[group])
        everybody, own = attributes.sum(axis=0), attributes[self.codes == group].sum(axis=0)
        varied = np.flatnonzero((everybody > 0) & (everybody < len(attributes)))
        for at in varied:
            for has in (True, False):
                there = int(own[at]) if has else size - int(own[at])
                possible = int(everybody[at]) if has else len(attributes) - int(everybody[at])
                lacking = self.wanted(possible, size, int(at), has) - there
                if lacking > 0 and not self.exchange(asked, group, int(at), has, lacking):
                    return False
        mixed = varied[(own[varied] > 0) & (own[varied] < everybody[varied]) & (own[varied] < size)]
        return not len(mixed) or any(self.exchange(asked, group, int(at), True, 1) for at in mixed[:MOST_KINDS])

    def wanted(self, possible: int, size: int, attribute: int, has: bool) -> int:
        """How many must be possible: half of the group or of all such ballots, and never more than `least`; that some
        named a proposal, which is rarer than that some did not, of one."""
        if has and attribute < self.public.attributes.shape[1] - 1:
            return 1
        return max(1, min(self.least, possible // 2, size // 2))

    def exchange(self, asked: _Asked, group: int, attribute: int, has: bool, count: int) -> bool:
        """Whether so many of the group without (`has`; else with) the attribute can change places with others who have
        it, and all that is told stays."""
        matches = self.public.attributes[:, attribute] == has
        for start in range(STARTS):
            codes, sums = self.codes.copy(), self.sums.copy()
            for number in range(count):
                pair = self.best_pair(asked, codes, sums, group, matches, start if not number else 0)
                if pair is None:
                    return False
                leaves, enters = pair
                change = self.public.values[enters] - self.public.values[leaves]
                other = codes[enters]
                sums[group] += change
                sums[other] -= change
                codes[enters], codes[leaves] = group, other
            if asked.excess(sums, self.scale).sum() <= SLACK and self.has_same_lists(asked, codes):
                return True
        return False

    @property
    def scale(self) -> Floats:
        spread = np.array(list(self.public.spread.values()))
        return np.where(spread > 0, spread, 1.0)

    def best_pair(
        self, asked: _Asked, codes: Integers, sums: Floats, group: int, matches: NDArray[np.bool_], rank: int
    ) -> tuple[int, int] | None:
        """One who leaves and one who enters the group: the `rank`-th best at keeping to what is told."""
        kinds = self.public.kinds
        leave = np.flatnonzero((codes == group) & ~matches)
        enter = np.flatnonzero((codes != group) & matches)
        if not len(leave) or not len(enter):
            return None
        leave = leave[np.unique(kinds[leave], return_index=True)[1]][:MOST_KINDS]
        enter = enter[np.unique(kinds[enter] * (self.count + 1) + codes[enter], return_index=True)[1]][: 2 * MOST_KINDS]
        change = self.public.values[enter][None] - self.public.values[leave][:, None]
        own = asked.excess(sums[group] + change, self.scale, group)
        others = asked.excess(sums[codes[enter]][None] - change, self.scale, codes[enter])
        worth = 1e6 * (own + others) + np.abs(change / self.scale).sum(axis=-1)
        order = np.argsort(worth, axis=None, kind="stable")
        chosen = order[min(rank, len(order) - 1)]
        return int(leave[chosen // len(enter)]), int(enter[chosen % len(enter)])

    def has_same_lists(self, asked: _Asked, codes: Integers) -> bool:
        if asked.list_of is None:
            return True
        changed = {int(one) for pair in (codes, self.codes) for one in pair[codes != self.codes]}
        return all(
            asked.list_of(np.flatnonzero(codes == at)) == asked.list_of(np.flatnonzero(self.codes == at))
            for at in changed - {self.rest}
        )


@dataclass(frozen=True)
class _Asked:
    """What another labelling has to keep to: `limits` (low and high, classes, FIGURES), and the groups' own lists."""

    limits: Floats
    list_of: ListOf | None

    def excess(self, sums: Floats, scale: Floats, classes: Any = slice(None)) -> Floats:
        """How far sums are beyond their limits, in voters, added up over the figures."""
        low, high = self.limits[0][classes], self.limits[1][classes]
        beyond = np.maximum(low - sums, 0) + np.maximum(sums - high, 0)
        beyond = np.where(beyond > SLACK * scale, beyond, 0)
        found: Floats = (beyond / scale).sum(axis=-1)
        return found
