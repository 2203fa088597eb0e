"""How META of a `.pb` file names the rule of a count: by Pabulib's names where it has one, and exactly ours again.

What Pabulib has no field for (ties, proposals of which only one may win) stands in META's numbered comments.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from budget_model.assembly.ties import TIE_RULES

if TYPE_CHECKING:
    from budget_model.assembly.counting import CountingRule

NAMES = {
    "mes": "equalshares",
    "mes-add1": "equalshares/add1",
    "mes-add1u": "equalshares/add1u",
    "mes-utilitarian": "equalshares/utilitarian",
}
SAID = re.compile(r"#\d+: (tie_rule|least_votes|exclusive)=([^#]*)")


@dataclass(frozen=True)
class Said:
    """What comments say of the count. `ties` is None where they say nothing of ties."""

    ties: str | None = None
    least_votes: int = 0
    exclusive: tuple[frozenset[str], ...] = ()


def meta_of_rule(rule: CountingRule, *, is_approval: bool) -> dict[str, str]:
    """Lines of META that announce a rule; `said_in_comments` and Pabulib's fields give it again.

    is_approval : a project's score is its number of votes, so that Pabulib's threshold says how many it needs
    """
    meta = {"rule": NAMES.get(rule.rule, rule.rule)}
    comments = [f"tie_rule={rule.ties}"]
    if rule.least_votes and is_approval:
        meta["min_project_score_threshold"] = str(rule.least_votes)
    elif rule.least_votes:
        comments.append(f"least_votes={rule.least_votes}")
    if rule.exclusive:
        comments.append("exclusive=" + " | ".join(sorted(",".join(sorted(pair)) for pair in rule.exclusive)))
    return {**meta, "comment": " ".join(f"#{number}: {text}" for number, text in enumerate(comments, 1))}


def said_in_comments(comment: str) -> Said:
    """What the comments of META say of the count; comments that say other things say nothing here."""
    found = {name: value.strip() for name, value in SAID.findall(comment)}
    ties, least = found.get("tie_rule", ""), found.get("least_votes", "")
    pairs = [frozenset(part.strip() for part in pair.split(",")) for pair in found.get("exclusive", "").split("|")]
    return Said(
        ties if ties and all(one.strip() in TIE_RULES for one in ties.split(",")) else None,
        int(least) if least.isascii() and least.isdigit() else 0,
        tuple(pair for pair in pairs if len(pair) == 2),
    )
