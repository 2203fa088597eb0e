"""Several rounds of one indicator: where its definition changed, and how far it moved.

A round is a name and the definition that its estimates were made with. Nothing here reads answers.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

from budget_model.survey.catalogue import CONDITION_KEYS, IndicatorDefinition

# what a figure means; labels and sources may be mended without breaking a series
MEANING = ("level", *(key for key in CONDITION_KEYS if key != "welfare"), "below", "spread", "direction")


@dataclass(frozen=True)
class DefinitionChange:
    """From `earlier` to `later` (names of rounds) an indicator came to mean something else."""

    indicator: str
    earlier: str
    later: str
    versions: tuple[int, int]
    keys: tuple[str, ...]  # of the definition, those that differ


def definition_changes(rounds: Sequence[tuple[str, Sequence[IndicatorDefinition]]]) -> tuple[DefinitionChange, ...]:
    """Where the series of each indicator broke.

    Parameters
    ----------
    rounds : (name, definitions used in it), in order of time. A round that lacks an indicator is passed over: the
        rounds before and after it are compared.

    Returns
    -------
    A change for each pair of rounds that follow one another in an indicator's series and whose definitions differ in
    what they measure, in the order of the indicators' first appearance. Another version with the same meaning is none.
    """
    history: dict[str, list[tuple[str, IndicatorDefinition]]] = {}
    for name, definitions in rounds:
        for definition in definitions:
            history.setdefault(definition.id, []).append((name, definition))
    return tuple(
        DefinitionChange(identifier, earlier[0], later[0], (earlier[1].version, later[1].version), keys)
        for identifier, steps in history.items()
        for earlier, later in itertools.pairwise(steps)
        if (keys := differing_keys(earlier[1], later[1]))
    )


def differing_keys(one: IndicatorDefinition, other: IndicatorDefinition) -> tuple[str, ...]:
    """Keys in which two definitions mean different things; empty where their figures can be compared."""
    return tuple(key for key in MEANING if getattr(one, key) != getattr(other, key))
