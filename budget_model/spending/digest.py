"""What a digest of alerts says beyond the alerts: which rules could be asked at all, and what is new since the last."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal, localcontext

from budget_model.spending.alerts import CUT, DECEMBER, GONE, SLOW
from budget_model.spending.counting import ENOUGH_DIGITS, TaggedLine, count
from budget_model.spending.schemes import Scheme

RULES = (CUT, SLOW, GONE, DECEMBER)
NEW, CHANGED, SAME = "new", "changed", "same"
COMPARED = {CUT: ("pia", "pim"), SLOW: ("pim", "accrued")}
Place = tuple[str, str, int]  # site, rule, year


@dataclass(frozen=True)
class Facts:
    """What an alert says, as far as a later digest compares it: rates as exact texts, and the codes of its lines."""

    own: str | None
    rest: str | None
    codes: frozenset[str]


@dataclass(frozen=True)
class News:
    """`states`: each alert of now is new, changed or the same; `new_codes`: its lines that the last digest had not.

    ended : alerts of the last digest that are no more
    """

    states: Mapping[Place, str]
    new_codes: Mapping[Place, frozenset[str]]
    ended: tuple[Place, ...]

    @property
    def is_any(self) -> bool:
        return bool(self.ended) or any(state != SAME for state in self.states.values())


def news(now: Mapping[Place, Facts], before: Mapping[Place, Facts]) -> News:
    """Alerts of now beside those of the last digest; without a last digest (`before` empty) everything is new."""
    states = {place: _state(facts, before.get(place)) for place, facts in now.items()}
    added = {
        place: facts.codes - before[place].codes if place in before else facts.codes for place, facts in now.items()
    }
    return News(states, added, tuple(sorted(before.keys() - now.keys())))


def _state(now: Facts, before: Facts | None) -> str:
    if before is None:
        return NEW
    return SAME if now == before else CHANGED


def askable_rules(lines: Iterable[TaggedLine], scheme: Scheme) -> frozenset[str]:
    """Which rules that compare two stages can say anything of these lines.

    A rule needs money that counts and money that does not, both with both stages; else its silence means nothing.
    """
    every = list(lines)
    with localcontext(prec=ENOUGH_DIGITS):
        return frozenset(rule for rule, stages in COMPARED.items() if _has_both(every, scheme, *stages))


def _has_both(lines: Iterable[TaggedLine], scheme: Scheme, first: str, second: str) -> bool:
    own = rest = Decimal(0)
    for line in lines:
        before, after = line.amounts.get(first), line.amounts.get(second)
        if before is not None and after is not None:
            share = count(line.tag, scheme).share or Decimal(0)
            own, rest = own + before * share, rest + before * (1 - share)
    return own > 0 and rest > 0
