"""How much of a group (sex, age band, zone) a ballot may carry, so that no ballot can be told to be somebody's."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

LABELS = ("sex", "age", "zone")  # the last is left out first
Ballot = Mapping[str, str]


def kept_labels(ballots: Sequence[Ballot], least: int) -> tuple[str, ...]:
    """Of LABELS those that ballots may keep: in every combination of them that occurs there are `least` ballots.

    Ballots without a label are a combination too. The few who are in no sex that is large enough are not: they take
    nothing from the others where two sexes are compared, and carry no label themselves (`without_few`).
    """
    few = _few(ballots, least)
    others = [one for one in ballots if one.get("sex", "") not in few]
    for count in range(len(LABELS), 0, -1):
        kept = LABELS[:count]
        sizes = Counter(tuple(one.get(name, "") for name in kept) for one in others)
        if all(size >= least for size in sizes.values()):
            return kept
    return ()


def without_few(ballots: Sequence[Ballot], least: int) -> list[dict[str, str]]:
    """The ballots; those of the few who are in no sex that is large enough without sex, age and zone."""
    few = _few(ballots, least)
    blank = dict.fromkeys(LABELS, "")
    return [{**one, **blank} if one.get("sex", "") in few else dict(one) for one in ballots]


def _few(ballots: Sequence[Ballot], least: int) -> frozenset[str]:
    """Sexes ("" too) of fewer than `least` ballots together beside two sexes or more that are large enough."""
    sizes = Counter(one.get("sex", "") for one in ballots)
    large = {sex for sex, size in sizes.items() if sex and size >= least}
    few = frozenset(sizes) - large
    is_few = len(large) > 1 and sum(sizes[sex] for sex in few) < least
    return few if is_few else frozenset()
