"""How many must register and vote so that a vote counts as one with quorum, and whether they did. Exact; no files.

A share is of the registered participants: `at_least` 0.3 of 10 is 3, `more_than` 0.5 of 10 is 6 ("half plus one").
What is not known stays not known: nobody registered gives no share, ballots that tell no zone count for none of them.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

MORE_THAN, AT_LEAST, PERSONS = KINDS = ("more_than", "at_least", "persons")
Document = dict[str, Any]


@dataclass(frozen=True)
class QuorumRule:
    """What was announced. `kind` None: nothing of those who vote; `registered` None: nothing of those who register."""

    registered: int | None = None  # persons
    kind: str | None = None
    value: Fraction | None = None  # share of the registered, or persons
    by_zone: bool = False  # those who vote, of each zone by itself as well
    citation: str = ""
    effective_on: str | None = None  # ISO day


@dataclass(frozen=True)
class Turnout:
    """Persons registered and persons who voted. `zones`: of each zone by code; `voted` of a zone None: not told."""

    registered: int
    voted: int
    zones: Mapping[str, tuple[int, int | None]]
    without_zone: int = 0  # ballots that tell no zone


def votes_needed(rule: QuorumRule, registered: int) -> int | None:
    """Persons who must vote; None where the rule says nothing of them, or a share of nobody is asked for.

    Examples
    --------
    >>> votes_needed(QuorumRule(kind="more_than", value=Fraction(1, 2)), 630)
    316
    >>> votes_needed(QuorumRule(kind="at_least", value=Fraction(1, 2)), 630)
    315
    """
    if rule.kind is None or rule.value is None:
        return None
    if rule.kind == PERSONS:
        return int(rule.value)
    if not registered:
        return None
    share = rule.value * registered
    return math.floor(share) + 1 if rule.kind == MORE_THAN else math.ceil(share)


def quorum_document(rule: QuorumRule, turnout: Turnout, *, is_zone_vote: bool = False) -> Document:
    """Rule, numbers and whether the quorum was reached, as whole numbers and texts. `reached` null: not known.

    is_zone_vote : the vote of one zone; how many registered at the whole site and in other zones is then not asked
    """
    needed = votes_needed(rule, turnout.registered)
    found: Document = {
        "rule": rule_document(rule),
        "registered": turnout.registered,
        "registered_needed": None if is_zone_vote else rule.registered,
        "voted": turnout.voted,
        "voted_needed": needed,
        "zones": [],
    }
    if rule.by_zone and rule.kind and not is_zone_vote:
        found["zones"] = [_zone(rule, code, turnout) for code in sorted(turnout.zones)]
    found["reached"] = reached(found)
    return found


def reached(document: Mapping[str, Any]) -> bool | None:
    """Whether all that the rule asks for was reached: False where anything was not, None where it cannot be told."""
    parts: list[bool | None] = []
    if document["registered_needed"] is not None:
        parts.append(document["registered"] >= document["registered_needed"])
    if document["rule"]["kind"] is not None:
        needed = document["voted_needed"]
        parts.append(None if needed is None else document["voted"] >= needed)
        if document["rule"]["by_zone"] and document["zones"]:
            parts += [zone["reached"] for zone in document["zones"]]
    if False in parts:
        return False
    return None if None in parts or not parts else True


def protected(document: Mapping[str, Any], least_group: int) -> Document:
    """The same for everybody: no number of any zone where a zone has fewer than so many people who registered or voted.

    Whether a zone reached its quorum is told all the same.
    """
    zones = document["zones"]
    numbers = [zone[name] for zone in zones for name in ("registered", "voted") if zone[name] is not None]
    if all(number >= least_group for number in numbers):
        return dict(document)
    hidden = [{**zone, "registered": None, "voted": None, "needed": None} for zone in zones]
    return {**document, "zones": hidden}


def rule_document(rule: QuorumRule) -> Document:
    return {
        "registered": rule.registered,
        "kind": rule.kind,
        "value": None if rule.value is None else str(rule.value),
        "by_zone": rule.by_zone,
        "citation": rule.citation,
        "effective_on": rule.effective_on,
    }


def rule_from(document: Mapping[str, Any]) -> QuorumRule:
    """The rule that `rule_document` wrote."""
    value = document["value"]
    return QuorumRule(**{**document, "value": None if value is None else Fraction(value)})


def _zone(rule: QuorumRule, code: str, turnout: Turnout) -> Document:
    registered, voted = turnout.zones[code]
    needed = votes_needed(rule, registered)
    is_reached: bool | None = None
    if needed is not None and voted is not None:
        if voted >= needed:
            is_reached = True
        elif voted + turnout.without_zone < needed:
            is_reached = False
    return {"zone": code, "registered": registered, "voted": voted, "needed": needed, "reached": is_reached}
