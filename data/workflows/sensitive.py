"""Which answers are sensitive, and that no catalogue shows a figure of them for an area."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from budget_model.errors import InputError, Problem
from budget_model.survey.catalogue import IndicatorDefinition, parse_catalogue
from budget_model.survey.questions import needed_columns
from data.settings import PROJECT
from data.workflows.validation import sensitive_columns

CORE_CATALOGUE = PROJECT / "data" / "catalogue" / "indicators.yaml"
# columns that sensitive and other indicators use alike, whatever a catalogue says
ALWAYS = frozenset({"sex", "age", "age_band", "household_size", "person_id", "household_id"})


def sensitive_answers(indicators: Iterable[Mapping[str, Any]] = ()) -> frozenset[str]:
    """Columns that only sensitive indicators use, of the core catalogue and of these definitions, and those that the
    rules of validation name."""
    core = parse_catalogue(CORE_CATALOGUE.read_text(encoding="utf-8-sig"), CORE_CATALOGUE.name)
    every = {definition.id: definition for definition in core}
    for definition in stored_definitions(indicators):
        every[definition.id] = definition
    hidden = {name for one in every.values() if one.sensitive for name in needed_columns(one)}
    others = {name for one in every.values() if not one.sensitive for name in needed_columns(one)}
    return frozenset((hidden - others - ALWAYS) | (sensitive_columns() - ALWAYS))


def stored_definitions(indicators: Iterable[Mapping[str, Any]]) -> Iterable[IndicatorDefinition]:
    """Definitions as a store or a package keeps them, read again."""
    documents = [dict(one) for one in indicators]
    return parse_catalogue(json.dumps(documents), "stored definitions") if documents else ()


def refuse_unmarked(definitions: Iterable[IndicatorDefinition], file: str) -> None:
    """InputError for indicators of sensitive answers that are not marked so: they would be shown below municipality."""
    hidden = sensitive_answers()
    problems = []
    for one in definitions:
        used = sorted(hidden & set(needed_columns(one)))
        if used and not one.sensitive:
            message = (
                f"indicator '{one.id}' uses the sensitive answers {', '.join(used)} and is not marked 'sensitive: "
                "true'. Mark it, so that no figure of it is shown for an area."
            )
            problems.append(
                Problem("catalogue.not_sensitive", message, file=file, value=one.id, facts={"indicator": one.id})
            )
    if problems:
        raise InputError(problems)
