"""A file of validation rules (YAML) -> rules, with every problem of the file and its line. Knows no answers."""

from __future__ import annotations

import hashlib
from pathlib import Path

from budget_model.errors import CatalogueError
from budget_model.survey.validation_rules import RuleSet, problems_of
from data.readers.files import read_text
from data.readers.strict_yaml import load_document, read_strict

RULES_FILE = Path(__file__).resolve().parents[1] / "catalogue" / "validation_rules.yaml"


def parse_rules(text: str, file: str) -> RuleSet:
    """The rules of a text; CatalogueError with every problem: keys (with the nearest right one), then conditions."""
    rules = read_strict(text, file, RuleSet, CatalogueError)
    lines = load_document(text, file, CatalogueError)[1]
    problems = problems_of(rules, file, lines.line_of)
    if problems:
        raise CatalogueError(sorted(problems, key=lambda problem: problem.line or 0))
    return rules


def read_rules(path: Path | None = None) -> tuple[RuleSet, str]:
    """The rules of a file (None: the product's own) and the SHA-256 of its text."""
    file = path or RULES_FILE
    text = read_text(file)
    return parse_rules(text, file.name), hashlib.sha256(text.encode("utf-8")).hexdigest()
