"""How much of a group (sex, age band, zone) a ballot may carry, so that no ballot can be told to be somebody's."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

LABELS = ("sex", "age", "zone")  # the last is left out first


def kept_labels(ballots: Sequence[Mapping[str, str]], least: int) -> tuple[str, ...]:
    """Of LABELS those that ballots may keep: in every combination of them that occurs there are `least` ballots.

    Ballots without a label are a combination too: the few who stated nothing are protected like any other few.
    """
    for count in range(len(LABELS), 0, -1):
        kept = LABELS[:count]
        sizes = Counter(tuple(one.get(name, "") for name in kept) for one in ballots)
        if all(size >= least for size in sizes.values()):
            return kept
    return ()
