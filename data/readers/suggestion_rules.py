"""The rules of `data/catalogue/suggestion_rules.yaml`, checked against the schemes that their codes belong to."""

from __future__ import annotations

import functools
from pathlib import Path

import yaml
from pydantic import ValidationError

from budget_model.errors import CatalogueError, Problem
from budget_model.spending.suggest import Rule
from budget_model.spending.tags import defining_scheme
from data.readers.schemes import read_schemes

FILE = Path(__file__).resolve().parent.parent / "catalogue" / "suggestion_rules.yaml"


@functools.cache
def read_rules(file: Path = FILE) -> tuple[Rule, ...]:
    """The rules in their order; CatalogueError with every rule that is unsound."""
    problems, rules = [], []
    for number, entry in enumerate(yaml.safe_load(file.read_text(encoding="utf-8"))["rules"], start=1):
        try:
            rule = Rule.model_validate(entry)
        except ValidationError as refusal:
            problems.append(Problem("rule_wrong", f"Rule {number}: {refusal.errors()[0]['msg']}.", file=file.name))
            continue
        for facet, code in rule.suggests.items():
            scheme = defining_scheme(read_schemes(), facet)
            if scheme is None or scheme.category(code) is None:
                message = f"Rule '{rule.id}': '{code}' is no code of '{facet}'."
                problems.append(Problem("rule_code", message, file=file.name, value=code))
        rules.append(rule)
    if problems:
        raise CatalogueError(problems)
    return tuple(rules)
