"""Indicators of which nobody is in the universe: said by name, never kept as measured."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import ibis
import pandas as pd
from sqlglot import exp

from budget_model.errors import Problem
from budget_model.survey.catalogue import IndicatorDefinition
from budget_model.survey.condition_place import Place
from budget_model.survey.conditions import parse_condition

SHOWN_CODES = 12


def empty_universes(
    estimates: pd.DataFrame, persons: ibis.Table, definitions: Sequence[IndicatorDefinition], file: str
) -> Iterator[Problem]:
    """One warning for each indicator that nobody of the round is asked for: its condition, and the codes found in the
    columns that the condition names.

    estimates : `indicator` and `n` (answers in the universe) of every cell
    """
    largest = estimates.groupby("indicator")["n"].max()
    for definition in definitions:
        if largest.get(definition.id, 0) > 0:
            continue
        found = _codes_found(definition, persons)
        told = "; ".join(f"'{column}' holds {codes}" for column, codes in found.items())
        message = (
            f"indicator '{definition.id}': nobody in this group. Nobody meets the condition {definition.universe}"
            f"{f' ({told})' if told else ''}. Nothing is stored of it. If people should be in the group, mend the "
            "codes or the names of the age bands in the mapping, or the condition in the catalogue."
        )
        facts = {"indicator": definition.id, "condition": definition.universe, "found": found}
        yield Problem("universe_empty", message, level="warning", file=file or None, facts=facts)


def _codes_found(definition: IndicatorDefinition, persons: ibis.Table) -> dict[str, str]:
    """Column of the condition -> its codes as a text, or the range of its numbers."""
    tree = parse_condition(definition.universe, persons.columns, Place(definition.id, "universe", ""))
    names = dict.fromkeys(column.name for column in tree.find_all(exp.Column))
    return {name: _codes_of(persons[name]) for name in names}


def _codes_of(column: ibis.Value) -> str:
    if column.type().is_numeric():
        low, high = column.min().to_pyarrow().as_py(), column.max().to_pyarrow().as_py()
        return "no answer" if low is None else f"{low:g} to {high:g}"
    found = column.as_table().distinct().to_pyarrow().column(0).to_pylist()
    codes = sorted(str(code) for code in found if code is not None)
    more = f" and {len(codes) - SHOWN_CODES} more" if len(codes) > SHOWN_CODES else ""
    return ", ".join(codes[:SHOWN_CODES]) + more if codes else "no answer"
